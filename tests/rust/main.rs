//! What a user of the crate sees. One crate, a module a topic.

mod renderer;
mod states;
mod wire;
