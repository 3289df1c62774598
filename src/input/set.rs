//! Sets of inputs.

use super::MAX_SOURCES;

/// A set of inputs: what an effect follows, or what a sample has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputSet(u32);

impl InputSet {
    /// No input.
    pub const NONE: Self = Self(0);
    /// All inputs.
    pub const ALL: Self = Self(u32::MAX);
    /// The progress of the job.
    pub const PROGRESS: Self = Self(1 << MAX_SOURCES);
    /// The position of the tool head.
    pub const POSITION: Self = Self(1 << (MAX_SOURCES + 1));

    /// A temperature source; none for an index beyond the last.
    pub const fn source(index: usize) -> Self {
        if index < MAX_SOURCES {
            Self(1 << index)
        } else {
            Self::NONE
        }
    }

    /// The inputs of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These inputs where something holds, and none where it does not.
    #[must_use]
    pub const fn only_if(self, holds: bool) -> Self {
        if holds { self } else { Self::NONE }
    }

    /// Whether some input is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is no input in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
