//! A change of plan: maps states and sources, which plans identify by index, from the old plan to
//! the new.

use crate::input::MAX_SOURCES;
use crate::plan::Plan;
use crate::state::State;

/// The old and the new plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlanChange<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    /// Full names of the old sources, including those added by commands.
    pub(super) sources: &'a [String],
}

impl PlanChange<'_> {
    /// Maps a custom state to the new plan; `None` if it is no longer declared.
    pub(super) fn state(&self, state: State) -> Option<State> {
        match state {
            State::Custom(_) => self.new.state(self.old.state_name(state)),
            _ => Some(state),
        }
    }

    /// Returns the new index of a source by its full name; `None` if it is no longer sampled.
    pub(super) fn source(&self, name: &str) -> Option<usize> {
        self.new.sources.iter().position(|known| known == name)
    }

    /// Maps an old source index to the new one.
    pub(super) fn new_index(&self, index: usize) -> Option<usize> {
        self.source(self.sources.get(index)?)
    }

    /// Returns the old index of each new source.
    pub(super) fn sources(&self) -> [Option<usize>; MAX_SOURCES] {
        let mut from = [None; MAX_SOURCES];
        let known = 0..self.sources.len().min(MAX_SOURCES);
        for (old, new) in known.filter_map(|old| Some((old, self.new_index(old)?))) {
            if let Some(slot) = from.get_mut(new) {
                *slot = Some(old);
            }
        }
        from
    }
}
