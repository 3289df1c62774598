//! A compiled config that does not run yet. Klippy checks the Klipper objects it names before the
//! engine starts it.

use super::klipper_leds::{HostStrip, host_strips};
use super::{Engine, EngineError};
use crate::spec::{Compiled, SpecWarning};
use parking_lot::Mutex;

/// A compiled config, which can be committed once.
#[derive(Debug)]
pub struct Prepared {
    /// `None` after the commit.
    compiled: Mutex<Option<Compiled>>,
    host_strips: Vec<HostStrip>,
}

impl Prepared {
    /// Prepares a config.
    pub fn new(compiled: Compiled) -> Self {
        Self {
            host_strips: host_strips(&compiled.plan, |_| true),
            compiled: Mutex::new(Some(compiled)),
        }
    }

    /// Returns the strips that Klipper drives.
    pub fn host_strips(&self) -> &[HostStrip] {
        &self.host_strips
    }
}

impl Engine {
    /// Starts a prepared config, as [`Engine::reload`] does.
    ///
    /// # Errors
    /// When it was already committed, and the errors of [`Engine::reload`].
    pub fn commit(&self, prepared: &Prepared) -> Result<Vec<SpecWarning>, EngineError> {
        let compiled = prepared.compiled.lock().take();
        let Some(compiled) = compiled else {
            let problem = "the config was already committed".to_owned();
            return Err(EngineError::Request(problem));
        };
        self.reload(compiled)
    }
}
