//! The helper and its client over a real socket. The pins send their calls to a channel.
//!
//! No test depends on timing: tests wait for events that must happen, and check that others did not
//! happen after a later event.

mod clients;
mod faults;
mod harness;
#[cfg(feature = "ws281x")]
mod pins;
mod processes;
