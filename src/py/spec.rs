//! What can be asked without an engine: is a config right, which effects and colors are there.

use super::error::{LumenError, guarded};
use crate::color::name;
use crate::effect::catalog;
use pyo3::{PyResult, pyfunction};

#[pyfunction]
pub(super) fn effects() -> PyResult<String> {
    guarded(|| {
        serde_json::to_string(&catalog::effects())
            .map_err(|error| LumenError::new_err(error.to_string()))
    })
}

#[pyfunction]
pub(super) fn colors() -> PyResult<Vec<(&'static str, String)>> {
    guarded(|| {
        let color = |&(word, color)| (word, name::hex(color));
        Ok(name::NAMES.iter().map(color).collect())
    })
}
