//! The profile: the time of each group by its effect, of the finish, and of sending to each output.
//!
//! A request starts a measurement of five seconds, returns the result of the previous one, and
//! never waits. The caller allocates the table; the render thread fills it without allocating.
//! While no measurement runs, a frame costs one flag check and no group is timed.

mod table;

use super::mailbox::ConfigChange;
use super::output_handle::OutputHandle;
use super::output_set::each_output;
use super::{Engine, Inner};
use crate::output::pump::Writes;
use crate::plan::Plan;
use crate::time::{Span, Time};
use std::sync::Arc;
pub(crate) use table::{ProfileSlot, ProfileTable};

/// Length of a measurement.
const LENGTH: Span = Span::from_millis(5_000);

/// A result is current for this long. Requests within this time start no new measurement.
const CURRENT_FOR: Span = Span::from_millis(10_000);

/// The last result and the state of the running measurement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Number of measurements that were started; the last one may still run.
    pub number: u32,
    /// Time until the running measurement ends; `None` if none is running.
    pub ends_in: Option<Span>,
    /// The result of the last measurement.
    pub found: Option<Costs>,
}

/// The result of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// The number of this measurement.
    pub number: u32,
    /// How long ago it ended.
    pub age: Span,
    /// How long it took.
    pub length: Span,
    /// Whole frames: effects, mixing, finishing, and writing to the outputs.
    pub frame: Cost,
    /// Finishing all strips of a frame: from colors to bytes.
    pub finish: Cost,
    /// The time of each group, by the effects that it has drawn.
    pub effects: Vec<EffectCost>,
    /// All outputs.
    pub outputs: Vec<OutputCost>,
}

/// The cost per frame of one item.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Number of frames.
    pub frames: u64,
    /// Average time, in µs.
    pub avg_us: f64,
    /// Longest time, in µs.
    pub max_us: f64,
}

/// The cost of a group while it draws an effect: drawing, mixing and handing over its pixels.
/// Effects that fade share the time evenly.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectCost {
    /// Name of the group.
    pub group: String,
    /// Name of the effect.
    pub effect: &'static str,
    /// The cost.
    pub cost: Cost,
    /// Average time per pixel, in ns.
    pub ns_per_pixel: f64,
}

/// The cost of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputCost {
    /// Names of the strips that share the output.
    pub strips: Vec<String>,
    /// The kind of output, as `driver:` names it.
    pub output: String,
    /// Number of frames that it accepted.
    pub frames: u64,
    /// The cost of writing them; `None` if the output has no thread.
    pub writes: Option<Writes>,
}

impl Engine {
    /// Returns the last measurement, and starts a new one if the last is out of date. Never waits.
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
            .request(now, &running, &self.shared.profile)
    }
}

/// The caller's side: the running measurement and the result of the last one.
#[derive(Debug, Default)]
pub(crate) struct Measurement {
    /// The plan that is measured. A reload changes it and discards the result.
    plan: Option<Arc<Plan>>,
    /// Number of measurements that were started.
    number: u32,
    running: Option<RunningProfile>,
    found: Option<(Time, Costs)>,
}

#[derive(Debug)]
struct RunningProfile {
    until: Time,
    /// Number of frames that each output had got at the start.
    submitted: Vec<u64>,
}

impl Measurement {
    fn request(&mut self, now: Time, running: &ConfigChange, profile: &ProfileSlot) -> Profile {
        if !self
            .plan
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, &running.plan))
        {
            *self = Self {
                number: self.number,
                ..Self::default()
            };
        }
        self.finish(now, running, profile);
        let is_current = |(at, _): &(Time, Costs)| now.since(*at) < CURRENT_FOR;
        if self.running.is_none() && !self.found.as_ref().is_some_and(is_current) {
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
            number: self.number,
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
        self.number += 1;
        each_output(&running.strip_outputs).for_each(|output| output.sink().measure(LENGTH));
        let submitted = each_output(&running.strip_outputs)
            .map(|output| output.submitted())
            .collect();
        self.running = Some(RunningProfile { until, submitted });
    }

    /// Takes the result once the measurement has ended.
    fn finish(&mut self, now: Time, running: &ConfigChange, profile: &ProfileSlot) {
        let Some(ended) = self.running.take_if(|it| now >= it.until) else {
            return;
        };
        let Some(table) = profile.clear() else {
            // A frame is being drawn, so the next request takes the result.
            self.running = Some(ended);
            return;
        };
        let outputs = each_output(&running.strip_outputs).zip(&ended.submitted);
        let found = Costs {
            number: self.number,
            age: Span::ZERO,
            length: LENGTH,
            frame: table.frames(),
            finish: table.finishes(),
            effects: table.costs(),
            outputs: outputs
                .map(|(output, before)| output_cost(output, *before))
                .collect(),
        };
        self.found = Some((ended.until, found));
    }
}

fn output_cost(output: &OutputHandle, before: u64) -> OutputCost {
    let writes = output.sink().stats().writes;
    OutputCost {
        strips: output
            .plans()
            .iter()
            .map(|it| it.strip.name.clone())
            .collect(),
        output: output.kind().to_owned(),
        frames: writes.map_or_else(|| output.submitted() - before, |it| it.frames),
        writes,
    }
}
