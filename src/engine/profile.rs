//! The profile: what each effect of each group costs to draw, and each output to send, measured
//! only while somebody asked.
//!
//! Asking begins a measurement of five seconds, answers what the last one found, and waits for
//! nothing. The caller makes the table, the render thread fills it and allocates nothing; off, a
//! frame costs a look at a flag, and no effect is watched.

mod table;

use super::built_config::outputs;
use super::mailbox::ConfigChange;
use super::output_handle::OutputHandle;
use super::{Engine, Inner};
use crate::effect::EffectKind;
use crate::output::pump::Writes;
use crate::plan::Plan;
use crate::time::{Span, Time};
use std::sync::Arc;
use table::ProfileTable;
pub(crate) use table::{EffectTimer, ProfileSlot};

/// How long is measured.
const LENGTH: Span = Span::from_millis(5_000);

/// For so long a finding is new, and asking for it begins no other measurement.
const FRESH: Span = Span::from_millis(10_000);

/// What is known, and what is being found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// When the measurement that runs will be over; `None` while none runs.
    pub ends_in: Option<Span>,
    /// What the last one found.
    pub found: Option<Costs>,
}

/// What a measurement found.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// How long ago it ended.
    pub age: Span,
    /// How long it was.
    pub length: Span,
    /// Whole frames: effects, mixing, finishing, and handing over to the outputs.
    pub frame: Cost,
    /// Effects that drew, by group.
    pub effects: Vec<EffectCost>,
    /// All outputs.
    pub outputs: Vec<OutputCost>,
}

/// What something costs a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// How often it was done.
    pub frames: u64,
    /// Time of one on average, in µs.
    pub avg_us: f64,
    /// Time of the longest, in µs.
    pub max_us: f64,
}

/// What an effect costs on a group.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectCost {
    /// Name of the group.
    pub group: String,
    /// The effect.
    pub effect: EffectKind,
    /// What drawing it costs.
    pub cost: Cost,
    /// The same for one pixel, in ns.
    pub ns_per_pixel: f64,
}

/// What an output costs.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputCost {
    /// Names of the strips that share it.
    pub strips: Vec<String>,
    /// The kind of output, as `driver:` names it.
    pub output: String,
    /// Frames that it took.
    pub frames: u64,
    /// What they cost; `None` where it has no thread of its own.
    pub writes: Option<Writes>,
}

impl Engine {
    /// What was measured last, and begins to measure where that is not new. Never waits.
    pub fn profile(&self) -> Profile {
        self.live().map(Inner::profile).unwrap_or_default()
    }
}

impl Inner {
    fn profile(&self) -> Profile {
        let now = self.shared.clock.now();
        let running = self.config.lock().running();
        self.measurement
            .lock()
            .ask(now, &running, &self.shared.profile)
    }
}

/// The caller's side: the measurement that runs, and what the last one found.
#[derive(Debug, Default)]
pub(crate) struct Measurement {
    /// What is measured; a reload makes it another, and what was found is forgotten.
    plan: Option<Arc<Plan>>,
    running: Option<RunningProfile>,
    found: Option<(Time, Costs)>,
}

#[derive(Debug)]
struct RunningProfile {
    until: Time,
    /// Frames that each exit had been given before.
    given: Vec<u64>,
}

impl Measurement {
    fn ask(&mut self, now: Time, running: &ConfigChange, profile: &ProfileSlot) -> Profile {
        if !self
            .plan
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, &running.plan))
        {
            *self = Self::default();
        }
        self.finish(now, running, profile);
        let is_fresh = |(at, _): &(Time, Costs)| now.since(*at) < FRESH;
        if self.running.is_none() && !self.found.as_ref().is_some_and(is_fresh) {
            self.begin(now, running, profile);
        }
        let ends_in = |it: &RunningProfile| {
            if it.until > now {
                it.until.since(now)
            } else {
                Span::ZERO
            }
        };
        Profile {
            ends_in: self.running.as_ref().map(ends_in),
            found: self.found.as_ref().map(|(at, found)| Costs {
                age: now.since(*at),
                ..found.clone()
            }),
        }
    }

    fn begin(&mut self, now: Time, running: &ConfigChange, profile: &ProfileSlot) {
        let (plan, until) = (Arc::clone(&running.plan), now + LENGTH);
        if !profile.install(ProfileTable::new(Arc::clone(&plan), until)) {
            return;
        }
        self.plan = Some(plan);
        outputs(&running.strip_outputs).for_each(|output| output.measure(LENGTH));
        let given = outputs(&running.strip_outputs)
            .map(|output| output.given())
            .collect();
        self.running = Some(RunningProfile { until, given });
    }

    /// Takes what was found, once its time is over.
    fn finish(&mut self, now: Time, running: &ConfigChange, profile: &ProfileSlot) {
        let Some(ended) = self.running.take_if(|it| now >= it.until) else {
            return;
        };
        let Some(table) = profile.clear() else {
            // A frame is being drawn: the next who asks gets it.
            self.running = Some(ended);
            return;
        };
        let outputs = outputs(&running.strip_outputs).zip(&ended.given);
        let found = Costs {
            age: Span::ZERO,
            length: LENGTH,
            frame: table.frames(),
            effects: table.costs(),
            outputs: outputs
                .map(|(output, given)| output_cost(output, *given))
                .collect(),
        };
        self.found = Some((ended.until, found));
    }
}

fn output_cost(output: &OutputHandle, given: u64) -> OutputCost {
    let writes = output.writes();
    OutputCost {
        strips: output
            .plans()
            .iter()
            .map(|it| it.strip.name.clone())
            .collect(),
        output: output.kind().to_owned(),
        frames: writes.map_or_else(|| output.given() - given, |it| it.frames),
        writes,
    }
}
