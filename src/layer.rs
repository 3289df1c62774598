//! Layers: the running effects of a group, stacked while one fades into the next.
//!
//! A new effect always fades in over the current ones, which keep moving beneath it. So an
//! interrupted fade does not jump. If an effect of the stack is shown again, it continues with its
//! phase while the layers above it fade out. The number of layers is bounded: if one more comes,
//! the deepest is frozen.

use crate::color::Color;
use crate::effect::{Canvas, Context, Effect, EffectPlan, EffectSpec, Motion};
use crate::input::{InputSet, Inputs};
use crate::time::{Span, Time};

/// More layers than a person can distinguish in a fade. Deeper ones are frozen.
const MAX_LAYERS: usize = 4;

/// A change of a layer's opacity.
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

/// A running effect with its opacity.
#[derive(Debug)]
struct Layer {
    /// The plan of the effect; `None` for the fallback.
    plan: Option<EffectPlan>,
    effect: Box<dyn Effect>,
    /// Inputs whose change requires drawing again.
    follows: InputSet,
    start: Time,
    fade: Fade,
    canvas: Vec<Color>,
    /// The motion that the effect reported; `None` before it was drawn.
    motion: Option<Motion>,
}

impl Layer {
    /// Draws the effect if it may have changed. `changed` are the inputs that changed. Returns
    /// whether it drew.
    fn draw(&mut self, now: Time, inputs: &Inputs, changed: InputSet) -> bool {
        let has_changed_input = self.follows.intersects(changed);
        let is_due = match self.motion {
            None | Some(Motion::Moving) => true,
            Some(Motion::Until(then)) => has_changed_input || now >= then,
            Some(Motion::Still) => has_changed_input,
        };
        if is_due {
            let cx = Context {
                now,
                start: self.start,
                inputs,
                source: self.plan.as_ref().and_then(EffectPlan::source),
            };
            let motion = self.effect.draw(&mut Canvas::new(&mut self.canvas), &cx);
            self.motion = Some(motion);
        }
        is_due
    }

    /// Changes the index of the effect's source. With `None`, the effect stays as it is.
    fn move_source(&mut self, new_index: Option<usize>) {
        let Some(plan) = self.plan.as_mut() else {
            return;
        };
        plan.move_source(new_index);
        self.follows = plan.follows();
        if new_index.is_none() {
            self.motion = self.motion.and(Some(Motion::Still));
        }
    }

    fn covers(&self, now: Time) -> bool {
        self.motion.is_some() && self.fade.to >= 1.0 && self.fade.is_over(now)
    }

    fn is_gone(&self, now: Time) -> bool {
        self.fade.to <= 0.0 && self.fade.is_over(now)
    }
}

/// The result of drawing a stack.
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

/// The layers of one group.
#[derive(Debug)]
pub struct LayerStack {
    /// The frozen canvas beneath the deepest layer; dark at first.
    base: Vec<Color>,
    /// The layers, deepest first.
    layers: Vec<Layer>,
    mixed: Vec<Color>,
    /// The effects that the last frame has drawn.
    drawn: Vec<&'static EffectSpec>,
    /// Whether the mix may change although no effect does: a layer is new or fading.
    is_changing: bool,
    /// Whether the effects are held.
    is_held: bool,
}

impl LayerStack {
    /// Creates a dark stack for a canvas of `pixels`.
    pub fn new(pixels: usize) -> Self {
        Self {
            base: vec![Color::BLACK; pixels],
            layers: Vec::with_capacity(MAX_LAYERS),
            mixed: vec![Color::BLACK; pixels],
            drawn: Vec::with_capacity(MAX_LAYERS),
            is_changing: true,
            is_held: false,
        }
    }

    /// Fades into an effect. If an effect with an equal plan is running, it continues with its
    /// phase. Otherwise `plan` starts with `params`.
    pub fn show(&mut self, now: Time, plan: &EffectPlan, params: StartParams) {
        self.is_changing = true;
        self.prune(now);
        let running = self
            .layers
            .iter()
            .rposition(|layer| layer.plan.as_ref() == Some(plan));
        if let Some(index) = running {
            self.fade_back_in(now, index, params.fade);
            return;
        }
        self.start(now, plan, params);
    }

    /// Fades into a new run of an effect, even if it is already running.
    pub fn start(&mut self, now: Time, plan: &EffectPlan, params: StartParams) {
        self.is_changing = true;
        self.prune(now);
        let effect = plan.build(params.seed, self.mixed.len());
        self.push(now, Some(plan.clone()), effect, params.fade);
    }

    /// Fades from the running effects into a plain color that cannot fail.
    pub fn replace_with_fallback(&mut self, now: Time, color: Color, fade: Span) {
        self.is_changing = true;
        // Freezes the last canvas. No effect of this stack is called again.
        self.base.copy_from_slice(&self.mixed);
        self.layers.clear();
        self.push(now, None, Box::new(PlainColor(color)), fade);
    }

    /// Draws the effects that are due and mixes them. `changed_inputs` are the inputs that changed
    /// since the last call. The result is in [`LayerStack::canvas`].
    pub fn draw(&mut self, now: Time, inputs: &Inputs, changed_inputs: InputSet) -> DrawResult {
        let mut changed = std::mem::take(&mut self.is_changing);
        self.drawn.clear();
        for layer in &mut self.layers {
            let is_free = !self.is_held || layer.motion.is_none();
            if is_free && layer.draw(now, inputs, changed_inputs) {
                changed = true;
                self.drawn.extend(layer.plan.as_ref().map(EffectPlan::spec));
            }
        }
        self.prune(now);
        let mut motion = Motion::Still;
        for layer in &self.layers {
            if !self.is_held {
                motion = motion.min(layer.motion.unwrap_or(Motion::Moving));
            }
            // The last step of a fade is drawn in the frame after its end.
            self.is_changing |= !layer.fade.is_over(now);
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
            self.layers.iter_mut().for_each(|it| it.motion = None);
        }
        self.is_held = is_held;
    }

    /// Returns the effects that the last frame has drawn; the others looked as before.
    pub fn drawn(&self) -> &[&'static EffectSpec] {
        &self.drawn
    }

    /// Returns the last drawn colors.
    pub fn canvas(&self) -> &[Color] {
        &self.mixed
    }

    /// Returns the start time of the ring that `plan` belongs to; `None` if it does not run here.
    pub fn ring_start(&self, plan: &EffectPlan) -> Option<Time> {
        let same = |layer: &&Layer| layer.plan.as_ref().is_some_and(|it| it.shares_ring(plan));
        self.layers.iter().rfind(same).map(|layer| layer.start)
    }

    /// Changes the length of the canvas. What was shown is kept, frozen.
    pub fn resize(&mut self, pixels: usize) {
        self.is_changing = true;
        if pixels == self.mixed.len() {
            return;
        }
        self.layers.clear();
        self.mixed.resize(pixels, Color::BLACK);
        self.base.clone_from(&self.mixed);
    }

    /// Maps the sources of the effects to new indices. An effect whose source is no longer sampled
    /// stays as it is.
    pub fn move_sources(&mut self, new_index: impl Fn(usize) -> Option<usize>) {
        for layer in &mut self.layers {
            if let Some(source) = layer.plan.as_ref().and_then(EffectPlan::source) {
                layer.move_source(new_index(source));
            }
        }
    }

    fn fade_back_in(&mut self, now: Time, index: usize, fade: Span) {
        self.layers[index].fade.retarget(now, 1.0, fade);
        for layer in &mut self.layers[index + 1..] {
            layer.fade.retarget(now, 0.0, fade);
        }
        let mut position = 0;
        self.layers.retain(|layer| {
            position += 1;
            // A layer that was never drawn was never visible, so it need not fade.
            position <= index + 1 || layer.motion.is_some()
        });
    }

    fn push(&mut self, now: Time, plan: Option<EffectPlan>, effect: Box<dyn Effect>, fade: Span) {
        self.layers.retain(|layer| layer.motion.is_some());
        if self.layers.len() >= MAX_LAYERS {
            let deepest = self.layers.remove(0);
            mix(&mut self.base, &deepest.canvas, deepest.fade.at(now));
        }
        self.layers.push(Layer {
            follows: plan.as_ref().map_or(InputSet::NONE, EffectPlan::follows),
            plan,
            effect,
            start: now,
            fade: Fade {
                from: 0.0,
                to: 1.0,
                start: now,
                span: fade,
            },
            canvas: vec![Color::BLACK; self.base.len()],
            motion: None,
        });
    }

    /// Drops the layers that are no longer visible.
    fn prune(&mut self, now: Time) {
        if let Some(covering) = self.layers.iter().rposition(|layer| layer.covers(now)) {
            self.layers.drain(..covering);
        }
        self.layers.retain(|layer| !layer.is_gone(now));
    }

    fn mix(&mut self, now: Time) {
        let is_covered = |it: &Layer| it.fade.at(now) >= 1.0;
        if !self.layers.first().is_some_and(is_covered) {
            self.mixed.copy_from_slice(&self.base);
        }
        for layer in &self.layers {
            mix(&mut self.mixed, &layer.canvas, layer.fade.at(now));
        }
    }
}

/// Mixes a canvas over another with an opacity of 0.0-1.0.
fn mix(below: &mut [Color], above: &[Color], opacity: f32) {
    if opacity >= 1.0 {
        below.copy_from_slice(above);
        return;
    }
    for (below, above) in below.iter_mut().zip(above) {
        *below = below.fade(*above, opacity);
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
