//! The stack of running commands that show as a state.

use super::{Operation, State};

/// The maximum nesting depth. A macro in a macro in a macro that homes is 4 levels deep. Deeper
/// commands are not shown, and their ends are ignored.
const MAX_DEPTH: usize = 16;

/// A stack of running operations; it allocates only when it is created.
#[derive(Clone, Debug)]
pub(super) struct Operations {
    running: Vec<(Operation, State)>,
}

impl Operations {
    pub(super) fn new() -> Self {
        Self {
            running: Vec::with_capacity(MAX_DEPTH),
        }
    }

    /// Starts an operation inside the running ones. States that commands cannot show are ignored.
    pub(super) fn begin(&mut self, operation: Operation, state: State) {
        if state.is_operation() && self.running.len() < MAX_DEPTH {
            self.running.push((operation, state));
        }
    }

    /// Ends an operation and all operations nested in it.
    pub(super) fn end(&mut self, operation: Operation) {
        if let Some(depth) = self.running.iter().position(|(id, _)| *id == operation) {
            self.running.truncate(depth);
        }
    }

    /// Returns the states of all running operations, innermost first.
    pub(super) fn states(&self) -> impl Iterator<Item = State> {
        self.running.iter().rev().map(|(_, state)| *state)
    }

    /// Returns the states of an operation and all operations nested in it, innermost first.
    pub(super) fn within(&self, operation: Operation) -> impl Iterator<Item = State> {
        let depth = self.running.iter().position(|(id, _)| *id == operation);
        let depth = depth.unwrap_or(self.running.len());
        self.running[depth..].iter().rev().map(|(_, state)| *state)
    }

    /// Returns whether an operation of this state is running.
    pub(super) fn has(&self, state: State) -> bool {
        self.running.iter().any(|(_, running)| *running == state)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Replaces the state of each operation. Operations end if `rename` returns `None`.
    pub(super) fn rename(&mut self, rename: impl Fn(State) -> Option<State>) {
        self.running.retain_mut(|(_, state)| {
            rename(*state).is_some_and(|new| {
                *state = new;
                true
            })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(operations: &Operations) -> Vec<State> {
        operations.states().collect()
    }

    #[test]
    fn ending_an_operation_ends_nested_operations() {
        let mut operations = Operations::new();
        operations.begin(Operation(1), State::Filament);
        operations.begin(Operation(2), State::Leveling);
        operations.begin(Operation(3), State::Homing);
        operations.end(Operation(2));
        assert_eq!(states(&operations), [State::Filament]);
    }

    #[test]
    fn the_end_of_an_unknown_operation_is_ignored() {
        let mut operations = Operations::new();
        operations.begin(Operation(1), State::Homing);
        operations.end(Operation(7));
        assert_eq!(states(&operations), [State::Homing]);
    }

    #[test]
    fn the_nesting_depth_is_limited() {
        let mut operations = Operations::new();
        for id in 0..100 {
            operations.begin(Operation(id), State::Homing);
        }
        assert_eq!(operations.states().count(), MAX_DEPTH);
        operations.end(Operation(0));
        assert!(operations.is_empty());
    }

    #[test]
    fn states_that_are_not_operations_are_ignored() {
        let mut operations = Operations::new();
        for state in [State::Error, State::Disconnected, State::Printing] {
            operations.begin(Operation(1), state);
        }
        assert!(operations.is_empty());
    }
}
