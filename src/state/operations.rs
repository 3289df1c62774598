//! The commands that run now, one within the other.

use super::{Operation, State};

/// How deep commands may nest. A macro of a macro of a macro that homes is 4; what begins beyond
/// this is not shown, and its end is ignored.
const MAX_DEPTH: usize = 16;

/// A stack of running operations; allocates once.
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

    /// Starts an operation within those that run; states that no command can have are ignored.
    pub(super) fn begin(&mut self, operation: Operation, state: State) {
        if state.is_operation() && self.running.len() < MAX_DEPTH {
            self.running.push((operation, state));
        }
    }

    /// Ends an operation and everything that began within it.
    pub(super) fn end(&mut self, operation: Operation) {
        if let Some(depth) = self.running.iter().position(|(id, _)| *id == operation) {
            self.running.truncate(depth);
        }
    }

    /// The states of what runs, innermost first.
    pub(super) fn states(&self) -> impl Iterator<Item = State> {
        self.running.iter().rev().map(|(_, state)| *state)
    }

    /// The states of an operation and everything that began within it, innermost first.
    pub(super) fn within(&self, operation: Operation) -> impl Iterator<Item = State> {
        let depth = self.running.iter().position(|(id, _)| *id == operation);
        let depth = depth.unwrap_or(self.running.len());
        self.running[depth..].iter().rev().map(|(_, state)| *state)
    }

    /// Whether an operation of this state runs.
    pub(super) fn has(&self, state: State) -> bool {
        self.running.iter().any(|(_, running)| *running == state)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Gives each operation's state a new name; those without one end.
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
    fn an_end_takes_what_began_within_along() {
        let mut operations = Operations::new();
        operations.begin(Operation(1), State::Filament);
        operations.begin(Operation(2), State::Leveling);
        operations.begin(Operation(3), State::Homing);
        operations.end(Operation(2));
        assert_eq!(states(&operations), [State::Filament]);
    }

    #[test]
    fn an_unknown_end_changes_nothing() {
        let mut operations = Operations::new();
        operations.begin(Operation(1), State::Homing);
        operations.end(Operation(7));
        assert_eq!(states(&operations), [State::Homing]);
    }

    #[test]
    fn nesting_without_end_is_bounded() {
        let mut operations = Operations::new();
        for id in 0..100 {
            operations.begin(Operation(id), State::Homing);
        }
        assert_eq!(operations.states().count(), MAX_DEPTH);
        operations.end(Operation(0));
        assert!(operations.is_empty());
    }

    #[test]
    fn no_command_shows_as_an_alarm_or_as_printing() {
        let mut operations = Operations::new();
        for state in [State::Error, State::Disconnected, State::Printing] {
            operations.begin(Operation(1), state);
        }
        assert!(operations.is_empty());
    }
}
