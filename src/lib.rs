//! Lumen's engine: printer events and time in, LED frames out.
//!
//! The crate draws LED effects for 3D printers that run Klipper. It has one thread that draws
//! (`engine`), one thread for each output that can block (`output`), and a pure core that turns
//! events and time into frames (`renderer`). Klipper itself runs a thin Python extra, which calls
//! the crate through the `py` module.
//!
//! # Modules
//!
//! A module uses only modules that stand before it in this list; the test `tidy` checks it. All
//! modules are private; the list at the end of this file is what the crate exports.
//!
//! * `limits`: all limits of inputs, in one table.
//! * `text`: suggestions for mistyped words, shortened and escaped text.
//! * `time`: `Time` since the start of the engine, and `Span`.
//! * `color`: linear red, green, blue and white from 0.0 to 1.0.
//! * `input`: temperatures, progress and position, which effects follow.
//! * `layout`: strips, groups of pixels, the order of the color channels.
//! * `effect`: the trait `Effect`, one file for each effect, the table of their options.
//! * `state`: the state machine; from events and samples to the state of the printer.
//! * `layer`: the running effects of a group, and the fades between them.
//! * `finish`: from colors to bytes: brightness, white, gamma, power limit, dithering.
//! * `wire`: from bytes to signals and packets.
//! * `plan`: a checked config, which never changes.
//! * `spec`: from config sections to a plan, or to all mistakes at once.
//! * `config_file`: the reader of Klipper's config files.
//! * `renderer`: events and time in, frames out; the top of the pure core.
//! * `request`: the requests of users to the lights.
//! * `check`: what is wrong with a config, with all lines.
//! * `simulation`: a config without a printer, as the WebAssembly module runs it.
//! * `output`: the trait `Output`, the drivers, and the thread of a slow driver.
//! * `engine`: the render thread and what is shared with it.
//! * `reload`: reads and applies a changed config while the engine runs.
//! * `doctor`: looks for what keeps a strip dark.
//! * `command`: the table of requests: parameters, answers and their texts.
//! * `helper`: the service that drives PWM pins as root.
//! * `py`: the extension module for Python. It converts values and maps errors.
//! * `wasm`: the exports of the WebAssembly module. It has the modules up to `simulation` only.
//!
//! # Threads
//!
//! The render thread never takes Python's lock, never allocates while a scene runs, never waits for
//! a lock that a caller holds for long, never logs, and never lets a panic out. It sleeps until the
//! next frame that differs, or until a post arrives.
//!
//! Callers never wait: a post is one `try_send`, and the status is a snapshot. The only call that
//! waits is [`Engine::close`], for a bounded time.
//!
//! The `log` facade is global to the process. The engine writes its notices with it only when the
//! caller drains them, in [`Notice::log`].
//!
//! # From an event to light
//!
//! [`Engine::event`] posts an event; `engine/mailbox.rs` gives it its time and wakes the
//! thread; `engine/runner.rs` passes it to the `renderer`; `state` finds the new state; the
//! renderer selects what each group shows; `layer` draws and mixes; `finish` makes bytes; the
//! runner gives the frames that changed to `engine/output_handle.rs`; `output` writes them.
//!
//! # From a config to effects
//!
//! [`compile`] turns sections into a [`Plan`], or into all mistakes;
//! [`Engine::start`] or [`Engine::reload`] opens the outputs of the plan and gives
//! it to the renderer at the next frame; `effect` builds an effect when its state begins.
//!
//! # Where things are not
//!
//! The modules up to `renderer` have no clock, thread, log or environment, and only
//! `config_file` opens files. There is no queue of frames, no real-time priority, no network
//! server, and no setting that is saved at run time. `docs/Architecture.md` has more, with the
//! steps for adding an effect, a driver, a state or an option.

// Some of the core is for the engine only.
#![cfg_attr(target_family = "wasm", allow(dead_code, unused_imports))]

mod check;
mod color;
#[cfg(not(target_family = "wasm"))]
mod command;
mod config_file;
#[cfg(not(target_family = "wasm"))]
mod doctor;
mod effect;
#[cfg(not(target_family = "wasm"))]
mod engine;
mod finish;
#[cfg(not(target_family = "wasm"))]
mod helper;
mod input;
mod layer;
mod layout;
pub mod limits;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
mod output;
mod plan;
#[cfg(feature = "python")]
mod py;
#[cfg(not(target_family = "wasm"))]
mod reload;
mod renderer;
mod request;
mod simulation;
mod spec;
mod state;
mod text;
mod time;
#[cfg(feature = "wasm")]
mod wasm;
mod wire;

pub use check::{CheckInput, ConfigCheck, Remark, RemarkLevel, check, old_macro};
pub use color::name::{ColorError, NAMES as COLOR_NAMES, parse as parse_color};
pub use color::palette_names::BUILT_IN as BUILT_IN_PALETTES;
pub use color::{Color, Palette, PaletteNames, PaletteStop, PaletteTable};
pub use config_file::{ConfigFile, Dialect, Files, MemoryFiles};
pub use config_file::{
    Finding, Location, Message, Note, OptionText, ReadError, Section, TextError,
};
pub use config_file::{read as read_config, read_as as read_config_as};
pub use effect::chase::ChaseSettings;
pub use effect::comet::CometSettings;
pub use effect::options::{OptionKind, OptionSpec};
pub use effect::progress::ProgressSettings;
pub use effect::pulse::PulseSettings;
pub use effect::solid::SolidSettings;
pub use effect::transform::OPTIONS as TRANSFORM_OPTIONS;
pub use effect::{AnySettings, EffectPlan, EffectSettings, EffectSpec, PlannedInput, RingPlace};
pub use effect::{Arguments, Axis, BuildContext, EffectExample, EffectInput};
pub use effect::{Canvas, CanvasPixel, DrawnPixel};
pub use effect::{Context, EFFECTS, Effect, Motion, find as find_effect};
pub use finish::{Finish, FinishPlan, Frame, PowerPlan, White};
pub use input::{CHANGE_EVENTS, ObjectRole, POSTED_EVENTS, PrinterObjects, RawSample, RawSource};
pub use input::{
    FilamentSample, InputSet, Inputs, Job, MAX_SOURCES, Sample, SourceSample, Trigger,
};
pub use input::{SampleClock, TooManySources};
pub use layer::{Crossfade, DrawResult, LayerPlan, StackPlan, StartParams, blend};
pub use layout::{ColorOrder, Group, PixelFormat, PixelLeds, Place, Segment, Strip};
#[cfg(not(target_family = "wasm"))]
pub use native::*;
pub use plan::{DataChannel, DrawOrder, Override, ScenePart, StripPlan, Unmapped, draw_order};
pub use plan::{GroupPlan, LampPlan, LightChannels, OutputPlan, PinPlan, Plan, Priority};
pub use renderer::{Power, Renderer, Shown, Source};
pub use request::{
    Given, LIGHT_REQUESTS, LightRequest, LightRequestSpec, Parameter, Request, RequestError,
};
pub use simulation::{Checked, ConfigText, GroupRun, PlanView, Problem, Severity, Simulation};
pub use simulation::{GroupView, SimulationError, SimulationStatus, StripView};
pub use simulation::{ObjectReading, SimulatedEvent, SimulatedSample};
pub use spec::catalog::{Catalog, SectionOptionEntry, catalog, catalog_json};
pub use spec::klipper::{Klipper, KnownFrom, LedFault};
pub use spec::{
    Compiled, EffectNames, EffectResolver, Facts, ParsedEffect, ParsedStack, RawConfig,
};
pub use spec::{DebugLog, EffectOffer, LightOffer, Offer, PaletteOffer, PinOffer};
pub use spec::{GROUP as GROUP_OPTIONS, LUMEN as MAIN_OPTIONS, STRIP as STRIP_OPTIONS};
pub use spec::{SectionOption, SpecError, SpecWarning, ValueKind, compile};
pub use state::{
    Event, Operation, STATES, Shutdown, State, StateKind, StateMachine, StateSettings,
};
pub use state::{StateSpec, Step};
pub use text::did_you_mean;
pub use time::{Span, Time};
pub use wire::{StripType, apa102, ddp, helper as helper_protocol, ws2812_pio, ws2812_spi};
