//! Layers: running effects on one group, piled up while one fades into the next.
//!
//! What is shown next always fades in over what is shown now, which goes on moving beneath it; so
//! there is no jump, also when a fade is interrupted by another. What is shown again while it is
//! still in the pile comes back as it was: the layers above it fade out. A pile holds a bounded
//! number of layers; the deepest is frozen when one more comes.

use crate::color::Color;
use crate::effect::{self, Context, Effect, EffectKind, EffectPlan, Motion};
use crate::input::{InputSet, Inputs};
use crate::time::{Span, Time};

/// More layers than a person can tell apart in a fade; the rest is frozen beneath them.
const MAX_LAYERS: usize = 4;

/// A layer's way from one opacity to another.
#[derive(Clone, Copy, Debug)]
struct Fade {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
}

impl Fade {
    /// The opacity at a moment, 0.0-1.0: quick at first, so that the very next frame answers the
    /// event, and soft at the end.
    fn at(&self, now: Time) -> f32 {
        let left = 1.0 - now.since(self.start).fraction_of(self.span);
        self.to + (self.from - self.to) * left * left
    }

    fn is_over(&self, now: Time) -> bool {
        now >= self.start + self.span
    }

    /// Goes to another opacity, or to the same one sooner, from where it is now.
    fn retarget(&mut self, now: Time, to: f32, span: Span) {
        let turns = (self.to - to).abs() > 0.5;
        if turns || now + span < self.start + self.span {
            *self = Self {
                from: self.at(now),
                to,
                start: now,
                span,
            };
        }
    }
}

/// One running effect with its opacity.
#[derive(Debug)]
struct Layer {
    /// What runs; `None` for what no plan asked for.
    plan: Option<EffectPlan>,
    effect: Box<dyn Effect>,
    /// Inputs whose change draws it again.
    follows: InputSet,
    start: Time,
    fade: Fade,
    canvas: Vec<Color>,
    /// What the effect said of its next change; `None` before it was drawn.
    motion: Option<Motion>,
}

impl Layer {
    /// Draws the effect again if it may look different; `changed` are the inputs that did.
    fn draw<W: DrawObserver>(
        &mut self,
        now: Time,
        inputs: &Inputs,
        changed: InputSet,
        watch: &mut W,
    ) -> bool {
        let is_news = self.follows.intersects(changed);
        let due = match self.motion {
            None | Some(Motion::Moving) => true,
            Some(Motion::Until(then)) => is_news || now >= then,
            Some(Motion::Still) => is_news,
        };
        if due {
            let cx = Context {
                now,
                start: self.start,
                inputs,
            };
            watch.begin();
            self.motion = Some(self.effect.draw(&mut self.canvas, &cx));
            if let Some(plan) = &self.plan {
                watch.end(plan.kind, self.canvas.len());
            }
        }
        due
    }

    /// Follows its source to another place; `None` leaves what it shows as it is.
    fn move_source(&mut self, place: Option<usize>) {
        let Some(plan) = self.plan.as_mut() else {
            return;
        };
        plan.source = place;
        self.follows = plan.follows();
        match place {
            Some(index) => self.effect.move_source(index),
            None => self.motion = self.motion.and(Some(Motion::Still)),
        }
    }

    fn covers(&self, now: Time) -> bool {
        self.motion.is_some() && self.fade.to >= 1.0 && self.fade.is_over(now)
    }

    fn is_gone(&self, now: Time) -> bool {
        self.fade.to <= 0.0 && self.fade.is_over(now)
    }
}

/// Looks on while effects draw, and tells nobody here.
pub trait DrawObserver {
    /// The effects of a group come next.
    fn group(&mut self, group: usize);
    /// An effect begins to draw.
    fn begin(&mut self);
    /// It has drawn so many pixels.
    fn end(&mut self, kind: EffectKind, pixels: usize);
}

/// Nobody looks on, which costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoObserver;

impl DrawObserver for NoObserver {
    fn group(&mut self, _: usize) {}
    fn begin(&mut self) {}
    fn end(&mut self, _: EffectKind, _: usize) {}
}

/// What a pile looks like after it was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// When it will next look different.
    pub motion: Motion,
    /// Whether it may look different from the last time.
    pub changed: bool,
}

/// How an effect is started.
#[derive(Clone, Copy, Debug)]
pub struct StartParams {
    /// Seed of its randomness.
    pub seed: u64,
    /// Cross-fade into it.
    pub fade: Span,
}

/// The layers of one group.
#[derive(Debug)]
pub struct LayerStack {
    /// What was shown beneath the deepest layer when it was frozen; dark at first.
    base: Vec<Color>,
    /// Deepest first.
    layers: Vec<Layer>,
    mixed: Vec<Color>,
    /// The mix may look different although no effect does: layers came, or fade.
    is_changing: bool,
    /// What runs stands still.
    is_held: bool,
}

impl LayerStack {
    /// Makes a dark pile for a canvas of `pixels`.
    pub fn new(pixels: usize) -> Self {
        Self {
            base: vec![Color::BLACK; pixels],
            layers: Vec::with_capacity(MAX_LAYERS),
            mixed: vec![Color::BLACK; pixels],
            is_changing: true,
            is_held: false,
        }
    }

    /// Fades into an effect. One with an equal plan that still runs in the pile goes on and keeps
    /// its phase; otherwise `plan` starts as `launch` says.
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

    /// Fades into a new run of an effect, whether it runs already or not.
    pub fn start(&mut self, now: Time, plan: &EffectPlan, params: StartParams) {
        self.is_changing = true;
        self.prune(now);
        let effect = effect::build(plan, params.seed);
        self.push(now, Some(plan.clone()), effect, params.fade);
    }

    /// Fades from whatever runs into one colour that nothing can disturb.
    pub fn replace_with_fallback(&mut self, now: Time, color: Color, fade: Span) {
        self.is_changing = true;
        // What is shown now, as far as it was drawn; no effect of this pile is called again.
        self.base.copy_from_slice(&self.mixed);
        self.layers.clear();
        self.push(now, None, Box::new(PlainColor(color)), fade);
    }

    /// Draws what is due and mixes it; `news` are the inputs that have changed since the last time.
    /// The result is in [`LayerStack::canvas`].
    pub fn draw<W: DrawObserver>(
        &mut self,
        now: Time,
        inputs: &Inputs,
        news: InputSet,
        watch: &mut W,
    ) -> Drawn {
        let mut changed = std::mem::take(&mut self.is_changing);
        for layer in &mut self.layers {
            if !self.is_held || layer.motion.is_none() {
                changed |= layer.draw(now, inputs, news, watch);
            }
        }
        self.prune(now);
        let mut motion = Motion::Still;
        for layer in &self.layers {
            if !self.is_held {
                motion = motion.min(layer.motion.unwrap_or(Motion::Moving));
            }
            // The last step of a fade falls into the frame after its end.
            self.is_changing |= !layer.fade.is_over(now);
        }
        if self.is_changing {
            motion = Motion::Moving;
        }
        changed |= self.is_changing;
        if changed {
            self.mix(now);
        }
        Drawn { motion, changed }
    }

    /// Lets what runs stand still as it is drawn last, or go on.
    pub fn hold(&mut self, is_held: bool) {
        if self.is_held && !is_held {
            // What has changed meanwhile is drawn now.
            self.layers.iter_mut().for_each(|it| it.motion = None);
        }
        self.is_held = is_held;
    }

    /// The colours as they were last drawn.
    pub fn canvas(&self) -> &[Color] {
        &self.mixed
    }

    /// When the ring that `plan` is part of began here; `None` where it does not run.
    pub fn ring_start(&self, plan: &EffectPlan) -> Option<Time> {
        let same = |layer: &&Layer| layer.plan.as_ref().is_some_and(|it| it.shares_ring(plan));
        self.layers.iter().rfind(same).map(|layer| layer.start)
    }

    /// Makes the canvas longer or shorter; what was shown stays as it is, frozen.
    pub fn resize(&mut self, pixels: usize) {
        self.is_changing = true;
        if pixels == self.mixed.len() {
            return;
        }
        self.layers.clear();
        self.mixed.resize(pixels, Color::BLACK);
        self.base.clone_from(&self.mixed);
    }

    /// Lets effects follow their sources to other places in the list; one whose source is measured
    /// no more stays as it is.
    pub fn move_sources(&mut self, place: impl Fn(usize) -> Option<usize>) {
        for layer in &mut self.layers {
            if let Some(source) = layer.plan.as_ref().and_then(|plan| plan.source) {
                layer.move_source(place(source));
            }
        }
    }

    fn fade_back_in(&mut self, now: Time, index: usize, fade: Span) {
        self.layers[index].fade.retarget(now, 1.0, fade);
        for layer in &mut self.layers[index + 1..] {
            layer.fade.retarget(now, 0.0, fade);
        }
        let mut place = 0;
        self.layers.retain(|layer| {
            place += 1;
            // What was never drawn was never seen: it need not fade.
            place <= index + 1 || layer.motion.is_some()
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

    /// Drops the layers that can no longer be seen.
    fn prune(&mut self, now: Time) {
        if let Some(covering) = self.layers.iter().rposition(|layer| layer.covers(now)) {
            self.layers.drain(..covering);
        }
        self.layers.retain(|layer| !layer.is_gone(now));
    }

    fn mix(&mut self, now: Time) {
        self.mixed.copy_from_slice(&self.base);
        for layer in &self.layers {
            mix(&mut self.mixed, &layer.canvas, layer.fade.at(now));
        }
    }
}

/// Lays a canvas over another with an opacity of 0.0-1.0.
fn mix(below: &mut [Color], above: &[Color], opacity: f32) {
    if opacity >= 1.0 {
        below.copy_from_slice(above);
        return;
    }
    for (below, above) in below.iter_mut().zip(above) {
        *below = below.fade(*above, opacity);
    }
}

/// One colour, with nothing in it that could go wrong.
#[derive(Debug)]
struct PlainColor(Color);

impl Effect for PlainColor {
    fn draw(&mut self, canvas: &mut [Color], _: &Context<'_>) -> Motion {
        canvas.fill(self.0);
        Motion::Still
    }
}

#[cfg(test)]
mod test;
