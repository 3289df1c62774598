//! The exported functions. The module has one thread, and JavaScript reads and writes the buffers
//! only between two calls.

// SAFETY: `no_mangle` is unsafe because another symbol of the same name could be replaced; nothing
// else in the module has names with this prefix.
#![allow(unsafe_code, reason = "exports need fixed names")]

use super::calls::Core;
use std::cell::RefCell;

thread_local! {
    static CORE: RefCell<Core> = RefCell::default();
}

fn with<T>(call: impl FnOnce(&mut Core) -> T) -> T {
    CORE.with_borrow_mut(call)
}

/// Returns the input buffer with a length in bytes; null if it is too long.
#[unsafe(no_mangle)]
extern "C" fn lumen_input(length: usize) -> *mut u8 {
    with(|core| {
        let input = core.input(length);
        if input.len() < length {
            std::ptr::null_mut()
        } else {
            input.as_mut_ptr()
        }
    })
}

/// Returns the output buffer.
#[unsafe(no_mangle)]
extern "C" fn lumen_output() -> *const u8 {
    with(|core| core.output().as_ptr())
}

/// Returns the length of the output in bytes.
#[unsafe(no_mangle)]
extern "C" fn lumen_output_length() -> usize {
    with(|core| core.output().len())
}

/// Answers with the tables of effects, states and options.
#[unsafe(no_mangle)]
extern "C" fn lumen_tables() {
    with(Core::tables);
}

/// Checks a config; the input is a `ConfigText`.
#[unsafe(no_mangle)]
extern "C" fn lumen_check() {
    with(Core::check);
}

/// Checks a config and runs it if it has no error; the input is a `ConfigText`.
#[unsafe(no_mangle)]
extern "C" fn lumen_load() {
    with(Core::load);
}

/// Starts the config again at time 0.
#[unsafe(no_mangle)]
extern "C" fn lumen_restart(seed: f64) {
    with(|core| core.restart(seed));
}

/// Handles an event; the input is a `SimulatedEvent`.
#[unsafe(no_mangle)]
extern "C" fn lumen_event(seconds: f64) {
    with(|core| core.event(seconds));
}

/// Handles a sample; the input is a `SimulatedSample`.
#[unsafe(no_mangle)]
extern "C" fn lumen_sample(seconds: f64) {
    with(|core| core.sample(seconds));
}

/// Runs a command for the lights; the input is the line of G-code.
#[unsafe(no_mangle)]
extern "C" fn lumen_command(seconds: f64) {
    with(|core| core.command(seconds));
}

/// Shows on a group what a printer shows; the input is a `GroupRun`.
#[unsafe(no_mangle)]
extern "C" fn lumen_resume(seconds: f64) {
    with(|core| core.resume(seconds));
}

/// Renders all frames and returns the time of the next change; NaN if there is an error.
#[unsafe(no_mangle)]
extern "C" fn lumen_render(seconds: f64) -> f64 {
    with(|core| core.render(seconds))
}

/// Puts the pixels of a strip for a screen into the output. Returns 0 if there is an error.
#[unsafe(no_mangle)]
extern "C" fn lumen_pixels(strip: usize) -> u32 {
    with(|core| u32::from(core.pixels(strip)))
}

/// Puts the frame of a strip into the output. Returns 0 if there is an error.
#[unsafe(no_mangle)]
extern "C" fn lumen_bytes(strip: usize) -> u32 {
    with(|core| u32::from(core.bytes(strip)))
}

/// Puts the levels of a strip's LEDs into the output: red, green, blue and white of each pixel.
/// Returns 0 if there is an error.
#[unsafe(no_mangle)]
extern "C" fn lumen_levels(strip: usize) -> u32 {
    with(|core| u32::from(core.levels(strip)))
}

/// Answers with what is shown and why.
#[unsafe(no_mangle)]
extern "C" fn lumen_status() {
    with(Core::status);
}
