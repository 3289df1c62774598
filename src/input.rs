//! What effects and states follow: temperatures, targets, progress and position, each with its age.
//!
//! The printer is sampled a few times a second; [`Inputs`] eases from one sample to the next, so
//! that an effect drawn at 60 Hz sees a value that glides. Everything is computed from the times
//! that the caller passes in. A value that was never measured is `None`, never 0.

mod set;

use crate::time::{Span, Time};
pub use set::InputSet;

/// How many temperature sources can be sampled at once.
///
/// A [`Sample`] is copied whole through the mailbox, so its size is fixed. The largest printers in
/// public configs have 6 tools, a bed and a handful of sensors.
pub const MAX_SOURCES: usize = 24;

/// How Kalico says that a wait was interrupted.
const INTERRUPTED: &str = "Command interrupted";

/// What Klipper's `print_stats` says the print job is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Job {
    /// No job since the start, or the last one was cleared.
    #[default]
    Standby,
    /// A job runs.
    Printing,
    /// A job is paused.
    Paused,
    /// The last job ended well.
    Complete,
    /// The last job was cancelled.
    Cancelled,
    /// The last job ended with an error.
    Error,
}

impl Job {
    /// Reads `print_stats.state`; `None` for a word that Klipper does not have.
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

    /// The same with `print_stats.message`: Kalico's `HEATER_INTERRUPT` ends a job that waits for
    /// a temperature, which is how its users cancel one.
    #[must_use]
    pub fn explained(self, message: &str) -> Self {
        match self {
            Self::Error if message.starts_with(INTERRUPTED) => Self::Cancelled,
            job => job,
        }
    }

    /// Whether a job is under way, running or paused.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Printing | Self::Paused)
    }
}

/// One source's measured values, in degrees Celsius.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceSample {
    /// The measured temperature.
    pub temperature: Option<f32>,
    /// The temperature it is heated to; `None` for a sensor, 0 for a heater that is off.
    pub target: Option<f32>,
}

/// What moves no faster than this, in mm/s, stands still: the velocity at the end of a move is zero
/// but for rounding.
pub const STILL_MM_S: f32 = 0.01;

/// How many filament sensors can be sampled at once.
pub const MAX_FILAMENT_SENSORS: usize = 32;

/// What the filament sensors say: bit n is sensor n of the plan's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilamentSample {
    /// The sensors that are enabled.
    pub enabled: u32,
    /// The sensors that detect filament.
    pub detected: u32,
}

impl FilamentSample {
    /// Reads what each sensor says: whether it is enabled, and whether it detects filament. Those
    /// beyond [`MAX_FILAMENT_SENSORS`] are ignored.
    pub fn of(sensors: &[(bool, bool)]) -> Self {
        let mut sample = Self::default();
        for (bit, (enabled, detected)) in sensors.iter().take(MAX_FILAMENT_SENSORS).enumerate() {
            sample.enabled |= u32::from(*enabled) << bit;
            sample.detected |= u32::from(*detected) << bit;
        }
        sample
    }
}

/// Everything the extra measures of the printer at one moment. Plain data, copied whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct Sample {
    /// What `print_stats` says the print job is doing.
    pub job: Job,
    /// `pause_resume` says that the job is paused; a host that streams its job pauses so.
    pub is_paused: bool,
    /// The job has pushed out filament (`print_stats.filament_used` > 0).
    pub extruding: bool,
    /// The tool head moves (`motion_report.live_velocity` > 0).
    pub is_moving: bool,
    /// Filament moves forward (`motion_report.live_extruder_velocity` > 0).
    pub is_feeding: bool,
    /// Filament moves backward (`motion_report.live_extruder_velocity` < 0).
    pub is_retracting: bool,
    /// A G-code command runs (the G-code mutex is held).
    pub is_commanded: bool,
    /// The user is in a manual probe dialog (`manual_probe.is_active`).
    pub manual_probe: bool,
    /// The user adjusts bed screws (`bed_screws.is_active`).
    pub bed_screws: bool,
    /// The timelapse waits for its camera (`takingframe` of its macro).
    pub taking_frame: bool,
    /// Filament sensors, in the order of the plan's list.
    pub filament: FilamentSample,
    /// Progress of the job, 0.0-1.0: the slicer's, or that of the file.
    pub progress: Option<f32>,
    /// How much of the job's file was read, 0.0-1.0 (`virtual_sdcard.progress`).
    pub file_progress: Option<f32>,
    /// Position of the tool head in mm, x y z (`motion_report.live_position`).
    pub position: Option<[f32; 3]>,
    /// The sources, in the order of the plan's list; the rest unused.
    pub sources: [SourceSample; MAX_SOURCES],
}

impl Sample {
    /// The progress that the slicer gives by M73; `None` where `progress` is that of the file.
    pub fn slicer_progress(&self) -> Option<f32> {
        let file = self.file_progress.unwrap_or(0.0);
        self.progress
            .filter(|progress| progress.to_bits() != file.to_bits())
    }

    /// Whether the tool head or filament moves.
    pub fn is_in_motion(&self) -> bool {
        self.is_moving || self.is_feeding || self.is_retracting
    }

    /// Whether x or y differs from an earlier sample by more than noise.
    pub fn has_moved_xy(&self, before: &Self) -> bool {
        self.moved_axes(before).take(2).any(|moved| moved)
    }

    /// Whether the position differs from an earlier sample by more than noise: a short move falls
    /// between two samples.
    pub fn has_moved(&self, before: &Self) -> bool {
        self.moved_axes(before).any(|moved| moved)
    }

    fn moved_axes(&self, before: &Self) -> impl Iterator<Item = bool> {
        let both = self.position.zip(before.position).into_iter();
        both.flat_map(|(now, then)| now.into_iter().zip(then))
            .map(|(now, then)| (now - then).abs() > STILL_MM)
    }
}

/// A value glides to a new sample for as long as the last one took to come, so that it arrives when
/// the next is due; but at least this long, or two samples in one moment would be a jump ...
const SHORTEST_EASE: Span = Span::from_millis(250);

/// ... and at most this long, the sampling interval of a printer at rest.
const LONGEST_EASE: Span = Span::from_millis(1_000);

/// Moves less than this, in mm between two samples, count as standing still.
const STILL_MM: f32 = 0.05;

/// A value that glides to its latest sample in a straight line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Eased {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
    /// When the latest sample came, also when it said nothing new.
    sampled: Time,
    known: bool,
}

impl Eased {
    /// Takes a new sample; the first one is reached at once.
    pub fn set(&mut self, now: Time, value: f32) {
        let interval = now.since(self.sampled);
        self.sampled = now;
        if !self.known {
            self.from = value;
        } else if value.to_bits() == self.to.to_bits() {
            return;
        } else {
            self.from = self.at(now).unwrap_or(value);
        }
        self.to = value;
        self.start = now;
        self.span = interval.clamp(SHORTEST_EASE, LONGEST_EASE);
        self.known = true;
    }

    /// Forgets the value, so that the next sample is reached at once.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The value at `now`; `None` before the first sample.
    pub fn at(&self, now: Time) -> Option<f32> {
        let t = now.since(self.start).fraction_of(self.span);
        self.known.then_some(self.from + (self.to - self.from) * t)
    }

    /// The latest sample, not eased.
    pub fn latest(&self) -> Option<f32> {
        self.known.then_some(self.to)
    }

    /// The moment from which the value stands still, and how fast it changes until then, per
    /// second. `None` when it already stands.
    pub fn motion(&self, now: Time) -> Option<(Time, f32)> {
        let end = self.start + self.span;
        let change = (self.to - self.from).abs();
        (self.known && now < end && change > 0.0)
            .then(|| (end, change / self.span.as_secs() as f32))
    }
}

/// One temperature source as effects see it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceState {
    /// Measured temperature in degrees Celsius.
    pub temperature: Eased,
    /// Target in degrees Celsius; `None` for a sensor, 0 for a heater that is off.
    pub target: Option<f32>,
}

/// The inputs at every moment between samples.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    latest: Sample,
    sampled: Option<Time>,
    progress: Eased,
    position: [Eased; 3],
    moved: [Option<Time>; 3],
    sources: [SourceState; MAX_SOURCES],
}

impl Inputs {
    /// Takes a sample that was measured at `now`; returns the inputs that it changes.
    pub fn sample(&mut self, now: Time, sample: &Sample) -> InputSet {
        let mut changed = self.changed_by(sample);
        match sample.progress {
            // A new job starts from nothing, not from the end of the last one.
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
            let is_news = |it: f32| source.temperature.latest() != Some(it);
            let is_changed =
                measured.temperature.is_some_and(is_news) || source.target != measured.target;
            changed = changed.and(InputSet::source(index).only_if(is_changed));
            // A sensor that falls silent keeps its last value: a gap is not a cold nozzle.
            if let Some(temperature) = measured.temperature {
                source.temperature.set(now, temperature);
            }
            source.target = measured.target;
        }
        self.latest = *sample;
        self.sampled = Some(now);
        changed
    }

    /// What of the job and the tool head a sample changes.
    fn changed_by(&self, sample: &Sample) -> InputSet {
        let progress = self.progress.latest() != sample.progress;
        let moved = |position: [f32; 3]| {
            let known = self.position.iter().map(Eased::latest);
            !known.eq(position.map(Some))
        };
        let position = sample.position.is_some_and(moved);
        let progress = InputSet::PROGRESS.only_if(progress);
        progress.and(InputSet::POSITION.only_if(position))
    }

    /// Forgets what was measured of a source: another one has its place.
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

    /// Takes over another list of sources: each new one's index in the old list.
    pub fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        let (sources, measured) = (self.sources, self.latest.sources);
        for (index, from) in from.iter().enumerate() {
            let known = from.and_then(|from| sources.get(from).zip(measured.get(from)));
            (self.sources[index], self.latest.sources[index]) =
                known.map_or_else(Default::default, |(source, sample)| (*source, *sample));
        }
    }

    /// The latest sample as it came, for decisions that must not lag.
    pub fn latest(&self) -> &Sample {
        &self.latest
    }

    /// How old the latest sample is; `None` before the first.
    pub fn age(&self, now: Time) -> Option<Span> {
        self.sampled.map(|then| now.since(then))
    }

    /// Progress of the job, 0.0-1.0, eased.
    pub fn progress(&self) -> &Eased {
        &self.progress
    }

    /// Position along an axis (0 x, 1 y, 2 z) in mm, eased.
    pub fn position(&self, axis: usize) -> Option<&Eased> {
        self.position.get(axis)
    }

    /// When the tool head last moved along an axis; `None` before it ever did.
    pub fn moved(&self, axis: usize) -> Option<Time> {
        self.moved.get(axis).copied().flatten()
    }

    /// A temperature source by its index in the plan's list.
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
    fn the_first_sample_is_reached_at_once_and_the_next_when_another_is_due() {
        let mut value = Eased::default();
        assert_eq!(value.at(at(0.0)), None);
        value.set(at(1.0), 10.0);
        assert_eq!(value.at(at(1.0)), Some(10.0));
        value.set(at(1.5), 20.0);
        assert_eq!(value.at(at(1.75)), Some(15.0));
        assert_eq!(value.at(at(2.0)), Some(20.0));
    }

    #[test]
    fn a_sample_that_says_nothing_new_still_tells_how_often_they_come() {
        let mut value = Eased::default();
        value.set(at(0.0), 0.0);
        value.set(at(60.0), 0.0);
        value.set(at(60.5), 10.0);
        assert_eq!(value.at(at(60.75)), Some(5.0));
        value.set(at(90.0), 0.0);
        assert_eq!(value.at(at(90.5)), Some(5.0), "at most a second");
    }

    #[test]
    fn a_new_sample_starts_from_what_is_shown() {
        let mut value = Eased::default();
        value.set(at(0.0), 0.0);
        value.set(at(0.5), 10.0);
        value.set(at(0.75), 0.0);
        assert_eq!(value.at(at(0.75)), Some(5.0));
    }

    #[test]
    fn a_value_that_stands_has_no_motion() {
        let mut value = Eased::default();
        value.set(at(0.0), 5.0);
        assert_eq!(value.motion(at(0.1)), None);
        value.set(at(0.5), 6.0);
        assert_eq!(value.motion(at(0.6)), Some((at(1.0), 2.0)));
        assert_eq!(value.motion(at(1.0)), None);
    }

    #[test]
    fn progress_that_falls_is_a_new_job_and_is_not_eased() {
        let mut inputs = Inputs::default();
        inputs.sample(at(0.0), &progress(1.0));
        inputs.sample(at(1.0), &progress(0.0));
        assert_eq!(inputs.progress().at(at(1.0)), Some(0.0));
    }

    #[test]
    fn a_sample_says_which_inputs_it_changes() {
        let mut inputs = Inputs::default();
        let mut sample = progress(0.5);
        sample.sources[2].temperature = Some(200.0);
        let both = InputSet::PROGRESS.and(InputSet::source(2));
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
    fn a_silent_sensor_keeps_its_temperature() {
        let mut inputs = Inputs::default();
        let mut sample = Sample::default();
        sample.sources[0].temperature = Some(200.0);
        inputs.sample(at(0.0), &sample);
        inputs.sample(at(1.0), &Sample::default());
        let source = inputs.source(0).unwrap();
        assert_eq!(source.temperature.at(at(2.0)), Some(200.0));
    }

    #[test]
    fn an_axis_tells_when_it_last_moved() {
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
    fn a_sample_has_an_age() {
        let mut inputs = Inputs::default();
        assert_eq!(inputs.age(at(3.0)), None);
        inputs.sample(at(1.0), &Sample::default());
        assert_eq!(inputs.age(at(3.0)), Some(Span::from_secs(2.0)));
    }
}
