//! From one plan to the next: what becomes of states and sources, which plans know by number.

use crate::input::MAX_SOURCES;
use crate::plan::Plan;
use crate::state::State;

/// Two plans, the first of which gives way to the second.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlanChange<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    /// Full names of all sources until now; commands may have added some to those of the old plan.
    pub(super) sources: &'a [String],
}

impl PlanChange<'_> {
    /// The number that a state of the user's own has now; `None` when it is no longer declared.
    pub(super) fn state(&self, state: State) -> Option<State> {
        match state {
            State::Custom(_) => self.new.state(self.old.state_name(state)),
            _ => Some(state),
        }
    }

    /// The index that a source has now, by its full name; `None` when it is no longer measured.
    pub(super) fn source(&self, name: &str) -> Option<usize> {
        self.new.sources.iter().position(|known| known == name)
    }

    /// The index that a source has now, by the one that it had.
    pub(super) fn place(&self, index: usize) -> Option<usize> {
        self.source(self.sources.get(index)?)
    }

    /// For each new source, the index that it had.
    pub(super) fn sources(&self) -> [Option<usize>; MAX_SOURCES] {
        let mut from = [None; MAX_SOURCES];
        let known = 0..self.sources.len().min(MAX_SOURCES);
        for (old, new) in known.filter_map(|old| Some((old, self.place(old)?))) {
            if let Some(slot) = from.get_mut(new) {
                *slot = Some(old);
            }
        }
        from
    }
}
