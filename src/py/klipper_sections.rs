//! Klipper's own sections and events: `[neopixel]` on a pin of Lumen, and what the extra hears.

use super::error::{RequestError, guarded};
use crate::command::{self, NeopixelCommand};
use crate::input::{CHANGE_EVENTS, POSTED_EVENTS};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

type Events = (Vec<(&'static str, &'static str)>, Vec<&'static str>);

#[pyclass(frozen, module = "klipper_lumen._engine")]
#[derive(Default)]
pub(super) struct NeopixelChains(Mutex<command::NeopixelChains>);

#[pymethods]
impl NeopixelChains {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add(&self, command: &str) -> PyResult<()> {
        guarded(|| self.0.lock().add(command).map_err(RequestError::new_err))
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "pyo3 extracts only owned lists"
    )]
    fn update(&self, oid: u32, position: usize, data: Vec<u8>) {
        self.0.lock().update(oid, position, &data);
    }

    fn chain<'py>(&self, py: Python<'py>, oid: u32) -> Option<(String, Bound<'py, PyBytes>)> {
        let chains = self.0.lock();
        let (pin, bytes) = chains.chain(oid)?;
        Some((pin.to_owned(), PyBytes::new(py, bytes)))
    }
}

#[pyfunction]
pub(super) fn neopixel_command(form: &str) -> PyResult<&'static str> {
    match command::neopixel_command(form) {
        Ok(NeopixelCommand::Update) => Ok("update"),
        Ok(NeopixelCommand::Send) => Ok("send"),
        Err(problem) => Err(RequestError::new_err(problem)),
    }
}

#[pyfunction]
pub(super) fn pin_refused(pin_type: &str, pin: &str) -> String {
    command::pin_refused(pin_type, pin)
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 extracts only owned lists"
)]
pub(super) fn unknown_name(key: &str, name: Option<&str>, names: Vec<String>) -> String {
    command::unknown_name(key, name, &names)
}

#[pyfunction]
pub(super) fn klipper_events() -> Events {
    (POSTED_EVENTS.to_vec(), CHANGE_EVENTS.to_vec())
}
