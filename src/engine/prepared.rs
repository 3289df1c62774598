//! A config that is compiled and does not run yet, so that klippy can look at what it names of
//! Klipper before the engine takes it.

use super::klipper_leds::{HostStrip, host_strips};
use super::{Engine, EngineError};
use crate::spec::{Compiled, SpecWarning};
use parking_lot::Mutex;

/// A compiled config, to be committed once.
#[derive(Debug)]
pub struct Prepared {
    /// Taken when it is committed.
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

    /// The strips that klippy is to drive.
    pub fn host_strips(&self) -> &[HostStrip] {
        &self.host_strips
    }
}

impl Engine {
    /// Lets a prepared config run, as [`Engine::reload`].
    ///
    /// # Errors
    /// When it was committed before, and as for [`Engine::reload`].
    pub fn commit(&self, prepared: &Prepared) -> Result<Vec<SpecWarning>, EngineError> {
        let compiled = prepared.compiled.lock().take();
        let Some(compiled) = compiled else {
            let problem = "the config was committed before".to_owned();
            return Err(EngineError::Request(problem));
        };
        self.reload(compiled)
    }
}
