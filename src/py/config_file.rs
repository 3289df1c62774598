//! Python bindings of the config file reader.

use super::error::{self, LumenError, guarded};
use crate::config_file::{self, Dialect, Finding, KLIPPER_NEOPIXEL_OPTIONS, Location, Section};
use crate::spec::RawConfig;
use parking_lot::RwLock;
use pyo3::prelude::*;
use std::path::PathBuf;

pyo3::create_exception!(
    klipper_lumen,
    ConfigFileError,
    LumenError,
    "A config file that cannot be read. `place` is (file, line) or None."
);

/// A file and a line.
type FilePlace = (PathBuf, usize);
/// Name, value and place of an option.
type OptionLine = (String, String, FilePlace);
/// Place, section, option, text, and the message as one line with its place.
type Message = (
    Option<FilePlace>,
    Option<String>,
    Option<String>,
    String,
    String,
);

#[pyclass(frozen, module = "klipper_lumen._engine")]
pub(super) struct ConfigFile(RwLock<config_file::ConfigFile>);

#[pymethods]
impl ConfigFile {
    fn sections(&self) -> PyResult<Vec<String>> {
        guarded(|| {
            let read = self.0.read();
            let sections = read.sections().iter();
            Ok(sections.map(|section| section.name.clone()).collect())
        })
    }

    fn options(&self, section: &str) -> PyResult<Option<Vec<OptionLine>>> {
        guarded(|| {
            let lines = |section: &Section| {
                let options = section.options.iter();
                let line = options.map(|(name, option)| {
                    let value = option.value().to_owned();
                    (name.clone(), value, place(&option.location))
                });
                line.collect()
            };
            Ok(self.0.read().section(section).map(lines))
        })
    }

    #[pyo3(signature = (section, option=None))]
    fn place(&self, section: &str, option: Option<&str>) -> PyResult<Option<FilePlace>> {
        guarded(|| Ok(self.0.read().location(section, option).map(place)))
    }

    #[pyo3(signature = (known=None))]
    fn lumen_json(&self, py: Python<'_>, known: Option<&str>) -> PyResult<String> {
        guarded(|| {
            let text = py.detach(|| {
                let mut config = self.0.read().lumen();
                if let Some(known) = known {
                    let known: RawConfig = serde_json::from_str(known)?;
                    config.leds = known.leds;
                    config.klipper = known.klipper;
                }
                serde_json::to_string(&config)
            });
            text.map_err(|error| LumenError::new_err(error.to_string()))
        })
    }

    fn known_json(&self, py: Python<'_>) -> PyResult<String> {
        guarded(|| {
            let text = py.detach(|| {
                let known = RawConfig {
                    sections: Vec::new(),
                    ..self.0.read().lumen()
                };
                serde_json::to_string(&known)
            });
            text.map_err(|error| LumenError::new_err(error.to_string()))
        })
    }

    #[pyo3(signature = (findings=Vec::new(), with_notes=false))]
    fn messages(&self, findings: Vec<error::Finding>, with_notes: bool) -> PyResult<Vec<Message>> {
        guarded(|| {
            let findings = findings.into_iter().map(|(section, option, text)| Finding {
                section,
                option,
                text,
            });
            let read = self.0.read();
            let messages = read.messages(findings, with_notes).into_iter();
            let message = |it: config_file::Message| {
                let line = read.line(&it);
                let place = it.location.as_ref().map(place);
                (place, it.section, it.option, it.text, line)
            };
            Ok(messages.map(message).collect())
        })
    }

    fn discard(&self, py: Python<'_>) {
        py.detach(|| drop(std::mem::take(&mut *self.0.write())));
    }

    fn facts_json(&self) -> PyResult<Option<String>> {
        guarded(|| {
            let facts = self.0.read().facts();
            let text = facts.map(|facts| serde_json::to_string(&facts)).transpose();
            text.map_err(|error| LumenError::new_err(error.to_string()))
        })
    }
}

pub(super) fn dialect(is_kalico: bool) -> Dialect {
    if is_kalico {
        Dialect::Kalico
    } else {
        Dialect::Klipper
    }
}

fn place(place: &Location) -> FilePlace {
    (place.file.to_path_buf(), place.line)
}

#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 makes a path of any os.PathLike"
)]
#[pyo3(signature = (path, is_kalico=false))]
pub(super) fn read_config(py: Python<'_>, path: PathBuf, is_kalico: bool) -> PyResult<ConfigFile> {
    guarded(|| {
        let read = py.detach(|| config_file::load_as(dialect(is_kalico), &path));
        read.map(|read| ConfigFile(RwLock::new(read)))
            .map_err(|error| {
                let new = ConfigFileError::new_err(error.problem);
                let value = error.location.as_ref().map(place);
                match new.value(py).setattr("place", value) {
                    Ok(()) => new,
                    Err(other) => other,
                }
            })
    })
}

#[pyfunction]
pub(super) fn is_klipper_neopixel(name: &str, pin: &str) -> bool {
    config_file::is_klipper_neopixel(name, pin)
}

#[pyfunction]
pub(super) fn is_lumen(name: &str) -> bool {
    config_file::is_lumen(name)
}

#[pyfunction]
pub(super) fn klipper_neopixel_options() -> [&'static str; 3] {
    KLIPPER_NEOPIXEL_OPTIONS
}
