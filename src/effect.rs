//! Effects: rules from time and inputs to the colours of a canvas.
//!
//! An effect writes a canvas and says when it will look different ([`Motion`]); it knows nothing of
//! strips, directions, brightness outside its own options, or frame rates. The same plan, seed and
//! inputs give the same canvas on every machine, and at 30 fps the same as at 120: what evolves in
//! steps (fire, disco, chase) evolves in steps of its own, counted from its start.

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

/// When a canvas will next look different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Not before an input or the plan changes.
    Still,
    /// At this moment, not before.
    Until(Time),
    /// At every frame.
    Moving,
}

impl Motion {
    /// The sooner of two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        match (self, other) {
            (Self::Moving, _) | (_, Self::Moving) => Self::Moving,
            (Self::Until(a), Self::Until(b)) => Self::Until(a.min(b)),
            (Self::Until(a), Self::Still) | (Self::Still, Self::Until(a)) => Self::Until(a),
            (Self::Still, Self::Still) => Self::Still,
        }
    }

    /// The motion of a canvas whose channels change by `per_second` (1.0 = full range in 1 s).
    ///
    /// What takes more than four seconds for one step of an 8-bit strip is drawn again only when the
    /// step is due. Faster changes move: dithering shows what is between two steps, and in the dark
    /// each step is seen.
    pub fn of_change(now: Time, per_second: f32) -> Self {
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

/// What an effect may look at while it draws.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The moment that is drawn.
    pub now: Time,
    /// The moment at which this effect began; `now` is never earlier.
    pub start: Time,
    /// What was measured of the printer.
    pub inputs: &'a Inputs,
}

impl Context<'_> {
    /// Time since the effect began.
    pub fn elapsed(&self) -> Span {
        self.now.since(self.start)
    }

    /// Seconds since the effect began.
    pub fn elapsed_s(&self) -> f64 {
        self.elapsed().as_secs()
    }
}

/// A rule that colours a canvas.
///
/// `draw` writes every pixel (what was there is of no meaning), allocates nothing, and is called
/// with times that never go back. A canvas may have any length, also 0 and 1.
pub trait Effect: Send + fmt::Debug {
    /// Writes the canvas as it looks at `cx.now` and says when it will next look different.
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion;

    /// Gives the temperature source that it follows another place in the list.
    fn move_source(&mut self, _: usize) {}
}

/// The twelve effects, by the names that users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectKind {
    /// All pixels dark.
    Off,
    /// One colour.
    Solid,
    /// The whole group brightens and dims evenly.
    Pulse,
    /// Two beats and a rest.
    Heartbeat,
    /// Random sparkles.
    Disco,
    /// The colour circle travels along the group.
    Rainbow,
    /// Flickering embers.
    Fire,
    /// A head with a fading tail.
    Comet,
    /// Two segments hunt each other, on one group or round a ring of groups.
    Chase,
    /// An eye sweeps to and fro, or follows an axis.
    Kitt,
    /// A bar that fills from cold to hot.
    Thermal,
    /// A bar that fills with the print.
    Progress,
}

impl EffectKind {
    /// All effects, in the order of the documentation.
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

    /// The word that names the effect in a config.
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

    /// The effect that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// A group's place in a ring of groups that share one chase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingPlace {
    /// Pixels of the ring that come before this group.
    pub first: usize,
    /// Pixels of the whole ring.
    pub pixels: usize,
    /// Seed that all members share, so that each can run the same chase and draw its part.
    pub seed: u64,
}

/// Everything that one running effect needs: what a spec was compiled to.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectPlan {
    /// Which effect.
    pub kind: EffectKind,
    /// Its options, all resolved: inline over `[lumen_effect]` over the table's defaults.
    pub settings: Settings,
    /// Thermal: index of the temperature source in the plan's list.
    pub source: Option<usize>,
    /// Chase: the ring that this group is part of; `None` chases within the group.
    pub ring: Option<RingPlace>,
    /// Kitt: travel of the tracked axis in mm, lowest and highest.
    pub travel_mm: [f32; 2],
    /// Thermal: temperature in degrees Celsius at which nothing is lit.
    pub floor_c: f32,
}

impl EffectPlan {
    /// The color that stands for the effect where only one can be told: of a bar its end, of what
    /// hunts itself the first hunter, white for all colors.
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

    /// Whether it follows the tool head.
    pub fn follows_position(&self) -> bool {
        self.kind == EffectKind::Kitt && self.settings.kitt_tracking_axis.is_some()
    }

    /// Whether it follows the progress of the job.
    pub fn follows_progress(&self) -> bool {
        self.kind == EffectKind::Progress
    }

    /// The inputs that it is drawn from; while they stay, only time changes its canvas.
    pub fn follows(&self) -> InputSet {
        let source = self.source.map_or(InputSet::NONE, InputSet::source);
        source
            .only_if(self.kind == EffectKind::Thermal)
            .and(InputSet::PROGRESS.only_if(self.follows_progress()))
            .and(InputSet::POSITION.only_if(self.follows_position()))
    }

    /// Whether two groups draw parts of one ring.
    pub fn shares_ring(&self, other: &Self) -> bool {
        let ring = |plan: &Self| plan.ring.map(|place| (place.seed, place.pixels));
        self.ring.is_some() && ring(self) == ring(other) && self.settings == other.settings
    }
}

/// Starts an effect; its randomness follows from `seed` (that of a ring from the ring's own).
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
