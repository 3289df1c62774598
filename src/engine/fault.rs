//! Panics: caught, kept off stderr, counted.
//!
//! A panic in the render thread must not reach Klipper and must not print into its log; the hook
//! takes the place of the panic down for the notice instead. Panics of other threads go to the hook
//! that was there before.

use crate::time::{Span, Time};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

/// So many panics within [`PERIOD`] end the drawing.
const LIMIT: usize = 3;
const PERIOD: Span = Span::from_millis(60_000);

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Hooks are of the whole process, and one engine follows another in it: one installation serves
/// all of them.
static INSTALLED: Once = Once::new();

/// Runs `work`; a panic in it comes back as its message and place, and prints nothing.
pub(crate) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    INSTALLED.call_once(install);
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| {
        let place = PLACE.take();
        format!("{} at {place}", message(payload.as_ref()))
    })
}

/// Keeps all panics of this thread off stderr; whoever catches them tells of them.
pub(crate) fn silence_panics() {
    INSTALLED.call_once(install);
    QUIET.set(true);
}

fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A thread that is ending has no locals left; it is none of ours.
        if QUIET.try_with(Cell::get).unwrap_or(false) {
            note(info);
        } else {
            before(info);
        }
    }));
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string);
    // Borrowed only for a moment elsewhere; a panic within a panic aborts anyway.
    let _ = PLACE.try_with(|it| it.replace(place.unwrap_or_default()));
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a message")
}

/// Counts panics.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    recent: [Option<Time>; LIMIT - 1],
    over: bool,
}

impl Faults {
    /// Notes a panic at `now`; true when it is one too many.
    pub(crate) fn note(&mut self, now: Time) -> bool {
        let many = |it: &Option<Time>| it.is_some_and(|then| now.since(then) < PERIOD);
        self.over |= self.recent.iter().all(many);
        self.recent.rotate_left(1);
        self.recent[LIMIT - 2] = Some(now);
        self.over
    }

    /// Gives up, whatever was counted.
    pub(crate) fn give_up(&mut self) {
        self.over = true;
    }

    /// Whether drawing has been given up.
    pub(crate) fn has_given_up(&self) -> bool {
        self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_message_and_place() {
        let error = guard(|| -> () { panic!("index {} is out of bounds", 7) }).unwrap_err();
        assert!(error.starts_with("index 7 is out of bounds at "), "{error}");
        assert!(error.contains("fault.rs:"), "{error}");
        assert_eq!(guard(|| 3), Ok(3));
    }

    #[test]
    fn only_guarded_panics_are_kept_from_the_hook_that_was_there() {
        let _ = guard(|| -> () { panic!("quiet") });
        assert!(!QUIET.get());
    }

    #[test]
    fn three_panics_within_a_minute_are_too_many() {
        let at = Time::from_secs;
        let mut faults = Faults::default();
        assert!(!faults.note(at(0.0)));
        assert!(!faults.note(at(30.0)));
        assert!(!faults.note(at(61.0)));
        assert!(faults.note(at(89.0)));
        assert!(faults.has_given_up());
    }
}
