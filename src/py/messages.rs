//! The Python classes `Messages`, `Delivery` and `ConsoleLimits`.
//!
//! No lock is held while a notice is logged, because a handler of Python's `logging` may call back.

use super::log::{Notice, log_notice};
use crate::command;
use parking_lot::Mutex;
use pyo3::prelude::*;

#[pyclass(frozen, get_all, module = "klipper_lumen._engine")]
pub(super) struct Delivery {
    cleared: Vec<String>,
    warning: Option<String>,
    message: Option<String>,
    is_error: bool,
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
#[derive(Default)]
pub(super) struct Messages(Mutex<command::Messages>);

#[pymethods]
impl Messages {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn notice(&self, py: Python<'_>, notice: &Notice, now: f64) -> PyResult<Delivery> {
        let delivery = self.0.lock().notice(notice.0.clone(), now);
        delivered(py, delivery)
    }

    fn warn(
        &self,
        py: Python<'_>,
        text: &str,
        about: Option<String>,
        now: f64,
    ) -> PyResult<Delivery> {
        let delivery = self.0.lock().warn(text, about, now);
        delivered(py, delivery)
    }

    fn clear(&self, about: &str) -> Delivery {
        let cleared = self.0.lock().clear(about);
        Delivery {
            cleared,
            warning: None,
            message: None,
            is_error: false,
        }
    }

    fn warnings(&self) -> Vec<String> {
        self.0.lock().warnings().map(str::to_owned).collect()
    }
}

fn delivered(py: Python<'_>, delivery: command::Delivery) -> PyResult<Delivery> {
    for notice in &delivery.logged {
        log_notice(py, notice)?;
    }
    Ok(Delivery {
        cleared: delivery.cleared,
        warning: delivery.warning,
        message: delivery.console,
        is_error: delivery.is_error,
    })
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
#[derive(Default)]
pub(super) struct ConsoleLimits(Mutex<command::Console>);

#[pymethods]
impl ConsoleLimits {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn enable(&self, is_on: bool) {
        self.0.lock().is_on = is_on;
    }

    fn write(&self, text: &str, is_error: bool, now: f64, is_printing: bool) -> Vec<String> {
        let line = self.0.lock().write(text, is_error, now, is_printing);
        line.into_iter().collect()
    }

    fn update(&self, now: f64, is_printing: bool) -> Vec<String> {
        self.0.lock().update(now, is_printing)
    }

    fn count_reply(&self, now: f64) {
        self.0.lock().count_reply(now);
    }

    #[getter]
    fn is_on(&self) -> bool {
        self.0.lock().is_on
    }

    #[getter]
    fn is_waiting(&self) -> bool {
        self.0.lock().is_waiting()
    }

    #[getter]
    fn sends(&self) -> u64 {
        self.0.lock().sent()
    }
}
