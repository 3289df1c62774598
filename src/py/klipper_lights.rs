//! The Python class `KlipperLights`.

use super::error::{RequestError, guarded};
use crate::output::klipper_slot::KlipperSlot;
use crate::output::mcu_link::{
    self, Condition, LedObject, McuConnection, ObjectKind, PinClock, Update, Warning,
};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::BTreeMap;
use std::sync::Arc;

type Level = (f64, f64, f64, f64);
/// The part, the colors of its LEDs, pieces of its data, and the print time of a pin.
type PyUpdate<'py> = (
    usize,
    Vec<(usize, Level)>,
    Vec<(usize, Bound<'py, PyBytes>)>,
    Option<f64>,
);
/// Whether an object is busy; of a pin the print time, and that of its last write.
type PyCondition = (bool, Option<(f64, f64)>);

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

    fn add_strip(&self, slot: &FrameSlot, name: String, label: &str, drawn: Vec<usize>) -> usize {
        let slot = Arc::clone(&slot.0);
        self.0.lock().add_strip(name, label, drawn, slot)
    }

    fn set_unsupported(&self, strip: usize, problem: String) -> String {
        self.0.lock().set_unsupported(strip, problem)
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one object")]
    fn add_part(
        &self,
        strip: usize,
        mcu: usize,
        name: String,
        kind: &str,
        count: usize,
        color_map: Option<&Bound<'_, PyAny>>,
        takes_pieces: bool,
        gain: f64,
    ) -> usize {
        let kind = match kind {
            "lamp" => ObjectKind::Lamp,
            "switch" => ObjectKind::Switch,
            "command" => ObjectKind::Command,
            word => ObjectKind::of_section(word),
        };
        let bytes = color_map.and_then(chain_bytes).unwrap_or_default();
        let is_known = !bytes.is_empty() && bytes.iter().all(|it| it.0 < count && it.1 < 4);
        let mut lights = self.0.lock();
        let (first, owned) = lights.next_place(strip, count);
        let object = LedObject {
            name,
            kind,
            count,
            owned,
            takes_pieces: takes_pieces && is_known,
            bytes: if is_known { bytes } else { Vec::new() },
            gain,
        };
        lights.add_part(strip, first, mcu, object)
    }

    fn start(&self, now: f64) {
        self.0.lock().start(now);
    }

    fn stop(&self) {
        self.0.lock().stop();
    }

    fn check_lateness(&self, now: f64) -> f64 {
        self.0.lock().check_lateness(now)
    }

    fn measure(&self, until: f64) {
        self.0.lock().measure(until);
    }

    fn update_times(&self) -> BTreeMap<String, Vec<Vec<f64>>> {
        self.0.lock().update_times()
    }

    fn chains(&self) -> BTreeMap<String, Vec<(String, usize, usize)>> {
        self.0.lock().chains()
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
        took_s: Option<f64>,
        conditions: Vec<PyCondition>,
    ) -> PyResult<(Option<PyUpdate<'py>>, f64)> {
        guarded(|| {
            let clock = |(print_time, busy_until)| PinClock {
                print_time,
                busy_until,
            };
            let condition = |(is_busy, pin): PyCondition| Condition {
                is_busy,
                pin: pin.map(clock),
            };
            let conditions: Vec<Condition> = conditions.into_iter().map(condition).collect();
            let mut lights = self.0.lock();
            let (update, wake_at) = lights.take(mcu, now, is_gone, took_s, &conditions);
            drop(lights);
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

/// The LED and the channel of each byte of a chain.
fn chain_bytes(color_map: &Bound<'_, PyAny>) -> Option<Vec<(usize, usize)>> {
    type Entry<'py> = (Bound<'py, PyAny>, (usize, usize));
    let entries = color_map.extract::<Vec<Entry<'_>>>().ok()?;
    Some(entries.into_iter().map(|it| it.1).collect())
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 extracts only owned lists"
)]
pub(super) fn set_led_script(section: &str, colors: Vec<(usize, [f64; 4])>) -> String {
    mcu_link::set_led_script(section, &colors)
}

#[pyfunction]
pub(super) fn led_kinds() -> Vec<&'static str> {
    mcu_link::LED_KINDS.to_vec()
}

#[pyfunction]
pub(super) fn led_channels(
    kind: &str,
    count: usize,
    color_map: Option<&Bound<'_, PyAny>>,
    pins: Option<&Bound<'_, PyAny>>,
) -> Vec<String> {
    type Pin<'py> = (usize, Bound<'py, PyAny>);
    let bytes = color_map.and_then(chain_bytes);
    let pins = pins.and_then(|it| it.extract::<Vec<Pin<'_>>>().ok());
    let pins: Option<Vec<usize>> = pins.map(|it| it.into_iter().map(|pin| pin.0).collect());
    mcu_link::led_channels(kind, count, bytes.as_deref(), pins.as_deref())
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 extracts only owned lists"
)]
pub(super) fn find_leds(
    label: &str,
    texts: Vec<String>,
    is_lamp: bool,
    names: Vec<String>,
) -> PyResult<Vec<String>> {
    mcu_link::find_objects(label, &texts, is_lamp, &names).map_err(RequestError::new_err)
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 extracts only owned lists"
)]
pub(super) fn check_leds(
    label: &str,
    pixels: usize,
    objects: Vec<(String, usize)>,
) -> PyResult<()> {
    mcu_link::check_length(label, pixels, &objects).map_err(RequestError::new_err)
}

/// Reads the section and the constants of an MCU, each of which may have any value.
#[pyfunction]
pub(super) fn mcu_bytes_per_second(
    section: &Bound<'_, PyDict>,
    constants: &Bound<'_, PyDict>,
) -> PyResult<f64> {
    let number = |from: &Bound<'_, PyDict>, key: &str| -> PyResult<Option<f64>> {
        let Some(value) = from.get_item(key)? else {
            return Ok(None);
        };
        value.extract::<f64>().map(Some).or_else(|error| {
            let text = value.extract::<String>()?;
            text.trim().parse().map(Some).map_err(|_| error)
        })
    };
    let connection = McuConnection {
        is_can: section.contains("canbus_uuid")?,
        has_constants: !constants.is_empty(),
        can_hz: number(constants, "CANBUS_FREQUENCY")?,
        firmware_baud: number(constants, "SERIAL_BAUD")?,
        baud: number(section, "baud")?,
    };
    Ok(connection.bytes_per_s())
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
    (update.part, colors, pieces.collect(), update.print_time)
}
