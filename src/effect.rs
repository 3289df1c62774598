//! Effects compute the colors of a canvas from time and inputs.
//!
//! An effect draws a canvas and reports when the canvas changes next ([`Motion`]). It does not know
//! strips, directions, frame rates, or any brightness outside its own options.
//!
//! The same plan, seed and inputs give the same canvas on every machine and at every frame rate.
//! Effects that simulate (fire, disco, chase) advance in fixed steps counted from their start.
//!
//! The file of an effect holds everything about it: its [`EffectSpec`] with the table of its
//! options, its settings, and its drawing code. To add one, write such a file and add it to
//! [`EFFECTS`]. The parser, the documents and the endpoints follow.

pub(crate) mod aurora;
pub(crate) mod axis;
mod axis_range;
mod bar;
pub(crate) mod blink;
pub(crate) mod candle;
mod canvas;
pub(crate) mod chase;
mod color_cycle;
pub(crate) mod comet;
pub(crate) mod comets;
pub(crate) mod disco;
pub(crate) mod fade;
pub(crate) mod fire;
pub(crate) mod flash;
pub(crate) mod gradient;
pub(crate) mod heartbeat;
pub(crate) mod kitt;
pub(crate) mod lightning;
pub(crate) mod meteor;
pub(crate) mod noise;
pub(crate) mod off;
pub(crate) mod options;
mod palettes;
pub(crate) mod pattern;
mod plan;
pub(crate) mod plasma;
pub(crate) mod position;
pub(crate) mod progress;
pub(crate) mod pulse;
pub(crate) mod rainbow;
mod random;
mod ring;
pub(crate) mod ripple;
mod rows;
pub(crate) mod settings;
pub(crate) mod solid;
mod spec;
mod steps;
mod stripes;
pub(crate) mod strobe;
pub(crate) mod temperature;
mod temperature_range;
pub(crate) mod theater;
pub(crate) mod thermal;
pub(crate) mod transform;
pub(crate) mod twinkle;
mod wave;
pub(crate) mod wipe;

use crate::input::{Inputs, SourceState};
use crate::time::{Span, Time};
pub use canvas::{Canvas, CanvasPixel, DrawnPixel};
pub use options::Axis;
use options::effect_settings;
pub use plan::{BuildContext, EffectPlan, PlannedInput, RingPlace};
pub use settings::{AnySettings, EffectInput, EffectSettings};
pub use spec::{Arguments, EffectExample, EffectSpec};
use std::fmt;

/// All effects, in the order of the documentation.
pub const EFFECTS: &[&EffectSpec] = &[
    &off::SPEC,
    &solid::SPEC,
    &gradient::SPEC,
    &pattern::SPEC,
    &fade::SPEC,
    &pulse::SPEC,
    &heartbeat::SPEC,
    &blink::SPEC,
    &strobe::SPEC,
    &candle::SPEC,
    &rainbow::SPEC,
    &plasma::SPEC,
    &noise::SPEC,
    &aurora::SPEC,
    &fire::SPEC,
    &disco::SPEC,
    &twinkle::SPEC,
    &lightning::SPEC,
    &ripple::SPEC,
    &comet::SPEC,
    &comets::SPEC,
    &meteor::SPEC,
    &chase::SPEC,
    &kitt::SPEC,
    &theater::SPEC,
    &wipe::SPEC,
    &temperature::SPEC,
    &thermal::SPEC,
    &progress::SPEC,
    &axis::SPEC,
    &position::SPEC,
    &flash::SPEC,
];

/// Returns the effect with this name.
pub fn find(name: &str) -> Option<&'static EffectSpec> {
    EFFECTS.iter().copied().find(|effect| effect.name == name)
}

/// When a canvas changes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Only when an input or the plan changes.
    Still,
    /// At this time, not earlier.
    Until(Time),
    /// With every frame.
    Moving,
}

impl Motion {
    /// Returns the earlier of the two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        match (self, other) {
            (Self::Moving, _) | (_, Self::Moving) => Self::Moving,
            (Self::Until(a), Self::Until(b)) => Self::Until(a.min(b)),
            (Self::Until(a), Self::Still) | (Self::Still, Self::Until(a)) => Self::Until(a),
            (Self::Still, Self::Still) => Self::Still,
        }
    }

    /// Returns the motion of a canvas whose channels change by `per_second` (1.0 is full range).
    ///
    /// If one step of an 8-bit channel takes more than four seconds, the canvas is drawn again only
    /// when the next step is due. Faster changes are drawn with every frame: dithering shows values
    /// between two steps, and single steps are visible at low brightness.
    pub fn for_rate(now: Time, per_second: f32) -> Self {
        const STEPS: f32 = 255.0;
        const MOVING_STEPS_PER_SECOND: f32 = 0.25;
        let steps_per_second = per_second.abs() * STEPS;
        if steps_per_second >= MOVING_STEPS_PER_SECOND {
            return Self::Moving;
        }
        if steps_per_second <= 0.0 {
            return Self::Still;
        }
        Self::Until(now + Span::from_secs(f64::from(steps_per_second.recip())))
    }
}

/// The data that an effect draws from.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Time of the frame.
    pub now: Time,
    /// Start time of the effect; `now` is never earlier.
    pub start: Time,
    /// Measured values of the printer.
    pub inputs: &'a Inputs,
    /// Index of the temperature source that the effect follows; a reload can change it.
    pub source: Option<usize>,
}

impl Context<'_> {
    /// Returns the time since the effect started.
    pub fn elapsed(&self) -> Span {
        self.now.since(self.start)
    }

    /// Returns the seconds since the effect started.
    pub fn elapsed_s(&self) -> f64 {
        self.elapsed().as_secs()
    }

    /// Returns the temperature source that the effect follows.
    pub fn source(&self) -> Option<&SourceState> {
        self.source.and_then(|index| self.inputs.source(index))
    }
}

/// A running effect.
///
/// It is built for one length of the canvas, which can be any, including 0 and 1. `draw` draws
/// every pixel and never allocates. The times of successive calls never decrease.
pub trait Effect: Send {
    /// Draws the canvas for `cx.now` and returns when it changes next.
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion;
}

impl fmt::Debug for dyn Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effect")
    }
}

#[cfg(test)]
mod test;
