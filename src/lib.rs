//! Lumen's engine: printer events and time in, LED frames out.
//!
//! Lower rooms never name higher ones: `limits` ← `color, time` ← `layout, input` ← `effect, state` ←
//! `layer, finish, wire` ← `scene` ← `spec, plan` ← `config_file, renderer` ← `output` ←
//! `engine, helper` ← `py`.

pub mod color;
pub mod config_file;
pub mod effect;
pub mod engine;
pub mod finish;
pub mod helper;
pub mod input;
pub mod layer;
pub mod layout;
pub mod limits;
pub mod output;
pub mod plan;
#[cfg(feature = "python")]
mod py;
pub mod renderer;
pub mod scene;
pub mod spec;
pub mod state;
pub mod text;
pub mod time;
pub mod wire;
