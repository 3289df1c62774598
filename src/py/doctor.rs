//! The doctor.

use super::error::guarded;
use super::report;
use super::spec::compiled;
use crate::doctor::{Board, User, examine};
use pyo3::prelude::*;
use std::path::PathBuf;

#[pyfunction]
#[pyo3(signature = (config, facts, root, uid, groups))]
pub(super) fn doctor<'py>(
    py: Python<'py>,
    config: Option<&str>,
    facts: Option<&str>,
    root: PathBuf,
    uid: u32,
    groups: Vec<u32>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let compiled = config.map(|it| compiled(py, it, facts)).transpose()?;
        let plan = compiled.as_ref().map(|it| &it.plan);
        let user = User { uid, groups };
        // Reads files.
        let findings = py.detach(|| examine(&Board::new(root), &user, plan));
        report::python(py, &findings)
    })
}
