//! Errors as Python sees them, and the guard round every call.

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
    "What the engine refuses or cannot do, in words for the user."
);
pyo3::create_exception!(
    klipper_lumen,
    RequestError,
    LumenError,
    "A request that the engine refuses, in words for the user."
);
pyo3::create_exception!(
    klipper_lumen,
    ConfigError,
    LumenError,
    "Problems of a config. `errors` holds each as (section, option or None, message)."
);

/// Section, option and message.
pub(super) type Finding = (String, Option<String>, String);

/// Warnings as Python sees them.
pub(super) fn findings(warnings: Vec<SpecWarning>) -> Vec<Finding> {
    let warnings = warnings.into_iter();
    warnings
        .map(|it| (it.section, it.option, it.text))
        .collect()
}

/// Makes the one error that holds all problems of a config.
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
        let words = error.to_string();
        match error {
            EngineError::Request(_) | EngineError::Busy | EngineError::Closed => {
                RequestError::new_err(words)
            }
            _ => LumenError::new_err(words),
        }
    }
}

/// Runs the body of a call; a panic in it becomes a `LumenError`.
///
/// What a panicked body had begun to change belongs to the engine, whose locks do not poison.
pub(super) fn guarded<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let words = words(payload.as_ref());
        Err(LumenError::new_err(format!("internal error: {words}")))
    })
}

fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words")
}
