//! The doctor, and the check of a config file.

use super::config_file::dialect;
use super::error::{LumenError, RequestError, guarded};
use super::report;
use crate::doctor::{self, Board, CheckResult, DoctorInput, User};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::depythonize;
use serde::Serialize;
use std::path::PathBuf;

/// What `lumen/doctor` and `klipper-lumen doctor --json` answer, and the lines for the console.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    findings: &'a [CheckResult],
    lines: Vec<String>,
}

fn report_of<'py>(py: Python<'py>, findings: &[CheckResult]) -> PyResult<Bound<'py, PyAny>> {
    let [_, _, problems] = doctor::counts(findings);
    let report = Report {
        ok: problems == 0,
        findings,
        lines: doctor::lines(findings),
    };
    report::python(py, &report)
}

fn input_of(facts: &Bound<'_, PyDict>) -> PyResult<DoctorInput> {
    depythonize(facts).map_err(|error| LumenError::new_err(format!("facts: {error}")))
}

#[pyfunction]
pub(super) fn examine<'py>(
    py: Python<'py>,
    facts: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let input = input_of(facts)?;
        // Reads files.
        let findings = py.detach(|| doctor::examine(&input));
        report_of(py, &findings)
    })
}

/// A run of the doctor on a thread of its own.
#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct DoctorRun {
    run: doctor::DoctorRun,
    progress: doctor::DoctorProgress,
    is_over: Mutex<bool>,
}

#[pymethods]
impl DoctorRun {
    #[new]
    #[pyo3(signature = (facts, now, last=None, is_running=false))]
    fn new(
        facts: &Bound<'_, PyDict>,
        now: f64,
        last: Option<f64>,
        is_running: bool,
    ) -> PyResult<Self> {
        guarded(|| {
            let progress = doctor::DoctorProgress::begin(now, last, is_running);
            let progress = progress.map_err(RequestError::new_err)?;
            let run = doctor::DoctorRun::start(input_of(facts)?).map_err(|error| {
                let problem = format!("cannot start a thread ({error}); try again later");
                RequestError::new_err(problem)
            })?;
            Ok(Self {
                run,
                progress,
                is_over: Mutex::new(false),
            })
        })
    }

    fn poll<'py>(&self, py: Python<'py>, now: f64) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(|| {
            let mut is_over = self.is_over.lock();
            if *is_over {
                return Ok(None);
            }
            let findings = self.progress.poll(now, self.run.findings());
            *is_over = findings.is_some();
            drop(is_over);
            findings.map(|it| report_of(py, &it)).transpose()
        })
    }

    fn is_running(&self) -> PyResult<bool> {
        guarded(|| Ok(self.run.is_running()))
    }
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 makes a path of any os.PathLike"
)]
pub(super) fn check_file(
    py: Python<'_>,
    path: PathBuf,
    is_kalico: bool,
    with_devices: bool,
) -> PyResult<Bound<'_, PyAny>> {
    guarded(|| {
        let found = py.detach(|| doctor::check_config(&path, dialect(is_kalico), with_devices));
        report::python(py, &found.remarks)
    })
}

#[pyfunction]
pub(super) fn spi_commands(root: PathBuf, uid: u32, groups: Vec<u32>) -> PyResult<Vec<String>> {
    guarded(move || {
        Ok(doctor::setup_commands(
            &Board::new(root),
            &User { uid, groups },
        ))
    })
}

#[pyfunction]
pub(super) fn board_model(root: PathBuf) -> PyResult<String> {
    guarded(move || Ok(Board::new(root).model()))
}
