//! Seconds as Python gives them: any float, also NaN and infinity.

use super::error::RequestError;
use crate::limits::WAIT_S;
use crate::time::Span;
use pyo3::PyResult;
use std::time::Duration;

/// How long a call may wait: at least 0 and at most `WAIT_S` seconds. NaN is refused.
pub(super) fn wait(name: &str, seconds: f64) -> PyResult<Duration> {
    if seconds.is_nan() {
        return Err(refused(name, seconds));
    }
    Ok(Duration::from_secs_f64(seconds.clamp(0.0, WAIT_S as f64)))
}

/// A length of time; negative counts as 0. NaN and infinity are refused.
pub(super) fn span(name: &str, seconds: f64) -> PyResult<Span> {
    if seconds.is_finite() {
        Ok(Span::from_secs(seconds))
    } else {
        Err(refused(name, seconds))
    }
}

/// As [`span`], if there is one.
pub(super) fn maybe(name: &str, seconds: Option<f64>) -> PyResult<Option<Span>> {
    seconds.map(|it| span(name, it)).transpose()
}

fn refused(name: &str, seconds: f64) -> pyo3::PyErr {
    RequestError::new_err(format!("{name} must be a number of seconds, got {seconds}"))
}
