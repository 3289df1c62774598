//! The helper and its client over a real socket. Pins are a channel that says what they were shown.
//!
//! Nothing is timed: what must happen is waited for, what must not is looked for after something
//! that comes later.

mod bench;
mod clients;
mod faults;
#[cfg(feature = "ws281x")]
mod pins;
mod processes;
