//! The requests of users to the lights: their parameters, and what they mean with a config.
//!
//! [`LightRequest`] is read from the parameters of a command. [`LightResolver`] has the names of a
//! config and makes a [`LightCommand`] of it, which has only indices and is applied to a renderer.
//! The engine does this in two threads, a simulation at once.

mod light_command;
mod light_request;
mod light_resolver;
mod values;

pub(crate) use light_command::LightCommand;
pub(crate) use light_request::{
    BRIGHTNESS, CLEAR, DURATION, FLASH, GROUP, OFF, ON, SET, STATE, STATE_PARAMETER, WAKE,
};
pub use light_request::{LIGHT_REQUESTS, LightRequest, LightRequestSpec};
pub use light_resolver::Request;
pub(crate) use light_resolver::{LightResolver, unknown};
pub(crate) use values::Values;
pub use values::{Given, Parameter};

use std::fmt;

/// Why a request is refused. The message is for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError(String);

impl RequestError {
    /// Creates an error.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }

    /// Returns the message.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RequestError {}
