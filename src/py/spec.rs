//! What can be asked without an engine: is a config right, which effects and colors are there.

use super::error::{LumenError, config_error, guarded};
use crate::color::name;
use crate::engine::{self, Blanked};
use crate::limits as table;
use crate::spec::catalog::effects as effect_entries;
use crate::spec::{self, Facts, RawConfig};
use crate::text;
use pyo3::{PyResult, Python, pyfunction};
use std::time::Duration;

/// Reads the two documents that a config consists of.
pub(super) fn documents(config: &str, facts: Option<&str>) -> PyResult<(RawConfig, Option<Facts>)> {
    let wrong = |error: serde_json::Error| LumenError::new_err(format!("config: {error}"));
    let raw = serde_json::from_str(config).map_err(wrong)?;
    let facts = facts.map(serde_json::from_str).transpose().map_err(wrong)?;
    Ok((raw, facts))
}

#[pyfunction]
#[pyo3(signature = (config, facts=None))]
pub(super) fn check(py: Python<'_>, config: &str, facts: Option<&str>) -> PyResult<Vec<String>> {
    guarded(|| {
        let (raw, facts) = documents(config, facts)?;
        let compiled = spec::compile(&raw, facts.as_ref());
        Ok(compiled
            .map_err(|errors| config_error(py, &errors))?
            .warnings)
    })
}

#[pyfunction]
#[pyo3(signature = (config, timeout=2.0))]
pub(super) fn blank(
    py: Python<'_>,
    config: &str,
    timeout: f64,
) -> PyResult<Vec<(String, Option<String>)>> {
    guarded(|| {
        let (raw, _) = documents(config, None)?;
        let compiled = spec::compile(&raw, None).map_err(|errors| config_error(py, &errors))?;
        let patience = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::MAX);
        // It waits for devices: others must run meanwhile.
        let blanked = py.detach(|| engine::blank(&compiled.plan, patience));
        let told = |it: Blanked| (it.strips, it.error.map(|error| error.to_string()));
        Ok(blanked.into_iter().map(told).collect())
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
pub(super) fn limits() -> Vec<(&'static str, usize)> {
    vec![
        ("value_bytes", table::VALUE_BYTES),
        ("name_bytes", table::NAME_BYTES),
        ("parameters", table::PARAMETERS),
        ("shown_chars", table::SHOWN_CHARS),
        ("line_chars", table::LINE_CHARS),
        ("problems", table::PROBLEMS),
    ]
}

#[pyfunction]
pub(super) fn nearest(word: &str, candidates: Vec<String>) -> Option<String> {
    // What is longer than any name is none that was mistyped.
    let is_name = |it: &str| it.len() <= table::NAME_BYTES;
    let names: Vec<String> = candidates.into_iter().filter(|it| is_name(it)).collect();
    let names = names.iter().map(String::as_str);
    is_name(word)
        .then(|| text::nearest(word, names))?
        .map(str::to_owned)
}

#[pyfunction]
pub(super) fn shown(word: &str) -> String {
    text::shown(word)
}
