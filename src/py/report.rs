//! Converts what the engine reports to Python, with the keys described in the stub.

use crate::command::tracked_commands;
use crate::engine::{HostStrip, Wants};
use crate::plan::OutputPlan;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;
use serde::Serialize;
use std::collections::BTreeMap;

type Dict<'py> = PyResult<Bound<'py, PyDict>>;

/// Converts a value to Python's dicts, lists, numbers and texts.
pub(super) fn python<'py>(
    py: Python<'py>,
    value: &(impl Serialize + ?Sized),
) -> PyResult<Bound<'py, PyAny>> {
    Ok(pythonize(py, value)?)
}

/// What to sample, and the state of each command.
#[derive(Serialize)]
struct WantsAndCommands {
    commands: BTreeMap<String, String>,
    #[serde(flatten)]
    wants: Wants,
}

pub(super) fn wants(py: Python<'_>, wants: Wants) -> PyResult<Bound<'_, PyAny>> {
    let commands = tracked_commands(&wants.states);
    python(py, &WantsAndCommands { commands, wants })
}

pub(super) fn host(py: Python<'_>, strip: HostStrip) -> Dict<'_> {
    let dict = PyDict::new(py);
    dict.set_item("name", strip.name)?;
    dict.set_item("label", strip.label)?;
    dict.set_item("pixels", strip.pixels)?;
    dict.set_item("drawn", strip.drawn)?;
    match strip.output {
        OutputPlan::Lamp(lamp) => {
            dict.set_item("kind", "lamp")?;
            dict.set_item("objects", [lamp.object])?;
            dict.set_item("scale", lamp.scale)?;
        }
        OutputPlan::Leds { objects } => {
            dict.set_item("kind", "leds")?;
            dict.set_item("objects", objects)?;
            dict.set_item("scale", None::<f32>)?;
        }
        // Klipper drives no other kind.
        _ => {}
    }
    Ok(dict)
}
