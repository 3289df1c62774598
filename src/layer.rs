//! What a group shows: running stacks of effects, and the fades between them.
//!
//! A stack is one effect, or up to eight layers that are blended: [`StackPlan`]. A new stack always
//! fades in over the current ones, which keep moving beneath it. So an interrupted fade does not
//! jump. If a stack that is still running is shown again, it continues with its phase while those
//! above it fade out. The number of running stacks is bounded: if one more comes, the deepest is
//! frozen.

pub mod blend;
mod plan;
mod stack;
mod surface;

use crate::color::Color;
use crate::effect::{Canvas, Context, Effect, EffectSpec, Motion};
use crate::input::{InputSet, Inputs};
use crate::limits::LAYERS;
use crate::time::{Span, Time};
pub use plan::{LayerPlan, StackPlan};
use stack::{DrawContext, LayerStack};
use surface::Surface;

/// More stacks than a person can distinguish in a fade. Deeper ones are frozen.
const MAX_RUNNING: usize = 4;

/// A change of a stack's opacity.
#[derive(Clone, Copy, Debug)]
struct Fade {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
}

impl Fade {
    /// Returns the opacity, 0.0-1.0. It rises fast first, so that the very next frame shows a
    /// change, and ends smoothly.
    fn at(&self, now: Time) -> f32 {
        let remaining = 1.0 - now.since(self.start).fraction_of(self.span);
        self.to + (self.from - self.to) * remaining * remaining
    }

    fn is_over(&self, now: Time) -> bool {
        now >= self.start + self.span
    }

    /// Fades to another opacity, or to the same one sooner, from the current one.
    fn retarget(&mut self, now: Time, to: f32, span: Span) {
        let is_reversed = (self.to - to).abs() > 0.5;
        if is_reversed || now + span < self.start + self.span {
            *self = Self {
                from: self.at(now),
                to,
                start: now,
                span,
            };
        }
    }
}

/// A running stack with its opacity.
#[derive(Debug)]
struct Running {
    /// The plan; `None` for the fallback.
    plan: Option<StackPlan>,
    stack: LayerStack,
    start: Time,
    seed: u64,
    fade: Fade,
    surface: Surface,
    /// When the surface changes next; `None` before it was drawn.
    motion: Option<Motion>,
}

impl Running {
    /// Draws what may have changed. Returns whether it drew.
    fn draw(
        &mut self,
        now: Time,
        (inputs, changed): (&Inputs, InputSet),
        drawn: &mut Vec<&'static EffectSpec>,
    ) -> bool {
        let cx = DrawContext {
            now,
            start: self.start,
            inputs,
            changed,
        };
        let has_drawn = self.stack.draw(&mut self.surface, &cx, drawn);
        self.motion = self.stack.motion();
        has_drawn
    }

    fn covers(&self, now: Time) -> bool {
        self.motion.is_some() && self.fade.to >= 1.0 && self.fade.is_over(now)
    }

    fn is_gone(&self, now: Time) -> bool {
        self.fade.to <= 0.0 && self.fade.is_over(now)
    }
}

/// The result of drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawResult {
    /// When the canvas will next change.
    pub motion: Motion,
    /// Whether the canvas may have changed.
    pub has_changed: bool,
}

/// Parameters of starting an effect.
#[derive(Clone, Copy, Debug)]
pub struct StartParams {
    /// Seed of the effect's random numbers.
    pub seed: u64,
    /// Length of the cross-fade into it.
    pub fade: Span,
}

/// What another renderer with the same plan needs to show the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackRun {
    /// When the stack started.
    pub start: Time,
    /// Seed of its random numbers.
    pub seed: u64,
}

/// The running stacks of one group.
#[derive(Debug)]
pub struct Crossfade {
    /// The frozen surface beneath the deepest stack; dark and not covered at first.
    base: Surface,
    /// The stacks, deepest first.
    running: Vec<Running>,
    mixed: Surface,
    /// The effects that the last frame has drawn.
    drawn: Vec<&'static EffectSpec>,
    /// Whether the mix may change although no effect does: a stack is new or fading.
    is_changing: bool,
    /// Whether the effects are held.
    is_held: bool,
}

impl Crossfade {
    /// Creates a dark canvas of `pixels`. With `has_coverage` it also notes which part of each
    /// pixel is covered; see [`Crossfade::coverage`].
    pub fn new(pixels: usize, has_coverage: bool) -> Self {
        Self {
            base: Surface::new(pixels, has_coverage),
            running: Vec::with_capacity(MAX_RUNNING),
            mixed: Surface::new(pixels, has_coverage),
            drawn: Vec::with_capacity(MAX_RUNNING * LAYERS),
            is_changing: true,
            is_held: false,
        }
    }

    /// Fades into a stack. If a stack with an equal plan is running, it continues with its phase.
    /// Otherwise `plan` starts with `params`.
    pub fn show(&mut self, now: Time, plan: &StackPlan, params: StartParams) {
        self.is_changing = true;
        self.prune(now);
        let running = self
            .running
            .iter()
            .rposition(|running| running.plan.as_ref() == Some(plan));
        if let Some(index) = running {
            self.fade_back_in(now, index, params.fade);
            return;
        }
        self.start(now, plan, params);
    }

    /// Fades into a new run of a stack, even if it is already running.
    pub fn start(&mut self, now: Time, plan: &StackPlan, params: StartParams) {
        self.is_changing = true;
        self.prune(now);
        let stack = LayerStack::new(plan, params.seed, self.mixed.len());
        self.push(now, Some(plan.clone()), stack, params);
    }

    /// Fades from the running effects into a plain color that cannot fail.
    pub fn replace_with_fallback(&mut self, now: Time, color: Color, fade: Span) {
        self.is_changing = true;
        // Freezes the last canvas. No effect that was running is called again.
        self.base.copy_from(&self.mixed);
        self.running.clear();
        let stack = LayerStack::of_effect(Box::new(PlainColor(color)));
        self.push(now, None, stack, StartParams { seed: 0, fade });
    }

    /// Draws the effects that are due and mixes them. `changed_inputs` are the inputs that changed
    /// since the last call. The result is in [`Crossfade::canvas`].
    pub fn draw(&mut self, now: Time, inputs: &Inputs, changed_inputs: InputSet) -> DrawResult {
        let mut changed = std::mem::take(&mut self.is_changing);
        self.drawn.clear();
        for running in &mut self.running {
            let is_free = !self.is_held || running.motion.is_none();
            changed |= is_free && running.draw(now, (inputs, changed_inputs), &mut self.drawn);
        }
        self.prune(now);
        let mut motion = Motion::Still;
        for running in &self.running {
            if !self.is_held {
                motion = motion.min(running.motion.unwrap_or(Motion::Moving));
            }
            // The last step of a fade is drawn in the frame after its end.
            self.is_changing |= !running.fade.is_over(now);
        }
        if self.is_changing {
            motion = Motion::Moving;
        }
        changed |= self.is_changing;
        if changed {
            self.mix(now);
        }
        DrawResult {
            motion,
            has_changed: changed,
        }
    }

    /// Holds the effects as they were last drawn, or lets them continue.
    pub fn hold(&mut self, is_held: bool) {
        if self.is_held && !is_held {
            // Changes in the meantime are drawn now.
            self.running.iter_mut().for_each(|it| it.stack.redraw());
        }
        self.is_held = is_held;
    }

    /// Returns the run that is shown; `None` while it fades, is held or is a fallback.
    pub fn run(&self) -> Option<StackRun> {
        let [running] = self.running.as_slice() else {
            return None;
        };
        let is_alone = running.plan.is_some() && !self.is_changing && !self.is_held;
        is_alone.then_some(StackRun {
            start: running.start,
            seed: running.seed,
        })
    }

    /// Shows the newest stack as another run of it, without a fade.
    pub fn resume(&mut self, run: StackRun) {
        let Some(plan) = self.running.pop().and_then(|it| it.plan) else {
            return;
        };
        self.is_changing = true;
        self.running.clear();
        let stack = LayerStack::new(&plan, run.seed, self.mixed.len());
        let params = StartParams {
            seed: run.seed,
            fade: Span::ZERO,
        };
        self.push(run.start, Some(plan), stack, params);
    }

    /// Returns the effects that the last frame has drawn; the others looked as before.
    pub fn drawn(&self) -> &[&'static EffectSpec] {
        &self.drawn
    }

    /// Returns the last drawn colors.
    pub fn canvas(&self) -> &[Color] {
        &self.mixed.colors
    }

    /// Returns which part of each pixel the effects cover, 0.0-1.0; `None` if that is not noted,
    /// because nothing can shine through.
    pub fn coverage(&self) -> Option<&[f32]> {
        self.mixed.coverage.as_deref()
    }

    /// Returns the start time of the ring that `plan` belongs to; `None` if it does not run here.
    pub fn ring_start(&self, plan: &StackPlan) -> Option<Time> {
        let same = |it: &&Running| it.plan.as_ref().is_some_and(|it| it.shares_ring(plan));
        self.running.iter().rfind(same).map(|it| it.start)
    }

    /// Changes the length of the canvas, and whether coverage is noted. With another length, what
    /// was shown is kept, frozen.
    pub fn resize(&mut self, pixels: usize, has_coverage: bool) {
        self.is_changing = true;
        if self.mixed.coverage.is_some() != has_coverage {
            self.base.set_has_coverage(has_coverage);
            self.mixed.set_has_coverage(has_coverage);
            for running in &mut self.running {
                running.surface.set_has_coverage(has_coverage);
                running.stack.redraw();
            }
        }
        if pixels == self.mixed.len() {
            return;
        }
        self.running.clear();
        self.mixed.resize(pixels);
        self.base.clone_from(&self.mixed);
    }

    /// Maps the sources of the effects to new indices. An effect whose source is no longer sampled
    /// stays as it is.
    pub fn move_sources(&mut self, new_index: impl Fn(usize) -> Option<usize>) {
        for running in &mut self.running {
            if let Some(plan) = &mut running.plan {
                plan.move_sources(&new_index);
                running.stack.follow(plan);
            }
        }
    }

    fn fade_back_in(&mut self, now: Time, index: usize, fade: Span) {
        self.running[index].fade.retarget(now, 1.0, fade);
        for running in &mut self.running[index + 1..] {
            running.fade.retarget(now, 0.0, fade);
        }
        let mut position = 0;
        self.running.retain(|running| {
            position += 1;
            // A stack that was never drawn was never visible, so it need not fade.
            position <= index + 1 || running.motion.is_some()
        });
    }

    fn push(&mut self, now: Time, plan: Option<StackPlan>, stack: LayerStack, params: StartParams) {
        self.running.retain(|running| running.motion.is_some());
        if self.running.len() >= MAX_RUNNING {
            let deepest = self.running.remove(0);
            self.base.mix(&deepest.surface, deepest.fade.at(now));
        }
        self.running.push(Running {
            plan,
            stack,
            start: now,
            seed: params.seed,
            fade: Fade {
                from: 0.0,
                to: 1.0,
                start: now,
                span: params.fade,
            },
            surface: Surface::new(self.base.len(), self.base.coverage.is_some()),
            motion: None,
        });
    }

    /// Drops the stacks that are no longer visible.
    fn prune(&mut self, now: Time) {
        if let Some(covering) = self.running.iter().rposition(|running| running.covers(now)) {
            self.running.drain(..covering);
        }
        self.running.retain(|running| !running.is_gone(now));
    }

    fn mix(&mut self, now: Time) {
        let is_covered = |it: &Running| it.fade.at(now) >= 1.0;
        if !self.running.first().is_some_and(is_covered) {
            self.mixed.copy_from(&self.base);
        }
        for running in &self.running {
            self.mixed.mix(&running.surface, running.fade.at(now));
        }
    }
}

/// A plain color, which cannot fail.
#[derive(Debug)]
struct PlainColor(Color);

impl Effect for PlainColor {
    fn draw(&mut self, canvas: &mut Canvas<'_>, _: &Context<'_>) -> Motion {
        canvas.fill(self.0);
        Motion::Still
    }
}

#[cfg(test)]
mod test;
