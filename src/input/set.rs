//! Sets of inputs.

use super::MAX_SOURCES;

/// A set of inputs: those that an effect follows, or those that a sample has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputSet(u32);

impl InputSet {
    /// No input.
    pub const NONE: Self = Self(0);
    /// All inputs.
    pub const ALL: Self = Self(u32::MAX);
    /// The progress of the job.
    pub const PROGRESS: Self = Self(1 << MAX_SOURCES);
    /// The position of the toolhead.
    pub const POSITION: Self = Self(1 << (MAX_SOURCES + 1));
    /// The triggers of endstops.
    pub const TRIGGERS: Self = Self(1 << (MAX_SOURCES + 2));

    /// Creates a set of one temperature source; empty if the index is out of range.
    pub const fn source(index: usize) -> Self {
        if index < MAX_SOURCES {
            Self(1 << index)
        } else {
            Self::NONE
        }
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns this set if `condition` is true, otherwise the empty set.
    #[must_use]
    pub const fn only_if(self, condition: bool) -> Self {
        if condition { self } else { Self::NONE }
    }

    /// Returns whether the sets have an input in common.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
