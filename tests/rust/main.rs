//! What a user of the crate sees. One crate, a module a topic.

mod effects;
mod output;
mod renderer;
mod spec;
mod states;
mod strip;
mod tidy;
mod wire;
