//! The entry point of the helper, and the helper config for a printer.cfg.

use super::error::{LumenError, guarded};
use super::spec::compiled;
use crate::helper::{self, Config, HelperSettings};
use pyo3::{PyErr, PyResult, Python, pyfunction};
use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::path::{Path, PathBuf};

fn error(problem: &dyn Display) -> PyErr {
    LumenError::new_err(problem.to_string())
}

#[pyfunction]
#[pyo3(signature = (config, facts, uids))]
pub(super) fn helper_config(
    py: Python<'_>,
    config: &str,
    facts: Option<&str>,
    uids: Vec<u32>,
) -> PyResult<String> {
    guarded(|| {
        let plan = compiled(py, config, facts)?.plan;
        let config = Config::of_plan(&plan, uids).map_err(|it| error(&it))?;
        Ok(config.text())
    })
}

#[pyfunction]
pub(super) fn helper_strips(path: &str) -> PyResult<Vec<String>> {
    guarded(|| {
        let config = Config::load(Path::new(path)).map_err(|it| error(&it))?;
        Ok(config.strips().iter().map(ToString::to_string).collect())
    })
}

#[pyfunction]
#[pyo3(signature = (config, socket, stop, *, notify=None, dry_run=None))]
pub(super) fn serve_helper(
    py: Python<'_>,
    config: PathBuf,
    socket: PathBuf,
    stop: i32,
    notify: Option<OsString>,
    dry_run: Option<PathBuf>,
) -> PyResult<()> {
    guarded(|| {
        // The number may belong to a descriptor of the caller. Reopening it gives us our own.
        let stop = File::open(Path::new("/proc/self/fd").join(stop.to_string()));
        helper::log_to_stderr();
        let mut settings =
            HelperSettings::new(config, socket, stop.map_err(|it| error(&it))?.into());
        settings.notify = notify;
        let opener = dry_run.map_or_else(helper::pins, helper::open_dry_run);
        py.detach(|| helper::serve(settings, opener))
            .map_err(|it| error(&it))
    })
}
