//! What the extra counts without an engine: how long calls block the reactor, and its replies.

use super::error::guarded;
use super::report::python;
use crate::command;
use parking_lot::Mutex;
use pyo3::prelude::*;

/// Text for the log, text of what was not logged, and text for the console.
type Summary = (Vec<String>, Option<String>, Option<String>);

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct Holds(Mutex<command::Holds>);

#[pymethods]
impl Holds {
    #[new]
    fn new(now: f64) -> Self {
        Self(Mutex::new(command::Holds::new(now)))
    }

    fn add(&self, held_s: f64, own_s: f64) {
        self.0.lock().add(held_s, own_s);
    }

    #[getter]
    fn held_s(&self) -> f64 {
        self.0.lock().held_s()
    }

    fn reset_totals(&self) {
        self.0.lock().reset_totals();
    }

    fn clear_recent(&self) {
        self.0.lock().clear_recent();
    }

    fn update_window(&self, now: f64) {
        self.0.lock().update_window(now);
    }

    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let facts = self.0.lock().facts();
        guarded(|| python(py, &facts))
    }
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
#[derive(Default)]
pub(super) struct ReplyLimits(Mutex<command::Replies>);

#[pymethods]
impl ReplyLimits {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn refuse(&self, text: &str, now: f64) -> (bool, bool) {
        let reply = self.0.lock().refuse(text, now);
        (reply.is_shown, reply.is_logged)
    }

    fn answer(&self, now: f64) -> bool {
        self.0.lock().answer(now)
    }

    #[getter]
    fn texts(&self) -> usize {
        self.0.lock().texts()
    }

    fn end_minute(&self) -> Summary {
        let summary = self.0.lock().end_minute();
        (summary.repeats, summary.unlogged, summary.unshown)
    }
}
