//! Effects compute the colors of a canvas from time and inputs.
//!
//! An effect draws a canvas and reports when the canvas changes next ([`Motion`]). It does not know
//! strips, directions, frame rates, or any brightness outside its own options.
//!
//! The same plan, seed and inputs give the same canvas on every machine and at every frame rate.
//! Effects that simulate (fire, disco, chase) advance in fixed steps counted from their start.

mod bar;
mod chase;
mod comet;
mod disco;
mod fire;
mod heartbeat;
mod kitt;
mod off;
pub mod options;
mod progress;
mod pulse;
mod rainbow;
mod random;
mod ring;
mod solid;
mod steps;
mod thermal;

use crate::color::Color;
use crate::input::{InputSet, Inputs};
use crate::time::{Span, Time};
use options::Settings;
use std::fmt;

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
}

/// A running effect.
///
/// `draw` overwrites every pixel. It can allocate only when the length of the canvas changes.
/// The times of successive calls never decrease. A canvas can have any length, including 0 and 1.
pub trait Effect: Send + fmt::Debug {
    /// Draws the canvas for `cx.now` and returns when it changes next.
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion;

    /// Updates the index of the temperature source that the effect follows.
    fn move_source(&mut self, _: usize) {}
}

/// The twelve effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectKind {
    /// All pixels off.
    Off,
    /// One static color.
    Solid,
    /// The whole group brightens and dims evenly.
    Pulse,
    /// Two beats and a pause.
    Heartbeat,
    /// Random sparkles.
    Disco,
    /// The color wheel moves along the group.
    Rainbow,
    /// Flickering embers.
    Fire,
    /// A head with a fading tail.
    Comet,
    /// Two segments chase each other, on one group or around a ring of groups.
    Chase,
    /// An eye sweeps back and forth, or follows an axis.
    Kitt,
    /// A bar that fills from cold to hot.
    Thermal,
    /// A bar that shows the print progress.
    Progress,
}

impl EffectKind {
    /// All effects, in documentation order.
    pub const ALL: [Self; 12] = [
        Self::Off,
        Self::Solid,
        Self::Pulse,
        Self::Heartbeat,
        Self::Disco,
        Self::Rainbow,
        Self::Fire,
        Self::Comet,
        Self::Chase,
        Self::Kitt,
        Self::Thermal,
        Self::Progress,
    ];

    /// Returns the effect's name in the config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Solid => "solid",
            Self::Pulse => "pulse",
            Self::Heartbeat => "heartbeat",
            Self::Disco => "disco",
            Self::Rainbow => "rainbow",
            Self::Fire => "fire",
            Self::Comet => "comet",
            Self::Chase => "chase",
            Self::Kitt => "kitt",
            Self::Thermal => "thermal",
            Self::Progress => "progress",
        }
    }

    /// Returns the effect with this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// A group's position in a ring of groups that share one chase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingPlace {
    /// Number of ring pixels before this group.
    pub first: usize,
    /// Number of pixels of the whole ring.
    pub pixels: usize,
    /// Seed that all groups of the ring share: each runs the same chase and draws its own part.
    pub seed: u64,
}

/// A compiled effect spec: everything that a running effect needs.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectPlan {
    /// The effect.
    pub kind: EffectKind,
    /// The resolved options. Inline options override `[lumen_effect]`, which overrides the
    /// defaults.
    pub settings: Settings,
    /// Thermal: index of the temperature source in [`Plan::sources`](crate::plan::Plan::sources).
    pub source: Option<usize>,
    /// Chase: the group's position in its ring; `None` runs the chase on the group alone.
    pub ring: Option<RingPlace>,
    /// Kitt: minimum and maximum position of the tracked axis in mm.
    pub travel_mm: [f32; 2],
    /// Thermal: default temperature of the empty bar in degrees Celsius.
    pub floor_c: f32,
}

impl EffectPlan {
    /// Returns the one color that represents the effect in a status.
    ///
    /// A bar is represented by its end color, a chase by its first color, and an effect that shows
    /// all hues by white.
    pub fn tint(&self) -> Color {
        const EMBERS: Color = Color::rgb(1.0, 0.3, 0.0);
        let settings = &self.settings;
        match self.kind {
            EffectKind::Off => Color::BLACK,
            EffectKind::Solid
            | EffectKind::Pulse
            | EffectKind::Heartbeat
            | EffectKind::Comet
            | EffectKind::Kitt => settings.base_color,
            EffectKind::Chase => settings.chase_color_1,
            EffectKind::Thermal | EffectKind::Progress => settings.end_color,
            EffectKind::Fire => EMBERS,
            EffectKind::Disco | EffectKind::Rainbow => Color::WHITE,
        }
    }

    /// Returns whether the effect follows the toolhead.
    pub fn follows_position(&self) -> bool {
        self.kind == EffectKind::Kitt && self.settings.kitt_tracking_axis.is_some()
    }

    /// Returns whether the effect follows the progress of the job.
    pub fn follows_progress(&self) -> bool {
        self.kind == EffectKind::Progress
    }

    /// Returns the inputs that the effect draws from; apart from them only time changes its canvas.
    pub fn follows(&self) -> InputSet {
        let source = self.source.map_or(InputSet::NONE, InputSet::source);
        source
            .only_if(self.kind == EffectKind::Thermal)
            .union(InputSet::PROGRESS.only_if(self.follows_progress()))
            .union(InputSet::POSITION.only_if(self.follows_position()))
    }

    /// Returns whether two groups draw parts of one ring.
    pub fn shares_ring(&self, other: &Self) -> bool {
        let ring = |plan: &Self| plan.ring.map(|place| (place.seed, place.pixels));
        self.ring.is_some() && ring(self) == ring(other) && self.settings == other.settings
    }
}

/// Starts an effect.
///
/// `seed` determines its random numbers; a chase on a ring uses the seed of the ring instead.
pub fn build(plan: &EffectPlan, seed: u64) -> Box<dyn Effect> {
    let settings = &plan.settings;
    match plan.kind {
        EffectKind::Off => Box::new(off::Off),
        EffectKind::Solid => Box::new(solid::Solid::new(settings)),
        EffectKind::Pulse => Box::new(pulse::Pulse::new(settings)),
        EffectKind::Heartbeat => Box::new(heartbeat::Heartbeat::new(settings)),
        EffectKind::Disco => Box::new(disco::Disco::new(settings, seed)),
        EffectKind::Rainbow => Box::new(rainbow::Rainbow::new(settings)),
        EffectKind::Fire => Box::new(fire::Fire::new(settings, seed)),
        EffectKind::Comet => Box::new(comet::Comet::new(settings)),
        EffectKind::Chase => match plan.ring {
            Some(place) => Box::new(ring::Ring::new(settings, place)),
            None => Box::new(chase::Chase::new(settings)),
        },
        EffectKind::Kitt => Box::new(kitt::Kitt::new(settings, plan.travel_mm)),
        EffectKind::Thermal => Box::new(thermal::Thermal::new(plan)),
        EffectKind::Progress => Box::new(progress::Progress::new(settings)),
    }
}

#[cfg(test)]
mod test;
