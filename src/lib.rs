//! Lumen's engine: printer events and time in, LED frames out.
//!
//! The crate draws LED effects for 3D printers that run Klipper. It has one thread that draws
//! ([`engine`]), one thread for each output that can block ([`output`]), and a pure core that turns
//! events and time into frames ([`renderer`]). Klipper itself runs a thin Python extra, which calls
//! the crate through the `py` module.
//!
//! # Modules
//!
//! A module uses only modules that stand before it in this list; the test `tidy` checks it.
//!
//! * [`limits`]: all limits of inputs, in one table.
//! * [`text`]: suggestions for mistyped words, shortened and escaped text.
//! * [`time`]: `Time` since the start of the engine, and `Span`.
//! * [`color`]: linear red, green, blue and white from 0.0 to 1.0.
//! * [`input`]: temperatures, progress and position, which effects follow.
//! * [`layout`]: strips, groups of pixels, the order of the color channels.
//! * [`effect`]: the trait `Effect`, one file for each effect, the table of their options.
//! * [`state`]: the state machine; from events and samples to the state of the printer.
//! * [`layer`]: the running effects of a group, and the fades between them.
//! * [`finish`]: from colors to bytes: brightness, white, gamma, power limit, dithering.
//! * [`wire`]: from bytes to signals and packets.
//! * [`plan`]: a checked config, which never changes.
//! * [`spec`]: from config sections to a plan, or to all mistakes at once.
//! * [`config_file`]: the reader of Klipper's config files.
//! * [`renderer`]: events and time in, frames out; the top of the pure core.
//! * [`output`]: the trait `Output`, the drivers, and the thread of a slow driver.
//! * [`engine`]: the render thread and what is shared with it.
//! * [`reload`]: reads and applies a changed config while the engine runs.
//! * [`command`]: the table of requests: parameters, answers and their texts.
//! * [`doctor`]: looks for what keeps a strip dark.
//! * [`helper`]: the service that drives PWM pins as root.
//! * `py`: the extension module for Python. It converts values and maps errors.
//!
//! # Threads
//!
//! The render thread never takes Python's lock, never allocates while a scene runs, never waits for
//! a lock that a caller holds for long, never logs, and never lets a panic out. It sleeps until the
//! next frame that differs, or until a post arrives.
//!
//! Callers never wait: a post is one `try_send`, and the status is a snapshot. The only call that
//! waits is [`engine::Engine::close`], for a bounded time.
//!
//! The `log` facade is global to the process. The engine writes its notices with it only when the
//! caller drains them, in [`engine::Notice::log`].
//!
//! # From an event to light
//!
//! [`engine::Engine::event`] posts an event; `engine/mailbox.rs` gives it its time and wakes the
//! thread; `engine/runner.rs` passes it to the [`renderer`]; [`state`] finds the new state; the
//! renderer selects what each group shows; [`layer`] draws and mixes; [`finish`] makes bytes; the
//! runner gives the frames that changed to `engine/output_handle.rs`; [`output`] writes them.
//!
//! # From a config to effects
//!
//! [`spec::compile`] turns sections into a [`plan::Plan`], or into all mistakes;
//! [`engine::Engine::start`] or [`engine::Engine::reload`] opens the outputs of the plan and gives
//! it to the renderer at the next frame; [`effect`] builds an effect when its state begins.
//!
//! # Where things are not
//!
//! The modules up to [`renderer`] have no clock, thread, log or environment, and only
//! [`config_file`] opens files. There is no queue of frames, no real-time priority, no network
//! server, and no setting that is saved at run time. `docs/Architecture.md` has more, with the
//! steps for adding an effect, a driver, a state or an option.

pub mod color;
pub mod command;
pub mod config_file;
pub mod doctor;
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
pub mod reload;
pub mod renderer;
pub mod spec;
pub mod state;
pub mod text;
pub mod time;
pub mod wire;
