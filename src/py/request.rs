//! Requests from Python: the table, the parameters and the answers.

use super::error::{LumenError, guarded};
use super::report::python;
use crate::check;
use crate::command::{
    self, Answer, CallerFacts, Data, EffectLists, Form, GroupObject, LightObject, Objects,
    RequestKind, StripObject, Then,
};
use crate::engine::{EngineError, Status};
use crate::limits::{NAME_BYTES, VALUE_BYTES};
use crate::request::Given;
use crate::text::shown;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use pythonize::depythonize;
use std::sync::Arc;

/// The answer as a text or as data, what to do next, and for how many seconds.
pub(super) type Answered<'py> = (Option<Bound<'py, PyAny>>, Option<&'static str>, f64);

/// A row of the table of requests.
#[pyclass(frozen, get_all, module = "klipper_lumen._engine")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "attributes of a Python object"
)]
pub(super) struct Request {
    name: &'static str,
    gcode: String,
    help: &'static str,
    parameters: Vec<&'static str>,
    kind: &'static str,
    command: bool,
    endpoint: bool,
    always: bool,
    reads_facts: bool,
}

impl From<&command::RequestSpec> for Request {
    fn from(request: &command::RequestSpec) -> Self {
        Self {
            name: request.name,
            gcode: request.gcode(),
            help: request.help,
            parameters: request.parameters.iter().map(|it| it.name).collect(),
            kind: match request.kind {
                RequestKind::Both | RequestKind::Command | RequestKind::Endpoint => "lumen",
                RequestKind::Old => "old",
                RequestKind::Web => "web",
            },
            command: request.is_command(),
            endpoint: request.is_endpoint(),
            always: request.always,
            reads_facts: request.reads_facts,
        }
    }
}

#[pyfunction]
pub(super) fn requests() -> Vec<Request> {
    command::requests().map(Request::from).collect()
}

/// Answers a request while no engine runs.
#[pyfunction]
pub(super) fn request<'py>(
    py: Python<'py>,
    name: &str,
    parameters: &Bound<'py, PyDict>,
    as_text: bool,
) -> PyResult<Answered<'py>> {
    guarded(|| {
        let (count, given) = (parameters.len(), given(parameters));
        let answer = command::request_without_engine(find(name)?, count, given, form(as_text));
        answered(py, answer, form(as_text), &EffectData::default())
    })
}

/// The fields of all printer objects while no engine runs.
#[pyfunction]
pub(super) fn blank_objects<'py>(
    py: Python<'py>,
    facts: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| python(py, &Objects::new(&Status::default(), &facts_of(facts)?)))
}

/// The fields of an object of which nothing is known.
#[pyfunction]
pub(super) fn blank_object<'py>(py: Python<'py>, kind: &str) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| match kind {
        "groups" => python(py, &GroupObject::default()),
        "strips" => python(py, &StripObject::default()),
        _ => python(py, &LightObject::default()),
    })
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 extracts only owned lists"
)]
pub(super) fn old_macro(section: &str, options: Vec<String>) -> PyResult<Option<String>> {
    guarded(|| Ok(check::old_macro(section, &options)))
}

/// The newest lists of effects as Python data, which take long to convert.
#[derive(Default)]
pub(super) struct EffectData(Mutex<Option<(Arc<EffectLists>, Py<PyAny>)>>);

impl EffectData {
    fn get<'py>(&self, py: Python<'py>, lists: &Arc<EffectLists>) -> PyResult<Bound<'py, PyAny>> {
        if let Some((before, data)) = &*self.0.lock()
            && Arc::ptr_eq(before, lists)
        {
            return Ok(data.bind(py).clone());
        }
        let data = python(py, &**lists)?;
        let before = self
            .0
            .lock()
            .replace((Arc::clone(lists), data.clone().unbind()));
        // Not under the lock, because this may run code of Python.
        drop(before);
        Ok(data)
    }
}

pub(super) fn find(name: &str) -> PyResult<&'static command::RequestSpec> {
    let unknown = || LumenError::new_err(format!("unknown request '{}'", shown(name)));
    command::find(name).ok_or_else(unknown)
}

pub(super) fn form(as_text: bool) -> Form {
    if as_text { Form::Text } else { Form::Data }
}

pub(super) fn facts_of(facts: &Bound<'_, PyDict>) -> PyResult<CallerFacts> {
    Ok(depythonize(facts)?)
}

pub(super) fn answered<'py>(
    py: Python<'py>,
    answer: Result<Answer, EngineError>,
    form: Form,
    effects: &EffectData,
) -> PyResult<Answered<'py>> {
    let Answer { text, data, then } = answer?;
    let output = match (form, data) {
        (Form::Text, _) => text.map(|it| PyString::new(py, &it).into_any()),
        (Form::Data, Data::Effects(lists)) => Some(effects.get(py, &lists)?),
        (Form::Data, data) => Some(python(py, &data)?),
    };
    Ok(match then {
        None => (output, None, 0.0),
        Some(Then::Sample) => (output, Some("sample"), 0.0),
        Some(Then::Reload) => (output, Some("reload"), 0.0),
        Some(Then::Doctor) => (output, Some("doctor"), 0.0),
        Some(Then::Measure(seconds)) => (output, Some("measure"), seconds),
    })
}

/// Returns the names and values of a request. Their length is limited before they are converted.
pub(super) fn given<'a>(
    parameters: &'a Bound<'_, PyDict>,
) -> impl Iterator<Item = (Given, Given)> + 'a {
    let given = parameters.iter();
    given.map(|(name, value)| (word(&name, NAME_BYTES), word(&value, VALUE_BYTES)))
}

fn word(value: &Bound<'_, PyAny>, limit: usize) -> Given {
    if let Ok(text) = value.cast::<PyString>() {
        return text_of(text, limit);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Given::Text(u8::from(flag.is_true()).to_string());
    }
    if value.is_instance_of::<PyInt>() {
        // Converting it to a text for the check of its length would take long.
        let bits = value.call_method0("bit_length");
        let bits = bits.and_then(|it| it.extract::<usize>());
        if bits.is_ok_and(|it| it > limit) {
            return Given::TooLarge;
        }
        return value
            .str()
            .map_or(Given::TooLarge, |it| text_of(&it, limit));
    }
    if value.is_instance_of::<PyFloat>() {
        return value
            .str()
            .map_or(Given::TooLarge, |it| text_of(&it, limit));
    }
    Given::Other(if value.is_none() {
        "null"
    } else if value.is_instance_of::<PyDict>() {
        "an object"
    } else if value.is_instance_of::<PyList>() {
        "a list"
    } else {
        "something"
    })
}

fn text_of(text: &Bound<'_, PyString>, limit: usize) -> Given {
    if text.len().is_ok_and(|chars| chars > limit) {
        return Given::TooLong;
    }
    text.to_cow()
        .map_or(Given::Surrogates, |it| Given::Text(it.into_owned()))
}
