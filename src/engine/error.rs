//! What the engine refuses.

use super::mailbox::PostError;
use std::fmt;
use std::io;

/// Why the engine does not do what it was asked for.
#[derive(Debug)]
#[non_exhaustive]
pub enum EngineError {
    /// The system has no thread or descriptor to give.
    Start(io::Error),
    /// Too many posts wait already.
    Busy,
    /// The engine has ended.
    Closed,
    /// What was asked for makes no sense, in words for the user.
    Request(String),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "cannot start the render thread: {error}"),
            Self::Busy => f.write_str("too many requests wait already, try again in a second"),
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

impl From<PostError> for EngineError {
    fn from(refused: PostError) -> Self {
        match refused {
            PostError::Full => Self::Busy,
            PostError::Closed => Self::Closed,
        }
    }
}
