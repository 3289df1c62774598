//! Samples of a printer as data.

use super::{SimulationError, refused};
use crate::input::{RawSample, Sample};
use serde::Deserialize;
use std::collections::HashMap;

/// What a printer measures, in the terms of Klipper's objects. What is missing is empty or `false`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct SimulatedSample {
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
    /// Velocity of the toolhead, in mm/s.
    pub velocity: f32,
    /// Velocity of the filament, in mm/s.
    pub extruder_velocity: f32,
    /// Position of the toolhead, in mm: x, y and z.
    pub position: Vec<f64>,
    /// `manual_probe.is_active`.
    pub manual_probe: bool,
    /// `bed_screws.is_active`.
    pub bed_screws: bool,
    /// Whether a timelapse waits for its camera.
    pub taking_frame: bool,
    /// What filament sensors detect, by full name. One that is missing detects filament.
    pub filament: HashMap<String, ObjectReading>,
    /// Progress of the job, 0.0-1.0.
    pub progress: Option<f32>,
    /// Position in the job's file, 0.0-1.0.
    pub file_progress: Option<f32>,
    /// Temperature and target of heaters and sensors, by full name. Those that the config does not
    /// use are ignored.
    pub sources: HashMap<String, ObjectReading>,
}

/// What a heater or a sensor measures.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectReading {
    /// The temperature in degrees Celsius.
    pub temperature: Option<f64>,
    /// The target; `None` for a sensor, 0 for a heater that is off.
    pub target: Option<f64>,
    /// Whether a filament sensor is enabled.
    pub enabled: bool,
    /// Whether it detects filament.
    pub filament_detected: bool,
}

impl Default for ObjectReading {
    fn default() -> Self {
        Self {
            temperature: None,
            target: None,
            enabled: true,
            filament_detected: true,
        }
    }
}

impl SimulatedSample {
    /// Returns the sample for a config with these sources and filament sensors.
    pub(super) fn resolve(
        &self,
        sources: &[String],
        filament_sensors: &[String],
    ) -> Result<Sample, SimulationError> {
        let source = |name| {
            let read = self.sources.get(name).copied().unwrap_or_default();
            (read.temperature, read.target)
        };
        let filament = |name| {
            let read = self.filament.get(name).copied().unwrap_or_default();
            (read.enabled, read.filament_detected)
        };
        let raw = RawSample {
            job: self.job.clone(),
            message: self.message.clone(),
            filament_used: self.filament_used,
            is_paused: self.is_paused,
            is_commanded: self.is_commanded,
            velocity: self.velocity,
            extruder_velocity: self.extruder_velocity,
            position: self.position.clone(),
            manual_probe: self.manual_probe,
            bed_screws: self.bed_screws,
            taking_frame: self.taking_frame,
            filament: filament_sensors.iter().map(filament).collect(),
            progress: self.progress,
            file_progress: self.file_progress,
            sources: sources.iter().map(source).collect(),
        };
        raw.sample().map_err(|error| refused(error.to_string()))
    }
}
