//! Functions that need no engine: config check, effects, colors and limits.

use super::error::{LumenError, config_error, findings, guarded};
use super::seconds;
use crate::color::name;
use crate::engine::{self, Blanked};
use crate::limits as table;
use crate::spec::catalog::{effects as effect_entries, palettes as palette_entries};
use crate::spec::{self, Compiled, Facts, RawConfig};
use crate::text;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Compiles the two documents of a config, with the GIL released.
pub(super) fn compiled(py: Python<'_>, config: &str, facts: Option<&str>) -> PyResult<Compiled> {
    let documents = || -> Result<(RawConfig, Option<Facts>), serde_json::Error> {
        let raw = serde_json::from_str(config)?;
        Ok((raw, facts.map(serde_json::from_str).transpose()?))
    };
    let outcome = py.detach(|| {
        let (raw, facts) = documents().map_err(|error| format!("config: {error}"))?;
        Ok(spec::compile(&raw, facts.as_ref()))
    });
    outcome
        .map_err(LumenError::new_err::<String>)?
        .map_err(|errors| config_error(py, &errors))
}

#[pyfunction]
#[pyo3(signature = (config, facts=None))]
pub(super) fn check<'py>(
    py: Python<'py>,
    config: &str,
    facts: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(|| {
        let compiled = compiled(py, config, facts)?;
        let (notes, warnings) = compiled.warnings.into_iter().partition(|it| it.is_note);
        let dict = PyDict::new(py);
        dict.set_item("warnings", findings(warnings))?;
        dict.set_item("notes", findings(notes))?;
        dict.set_item("devices", compiled.devices)?;
        Ok(dict)
    })
}

#[pyfunction]
#[pyo3(signature = (config, timeout=2.0))]
pub(super) fn blank(
    py: Python<'_>,
    config: &str,
    timeout: f64,
) -> PyResult<Vec<(String, Option<String>, bool)>> {
    guarded(|| {
        let patience = seconds::wait("timeout", timeout)?;
        let compiled = compiled(py, config, None)?;
        // Waits for devices, so other threads must be able to run.
        let blanked = py.detach(|| engine::blank(&compiled.plan, patience));
        let result = |it: Blanked| {
            let error = it.error.map(|error| error.to_string());
            (it.strips, error, it.is_klippers)
        };
        Ok(blanked.into_iter().map(result).collect())
    })
}

#[pyfunction]
pub(super) fn effects() -> PyResult<String> {
    guarded(|| {
        serde_json::to_string(&effect_entries())
            .map_err(|error| LumenError::new_err(error.to_string()))
    })
}

#[pyfunction]
pub(super) fn catalog() -> PyResult<String> {
    guarded(|| Ok(spec::catalog::catalog_json()))
}

#[pyfunction]
pub(super) fn colors() -> PyResult<Vec<(&'static str, String)>> {
    guarded(|| {
        let color = |&(word, color)| (word, name::hex(color));
        Ok(name::NAMES.iter().map(color).collect())
    })
}

#[pyfunction]
pub(super) fn palettes() -> PyResult<String> {
    guarded(|| {
        serde_json::to_string(&palette_entries())
            .map_err(|error| LumenError::new_err(error.to_string()))
    })
}

#[pyfunction]
pub(super) fn limits() -> Vec<(&'static str, usize)> {
    vec![
        ("value_bytes", table::VALUE_BYTES),
        ("name_bytes", table::NAME_BYTES),
        ("parameters", table::PARAMETERS),
        ("shown_chars", table::SHOWN_CHARS),
        ("line_chars", table::LINE_CHARS),
        ("replies_shown", table::REPLIES_SHOWN),
        ("reply_repeats", table::REPLY_REPEATS),
        ("replies_logged", table::REPLIES_LOGGED),
        ("reply_texts_of_command", table::REPLY_TEXTS_OF_COMMAND),
        ("reply_answers", table::REPLY_ANSWERS),
        ("console_messages", table::CONSOLE_MESSAGES),
        ("console_reserved", table::CONSOLE_RESERVED),
        ("log_notices", table::LOG_NOTICES),
        ("debug_lines", table::DEBUG_LINES),
        ("warnings", table::WARNINGS),
        ("problems", table::PROBLEMS),
        ("listed", table::LISTED),
        ("suggest_chars", table::SUGGEST_CHARS),
        ("suggest_candidates", table::SUGGEST_CANDIDATES),
        ("file_bytes", table::FILE_BYTES),
        ("config_bytes", table::CONFIG_BYTES),
        ("line_bytes", table::LINE_BYTES),
        ("include_depth", table::INCLUDE_DEPTH),
        ("includes", table::INCLUDES),
        ("glob_entries", table::GLOB_ENTRIES),
        ("sections", table::SECTIONS),
        ("section_options", table::SECTION_OPTIONS),
        ("option_bytes", table::OPTION_BYTES),
        ("groups", table::GROUPS),
        ("strips", table::STRIPS),
        ("effects", table::EFFECTS),
        ("palettes", table::PALETTES),
        ("palette_colors", table::PALETTE_COLORS),
        ("pixels", table::PIXELS),
        ("lumen_bytes", table::LUMEN_BYTES),
        ("leds", table::LEDS),
        ("wait_s", table::WAIT_S),
    ]
}

#[pyfunction]
pub(super) fn nearest(word: &str, candidates: Vec<String>) -> Option<String> {
    // No name is longer, so a longer word is not a mistyped name.
    let is_name = |it: &str| it.len() <= table::NAME_BYTES;
    let names: Vec<String> = candidates.into_iter().filter(|it| is_name(it)).collect();
    let names = names.iter().map(String::as_str);
    is_name(word)
        .then(|| text::nearest(word, names))?
        .map(str::to_owned)
}

#[pyfunction]
pub(super) fn number_meant(text: &str, is_share: bool) -> Option<String> {
    text::number_meant(text, is_share)
}

#[pyfunction]
pub(super) fn counted(count: usize, noun: &str) -> String {
    text::counted(count, noun)
}

#[pyfunction]
pub(super) fn shown(word: &str) -> String {
    text::shown(word)
}
