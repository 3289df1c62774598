//! A running stack: the effects of a [`StackPlan`], blended.
//!
//! Each layer is drawn only when it is due, and the layers are blended only when one was drawn. A
//! stack of one plain effect draws on its surface directly and costs what the effect costs.

use super::blend::{BlendSpec, LayerLight};
use super::plan::{LayerPlan, StackPlan};
use super::surface::Surface;
use crate::color::Color;
use crate::effect::{Canvas, Context, Effect, EffectSpec, Motion};
use crate::input::{InputSet, Inputs};
use crate::time::Time;
use std::ops::Range;

/// The seeds of the layers of a stack differ by this, those of two starts by one.
const SEED_STEP: u64 = 1 << 32;

/// What the layers are drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct DrawContext<'a> {
    pub(super) now: Time,
    pub(super) start: Time,
    pub(super) inputs: &'a Inputs,
    /// The inputs that have changed since the last frame.
    pub(super) changed: InputSet,
}

/// The running effects of a stack, lowest first.
#[derive(Debug)]
pub(super) struct LayerStack {
    layers: Vec<Layer>,
}

/// A running effect.
#[derive(Debug)]
struct Layer {
    effect: Box<dyn Effect>,
    /// What it is, for measurements; `None` for the fallback.
    spec: Option<&'static EffectSpec>,
    /// Inputs whose change requires drawing again.
    follows: InputSet,
    source: Option<usize>,
    /// The motion that the effect reported; `None` before it was drawn.
    motion: Option<Motion>,
    /// What it draws on; `None` if it draws on the surface of the stack directly.
    part: Option<LayerPart>,
}

/// The light of a layer, and how it is blended with the layers below.
#[derive(Debug)]
struct LayerPart {
    blend: &'static BlendSpec,
    opacity: f32,
    offset: f32,
    /// Its place on the surface of the stack.
    pixels: Range<usize>,
    colors: Vec<Color>,
    coverage: Vec<f32>,
}

impl LayerStack {
    /// Builds the effects of a plan for a surface of `pixels`.
    pub(super) fn new(plan: &StackPlan, seed: u64, pixels: usize) -> Self {
        let is_plain = plan.count() == 1 && plan.bottom_layer().is_plain();
        let layers = plan.layers().enumerate().map(|(index, layer)| {
            let seed = seed.wrapping_add(SEED_STEP.wrapping_mul(index as u64));
            let part = (!is_plain).then(|| LayerPart::new(layer, pixels));
            let length = part.as_ref().map_or(pixels, |it| it.colors.len());
            Layer {
                effect: layer.effect.build(seed, length),
                spec: Some(layer.effect.spec()),
                follows: layer.effect.follows(),
                source: layer.effect.source(),
                motion: None,
                part,
            }
        });
        Self {
            layers: layers.collect(),
        }
    }

    /// Creates a stack of one effect that follows no inputs and is not measured.
    pub(super) fn of_effect(effect: Box<dyn Effect>) -> Self {
        Self {
            layers: vec![Layer {
                effect,
                spec: None,
                follows: InputSet::NONE,
                source: None,
                motion: None,
                part: None,
            }],
        }
    }

    /// Draws the effects that are due, blends them, and adds them to `drawn`. Returns whether the
    /// surface may have changed.
    pub(super) fn draw(
        &mut self,
        surface: &mut Surface,
        cx: &DrawContext<'_>,
        drawn: &mut Vec<&'static EffectSpec>,
    ) -> bool {
        let mut has_drawn = false;
        for layer in self.layers.iter_mut().filter(|layer| layer.is_due(cx)) {
            layer.draw(surface, cx);
            drawn.extend(layer.spec);
            has_drawn = true;
        }
        if has_drawn {
            self.blend(surface);
        }
        has_drawn
    }

    /// Returns when the stack next changes; `None` before it was drawn.
    pub(super) fn motion(&self) -> Option<Motion> {
        let mut motions = self.layers.iter().map(|layer| layer.motion);
        motions.try_fold(Motion::Still, |all, motion| Some(all.min(motion?)))
    }

    /// Draws all effects again in the next frame.
    pub(super) fn redraw(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.motion = None);
    }

    /// Follows the sources of the plan, whose indices have changed. An effect whose source is no
    /// longer sampled stays as it is.
    pub(super) fn follow(&mut self, plan: &StackPlan) {
        for (layer, effect) in self.layers.iter_mut().zip(plan.effects()) {
            let had_source = layer.source.is_some();
            layer.source = effect.source();
            layer.follows = effect.follows();
            if had_source && layer.source.is_none() {
                layer.motion = layer.motion.and(Some(Motion::Still));
            }
        }
    }

    /// Blends the layers on the surface, from the lowest to the highest.
    fn blend(&self, surface: &mut Surface) {
        let mut parts = self.layers.iter().filter_map(|layer| layer.part.as_ref());
        let Some(bottom) = parts.next() else {
            return;
        };
        if bottom.colors.len() < surface.len() {
            surface.clear();
        }
        let below = &mut surface.colors[bottom.pixels.clone()];
        below.copy_from_slice(&bottom.colors);
        if bottom.opacity < 1.0 {
            for below in below {
                *below = below.scale(bottom.opacity);
            }
        }
        if let Some(coverage) = &mut surface.coverage {
            let below = &mut coverage[bottom.pixels.clone()];
            for (below, coverage) in below.iter_mut().zip(&bottom.coverage) {
                *below = coverage * bottom.opacity;
            }
        }
        for part in parts {
            let light = LayerLight {
                colors: &part.colors,
                coverage: &part.coverage,
            };
            let below = &mut surface.colors[part.pixels.clone()];
            part.blend.apply(below, light, part.opacity);
            if let Some(coverage) = &mut surface.coverage {
                let below = &mut coverage[part.pixels.clone()];
                for (below, coverage) in below.iter_mut().zip(&part.coverage) {
                    *below += (1.0 - *below) * coverage * part.opacity;
                }
            }
        }
    }
}

impl Layer {
    fn is_due(&self, cx: &DrawContext<'_>) -> bool {
        let has_changed_input = self.follows.intersects(cx.changed);
        match self.motion {
            None | Some(Motion::Moving) => true,
            Some(Motion::Until(then)) => has_changed_input || cx.now >= then,
            Some(Motion::Still) => has_changed_input,
        }
    }

    fn draw(&mut self, surface: &mut Surface, cx: &DrawContext<'_>) {
        let cx = Context {
            now: cx.now,
            start: cx.start,
            inputs: cx.inputs,
            source: self.source,
        };
        let mut canvas = match &mut self.part {
            Some(part) => Canvas::with_coverage(&mut part.colors, &mut part.coverage),
            None => surface.canvas(),
        };
        self.motion = Some(self.effect.draw(&mut canvas, &cx));
        if let Some(part) = &mut self.part {
            part.shift();
        }
    }
}

impl LayerPart {
    fn new(plan: &LayerPlan, pixels: usize) -> Self {
        let all = 0..pixels;
        let place = plan.pixels.clone().unwrap_or(all);
        // A reload can make the group shorter than the part.
        let place = place.start.min(pixels)..place.end.min(pixels);
        Self {
            blend: plan.blend,
            opacity: plan.opacity,
            offset: plan.offset,
            colors: vec![Color::BLACK; place.len()],
            coverage: vec![0.0; place.len()],
            pixels: place,
        }
    }

    /// Moves what was drawn by the offset. Between two pixels it lights both.
    fn shift(&mut self) {
        let pixels = self.colors.len();
        if self.offset == 0.0 || pixels == 0 {
            return;
        }
        let offset = self.offset.rem_euclid(pixels as f32);
        // Rounding can give the divisor.
        let whole = offset as usize % pixels;
        self.colors.rotate_right(whole);
        self.coverage.rotate_right(whole);
        let part = offset.fract();
        if part > 0.0 {
            let mut before = (self.colors[pixels - 1], self.coverage[pixels - 1]);
            for (color, coverage) in self.colors.iter_mut().zip(&mut self.coverage) {
                let own = (*color, *coverage);
                *color = own.0.lerp(before.0, part);
                *coverage = own.1 + (before.1 - own.1) * part;
                before = own;
            }
        }
    }
}
