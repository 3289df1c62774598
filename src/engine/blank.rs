//! Blanking: darkens all strips of a config without running it, for when Klipper has been stopped.

use super::fault::{guard, silence_panics};
use super::output_handle::{strip_names, wires};
use crate::output::memory::Recording;
use crate::output::pump::Factory;
use crate::output::{self, OutputError};
use crate::plan::{OutputPlan, Plan, StripPlan};
use crate::time::Time;
use crossbeam_channel::{Receiver, bounded};
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

/// What came of darkening the strips that share a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blanked {
    /// Which strips, for example `strip 'case'`.
    pub strips: String,
    /// What kept them from it; `None` when they are dark.
    pub error: Option<OutputError>,
    /// Klipper drives them, and nothing else can darken them.
    pub is_klippers: bool,
}

/// Darkens all strips of a plan; those that klippy itself drives are named and left. Waits at most `patience` for
/// all of them together; a driver that hangs longer is left behind.
pub fn blank(plan: &Plan, patience: Duration) -> Vec<Blanked> {
    let open = |plans: &[StripPlan]| output::build(plans, &Recording::default());
    blank_by(plan, patience, &(Arc::new(open) as Factory))
}

/// As [`blank`], by outputs that `factory` opens.
pub fn blank_by(plan: &Plan, patience: Duration, factory: &Factory) -> Vec<Blanked> {
    let mut left = Vec::new();
    let mut answers = Vec::new();
    for members in wires(&plan.strips) {
        let plans: Vec<StripPlan> = members
            .into_iter()
            .map(|it| plan.strips[it].clone())
            .collect();
        match plans.first().map(|plan| &plan.output) {
            None | Some(OutputPlan::Memory) => {}
            Some(OutputPlan::Leds { .. } | OutputPlan::Lamp(_)) => left.push(klippers(&plans)),
            Some(_) => answers.push((strip_names(&plans), start(plans, Arc::clone(factory)))),
        }
    }
    let end = deadline(patience);
    let blanked = answers.into_iter().map(|(strips, answer)| Blanked {
        strips,
        error: wait(&answer, end).err(),
        is_klippers: false,
    });
    blanked.chain(left).collect()
}

/// Strips that only klippy reaches.
fn klippers(plans: &[StripPlan]) -> Blanked {
    let problem = "Klipper drives it; it keeps its last colors until Klipper starts again";
    Blanked {
        strips: strip_names(plans),
        error: Some(OutputError::new(problem, "")),
        is_klippers: true,
    }
}

type BlankResult = Result<(), OutputError>;

/// Opens and darkens in a thread of its own: a driver may never return.
fn start(plans: Vec<StripPlan>, factory: Factory) -> Receiver<BlankResult> {
    let (sender, answer) = bounded(1);
    let failed = sender.clone();
    let work = move || {
        silence_panics();
        let darken = || factory(&plans).and_then(|mut output| output.blank(Time::ZERO));
        let internal = |_| Err(OutputError::new("its driver had an internal error", ""));
        let _ = sender.send(guard(darken).unwrap_or_else(internal));
    };
    if let Err(error) = Builder::new().name("lumen-blank".to_owned()).spawn(work) {
        let problem = format!("cannot start its thread: {error}");
        let _ = failed.send(Err(OutputError::new(problem, "")));
    }
    answer
}

fn wait(answer: &Receiver<BlankResult>, end: Option<Instant>) -> BlankResult {
    let late = |_| OutputError::new("its driver does not return", "");
    match end {
        Some(end) => answer.recv_deadline(end).map_err(late)?,
        None => answer
            .recv()
            .map_err(|_| late(crossbeam_channel::RecvTimeoutError::Disconnected))?,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing runs here but what waits for devices"
)]
fn deadline(patience: Duration) -> Option<Instant> {
    Instant::now().checked_add(patience)
}
