//! Which filament sensors ran out during this job.

use crate::input::FilamentSample;

/// Follows the filament sensors from sample to sample.
///
/// Only a sensor that went from present to empty during the job counts. One that was empty before
/// says nothing about the job: gates of an MMU, the other tools of a tool changer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FilamentWatch {
    /// The sensors that detected filament at the last sample.
    present: u32,
    ran_out: u32,
}

impl FilamentWatch {
    /// Takes a sample; `in_job` is whether a job is under way, `resumed` whether it goes on now.
    pub(super) fn sample(&mut self, sample: FilamentSample, in_job: bool, resumed: bool) {
        if !in_job || resumed {
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

    /// Forgets everything: the list of sensors is another one.
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
    fn a_sensor_that_was_empty_all_along_does_not_count() {
        let mut watch = FilamentWatch::default();
        watch.sample(sensors(0b11, 0b01), true, false);
        watch.sample(sensors(0b11, 0b01), true, false);
        assert!(!watch.is_missing());
        watch.sample(sensors(0b11, 0b00), true, false);
        assert!(watch.is_missing());
    }

    #[test]
    fn a_runout_counts_until_the_sensor_is_filled_or_off_or_the_job_goes_on() {
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
