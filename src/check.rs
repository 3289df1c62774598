//! Checks a config that was read, as `klipper-lumen check` and the WebAssembly module do: the
//! sections of Lumen with all their lines, and macros that hide a command.

mod macros;

use crate::config_file::{ConfigFile, Finding, Message, ReadError, is_lumen};
use crate::spec::klipper::KnownFrom;
use crate::spec::{Compiled, Facts, RawConfig, SpecWarning, compile};
#[cfg(test)]
pub(crate) use macros::COMMANDS;
pub use macros::old_macro;
use serde::Serialize;
use std::path::Path;

const NOT_LOADED: &str = "no section [lumen]; Lumen is not loaded";
const NOT_IN_THIS_FILE: &str = "there is no section [lumen] in this file; printer.cfg must have it";

/// How serious a remark about a config is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RemarkLevel {
    /// Lumen does not start.
    Problem,
    /// Lumen starts, but something does not work as written.
    Warning,
    /// Something that is good to know.
    Note,
}

/// A remark about a config, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// How serious it is.
    pub level: RemarkLevel,
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// Full name of the section; empty for the count of unlisted problems.
    pub section: Option<String>,
    /// The option.
    pub option: Option<String>,
    /// The message.
    pub message: String,
}

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct ConfigCheck {
    /// All remarks, problems last.
    pub remarks: Vec<Remark>,
    /// The compiled config, if there are no problems.
    pub compiled: Option<Compiled>,
}

/// What is compiled: Lumen's sections, and what the config says about the printer.
#[derive(Clone, Debug, Default)]
pub struct CheckInput {
    /// Lumen's sections.
    pub raw: RawConfig,
    /// The printer; `None` without `[printer]`.
    pub facts: Option<Facts>,
}

impl CheckInput {
    /// Takes it from a config.
    pub fn new(read: &ConfigFile) -> Self {
        Self {
            raw: read.lumen(),
            facts: read.facts(),
        }
    }

    /// Takes it from one part of a config: the rest of the printer is in files that are not here.
    pub fn of_part(read: &ConfigFile) -> Self {
        let mut raw = read.lumen();
        if let Some(klipper) = &mut raw.klipper {
            klipper.known_from = KnownFrom::Part;
        }
        Self { raw, facts: None }
    }
}

impl Remark {
    /// A remark about a whole file.
    pub(crate) fn of_file(level: RemarkLevel, path: &Path, message: impl Into<String>) -> Self {
        Self {
            level,
            file: path.display().to_string(),
            line: None,
            section: None,
            option: None,
            message: message.into(),
        }
    }

    fn new(level: RemarkLevel, path: &Path, message: Message) -> Self {
        let place = message.location;
        let file = place.as_ref().map_or(path, |it| &it.file);
        Self {
            level,
            file: file.display().to_string(),
            line: place.as_ref().map(|it| it.line),
            section: message.section,
            option: message.option,
            message: message.text,
        }
    }
}

impl ConfigCheck {
    /// The check of a config that cannot be read; `path` is its first file.
    pub fn unreadable(path: &Path, error: ReadError) -> Self {
        let (file, line) = match &error.location {
            Some(it) => (&*it.file, Some(it.line)),
            None => (path, None),
        };
        let remark = Remark::of_file(RemarkLevel::Problem, file, error.problem);
        Self {
            remarks: vec![Remark { line, ..remark }],
            compiled: None,
        }
    }
}

/// Checks a config as klippy would read it; `path` is its first file. `more` finds further warnings
/// in a config without problems.
pub fn check(
    path: &Path,
    read: &ConfigFile,
    input: &CheckInput,
    more: impl FnOnce(&Compiled) -> Vec<Finding>,
) -> ConfigCheck {
    let facts = input.facts.as_ref();
    let mut remarks = Vec::new();
    let mut problems = Vec::new();
    if read.section("lumen").is_none() {
        if facts.is_none() && read.sections().iter().any(|it| is_lumen(&it.name)) {
            remarks.push(Remark::of_file(RemarkLevel::Note, path, NOT_IN_THIS_FILE));
        } else {
            problems.push(Remark::of_file(RemarkLevel::Problem, path, NOT_LOADED));
        }
    }
    let mut found = macros(read);
    let compiled = match compile(&input.raw, facts) {
        Ok(compiled) => {
            let more = more(&compiled);
            remarks.extend(warnings(path, read, &compiled.warnings, more));
            Some(compiled)
        }
        Err(errors) => {
            found.extend(errors.into_iter().map(Finding::from));
            remarks.extend(warnings(path, read, &[], Vec::new()));
            None
        }
    };
    let messages = read.messages(found, false).into_iter();
    problems.extend(messages.map(|it| Remark::new(RemarkLevel::Problem, path, it)));
    let compiled = compiled.filter(|_| problems.is_empty());
    remarks.extend(problems);
    ConfigCheck { remarks, compiled }
}

/// Returns the warnings and notes in the order of the lines.
fn warnings(
    path: &Path,
    read: &ConfigFile,
    warnings: &[SpecWarning],
    mut found: Vec<Finding>,
) -> Vec<Remark> {
    let is_note = |text: &str| warnings.iter().any(|it| it.is_note && it.text == text);
    found.splice(..0, warnings.iter().cloned().map(Finding::from));
    let messages = read.messages(found, true).into_iter();
    let remarks = messages.map(|it| {
        let level = if is_note(&it.text) {
            RemarkLevel::Note
        } else {
            RemarkLevel::Warning
        };
        Remark::new(level, path, it)
    });
    remarks.collect()
}

/// Finds macros with the names of Lumen's commands.
fn macros(read: &ConfigFile) -> Vec<Finding> {
    let found = read.sections().iter().filter_map(|section| {
        let options: Vec<String> = section.options.keys().cloned().collect();
        let text = old_macro(&section.name, &options)?;
        Some(Finding {
            section: section.name.clone(),
            option: None,
            text,
        })
    });
    found.collect()
}
