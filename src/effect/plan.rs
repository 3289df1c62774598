//! A compiled effect: everything that a running effect needs.

use super::settings::{AnySettings, EffectInput};
use super::spec::EffectSpec;
use super::{Axis, Effect};
use crate::color::Color;
use crate::input::InputSet;

/// A compiled effect: its settings, and what they refer to on this printer.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectPlan {
    /// The resolved options. Options after the effect override `[lumen_effect]`, which overrides
    /// the defaults.
    pub settings: AnySettings,
    /// The input that the effect follows.
    pub input: PlannedInput,
    /// Chase: the group's position in its ring; `None` runs the chase on the group alone.
    pub ring: Option<RingPlace>,
}

/// The input that an effect follows, as this printer has it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PlannedInput {
    /// None, or a source that is no longer sampled.
    #[default]
    None,
    /// The progress of the job.
    Progress,
    /// A temperature.
    Source {
        /// Index of the source in [`Plan::sources`](crate::plan::Plan::sources).
        index: usize,
        /// The ambient temperature in degrees Celsius.
        floor_c: f32,
    },
    /// The position of the toolhead.
    Axis {
        /// The axis.
        axis: Axis,
        /// Its lowest and highest position in mm.
        travel_mm: [f32; 2],
    },
    /// The triggers of endstops.
    Triggers,
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

/// What a running effect is built from, beside its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildContext {
    /// The seed of its random numbers; a chase on a ring uses the seed of the ring instead.
    pub seed: u64,
    /// The length of the canvas, which stays the same.
    pub pixels: usize,
    /// The input that it follows.
    pub input: PlannedInput,
    /// The group's position in a ring.
    pub ring: Option<RingPlace>,
}

impl PlannedInput {
    /// Resolves the input of an effect. `source` is the index of the source that it names, and
    /// `travel_mm` the lowest and highest position of each axis.
    pub fn new(
        input: EffectInput<'_>,
        source: Option<usize>,
        floor_c: f32,
        travel_mm: &[[f32; 2]; 3],
    ) -> Self {
        match input {
            EffectInput::None => Self::None,
            EffectInput::Progress => Self::Progress,
            EffectInput::Source(_) => {
                source.map_or(Self::None, |index| Self::Source { index, floor_c })
            }
            EffectInput::Axis(axis) => Self::Axis {
                axis,
                travel_mm: travel_mm[axis as usize],
            },
            EffectInput::Triggers => Self::Triggers,
        }
    }
}

impl EffectPlan {
    /// Returns the effect.
    pub fn spec(&self) -> &'static EffectSpec {
        self.settings.spec()
    }

    /// Returns the one color that represents the effect in a status.
    pub fn tint(&self) -> Color {
        self.settings.tint()
    }

    /// Starts the effect on a canvas of `pixels`. `seed` determines its random numbers.
    pub fn build(&self, seed: u64, pixels: usize) -> Box<dyn Effect> {
        self.settings.build(&BuildContext {
            seed,
            pixels,
            input: self.input,
            ring: self.ring,
        })
    }

    /// Returns the inputs that the effect draws from; apart from them only time changes its canvas.
    pub fn follows(&self) -> InputSet {
        match self.input {
            PlannedInput::None => InputSet::NONE,
            PlannedInput::Progress => InputSet::PROGRESS,
            PlannedInput::Source { index, .. } => InputSet::source(index),
            PlannedInput::Axis { .. } => InputSet::POSITION,
            PlannedInput::Triggers => InputSet::TRIGGERS,
        }
    }

    /// Returns the index of the temperature source that the effect follows.
    pub fn source(&self) -> Option<usize> {
        match self.input {
            PlannedInput::Source { index, .. } => Some(index),
            _ => None,
        }
    }

    /// Returns the full name of the temperature source that the effect follows.
    pub fn source_name(&self) -> Option<&str> {
        match self.settings.input() {
            EffectInput::Source(name) => self.source().map(|_| name),
            _ => None,
        }
    }

    /// Changes the index of the source that the effect follows; `None` if it is no longer sampled.
    pub fn move_source(&mut self, new_index: Option<usize>) {
        if let PlannedInput::Source { index, .. } = &mut self.input {
            match new_index {
                Some(new_index) => *index = new_index,
                None => self.input = PlannedInput::None,
            }
        }
    }

    /// Returns whether two groups draw parts of one ring.
    pub fn shares_ring(&self, other: &Self) -> bool {
        let ring = |plan: &Self| plan.ring.map(|place| (place.seed, place.pixels));
        self.ring.is_some() && ring(self) == ring(other) && self.settings == other.settings
    }
}
