//! What Klipper's objects say, before it is checked.

use super::{FilamentSample, Job, MAX_SOURCES, STILL_MM_S, Sample, SourceSample};
use std::fmt;

/// What was read for one sample, as Klipper has it. Whatever is missing is empty or `false`.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct RawSample {
    /// `print_stats.state`.
    pub job: String,
    /// `print_stats.message`.
    pub message: String,
    /// `print_stats.filament_used`, in mm.
    pub filament_used: f32,
    /// `pause_resume.is_paused`.
    pub is_paused: bool,
    /// Whether a G-code command is running.
    pub is_commanded: bool,
    /// `motion_report.live_velocity`, in mm/s.
    pub velocity: f32,
    /// `motion_report.live_extruder_velocity`, in mm/s.
    pub extruder_velocity: f32,
    /// `motion_report.live_position`: x, y, z and more axes, in mm.
    pub position: Vec<f64>,
    /// `manual_probe.is_active`.
    pub manual_probe: bool,
    /// `bed_screws.is_active`.
    pub bed_screws: bool,
    /// Variable `takingframe` of the macro of moonraker-timelapse.
    pub taking_frame: bool,
    /// Whether each filament sensor is enabled, and whether it detects filament.
    pub filament: Vec<(bool, bool)>,
    /// `display_status.progress`, or that of the file.
    pub progress: Option<f32>,
    /// `virtual_sdcard.progress`.
    pub file_progress: Option<f32>,
    /// Temperature and target of the sources, in the order of the plan.
    pub sources: Vec<RawSource>,
}

/// Temperature and target of a source, as read.
pub type RawSource = (Option<f64>, Option<f64>);

/// The error for a sample with more sources than [`MAX_SOURCES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySources(usize);

impl fmt::Display for TooManySources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX_SOURCES} sources, got {}", self.0)
    }
}

impl std::error::Error for TooManySources {}

impl RawSample {
    /// Checks and converts what was read.
    ///
    /// # Errors
    /// When there are too many sources.
    pub fn sample(self) -> Result<Sample, TooManySources> {
        // There may be more axes.
        let position = match self.position[..] {
            [x, y, z, ..] => Some([x as f32, y as f32, z as f32]),
            _ => None,
        };
        let mut sources = [SourceSample::default(); MAX_SOURCES];
        if self.sources.len() > MAX_SOURCES {
            return Err(TooManySources(self.sources.len()));
        }
        for (place, (temperature, target)) in sources.iter_mut().zip(self.sources) {
            place.temperature = finite(temperature.map(|it| it as f32));
            place.target = finite(target.map(|it| it as f32));
        }
        Ok(Sample {
            // A job state of a later Klipper version counts as standby.
            job: Job::parse(&self.job)
                .unwrap_or_default()
                .with_message(&self.message),
            is_paused: self.is_paused,
            has_extruded: self.filament_used > 0.0,
            is_moving: self.velocity > STILL_MM_S,
            is_feeding: self.extruder_velocity > STILL_MM_S,
            is_retracting: self.extruder_velocity < -STILL_MM_S,
            is_commanded: self.is_commanded,
            manual_probe: self.manual_probe,
            bed_screws: self.bed_screws,
            taking_frame: self.taking_frame,
            filament: FilamentSample::from_sensors(&self.filament),
            progress: finite(self.progress),
            file_progress: finite(self.file_progress),
            position: position.filter(|it| it.iter().all(|mm| mm.is_finite())),
            sources,
        })
    }
}

/// Drops NaN and infinity: a broken sensor reads NaN.
fn finite(value: Option<f32>) -> Option<f32> {
    value.filter(|it| it.is_finite())
}
