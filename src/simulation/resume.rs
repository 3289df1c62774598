//! What a printer shows, continued by the simulation.

use super::{Simulation, SimulationError, refused};
use crate::layer::StackRun;
use crate::request::Request;
use crate::text::shown;
use crate::time::{Span, Time};
use serde::Deserialize;

/// What a group of a printer shows, as in the answer of `lumen/status`.
#[derive(Clone, Debug, Deserialize)]
pub struct GroupRun {
    /// Name of the group.
    pub group: String,
    /// The effect, as the user wrote it.
    pub effect: String,
    /// When it started, in seconds.
    pub start: f64,
    /// The seed of its random numbers, a number of 64 bits.
    pub seed: String,
}

impl Simulation {
    /// Shows on a group what a printer with the same config shows. Effects that depend only on
    /// their start, their seed and the time then look the same.
    ///
    /// # Errors
    /// When no config runs, the time is invalid, or the config has no such group or effect.
    pub fn resume(&mut self, seconds: f64, run: &GroupRun) -> Result<(), SimulationError> {
        let (running, now) = self.at(seconds)?;
        let group = running.lights.plan().group(&run.group);
        let group =
            group.ok_or_else(|| refused(format!("unknown group '{}'", shown(&run.group))))?;
        let seed = run.seed.parse();
        let seed = seed.map_err(|_| refused(format!("invalid seed '{}'", shown(&run.seed))))?;
        let request = Request {
            group: &run.group,
            effect: &run.effect,
            fade: Some(Span::ZERO),
            ..Request::default()
        };
        let command = running.lights.set(&request)?;
        command.apply(&mut running.renderer, now);
        let start = now.min(Time::from_secs(run.start));
        running.renderer.resume(group, StackRun { start, seed });
        Ok(())
    }
}
