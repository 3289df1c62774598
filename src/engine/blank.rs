//! Blanks all strips of a config without running the engine, for use after Klipper has stopped.

use super::output_handle::{strip_names, wires};
use super::panic_guard::{guard, silence_panics};
use crate::output::memory::Recording;
use crate::output::pump::Factory;
use crate::output::{self, OutputError};
use crate::plan::driver::SentBy;
use crate::plan::{Plan, StripPlan};
use crate::time::Time;
use crossbeam_channel::{Receiver, bounded};
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The result of blanking the strips of one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blanked {
    /// The strips, for example `strip 'case'`.
    pub strips: String,
    /// Why they could not be blanked; `None` if they are dark.
    pub error: Option<OutputError>,
    /// Whether Klipper drives them, so that nothing else can blank them.
    pub is_klippers: bool,
}

/// Blanks all strips of a plan, except those that Klipper drives, which are only listed. Waits at
/// most `timeout` in total. A driver that hangs longer is abandoned.
pub fn blank(plan: &Plan, timeout: Duration) -> Vec<Blanked> {
    let open = |plans: &[StripPlan]| output::build(plans, &Recording::default());
    blank_with_factory(plan, timeout, &(Arc::new(open) as Factory))
}

/// Same as [`blank`], with outputs opened by `factory`.
pub fn blank_with_factory(plan: &Plan, timeout: Duration, factory: &Factory) -> Vec<Blanked> {
    let mut klippers = Vec::new();
    let mut answers = Vec::new();
    for members in wires(&plan.strips) {
        let plans: Vec<StripPlan> = members
            .into_iter()
            .map(|it| plan.strips[it].clone())
            .collect();
        match plans.first().map(|plan| plan.output.driver().sent_by) {
            None | Some(SentBy::None) => {}
            Some(SentBy::Klipper) => klippers.push(driven_by_klipper(&plans)),
            Some(SentBy::Thread) => {
                answers.push((strip_names(&plans), start(plans, Arc::clone(factory))));
            }
        }
    }
    let end = deadline(timeout);
    let blanked = answers.into_iter().map(|(strips, answer)| Blanked {
        strips,
        error: wait(&answer, end).err(),
        is_klippers: false,
    });
    blanked.chain(klippers).collect()
}

/// The result of strips that only Klipper can reach.
fn driven_by_klipper(plans: &[StripPlan]) -> Blanked {
    let problem = "Klipper drives it; it keeps its last colors until Klipper starts again";
    Blanked {
        strips: strip_names(plans),
        error: Some(OutputError::new(problem, "")),
        is_klippers: true,
    }
}

type BlankResult = Result<(), OutputError>;

/// Opens and blanks the outputs in a new thread, because a driver may never return.
fn start(plans: Vec<StripPlan>, factory: Factory) -> Receiver<BlankResult> {
    let (sent_by, answer) = bounded(1);
    let failed = sent_by.clone();
    let work = move || {
        silence_panics();
        let darken = || factory(&plans).and_then(|mut output| output.blank(Time::ZERO));
        let internal = |_| Err(OutputError::new("its driver had an internal error", ""));
        let _ = sent_by.send(guard(darken).unwrap_or_else(internal));
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
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
