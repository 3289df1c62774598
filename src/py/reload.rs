//! The Python classes `Reload` and `ReloadProgress`.

use super::error::{RequestError, guarded};
use super::{report, seconds};
use crate::reload::{self, ReloadStep};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Whether the config was applied, warnings and problems.
type Outcome = (bool, Vec<String>, Vec<String>);

/// The name of a step, with the text of a warning and an outcome.
type NamedStep = (&'static str, String, Option<Outcome>);

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct Reload(pub(super) reload::Reload);

#[pymethods]
impl Reload {
    fn host_strips<'py>(&self, py: Python<'py>) -> PyResult<Option<Vec<Bound<'py, PyDict>>>> {
        guarded(|| {
            let Some(prepared) = self.0.prepared() else {
                return Ok(None);
            };
            let strips = prepared.host_strips().iter().cloned();
            let strips = strips.map(|strip| report::host(py, strip));
            strips.collect::<PyResult<_>>().map(Some)
        })
    }

    fn accept(&self) -> PyResult<()> {
        guarded(|| {
            self.0.accept();
            Ok(())
        })
    }

    fn cancel(&self) -> PyResult<()> {
        guarded(|| {
            self.0.cancel();
            Ok(())
        })
    }

    fn outcome(&self) -> PyResult<Option<Outcome>> {
        guarded(|| {
            let outcome = self.0.outcome();
            Ok(outcome.map(fields))
        })
    }

    #[pyo3(signature = (timeout=0.0))]
    fn join(&self, py: Python<'_>, timeout: f64) -> PyResult<bool> {
        guarded(|| {
            let timeout = seconds::wait("timeout", timeout)?;
            // Other threads must be able to run while this waits.
            Ok(if timeout.is_zero() {
                self.0.join(timeout)
            } else {
                py.detach(|| self.0.join(timeout))
            })
        })
    }
}

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct ReloadProgress(Mutex<reload::ReloadProgress>);

#[pymethods]
impl ReloadProgress {
    #[new]
    fn new(now: f64, is_busy: bool, hanging: usize) -> PyResult<Self> {
        let progress = reload::ReloadProgress::begin(now, is_busy, hanging);
        progress
            .map(|it| Self(Mutex::new(it)))
            .map_err(RequestError::new_err)
    }

    fn poll(
        &self,
        now: f64,
        outcome: Option<Outcome>,
        problems: Option<Vec<String>>,
    ) -> PyResult<Vec<NamedStep>> {
        guarded(|| {
            let outcome = outcome.map(outcome_of);
            let steps = self.0.lock().poll(now, outcome, problems);
            Ok(steps.into_iter().map(named).collect())
        })
    }
}

#[pyfunction]
pub(super) fn reload_lines(outcome: Outcome) -> Vec<String> {
    outcome_of(outcome).lines()
}

fn named(step: ReloadStep) -> NamedStep {
    let name = match step {
        ReloadStep::Pause => "pause",
        ReloadStep::Accept => "accept",
        ReloadStep::Resume => "resume",
        ReloadStep::Abandon => "abandon",
        ReloadStep::Warn(text) => return ("warn", text, None),
        ReloadStep::Report(outcome) => return ("report", String::new(), Some(fields(outcome))),
        ReloadStep::Adopt(outcome) => return ("adopt", String::new(), Some(fields(outcome))),
    };
    (name, String::new(), None)
}

fn fields(outcome: reload::Outcome) -> Outcome {
    (outcome.is_committed, outcome.warnings, outcome.problems)
}

fn outcome_of((is_committed, warnings, problems): Outcome) -> reload::Outcome {
    reload::Outcome {
        is_committed,
        warnings,
        problems,
    }
}
