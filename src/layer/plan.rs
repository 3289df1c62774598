//! A compiled stack: one to eight effects, one over the other.

use super::blend::{BlendSpec, OVER};
use crate::color::Color;
use crate::effect::EffectPlan;
use crate::input::InputSet;
use std::iter;
use std::ops::Range;

/// What a group shows: one effect, or several that are blended.
#[derive(Clone, Debug, PartialEq)]
pub struct StackPlan {
    bottom: LayerPlan,
    upper: Vec<LayerPlan>,
}

/// One effect of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPlan {
    /// The effect.
    pub effect: EffectPlan,
    /// How it is combined with the layers below; without meaning for the lowest layer.
    pub blend: &'static BlendSpec,
    /// Its opacity, 0.0-1.0.
    pub opacity: f32,
    /// The pixels of the group that it draws on; `None` for all.
    pub pixels: Option<Range<usize>>,
    /// How far it is moved towards the end of its pixels, in pixels. What leaves one end returns at
    /// the other.
    pub offset: f32,
}

impl From<EffectPlan> for LayerPlan {
    fn from(effect: EffectPlan) -> Self {
        Self {
            effect,
            blend: OVER,
            opacity: 1.0,
            pixels: None,
            offset: 0.0,
        }
    }
}

impl LayerPlan {
    /// Whether it can draw on the pixels of the group directly.
    pub(super) fn is_plain(&self) -> bool {
        self.opacity >= 1.0 && self.pixels.is_none() && self.offset == 0.0
    }
}

impl From<EffectPlan> for StackPlan {
    fn from(effect: EffectPlan) -> Self {
        Self::new(effect.into(), Vec::new())
    }
}

impl StackPlan {
    /// Creates a stack. `upper` are the layers above the lowest one, from the lowest to the
    /// highest.
    pub fn new(bottom: LayerPlan, upper: Vec<LayerPlan>) -> Self {
        Self { bottom, upper }
    }

    /// Returns the layers, lowest first. There is always one.
    pub fn layers(&self) -> impl Iterator<Item = &LayerPlan> {
        iter::once(&self.bottom).chain(&self.upper)
    }

    /// Returns the layers, lowest first, to change them.
    pub fn layers_mut(&mut self) -> impl Iterator<Item = &mut LayerPlan> {
        iter::once(&mut self.bottom).chain(&mut self.upper)
    }

    /// Returns the effects, lowest first.
    pub fn effects(&self) -> impl Iterator<Item = &EffectPlan> {
        self.layers().map(|layer| &layer.effect)
    }

    /// Returns the lowest layer.
    pub(super) fn bottom_layer(&self) -> &LayerPlan {
        &self.bottom
    }

    /// Returns the effect of the lowest layer.
    pub fn bottom(&self) -> &EffectPlan {
        &self.bottom.effect
    }

    /// Returns the number of layers.
    pub fn count(&self) -> usize {
        1 + self.upper.len()
    }

    /// Returns the one color that represents the stack in a status: the colors of its effects,
    /// blended. Layers on a part of the group do not count, except for the lowest one.
    pub fn tint(&self) -> Color {
        let bottom = self.bottom.effect.tint().scale(self.bottom.opacity);
        let upper = self.upper.iter().filter(|it| it.pixels.is_none());
        upper.fold(bottom, |below, it| {
            it.blend.color(it.effect.tint(), below, it.opacity)
        })
    }

    /// Returns the inputs that the effects draw from.
    pub fn follows(&self) -> InputSet {
        let inputs = self.effects().map(EffectPlan::follows);
        inputs.fold(InputSet::NONE, InputSet::union)
    }

    /// Returns the indices and the full names of the temperature sources that the effects follow.
    pub fn sources(&self) -> impl Iterator<Item = (usize, &str)> {
        self.effects()
            .filter_map(|it| it.source().zip(it.source_name()))
    }

    /// Maps the indices of the sources to new ones; an effect whose source is no longer sampled
    /// follows nothing.
    pub fn move_sources(&mut self, new_index: impl Fn(usize) -> Option<usize>) {
        for layer in self.layers_mut() {
            if let Some(source) = layer.effect.source() {
                layer.effect.move_source(new_index(source));
            }
        }
    }

    /// Returns whether two groups draw parts of one ring.
    pub fn shares_ring(&self, other: &Self) -> bool {
        let mut effects = self.effects();
        effects.any(|effect| other.effects().any(|it| effect.shares_ring(it)))
    }
}
