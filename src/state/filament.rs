//! Tracks which filament sensors ran out during the current job.

use crate::input::FilamentSample;

/// Tracks the filament sensors.
///
/// Only a sensor that changed from present to empty during the job counts. A sensor that was empty
/// before does not concern the job: it can be a gate of an MMU or another tool of a toolchanger.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FilamentWatch {
    /// Sensors that detected filament in the last sample.
    present: u32,
    ran_out: u32,
}

impl FilamentWatch {
    /// Processes a sample; `in_job` is whether a job is active, `has_resumed` whether it just
    /// resumed.
    pub(super) fn sample(&mut self, sample: FilamentSample, in_job: bool, has_resumed: bool) {
        if !in_job || has_resumed {
            self.ran_out = 0;
        }
        let present = sample.enabled & sample.detected;
        let empty = sample.enabled & !sample.detected;
        if in_job {
            self.ran_out |= self.present & empty;
        }
        self.ran_out &= empty;
        self.present = present;
    }

    /// Resets the state, because the list of sensors has changed.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_missing(self) -> bool {
        self.ran_out != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensors(enabled: u32, detected: u32) -> FilamentSample {
        FilamentSample { enabled, detected }
    }

    #[test]
    fn a_sensor_that_was_always_empty_does_not_count() {
        let mut watch = FilamentWatch::default();
        watch.sample(sensors(0b11, 0b01), true, false);
        watch.sample(sensors(0b11, 0b01), true, false);
        assert!(!watch.is_missing());
        watch.sample(sensors(0b11, 0b00), true, false);
        assert!(watch.is_missing());
    }

    #[test]
    fn a_runout_ends_with_filament_a_disabled_sensor_or_a_resumed_or_ended_job() {
        let empty = sensors(1, 0);
        let ends = [
            (sensors(1, 1), true, false),
            (sensors(0, 0), true, false),
            (empty, true, true),
            (empty, false, false),
        ];
        for (sample, in_job, resumed) in ends {
            let mut watch = FilamentWatch::default();
            watch.sample(sensors(1, 1), true, false);
            watch.sample(empty, true, false);
            assert!(watch.is_missing());
            watch.sample(sample, in_job, resumed);
            assert!(!watch.is_missing(), "{sample:?} {in_job} {resumed}");
        }
    }
}
