//! Blend modes: how a layer is combined with the layers below it.
//!
//! The formulas are those of the textbooks, for each channel in linear light. The result of each
//! layer is limited to 0.0-1.0 before the next layer. The lowest layer is never blended.

use crate::color::{Color, clamped};
use std::fmt;

/// A blend mode.
#[derive(Clone, Copy)]
pub struct BlendSpec {
    /// Its name in configs.
    pub name: &'static str,
    /// What it shows: one sentence.
    pub help: &'static str,
    /// The formula for a channel, for the documents: `t` is the layer, `b` what is below it.
    pub formula: &'static str,
    /// What `led_effect` does differently; empty if nothing.
    pub led_effect: &'static str,
    channel: fn(f32, f32) -> f32,
    apply: fn(&mut [Color], LayerLight<'_>, f32),
}

/// The light of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerLight<'a> {
    pub(super) colors: &'a [Color],
    /// The covered part of each pixel.
    pub(super) coverage: &'a [f32],
}

/// Creates a mode that takes the dark parts of a layer as black.
macro_rules! blend {
    ($name:literal, $help:literal, $formula:literal, $led_effect:literal, $channel:expr) => {
        BlendSpec {
            name: $name,
            help: $help,
            formula: $formula,
            led_effect: $led_effect,
            channel: $channel,
            apply: |below, layer, opacity| each(below, layer.colors, opacity, $channel),
        }
    };
}

/// The default mode.
pub const OVER: &BlendSpec = &BlendSpec {
    name: "over",
    help: "The layer covers what is below it where it is lit; its dark parts are transparent",
    formula: "t where it is lit, b elsewhere",
    led_effect: "does not have it",
    channel: |t, _| t,
    apply: over,
};

/// All blend modes.
pub const BLENDS: &[BlendSpec] = &[
    *OVER,
    blend!(
        "top",
        "Only the layer; its dark parts are black",
        "t",
        "",
        |t, _| t
    ),
    blend!(
        "bottom",
        "Only what is below the layer",
        "b",
        "black on the lowest layer",
        |_, b| b
    ),
    blend!("add", "Adds the light of both", "t + b", "", |t, b| t + b),
    blend!(
        "average",
        "The mean of both",
        "(t + b) / 2",
        "half as bright on the lowest layer",
        |t, b| 0.5 * t + 0.5 * b
    ),
    blend!(
        "subtract",
        "Takes the light of the layer away from what is below it",
        "b - t",
        "black on the lowest layer",
        |t, b| b - t
    ),
    blend!(
        "subtract_b",
        "Takes what is below the layer away from its light",
        "t - b",
        "",
        |t, b| t - b
    ),
    blend!(
        "difference",
        "The difference of both: equal light becomes black",
        "|t - b|",
        "",
        |t, b| (t - b).abs()
    ),
    blend!(
        "multiply",
        "Each dims the other: black stays black, white changes nothing",
        "t x b",
        "black on the lowest layer",
        |t, b| t * b
    ),
    blend!(
        "divide",
        "The layer divided by what is below it; 0 where that is dark",
        "t / b",
        "black on the lowest layer",
        |t, b| if b > 0.0 { t / b } else { 0.0 }
    ),
    blend!(
        "divide_inv",
        "What is below the layer divided by the layer; 0 where the layer is dark",
        "b / t",
        "black on the lowest layer",
        |t, b| if t > 0.0 { b / t } else { 0.0 }
    ),
    blend!(
        "screen",
        "Brightens as two projectors on one screen, without exceeding full brightness",
        "1 - (1 - t)(1 - b)",
        "",
        |t, b| t + b - t * b
    ),
    blend!(
        "overlay",
        "Darkens where it is dark below the layer, brightens where it is bright",
        "2tb if b < 0.5, else 1 - 2(1 - t)(1 - b)",
        "black on the lowest layer; asks the layer instead of what is below it, and has the two \
         formulas exchanged",
        |t, b| if b < 0.5 {
            2.0 * t * b
        } else {
            1.0 - 2.0 * (1.0 - t) * (1.0 - b)
        }
    ),
    blend!("lighten", "The brighter of both", "max(t, b)", "", f32::max),
    blend!(
        "darken",
        "The darker of both",
        "min(t, b)",
        "black on the lowest layer",
        f32::min
    ),
];

/// Returns the mode with this name.
pub fn find(name: &str) -> Option<&'static BlendSpec> {
    BLENDS.iter().find(|blend| blend.name == name)
}

impl BlendSpec {
    /// Blends the color of a fully covered layer with the color below it.
    pub fn color(&self, layer: Color, below: Color, opacity: f32) -> Color {
        let mut pixel = [below];
        let light = LayerLight {
            colors: &[layer],
            coverage: &[1.0],
        };
        self.apply(&mut pixel, light, opacity);
        pixel[0]
    }

    /// Returns what a channel of a fully covered layer and the same channel below it become.
    pub fn channel(&self, layer: f32, below: f32) -> f32 {
        clamped((self.channel)(layer, below))
    }

    /// Blends a layer with what is below it.
    pub(super) fn apply(&self, below: &mut [Color], layer: LayerLight<'_>, opacity: f32) {
        (self.apply)(below, layer, opacity);
    }
}

impl PartialEq for BlendSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for BlendSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn over(below: &mut [Color], layer: LayerLight<'_>, opacity: f32) {
    let layer = layer.colors.iter().zip(layer.coverage);
    for (below, (light, coverage)) in below.iter_mut().zip(layer) {
        let rest = 1.0 - coverage * opacity;
        let layer = light.channels().map(|t| t * opacity);
        let mut channels = below.channels();
        for (b, t) in channels.iter_mut().zip(layer) {
            *b = clamped(t + *b * rest);
        }
        let [r, g, b, w] = channels;
        *below = Color::rgbw(r, g, b, w);
    }
}

/// Blends each channel of each pixel with a formula. One copy for each formula, because a call for
/// each channel would take longer than the formula.
#[inline]
fn each(below: &mut [Color], layer: &[Color], opacity: f32, formula: impl Fn(f32, f32) -> f32) {
    for (below, light) in below.iter_mut().zip(layer) {
        let mut channels = below.channels();
        for (b, t) in channels.iter_mut().zip(light.channels()) {
            let blended = clamped(formula(t, *b));
            *b += (blended - *b) * opacity;
        }
        let [r, g, b, w] = channels;
        *below = Color::rgbw(r, g, b, w);
    }
}

#[cfg(test)]
mod test;
