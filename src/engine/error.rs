//! The errors of the engine.

use super::mailbox::PostError;
use crate::request::RequestError;
use std::fmt;
use std::io;

/// Why the engine rejected a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum EngineError {
    /// The system cannot create a thread or a file descriptor.
    Start(io::Error),
    /// Too many posts are waiting.
    Busy,
    /// The engine is closed.
    Closed,
    /// The request is invalid; the message is for the user.
    Request(String),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "cannot start the render thread: {error}"),
            Self::Busy => f.write_str("too many pending requests, try again in a second"),
            Self::Closed => f.write_str("the engine is closed"),
            Self::Request(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for EngineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(error) => Some(error),
            Self::Busy | Self::Closed | Self::Request(_) => None,
        }
    }
}

impl From<RequestError> for EngineError {
    fn from(error: RequestError) -> Self {
        Self::Request(error.into_text())
    }
}

impl From<PostError> for EngineError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Full => Self::Busy,
            PostError::Closed => Self::Closed,
        }
    }
}
