//! What a user of the crate sees. One crate, a module a topic.

// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod config_file;
// Marked as a test for clippy's sake: its macros unwrap.
#[cfg(test)]
mod edges;
mod effects;
// Marked as a test for clippy's sake: its helpers unwrap.
#[cfg(test)]
mod engine;
// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod finish;
mod helper;
// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod led_effect;
mod output;
mod process;
// Marked as a test for clippy's sake: its helpers unwrap.
#[cfg(test)]
mod reload;
mod renderer;
// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod simulation;
mod spec;
// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod stacks;
mod states;
mod strip;
mod tidy;
mod wire;
