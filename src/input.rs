//! Inputs of effects and states: temperatures, targets, progress, position and endstops.
//!
//! The printer is sampled a few times per second. [`Inputs`] interpolates between samples, so
//! effects that draw at 60 Hz get smooth values. All computation uses the times that the caller
//! passes in. A value that was never measured is `None`, not 0.

mod filament;
mod klipper_events;
mod printer_objects;
mod raw_sample;
mod sample_clock;
mod set;
mod triggers;

use crate::time::{Span, Time};
pub use filament::FilamentSample;
pub(crate) use filament::MAX_FILAMENT_SENSORS;
pub use klipper_events::{CHANGE_EVENTS, POSTED_EVENTS};
pub use printer_objects::{ObjectRole, PrinterObjects};
pub use raw_sample::{RawSample, RawSource, TooManySources};
pub use sample_clock::SampleClock;
pub use set::InputSet;
pub use triggers::Trigger;
pub(crate) use triggers::{Endstop, Triggers};

/// The maximum number of temperature sources.
///
/// A [`Sample`] is copied whole through the mailbox, so its size is fixed. The largest printers in
/// public configs have 6 tools, a bed and a handful of sensors.
pub const MAX_SOURCES: usize = 24;

/// The start of Kalico's message for an interrupted wait.
const INTERRUPTED: &str = "Command interrupted";

/// The state of the print job in Klipper's `print_stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Job {
    /// No job since the start, or the last job was cleared.
    #[default]
    Standby,
    /// A job is running.
    Printing,
    /// A job is paused.
    Paused,
    /// The last job ended successfully.
    Complete,
    /// The last job was cancelled.
    Cancelled,
    /// The last job ended with an error.
    Error,
}

impl Job {
    /// Parses `print_stats.state`; `None` for an unknown word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "standby" => Self::Standby,
            "printing" => Self::Printing,
            "paused" => Self::Paused,
            "complete" => Self::Complete,
            "cancelled" => Self::Cancelled,
            "error" => Self::Error,
            _ => return None,
        })
    }

    /// Refines the state with `print_stats.message`.
    ///
    /// Kalico's `HEATER_INTERRUPT` ends a job that waits for a temperature with an error. Its users
    /// cancel jobs that way, so it counts as cancelled.
    #[must_use]
    pub fn with_message(self, message: &str) -> Self {
        match self {
            Self::Error if message.starts_with(INTERRUPTED) => Self::Cancelled,
            job => job,
        }
    }

    /// Returns whether a job is running or paused.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Printing | Self::Paused)
    }
}

/// Measured values of a temperature source, in degrees Celsius.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceSample {
    /// The measured temperature.
    pub temperature: Option<f32>,
    /// The target temperature; `None` for a sensor, 0 for a heater that is off.
    pub target: Option<f32>,
}

/// The maximum velocity that counts as no motion, in mm/s. After a move Klipper's velocity is not
/// exactly zero, because of rounding.
pub(crate) const STILL_MM_S: f32 = 0.01;

/// One sample of the printer: everything that the extra measures. It is plain data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct Sample {
    /// The state of the print job (`print_stats.state`).
    pub job: Job,
    /// The job is paused according to `pause_resume`. Hosts that stream jobs pause this way.
    pub is_paused: bool,
    /// The job has extruded filament (`print_stats.filament_used` > 0).
    pub has_extruded: bool,
    /// The toolhead moves (`motion_report.live_velocity` > 0).
    pub is_moving: bool,
    /// Filament moves forward (`motion_report.live_extruder_velocity` > 0).
    pub is_feeding: bool,
    /// Filament moves backward (`motion_report.live_extruder_velocity` < 0).
    pub is_retracting: bool,
    /// A G-code command is running (the G-code mutex is held).
    pub is_commanded: bool,
    /// The user is in a manual probe dialog (`manual_probe.is_active`).
    pub manual_probe: bool,
    /// The user adjusts bed screws (`bed_screws.is_active`).
    pub bed_screws: bool,
    /// The timelapse waits for its camera (variable `takingframe` of its macro).
    pub taking_frame: bool,
    /// The filament sensors.
    pub filament: FilamentSample,
    /// Progress of the job, 0.0-1.0, from the slicer or from the file position.
    pub progress: Option<f32>,
    /// Position in the job's file, 0.0-1.0 (`virtual_sdcard.progress`).
    pub file_progress: Option<f32>,
    /// Position of the toolhead in mm: x, y, z (`motion_report.live_position`).
    pub position: Option<[f32; 3]>,
    /// The temperature sources, in the order of the plan; the rest is unused.
    pub sources: [SourceSample; MAX_SOURCES],
}

impl Sample {
    /// Returns the slicer's progress (M73); `None` if `progress` is the file position.
    pub fn slicer_progress(&self) -> Option<f32> {
        let file = self.file_progress.unwrap_or(0.0);
        self.progress
            .filter(|progress| progress.to_bits() != file.to_bits())
    }

    /// Returns whether the toolhead or the filament moves.
    pub fn is_in_motion(&self) -> bool {
        self.is_moving || self.is_feeding || self.is_retracting
    }

    /// Returns whether x or y differs from an earlier sample by more than noise.
    pub fn has_moved_xy(&self, before: &Self) -> bool {
        self.moved_axes(before).take(2).any(|moved| moved)
    }

    /// Returns whether the position differs from an earlier sample by more than noise.
    ///
    /// This detects short moves between two samples.
    pub fn has_moved(&self, before: &Self) -> bool {
        self.moved_axes(before).any(|moved| moved)
    }

    fn moved_axes(&self, before: &Self) -> impl Iterator<Item = bool> {
        let both = self.position.zip(before.position).into_iter();
        both.flat_map(|(now, then)| now.into_iter().zip(then))
            .map(|(now, then)| (now - then).abs() > STILL_MM)
    }
}

/// The minimum time in which a value moves to a new sample. Otherwise two samples at the same time
/// would cause a jump.
///
/// The time is the interval between the last two samples, so the value arrives when the next sample
/// is due.
const MIN_EASE: Span = Span::from_millis(250);

/// The maximum time in which a value moves to a new sample: the sampling interval at rest.
const MAX_EASE: Span = Span::from_millis(1_000);

/// The maximum change of position between two samples that counts as no motion, in mm.
const STILL_MM: f32 = 0.05;

/// A value that moves linearly to its latest sample.
#[derive(Clone, Copy, Debug, Default)]
pub struct Eased {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
    /// Time of the latest sample, even if it did not change the value.
    sampled: Time,
    is_known: bool,
}

impl Eased {
    /// Adds a sample. The value reaches the first sample at once.
    pub fn set(&mut self, now: Time, value: f32) {
        let interval = now.since(self.sampled);
        self.sampled = now;
        if !self.is_known {
            self.from = value;
        } else if value.to_bits() == self.to.to_bits() {
            return;
        } else {
            self.from = self.at(now).unwrap_or(value);
        }
        self.to = value;
        self.start = now;
        self.span = interval.clamp(MIN_EASE, MAX_EASE);
        self.is_known = true;
    }

    /// Resets the value; it reaches the next sample at once.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the value at `now`; `None` before the first sample.
    pub fn at(&self, now: Time) -> Option<f32> {
        let t = now.since(self.start).fraction_of(self.span);
        self.is_known
            .then_some(self.from + (self.to - self.from) * t)
    }

    /// Returns the latest sample, without interpolation.
    pub fn latest(&self) -> Option<f32> {
        self.is_known.then_some(self.to)
    }

    /// Returns when the value stops changing, and its rate of change per second until then.
    ///
    /// Returns `None` if the value is constant.
    pub fn motion(&self, now: Time) -> Option<(Time, f32)> {
        let end = self.start + self.span;
        let change = (self.to - self.from).abs();
        (self.is_known && now < end && change > 0.0)
            .then(|| (end, change / self.span.as_secs() as f32))
    }
}

/// A temperature source with an interpolated temperature.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceState {
    /// Measured temperature in degrees Celsius.
    pub temperature: Eased,
    /// Target in degrees Celsius; `None` for a sensor, 0 for a heater that is off.
    pub target: Option<f32>,
}

/// The inputs, interpolated between samples.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    latest: Sample,
    sampled: Option<Time>,
    progress: Eased,
    position: [Eased; 3],
    moved: [Option<Time>; 3],
    sources: [SourceState; MAX_SOURCES],
    triggers: Triggers,
}

impl Inputs {
    /// Adds a sample that was measured at `now`; returns the inputs that it changes.
    pub fn sample(&mut self, now: Time, sample: &Sample) -> InputSet {
        let mut changed = self.changed_by(sample);
        match sample.progress {
            // A new job starts at 0, not at the end of the last job.
            Some(progress) if self.progress.latest().is_some_and(|last| progress < last) => {
                self.progress.clear();
                self.progress.set(now, progress);
            }
            Some(progress) => self.progress.set(now, progress),
            None => self.progress.clear(),
        }
        if let Some(position) = sample.position {
            self.set_position(now, position);
        }
        let sources = self.sources.iter_mut().zip(&sample.sources);
        for (index, (source, measured)) in sources.enumerate() {
            let is_new = |it: f32| source.temperature.latest() != Some(it);
            let is_changed =
                measured.temperature.is_some_and(is_new) || source.target != measured.target;
            changed = changed.union(InputSet::source(index).only_if(is_changed));
            // A sensor without a reading keeps its last value; a gap does not mean a cold nozzle.
            if let Some(temperature) = measured.temperature {
                source.temperature.set(now, temperature);
            }
            source.target = measured.target;
        }
        self.latest = *sample;
        self.sampled = Some(now);
        changed
    }

    /// Returns which of progress and position a sample changes.
    fn changed_by(&self, sample: &Sample) -> InputSet {
        let progress = self.progress.latest() != sample.progress;
        let moved = |position: [f32; 3]| {
            let latest = self.position.iter().map(Eased::latest);
            !latest.eq(position.map(Some))
        };
        let position = sample.position.is_some_and(moved);
        let progress = InputSet::PROGRESS.only_if(progress);
        progress.union(InputSet::POSITION.only_if(position))
    }

    /// Removes the measured values of a source, because its index now refers to another source.
    pub fn forget_source(&mut self, index: usize) {
        if let Some(source) = self.sources.get_mut(index) {
            *source = SourceState::default();
        }
    }

    fn set_position(&mut self, now: Time, position: [f32; 3]) {
        for (axis, mm) in position.into_iter().enumerate() {
            let last = self.position[axis].latest();
            if last.is_some_and(|last| (last - mm).abs() > STILL_MM) {
                self.moved[axis] = Some(now);
            }
            self.position[axis].set(now, mm);
        }
    }

    /// Reorders the sources; `from` holds the old index of each new source.
    pub fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        let (sources, measured) = (self.sources, self.latest.sources);
        for (index, from) in from.iter().enumerate() {
            let known = from.and_then(|from| sources.get(from).zip(measured.get(from)));
            (self.sources[index], self.latest.sources[index]) =
                known.map_or_else(Default::default, |(source, sample)| (*source, *sample));
        }
    }

    /// Returns the latest sample without interpolation, for decisions that must not lag.
    pub fn latest(&self) -> &Sample {
        &self.latest
    }

    /// Returns the age of the latest sample; `None` before the first.
    pub fn age(&self, now: Time) -> Option<Span> {
        self.sampled.map(|then| now.since(then))
    }

    /// Returns the progress of the job (0.0-1.0), interpolated.
    pub fn progress(&self) -> &Eased {
        &self.progress
    }

    /// Returns the position along an axis (0 x, 1 y, 2 z) in mm, interpolated.
    pub fn position(&self, axis: usize) -> Option<&Eased> {
        self.position.get(axis)
    }

    /// Returns when the toolhead last moved along an axis; `None` if it has not moved.
    pub fn moved(&self, axis: usize) -> Option<Time> {
        self.moved.get(axis).copied().flatten()
    }

    /// Returns a temperature source by its index in the plan.
    pub fn source(&self, index: usize) -> Option<&SourceState> {
        self.sources.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_secs(seconds)
    }

    fn progress(value: f32) -> Sample {
        Sample {
            progress: Some(value),
            ..Sample::default()
        }
    }

    #[test]
    fn a_value_reaches_the_first_sample_at_once_and_the_next_after_an_interval() {
        let mut value = Eased::default();
        assert_eq!(value.at(at(0.0)), None);
        value.set(at(1.0), 10.0);
        assert_eq!(value.at(at(1.0)), Some(10.0));
        value.set(at(1.5), 20.0);
        assert_eq!(value.at(at(1.75)), Some(15.0));
        assert_eq!(value.at(at(2.0)), Some(20.0));
    }

    #[test]
    fn a_sample_without_a_change_still_counts_for_the_interval() {
        let mut value = Eased::default();
        value.set(at(0.0), 0.0);
        value.set(at(60.0), 0.0);
        value.set(at(60.5), 10.0);
        assert_eq!(value.at(at(60.75)), Some(5.0));
        value.set(at(90.0), 0.0);
        assert_eq!(value.at(at(90.5)), Some(5.0), "at most a second");
    }

    #[test]
    fn a_new_sample_starts_from_the_interpolated_value() {
        let mut value = Eased::default();
        value.set(at(0.0), 0.0);
        value.set(at(0.5), 10.0);
        value.set(at(0.75), 0.0);
        assert_eq!(value.at(at(0.75)), Some(5.0));
    }

    #[test]
    fn a_constant_value_has_no_motion() {
        let mut value = Eased::default();
        value.set(at(0.0), 5.0);
        assert_eq!(value.motion(at(0.1)), None);
        value.set(at(0.5), 6.0);
        assert_eq!(value.motion(at(0.6)), Some((at(1.0), 2.0)));
        assert_eq!(value.motion(at(1.0)), None);
    }

    #[test]
    fn falling_progress_is_a_new_job_and_is_not_interpolated() {
        let mut inputs = Inputs::default();
        inputs.sample(at(0.0), &progress(1.0));
        inputs.sample(at(1.0), &progress(0.0));
        assert_eq!(inputs.progress().at(at(1.0)), Some(0.0));
    }

    #[test]
    fn a_sample_returns_the_inputs_that_it_changes() {
        let mut inputs = Inputs::default();
        let mut sample = progress(0.5);
        sample.sources[2].temperature = Some(200.0);
        let both = InputSet::PROGRESS.union(InputSet::source(2));
        assert_eq!(inputs.sample(at(0.0), &sample), both);
        sample.job = Job::Printing;
        assert_eq!(inputs.sample(at(1.0), &sample), InputSet::NONE);
        sample.position = Some([1.0, 0.0, 0.0]);
        assert_eq!(inputs.sample(at(2.0), &sample), InputSet::POSITION);
        assert_eq!(inputs.sample(at(3.0), &sample), InputSet::NONE);
        sample.sources[1].target = Some(60.0);
        assert_eq!(inputs.sample(at(4.0), &sample), InputSet::source(1));
        // A gap is no change.
        sample.sources[2].temperature = None;
        assert_eq!(inputs.sample(at(5.0), &sample), InputSet::NONE);
        assert_eq!(InputSet::source(MAX_SOURCES), InputSet::NONE);
    }

    #[test]
    fn a_sensor_without_a_reading_keeps_its_temperature() {
        let mut inputs = Inputs::default();
        let mut sample = Sample::default();
        sample.sources[0].temperature = Some(200.0);
        inputs.sample(at(0.0), &sample);
        inputs.sample(at(1.0), &Sample::default());
        let source = inputs.source(0).unwrap();
        assert_eq!(source.temperature.at(at(2.0)), Some(200.0));
    }

    #[test]
    fn the_time_of_the_last_motion_is_kept_per_axis() {
        let mut inputs = Inputs::default();
        let position = |x: f32| Sample {
            position: Some([x, 0.0, 0.0]),
            ..Sample::default()
        };
        inputs.sample(at(0.0), &position(10.0));
        assert_eq!(inputs.moved(0), None);
        inputs.sample(at(1.0), &position(12.0));
        inputs.sample(at(2.0), &position(12.0));
        assert_eq!(inputs.moved(0), Some(at(1.0)));
        assert_eq!(inputs.moved(1), None);
    }

    #[test]
    fn the_age_of_the_latest_sample_is_known() {
        let mut inputs = Inputs::default();
        assert_eq!(inputs.age(at(3.0)), None);
        inputs.sample(at(1.0), &Sample::default());
        assert_eq!(inputs.age(at(3.0)), Some(Span::from_secs(2.0)));
    }
}
