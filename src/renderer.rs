//! The renderer: events, samples, commands and time in; finished frames out. The top of the pure
//! core: no clock, no thread, no device.
//!
//! For each group an alarm's scene goes before a flash, that before being switched off, that before
//! what is painted on its pixels, that before what a command put on it, and that before the scene of
//! the state. Every change but that of a picture is a fade from what is shown. Once everything that
//! was asked for has been entered, rendering allocates nothing.

mod change;
mod commands;
mod group_state;
mod level;
mod paint_overlay;
mod source_selector;

use crate::color::Color;
use crate::effect::Motion;
use crate::finish::{Finish, Frame};
use crate::input::{InputSet, Inputs, Sample};
use crate::layer::{DrawObserver, NoObserver, StartParams};
use crate::plan::{GroupPlan, Plan};
use crate::state::machine::StateMachine;
use crate::state::{Event, State};
use crate::time::Time;
use change::PlanChange;
use group_state::{GroupState, PutOptions};
use level::Level;
use paint_overlay::PaintOverlay;
use std::sync::Arc;

/// Why a group shows what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The state of the printer, or one that was forced.
    State,
    /// A command for this group.
    Command,
}

/// What a group shows and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown<'a> {
    /// The effect, as the user wrote it.
    pub text: &'a str,
    /// Who asked for it.
    pub source: Source,
    /// The color that stands for it where only one can be told.
    pub tint: Color,
}

/// What a strip draws, by the model of its LEDs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Power {
    /// All its pixels together, in mA.
    pub current_ma: f32,
    /// A limit dims it.
    pub is_limited: bool,
}

/// Turns what happens to the printer into frames.
#[derive(Debug)]
pub struct Renderer {
    plan: Arc<Plan>,
    seed: u64,
    /// Effects started so far, so that each gets randomness of its own.
    launches: u64,
    now: Time,
    machine: StateMachine,
    inputs: Inputs,
    /// Full names of the sources: the plan's, and what commands have added.
    sources: Vec<String>,
    /// What samples have changed since the last frame.
    news: InputSet,
    /// Commands that belong together are being taken.
    in_batch: bool,
    stages: Vec<GroupState>,
    overlay: PaintOverlay,
    /// Brightness of everything.
    level: Level,
    finish: Finish,
    drawing: Option<usize>,
    /// The group whose next drawing panics.
    #[cfg(test)]
    trip: Option<usize>,
}

impl Renderer {
    /// Makes the renderer of a printer that starts; all randomness follows from `seed`.
    pub fn new(plan: Arc<Plan>, seed: u64, now: Time) -> Self {
        let mut renderer = Self {
            seed,
            launches: 0,
            now,
            machine: StateMachine::new(plan.states.clone(), now),
            inputs: Inputs::default(),
            sources: plan.sources.clone(),
            news: InputSet::NONE,
            in_batch: false,
            stages: plan.groups.iter().map(GroupState::new).collect(),
            level: Level::new(plan.brightness),
            overlay: PaintOverlay::new(&plan),
            finish: finish(&plan),
            drawing: None,
            #[cfg(test)]
            trip: None,
            plan,
        };
        renderer.settle(now);
        renderer
    }

    /// Takes an event.
    pub fn event(&mut self, now: Time, event: Event) {
        let now = self.pass(now);
        self.machine.event(now, event);
        self.settle(now);
    }

    /// Takes what was measured at `now`.
    pub fn sample(&mut self, now: Time, sample: &Sample) {
        let now = self.pass(now);
        self.machine.sample(now, sample);
        let progress = self.machine.progress();
        let news = self.inputs.sample(
            now,
            &Sample {
                progress,
                ..*sample
            },
        );
        self.news = self.news.union(news);
        self.settle(now);
    }

    /// Draws all frames as they look at `now` and says when they will next look different, if
    /// nothing happens until then.
    pub fn render(&mut self, now: Time) -> Motion {
        self.render_observed(now, &mut NoObserver)
    }

    /// The same, while somebody looks on.
    pub fn render_observed<W: DrawObserver>(&mut self, now: Time, watch: &mut W) -> Motion {
        let now = self.pass(now);
        // A panic may have left a batch open.
        self.in_batch = false;
        let mut motion = self.settle(now).map_or(Motion::Still, Motion::Until);
        for group in 0..self.stages.len() {
            motion = motion.min(self.draw(now, group, watch));
        }
        motion = motion.min(self.put_overlay(now));
        motion = motion.min(self.finish.run(now));
        self.news = InputSet::NONE;
        match motion {
            // What is due already is due at the next frame.
            Motion::Until(then) if then <= now => Motion::Moving,
            motion => motion,
        }
    }

    /// The last rendered bytes of a strip in its channel order; empty for a strip that is not there.
    pub fn frame(&self, strip: usize) -> &[u8] {
        self.finish.frames().get(strip).map_or(&[], Frame::bytes)
    }

    /// The last rendered frame of a strip as red, green, blue, white.
    pub fn rgbw(&self, strip: usize) -> &[[u8; 4]] {
        self.finish.frames().get(strip).map_or(&[], Frame::rgbw)
    }

    /// What a strip draws by its last frame.
    pub fn power(&self, strip: usize) -> Power {
        let frame = self.finish.frames().get(strip);
        frame.map_or_else(Power::default, |frame| Power {
            current_ma: frame.current_ma() as f32,
            is_limited: frame.is_limited(),
        })
    }

    /// Takes over another plan and returns the old one. Groups keep their names' effects, those
    /// with equal plans their phase too.
    pub fn replace(&mut self, now: Time, plan: Arc<Plan>) -> Arc<Plan> {
        let now = self.pass(now);
        let old = std::mem::replace(&mut self.plan, plan);
        let change = PlanChange {
            old: &old,
            new: &self.plan,
            sources: &self.sources,
        };
        let mut stages: Vec<_> = self.stages.drain(..).map(Some).collect();
        for group in &self.plan.groups {
            let index = old.group(&group.group.name);
            let known = index.and_then(|index| Some((stages[index].take()?, &old.groups[index])));
            let mut state_of = GroupState::new(group);
            if let Some((running, old)) = known {
                state_of = running;
                state_of.adopt(old, group, &change);
            }
            self.stages.push(state_of);
        }
        self.level.adopt(self.plan.brightness);
        let overlay = PaintOverlay::new(&self.plan);
        let painted = std::mem::replace(&mut self.overlay, overlay);
        self.overlay.adopt(painted, (&old, &self.plan));
        self.finish = finish(&self.plan);
        self.machine.configure(self.plan.states.clone());
        self.machine.rename(|state| change.state(state));
        self.machine.reorder(&change.sources());
        self.inputs.reorder(&change.sources());
        self.sources.clone_from(&self.plan.sources);
        self.settle(now);
        old
    }

    /// The state that is shown: an alarm, else the forced one, else the highest active one.
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// All active states, highest first, not minding what is forced.
    pub fn active(&self) -> impl Iterator<Item = State> {
        self.machine.active()
    }

    /// The forced state.
    pub fn forced(&self) -> Option<State> {
        self.machine.forced()
    }

    /// What a group shows and why; nothing for a group that is not there.
    pub fn shown(&self, group: usize) -> Shown<'_> {
        match (self.stages.get(group), self.plan.groups.get(group)) {
            (Some(state_of), Some(plan)) => state_of.shown(plan),
            _ => Shown {
                text: "",
                source: Source::State,
                tint: Color::BLACK,
            },
        }
    }

    /// The brightness of a group, or of everything, that was set last: 0.0-1.0.
    pub fn brightness(&self, group: Option<usize>) -> f32 {
        let level = match group {
            None => Some(&self.level),
            Some(group) => self.stages.get(group).map(|state_of| &state_of.level),
        };
        level.map_or(0.0, Level::target)
    }

    /// The group whose effect is being made or drawn; after a panic, the one to replace.
    pub fn drawing(&self) -> Option<usize> {
        self.drawing
    }

    /// Replaces what runs on a group by a dim light, until something else is shown there.
    pub fn replace_with_fallback(&mut self, group: usize) {
        self.drawing = None;
        if let Some(state_of) = self.stages.get_mut(group) {
            state_of.replace_with_fallback(self.now, self.plan.fade);
        }
    }

    /// Lets the next drawing of a group panic; no effect does it by itself.
    #[cfg(test)]
    pub(crate) fn trip(&mut self, group: usize) {
        self.trip = Some(group);
    }

    fn draw<W: DrawObserver>(&mut self, now: Time, group: usize, watch: &mut W) -> Motion {
        watch.group(group);
        self.drawing = Some(group);
        #[cfg(test)]
        assert!(self.trip.take_if(|it| *it == group).is_none(), "tripped");
        let state_of = &mut self.stages[group];
        state_of.hold(state_of.selector.is_held(&self.plan.groups[group]));
        let drawn = state_of.draw(now, &self.inputs, self.news, watch);
        self.drawing = None;
        let fades = state_of.level.is_moving(now) || self.level.is_moving(now);
        let motion = if fades { Motion::Moving } else { drawn.motion };
        let brightness = state_of.level.value(now) * self.level.value(now);
        let options = PutOptions {
            brightness,
            is_moving: motion == Motion::Moving,
            is_covered: self.overlay.are_lit() && !state_of.selector.is_urgent(),
        };
        if drawn.changed || state_of.differs(options) || state_of.is_painted(&self.overlay) {
            state_of.put(self.finish.frames_mut(), &self.overlay, options);
        }
        motion
    }

    /// Puts the pictures where no group is.
    fn put_overlay(&mut self, now: Time) -> Motion {
        let brightness = self.level.value(now);
        self.overlay.put(self.finish.frames_mut(), brightness);
        if self.level.is_moving(now) && self.overlay.are_lit() {
            Motion::Moving
        } else {
            Motion::Still
        }
    }

    /// Lets time pass; it never goes back.
    fn pass(&mut self, now: Time) -> Time {
        self.now = self.now.max(now);
        self.now
    }

    /// Lets every group show what it should; the next moment at which that may change.
    fn settle(&mut self, now: Time) -> Option<Time> {
        let mut next = self.machine.step(now).next;
        let mut entered = false;
        for group in 0..self.stages.len() {
            let selector = &mut self.stages[group].selector;
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

    /// Starts the groups of a ring anew, all at once, where they did not begin together: each runs
    /// the whole hunt by itself, and only a common start lets them agree.
    fn join_rings(&mut self, now: Time) {
        for group in 0..self.stages.len() {
            let Some((effect, start)) = self.stages[group].ring(&self.plan.groups[group]) else {
                continue;
            };
            let mut rings = self.stages.iter().zip(&self.plan.groups);
            let is_torn = rings.any(|(state_of, group)| {
                let ring = state_of.ring(group);
                ring.is_some_and(|(other, then)| other.shares_ring(effect) && then != start)
            });
            if is_torn && start < now {
                self.start(now, group, GroupState::restart);
            }
        }
    }

    fn start(&mut self, now: Time, group: usize, how: NewRun) {
        self.launches += 1;
        let params = StartParams {
            seed: self.seed.wrapping_add(self.launches),
            fade: self.plan.fade,
        };
        self.drawing = Some(group);
        how(
            &mut self.stages[group],
            now,
            &self.plan.groups[group],
            params,
        );
        self.drawing = None;
    }
}

/// A way to start what was picked.
type NewRun = fn(&mut GroupState, Time, &GroupPlan, StartParams);

fn finish(plan: &Plan) -> Finish {
    let strips = plan.strips.iter().map(|it| (&it.strip, &it.finish));
    Finish::new(strips, plan.max_current_ma)
}
