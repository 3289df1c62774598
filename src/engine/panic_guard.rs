//! Catches panics, keeps them off stderr and counts them.
//!
//! A panic in the render thread must not reach Klipper and must not print into its log. The panic
//! hook stores its location for the notice instead. Panics of other threads go to the hook that was
//! installed before.

use crate::time::{Span, Time};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

/// This many panics within [`PERIOD`] are too many.
const LIMIT: usize = 3;
const PERIOD: Span = Span::from_millis(60_000);

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The hook is global to the process and serves all engines in it.
static INSTALLED: Once = Once::new();

/// Runs `work`. Returns a panic as its message and location, and prints nothing.
pub(crate) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    INSTALLED.call_once(install);
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| {
        let location = LOCATION.take();
        format!("{} at {location}", message(payload.as_ref()))
    })
}

/// Keeps all panics of this thread off stderr. The code that catches them must report them.
pub(crate) fn silence_panics() {
    INSTALLED.call_once(install);
    QUIET.set(true);
}

fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // While a thread ends, its locals are gone. It cannot be one of ours.
        if QUIET.try_with(Cell::get).unwrap_or(false) {
            store_location(info);
        } else {
            before(info);
        }
    }));
}

fn store_location(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    // Never borrowed at this point: elsewhere it is borrowed only briefly, and a panic within a
    // panic aborts.
    let _ = LOCATION.try_with(|it| it.replace(location.unwrap_or_default()));
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a message")
}

/// Counts the panics of the render thread; too many within [`PERIOD`] stop the drawing.
#[derive(Debug, Default)]
pub(crate) struct PanicCounter {
    recent: [Option<Time>; LIMIT - 1],
    has_given_up: bool,
}

impl PanicCounter {
    /// Counts a panic at `now`. Returns true once there are too many.
    pub(crate) fn record(&mut self, now: Time) -> bool {
        let is_recent = |it: &Option<Time>| it.is_some_and(|then| now.since(then) < PERIOD);
        self.has_given_up |= self.recent.iter().all(is_recent);
        self.recent.rotate_left(1);
        self.recent[LIMIT - 2] = Some(now);
        self.has_given_up
    }

    /// Stops the drawing regardless of the count.
    pub(crate) fn give_up(&mut self) {
        self.has_given_up = true;
    }

    /// Whether the drawing has been stopped.
    pub(crate) fn has_given_up(&self) -> bool {
        self.has_given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_message_and_place() {
        let error = guard(|| -> () { panic!("index {} is out of bounds", 7) }).unwrap_err();
        assert!(error.starts_with("index 7 is out of bounds at "), "{error}");
        assert!(error.contains("panic_guard.rs:"), "{error}");
        assert_eq!(guard(|| 3), Ok(3));
    }

    #[test]
    fn only_guarded_panics_are_kept_from_the_previous_hook() {
        let _ = guard(|| -> () { panic!("quiet") });
        assert!(!QUIET.get());
    }

    #[test]
    fn three_panics_within_a_minute_are_too_many() {
        let at = Time::from_secs;
        let mut panics = PanicCounter::default();
        assert!(!panics.record(at(0.0)));
        assert!(!panics.record(at(30.0)));
        assert!(!panics.record(at(61.0)));
        assert!(panics.record(at(89.0)));
        assert!(panics.has_given_up());
    }
}
