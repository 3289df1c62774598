//! Operations that macros report, such as `LUMEN_FILAMENT_START`.

use crate::engine::{Engine, EngineError};
use crate::state::Operation;

/// The operations in progress; there is at most one of each kind.
#[derive(Debug, Default)]
pub(super) struct MacroOperations(Vec<(&'static str, Operation)>);

impl MacroOperations {
    /// Starts or ends an operation.
    pub(super) fn set(
        &mut self,
        engine: &Engine,
        state: &'static str,
        begins: bool,
    ) -> Result<(), EngineError> {
        if let Some(index) = self.0.iter().position(|(name, _)| *name == state) {
            let (_, operation) = self.0.remove(index);
            engine.end(operation)?;
            self.command_ended(engine, true)?;
        }
        if begins {
            self.0.push((state, engine.begin(state)?));
        }
        Ok(())
    }

    /// Starts the operations again after a command has ended, or ends them if it failed.
    ///
    /// The engine ends operations that started within a command together with the command.
    pub(super) fn command_ended(
        &mut self,
        engine: &Engine,
        is_ok: bool,
    ) -> Result<(), EngineError> {
        for (state, operation) in &mut self.0 {
            engine.end(*operation)?;
            if is_ok {
                *operation = engine.begin(state)?;
            }
        }
        if !is_ok {
            self.0.clear();
        }
        Ok(())
    }
}
