//! The Python class `Reload`.

use super::error::guarded;
use super::{report, seconds};
use crate::reload;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Whether the config was applied, warnings and problems.
type Outcome = (bool, Vec<String>, Vec<String>);

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
            Ok(outcome.map(|it| (it.is_committed, it.warnings, it.problems)))
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
