//! Converts seconds from Python, which may be any float, including NaN and infinity.

use super::error::RequestError;
use crate::limits::WAIT_S;
use crate::time::Span;
use pyo3::PyResult;
use std::time::Duration;

/// How long a call may wait: 0 to `WAIT_S` seconds. NaN is rejected.
pub(super) fn wait(name: &str, seconds: f64) -> PyResult<Duration> {
    if seconds.is_nan() {
        return Err(rejected(name, seconds));
    }
    Ok(Duration::from_secs_f64(seconds.clamp(0.0, WAIT_S as f64)))
}

/// A duration. Negative values count as 0. NaN and infinity are rejected.
pub(super) fn span(name: &str, seconds: f64) -> PyResult<Span> {
    if seconds.is_finite() {
        Ok(Span::from_secs(seconds))
    } else {
        Err(rejected(name, seconds))
    }
}

/// Same as [`span`], if there is a value.
pub(super) fn optional(name: &str, seconds: Option<f64>) -> PyResult<Option<Span>> {
    seconds.map(|it| span(name, it)).transpose()
}

fn rejected(name: &str, seconds: f64) -> pyo3::PyErr {
    RequestError::new_err(format!("{name} must be a number of seconds, got {seconds}"))
}
