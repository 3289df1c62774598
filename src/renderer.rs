//! The renderer turns events, samples, commands and time into finished frames. It is the top of the
//! pure core: it uses no clock, thread or device.
//!
//! Each group shows the source with the highest priority: an alarm, a flash, switched off, the
//! painted frame (per pixel), a command's effect, the effect of the state. Every change fades from
//! what is shown, except for painted frames, which cut. In steady state rendering does not
//! allocate.

mod brightness;
mod group_state;
mod overlaps;
mod paint_overlay;
mod plan_change;
mod reported_colors;
mod source_selector;
mod user_commands;

use crate::color::Color;
use crate::effect::{EffectSpec, Motion};
use crate::finish::{Finish, Frame};
use crate::input::{InputSet, Inputs, Sample};
use crate::layer::{StackRun, StartParams};
use crate::plan::{GroupPlan, Plan};
use crate::state::StateMachine;
use crate::state::{Event, State};
use crate::time::Time;
use brightness::Brightness;
use group_state::{GroupState, PutOptions};
use overlaps::Overlaps;
use paint_overlay::PaintOverlay;
use plan_change::PlanChange;
use std::sync::Arc;

/// The reason why a group shows its effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The state of the printer, or a forced state.
    #[default]
    State,
    /// A command for the group.
    Command,
}

impl Source {
    /// The name in the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Command => "command",
        }
    }
}

/// What a group shows and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown<'a> {
    /// The effect, as the user wrote it.
    pub text: &'a str,
    /// What requested the effect.
    pub source: Source,
    /// Whether it shows a temperature.
    pub is_thermal: bool,
    /// A color that represents the effect where only one can be shown.
    pub tint: Color,
}

/// The power that a strip uses, according to the model of its LEDs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Power {
    /// Current of all its pixels, in mA.
    pub current_ma: f32,
    /// Whether a power limit dims the strip.
    pub is_limited: bool,
}

/// Renders frames from events, samples and commands.
#[derive(Debug)]
pub struct Renderer {
    plan: Arc<Plan>,
    seed: u64,
    /// Number of effects started so far. Part of each effect's seed.
    start_count: u64,
    now: Time,
    machine: StateMachine,
    inputs: Inputs,
    /// Full names of the sources: those of the plan, then those added by commands.
    sources: Vec<String>,
    /// Inputs that samples have changed since the last frame.
    changed_inputs: InputSet,
    /// When Klipper began to run commands without a break; `None` if it runs none. Each line of a
    /// print is a command of its own.
    busy_since: Option<Time>,
    /// Position in the job's file in the last sample.
    file_progress: Option<f32>,
    /// Whether a batch of commands is being applied.
    in_batch: bool,
    groups: Vec<GroupState>,
    overlaps: Overlaps,
    overlay: PaintOverlay,
    /// Overall brightness.
    brightness: Brightness,
    finish: Finish,
    drawing: Option<usize>,
    /// The group whose next drawing panics.
    #[cfg(test)]
    panics_at: Option<usize>,
}

impl Renderer {
    /// Creates a renderer for a printer that is starting. All random numbers derive from `seed`.
    pub fn new(plan: Arc<Plan>, seed: u64, now: Time) -> Self {
        let mut renderer = Self {
            seed,
            start_count: 0,
            now,
            machine: StateMachine::new(plan.states.clone(), now),
            inputs: Inputs::default(),
            sources: plan.sources.clone(),
            changed_inputs: InputSet::NONE,
            busy_since: None,
            file_progress: None,
            in_batch: false,
            groups: plan.groups.iter().map(GroupState::new).collect(),
            overlaps: Overlaps::new(&plan.groups),
            brightness: Brightness::new(plan.brightness),
            overlay: PaintOverlay::new(&plan),
            finish: finish(&plan),
            drawing: None,
            #[cfg(test)]
            panics_at: None,
            plan,
        };
        renderer.note_overlaps();
        renderer.update_groups(now);
        renderer
    }

    /// Handles an event.
    pub fn event(&mut self, now: Time, event: Event) {
        let now = self.advance_to(now);
        if let Event::Trigger(trigger) = event {
            let changed = self.inputs.trigger(now, trigger);
            self.changed_inputs = self.changed_inputs.union(changed);
        }
        self.machine.event(now, event);
        self.update_groups(now);
    }

    /// Handles a sample that was taken at `now`.
    pub fn sample(&mut self, now: Time, sample: &Sample) {
        let now = self.advance_to(now);
        self.machine.sample(now, sample);
        let file_progress = std::mem::replace(&mut self.file_progress, sample.file_progress);
        let is_same_line =
            file_progress.map(f32::to_bits) == sample.file_progress.map(f32::to_bits);
        let busy_since = self.busy_since.filter(|_| is_same_line);
        self.busy_since = sample.is_commanded.then(|| busy_since.unwrap_or(now));
        let progress = self.machine.progress();
        let changed_inputs = self.inputs.sample(
            now,
            &Sample {
                progress,
                ..*sample
            },
        );
        self.changed_inputs = self.changed_inputs.union(changed_inputs);
        self.update_groups(now);
    }

    /// Renders all frames at `now`. Returns when they will next change, if nothing happens until
    /// then.
    pub fn render(&mut self, now: Time) -> Motion {
        let mut motion = self.begin_frame(now);
        for group in 0..self.groups.len() {
            motion = motion.min(self.draw_group(group));
        }
        self.end_frame(motion)
    }

    /// Begins a frame, as a part of [`Renderer::render`]: then draw each group, then end the frame.
    /// Returns when the groups will next show something else.
    pub fn begin_frame(&mut self, now: Time) -> Motion {
        let now = self.advance_to(now);
        // A panic may have left a batch open.
        self.in_batch = false;
        self.update_groups(now).map_or(Motion::Still, Motion::Until)
    }

    /// Draws a group of the frame. Returns when it will next change. An unknown group is ignored.
    pub fn draw_group(&mut self, group: usize) -> Motion {
        let now = self.now;
        self.drawing = Some(group);
        #[cfg(test)]
        self.panic_if_requested(group);
        let groups = (self.groups.get_mut(group), self.plan.groups.get(group));
        let (Some(state), Some(plan)) = groups else {
            return Motion::Still;
        };
        state.hold(state.selector.is_held(plan));
        let drawn = state.draw(now, &self.inputs, self.changed_inputs);
        self.drawing = None;
        let fades = state.brightness.is_moving(now) || self.brightness.is_moving(now);
        let motion = if fades { Motion::Moving } else { drawn.motion };
        let brightness = state.brightness.value(now) * self.brightness.value(now);
        let options = PutOptions {
            brightness,
            is_moving: motion == Motion::Moving,
            is_covered: self.overlay.is_lit() && !state.selector.is_urgent(),
        };
        let has_changed =
            drawn.has_changed || state.differs(options) || state.is_painted(&self.overlay);
        if self.overlaps.contains(group, has_changed) {
            state.set_put_options(options);
        } else if has_changed {
            state.put(self.finish.frames_mut(), &self.overlay, options);
        }
        motion
    }

    /// Returns the effects that a group has drawn in the last frame. Effects that looked as before
    /// are not drawn.
    pub fn drawn(&self, group: usize) -> &[&'static EffectSpec] {
        self.groups.get(group).map_or(&[], GroupState::drawn)
    }

    /// Ends a frame: finishes the strips. `motion` is the earliest of all groups.
    pub fn end_frame(&mut self, motion: Motion) -> Motion {
        let now = self.now;
        let frames = self.finish.frames_mut();
        self.overlaps
            .put(frames, &self.groups, &self.plan.groups, &self.overlay);
        let motion = motion.min(self.put_overlay(now));
        let motion = motion.min(self.finish.run(now));
        self.changed_inputs = InputSet::NONE;
        match motion {
            // The time has already passed, so the next frame is due.
            Motion::Until(then) if then <= now => Motion::Moving,
            motion => motion,
        }
    }

    /// Returns the last frame of a strip in its channel order. Empty for an unknown strip.
    pub fn frame(&self, strip: usize) -> &[u8] {
        self.finish.frames().get(strip).map_or(&[], Frame::bytes)
    }

    /// Returns the last frame of a strip as red, green, blue, white.
    pub fn rgbw(&self, strip: usize) -> &[[u8; 4]] {
        self.finish.frames().get(strip).map_or(&[], Frame::rgbw)
    }

    /// Returns the power that the last frame of a strip uses.
    pub fn power(&self, strip: usize) -> Power {
        let frame = self.finish.frames().get(strip);
        frame.map_or_else(Power::default, |frame| Power {
            current_ma: frame.current_ma() as f32,
            is_limited: frame.is_limited(),
        })
    }

    /// Replaces the plan and returns the old one. Groups keep their effects by name. Effects with
    /// equal plans also keep their phase.
    pub fn replace(&mut self, now: Time, plan: Arc<Plan>) -> Arc<Plan> {
        let now = self.advance_to(now);
        let old = std::mem::replace(&mut self.plan, plan);
        let change = PlanChange {
            old: &old,
            new: &self.plan,
            sources: &self.sources,
        };
        let mut groups: Vec<_> = self.groups.drain(..).map(Some).collect();
        for group in &self.plan.groups {
            let index = old.group(&group.group.name);
            let known = index.and_then(|index| Some((groups[index].take()?, &old.groups[index])));
            let mut state = GroupState::new(group);
            if let Some((running, old)) = known {
                state = running;
                state.adopt(old, group, &change);
            }
            self.groups.push(state);
        }
        self.overlaps = Overlaps::new(&self.plan.groups);
        self.brightness.adopt(self.plan.brightness);
        let overlay = PaintOverlay::new(&self.plan);
        let painted = std::mem::replace(&mut self.overlay, overlay);
        self.overlay.adopt(painted, (&old, &self.plan));
        self.finish = finish(&self.plan);
        self.machine.configure(self.plan.states.clone());
        self.machine.rename(|state| change.state(state));
        self.machine.reorder(&change.sources());
        self.inputs.reorder(&change.sources());
        self.note_overlaps();
        self.sources.clone_from(&self.plan.sources);
        self.update_groups(now);
        old
    }

    /// Returns the shown state: an alarm, else the forced state, else the highest active state.
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// Returns all active states, highest priority first, regardless of a forced state.
    pub fn active(&self) -> impl Iterator<Item = State> {
        self.machine.active()
    }

    /// Returns the forced state.
    pub fn forced(&self) -> Option<State> {
        self.machine.forced()
    }

    /// Returns what a group shows and why; empty for an unknown group.
    pub fn shown(&self, group: usize) -> Shown<'_> {
        match (self.groups.get(group), self.plan.groups.get(group)) {
            (Some(state), Some(plan)) => state.shown(plan),
            _ => Shown {
                text: "",
                source: Source::State,
                is_thermal: false,
                tint: Color::BLACK,
            },
        }
    }

    /// Returns the run of a group's effect, so that another renderer with the same plan can resume
    /// it; `None` while the effect fades or is held, or the group is unknown.
    pub fn run(&self, group: usize) -> Option<StackRun> {
        self.groups.get(group).and_then(GroupState::run)
    }

    /// Shows the effect of a group as a run of another renderer. An unknown group is ignored.
    pub fn resume(&mut self, group: usize, run: StackRun) {
        if let Some(state) = self.groups.get_mut(group) {
            state.resume(run);
        }
    }

    /// Returns the full names of the temperature sources, in the order of a sample.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Returns the last requested brightness of a group, or the overall brightness: 0.0-1.0.
    pub fn brightness(&self, group: Option<usize>) -> f32 {
        let brightness = match group {
            None => Some(&self.brightness),
            Some(group) => self.groups.get(group).map(|state| &state.brightness),
        };
        brightness.map_or(0.0, Brightness::target)
    }

    /// Returns the group whose effect is being built or drawn. After a panic, this group needs a
    /// fallback.
    pub fn drawing(&self) -> Option<usize> {
        self.drawing
    }

    /// Replaces the effects of a group with a dim light, until it shows something else.
    pub fn replace_with_fallback(&mut self, group: usize) {
        self.drawing = None;
        if let Some(state) = self.groups.get_mut(group) {
            state.replace_with_fallback(self.now, self.plan.fade);
        }
    }

    #[cfg(test)]
    fn panic_if_requested(&mut self, group: usize) {
        let request = self.panics_at.take_if(|it| *it == group);
        assert!(request.is_none(), "panic requested by a test");
    }

    /// Makes the next drawing of a group panic.
    #[cfg(test)]
    pub(crate) fn panic_at_next_draw(&mut self, group: usize) {
        self.panics_at = Some(group);
    }

    /// Writes the painted pixels that belong to no group.
    fn put_overlay(&mut self, now: Time) -> Motion {
        let brightness = self.brightness.value(now);
        self.overlay.put(self.finish.frames_mut(), brightness);
        if self.brightness.is_moving(now) && self.overlay.is_lit() {
            Motion::Moving
        } else {
            Motion::Still
        }
    }

    /// Notes for each group whether there is a group below at every pixel.
    fn note_overlaps(&mut self) {
        for state in &mut self.groups {
            state.selector.set_all_above(false);
        }
        for group in self.overlaps.all_above() {
            self.groups[group].selector.set_all_above(true);
        }
    }

    /// Advances the time, which never goes back.
    fn advance_to(&mut self, now: Time) -> Time {
        self.now = self.now.max(now);
        self.now
    }

    /// Starts what each group should show now. Returns when that may change next.
    fn update_groups(&mut self, now: Time) -> Option<Time> {
        let mut next = self.machine.step(now).next;
        let mut entered = false;
        for group in 0..self.groups.len() {
            let selector = &mut self.groups[group].selector;
            let enters = selector.choose(now, &self.plan.groups[group], &self.machine);
            next = [next, selector.until()].into_iter().flatten().min();
            if enters {
                self.start(now, group, GroupState::enter);
                entered = true;
            }
        }
        if entered {
            self.join_rings(now);
        }
        next
    }

    /// Restarts the groups of a ring together if they started at different times. Each group
    /// computes the whole chase itself, so the groups only agree if they start together.
    fn join_rings(&mut self, now: Time) {
        for group in 0..self.groups.len() {
            let Some((effect, start)) = self.groups[group].ring(&self.plan.groups[group]) else {
                continue;
            };
            let mut rings = self.groups.iter().zip(&self.plan.groups);
            let is_out_of_sync = rings.any(|(state, group)| {
                let ring = state.ring(group);
                ring.is_some_and(|(other, then)| other.shares_ring(effect) && then != start)
            });
            if is_out_of_sync && start < now {
                self.start(now, group, GroupState::restart);
            }
        }
    }

    fn start(&mut self, now: Time, group: usize, start_fn: StartFn) {
        self.start_count += 1;
        let params = StartParams {
            seed: self.seed.wrapping_add(self.start_count),
            fade: self.plan.fade,
        };
        self.drawing = Some(group);
        start_fn(
            &mut self.groups[group],
            now,
            &self.plan.groups[group],
            params,
        );
        self.drawing = None;
    }
}

/// A function that starts the selected effect of a group.
type StartFn = fn(&mut GroupState, Time, &GroupPlan, StartParams);

fn finish(plan: &Plan) -> Finish {
    let strips = plan.strips.iter().map(|it| (&it.strip, &it.finish));
    Finish::new(strips, plan.max_current_ma)
}
