//! The Python exceptions, and the guard of every call.

use crate::engine::EngineError;
use crate::spec::{SpecError, SpecWarning};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

pyo3::create_exception!(
    klipper_lumen,
    LumenError,
    PyException,
    "An error of the engine, with a message for the user."
);
pyo3::create_exception!(
    klipper_lumen,
    RequestError,
    LumenError,
    "A request that the engine rejected, with a message for the user."
);
pyo3::create_exception!(
    klipper_lumen,
    ConfigError,
    LumenError,
    "Problems of a config. `errors` holds each as (section, option or None, message)."
);

/// Section, option and message.
pub(super) type Finding = (String, Option<String>, String);

/// Converts warnings for Python.
pub(super) fn findings(warnings: Vec<SpecWarning>) -> Vec<Finding> {
    let warnings = warnings.into_iter();
    warnings
        .map(|it| (it.section, it.option, it.text))
        .collect()
}

/// Builds the error that holds all problems of a config.
pub(super) fn config_error(py: Python<'_>, problems: &[SpecError]) -> PyErr {
    let lines: Vec<&str> = problems.iter().map(|it| it.problem.as_str()).collect();
    let error = ConfigError::new_err(lines.join("\n"));
    let parts =
        |it: &SpecError| -> Finding { (it.section.clone(), it.option.clone(), it.problem.clone()) };
    let errors: Vec<Finding> = problems.iter().map(parts).collect();
    match error.value(py).setattr("errors", errors) {
        Ok(()) => error,
        Err(other) => other,
    }
}

impl From<EngineError> for PyErr {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::Request(_) | EngineError::Busy | EngineError::Closed => {
                RequestError::new_err(message)
            }
            _ => LumenError::new_err(message),
        }
    }
}

/// Runs the body of a call. A panic becomes a `LumenError`.
///
/// Using the engine after a panic is safe, because its locks do not poison.
pub(super) fn guarded<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let message = message(payload.as_ref());
        Err(LumenError::new_err(format!("internal error: {message}")))
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a message")
}
