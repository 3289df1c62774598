//! The Python class `KlipperLights`.

use super::error::guarded;
use crate::output::klipper_slot::KlipperSlot;
use crate::output::mcu_link::{
    self, Condition, LedObject, McuConnection, ObjectKind, Update, Warning,
};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::BTreeMap;
use std::sync::Arc;

type Level = (f64, f64, f64, f64);
/// The part, the colors of its LEDs, and pieces of its data.
type PyUpdate<'py> = (
    usize,
    Vec<(usize, Level)>,
    Vec<(usize, Bound<'py, PyBytes>)>,
);

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct FrameSlot(pub(super) Arc<KlipperSlot>);

#[pymethods]
impl FrameSlot {
    #[getter]
    fn fd(&self) -> i32 {
        self.0.fd()
    }
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct KlipperLights(Mutex<mcu_link::KlipperLights>);

#[pymethods]
impl KlipperLights {
    #[new]
    #[pyo3(signature = (previous=None))]
    fn new(previous: Option<&Self>) -> Self {
        let previous = previous.map(|it| it.0.lock());
        Self(Mutex::new(mcu_link::KlipperLights::new(
            previous.as_deref(),
        )))
    }

    fn add_mcu(&self, name: String, bytes_per_second: f64) -> usize {
        self.0.lock().add_mcu(name, bytes_per_second)
    }

    fn add_strip(&self, slot: &FrameSlot, name: String, label: &str) -> usize {
        self.0.lock().add_strip(name, label, Arc::clone(&slot.0))
    }

    fn set_unsupported(&self, strip: usize, problem: String) {
        self.0.lock().set_unsupported(strip, problem);
    }

    #[pyo3(signature = (strip, first, mcu, name, kind, count, owned, color_map, takes_pieces))]
    #[allow(clippy::too_many_arguments, reason = "the fields of one object")]
    fn add_part(
        &self,
        strip: usize,
        first: usize,
        mcu: usize,
        name: String,
        kind: &str,
        count: usize,
        owned: Vec<usize>,
        color_map: Vec<(usize, usize)>,
        takes_pieces: bool,
    ) -> usize {
        let kind = match kind {
            "lamp" => ObjectKind::Lamp,
            "switch" => ObjectKind::Switch,
            "command" => ObjectKind::Command,
            word => ObjectKind::of_section(word),
        };
        let object = LedObject {
            name,
            kind,
            count,
            owned,
            bytes: color_map,
            takes_pieces,
        };
        self.0.lock().add_part(strip, first, mcu, object)
    }

    fn start(&self, now: f64) {
        self.0.lock().start(now);
    }

    fn release(&self, now: f64, previous: &Self) -> Vec<(String, usize, usize)> {
        let previous = std::mem::take(&mut *previous.0.lock());
        self.0.lock().release(now, previous)
    }

    fn wake(&self, strip: usize) {
        self.0.lock().wake(strip);
    }

    fn take<'py>(
        &self,
        py: Python<'py>,
        mcu: usize,
        now: f64,
        is_gone: bool,
        conditions: Vec<(bool, f64)>,
    ) -> PyResult<(Option<PyUpdate<'py>>, f64)> {
        guarded(|| {
            let condition = |(is_busy, earliest)| Condition { is_busy, earliest };
            let conditions: Vec<Condition> = conditions.into_iter().map(condition).collect();
            let (update, wake_at) = self.0.lock().take(mcu, now, is_gone, &conditions);
            Ok((update.map(|it| converted(py, &it)), wake_at))
        })
    }

    fn failed(&self, part: usize, now: f64, problem: String) -> f64 {
        self.0.lock().failed(part, now, problem)
    }

    fn invalidate(&self, part: usize) {
        self.0.lock().invalidate(part);
    }

    fn set_quiet(&self, is_quiet: bool) {
        self.0.lock().set_quiet(is_quiet);
    }

    fn shut_down(&self) {
        self.0.lock().shut_down();
    }

    /// Returns the label, the warning to show, and whether its warnings are to be cleared.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "pyo3 converts a list to a vector"
    )]
    fn poll(&self, now: f64, busy: Vec<bool>) -> PyResult<Vec<(String, Option<String>, bool)>> {
        guarded(|| {
            let changes = self.0.lock().poll(now, &busy).into_iter();
            let change = |it: mcu_link::Change| match it.warning {
                Some(Warning::Show(text)) => (it.label, Some(text), false),
                Some(Warning::Clear) => (it.label, None, true),
                None => (it.label, None, false),
            };
            Ok(changes.map(change).collect())
        })
    }

    fn rates(&self) -> BTreeMap<String, (f64, f64)> {
        let rates = self.0.lock().rates().into_iter();
        rates
            .map(|(name, it)| (name, (it.rate_hz, it.bytes_per_s)))
            .collect()
    }

    fn wire_bytes(&self) -> BTreeMap<String, f64> {
        self.0.lock().wire_bytes().into_iter().collect()
    }
}

#[pyfunction]
pub(super) fn mcu_bytes_per_second(
    is_can: bool,
    has_constants: bool,
    can_hz: Option<f64>,
    firmware_baud: Option<f64>,
    baud: Option<f64>,
) -> f64 {
    let connection = McuConnection {
        is_can,
        has_constants,
        can_hz,
        firmware_baud,
        baud,
    };
    connection.bytes_per_s()
}

fn converted<'py>(py: Python<'py>, update: &Update) -> PyUpdate<'py> {
    let level = |byte: u8| update.level(byte);
    let colors = update
        .colors
        .iter()
        .map(|&(led, [r, g, b, w])| (led, (level(r), level(g), level(b), level(w))));
    let colors = colors.collect();
    let pieces = update
        .pieces
        .iter()
        .map(|(start, data)| (*start, PyBytes::new(py, data)));
    (update.part, colors, pieces.collect())
}
