//! Log records: passes them to Python's `logging`, which writes klippy.log.

use super::error::{LumenError, guarded};
use crate::engine::{self, NoticeKind};
use log::{Level, LevelFilter};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3_log::{Caching, Logger, ResetHandle};
use std::sync::OnceLock;

/// Resets pyo3-log's cache of Python's levels. `None` if another logger was already set.
static INSTALLED: OnceLock<Option<ResetHandle>> = OnceLock::new();

/// Installs the logger of this process, or makes it read Python's levels again.
///
/// If a logger is already set, it stays and receives the records. Loggers and levels are cached, so
/// that a disabled record costs no call into Python.
pub(super) fn install(py: Python<'_>) -> PyResult<()> {
    if let Some(installed) = INSTALLED.get() {
        if let Some(cache) = installed {
            cache.reset();
        }
        return Ok(());
    }
    let logger = Logger::new(py, Caching::LoggersAndLevels)?;
    // Other crates do not log through Lumen.
    let logger = logger
        .filter(LevelFilter::Off)
        .filter_target("lumen".to_owned(), LevelFilter::Debug);
    let handle = logger.install().ok();
    let _ = INSTALLED.set(handle);
    Ok(())
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct Notice(pub(super) engine::Notice);

impl From<engine::Notice> for Notice {
    fn from(notice: engine::Notice) -> Self {
        Self(notice)
    }
}

#[pymethods]
impl Notice {
    #[new]
    #[pyo3(signature = (level, text, about=None))]
    fn new(level: &str, text: String, about: Option<String>) -> PyResult<Self> {
        let level = match level {
            "info" => Level::Info,
            "warning" => Level::Warn,
            "error" => Level::Error,
            _ => return Err(LumenError::new_err("level must be info, warning or error")),
        };
        Ok(Self(engine::Notice {
            level,
            text,
            about,
            kind: NoticeKind::Event,
        }))
    }

    #[getter]
    fn level(&self) -> &'static str {
        match self.0.level {
            Level::Error => "error",
            Level::Warn => "warning",
            Level::Info | Level::Debug | Level::Trace => "info",
        }
    }

    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    #[getter]
    fn about(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    fn log(&self, py: Python<'_>) -> PyResult<()> {
        log_notice(py, &self.0)
    }
}

/// Logs a notice. An error in a handler is ignored.
pub(super) fn log_notice(py: Python<'_>, notice: &engine::Notice) -> PyResult<()> {
    guarded(|| {
        notice.log();
        // pyo3-log leaves the error of a handler set. A failed log call must not raise, but an
        // interrupt or an exit must pass.
        match PyErr::take(py) {
            Some(error) if !error.is_instance_of::<PyException>(py) => Err(error),
            _ => Ok(()),
        }
    })
}
