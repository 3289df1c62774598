//! The config: what `klipper-lumen check` finds in a printer.cfg.

use super::{CheckResult, Level};
use crate::command::old_macro;
use crate::config_file::{self, ConfigFile, Dialect, Finding, Message, is_lumen};
use crate::plan::Plan;
use crate::spec::{SpecWarning, compile};
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigCheck {
    /// All remarks, problems last.
    pub remarks: Vec<Remark>,
    /// The plan, if there are no problems.
    pub plan: Option<Plan>,
}

impl Remark {
    /// A remark about a whole file.
    fn of_file(level: RemarkLevel, path: &Path, message: impl Into<String>) -> Self {
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

    /// `FILE:LINE: MESSAGE`
    fn text(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {}", self.file, self.message),
            None => format!("{}: {}", self.file, self.message),
        }
    }
}

/// Checks a config file as klippy would read it. With `devices`, also warns about missing devices.
pub fn check_config(path: &Path, dialect: Dialect, with_devices: bool) -> ConfigCheck {
    match config_file::load_as(dialect, path) {
        Ok(read) => check_file(path, &read, with_devices),
        Err(error) => {
            let (file, line) = match &error.location {
                Some(it) => (&*it.file, Some(it.line)),
                None => (path, None),
            };
            let remark = Remark::of_file(RemarkLevel::Problem, file, error.problem);
            ConfigCheck {
                remarks: vec![Remark { line, ..remark }],
                plan: None,
            }
        }
    }
}

fn check_file(path: &Path, read: &ConfigFile, with_devices: bool) -> ConfigCheck {
    let facts = read.facts();
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
    let plan = match compile(&read.lumen(), facts.as_ref()) {
        Ok(compiled) => {
            let with_devices = with_devices && facts.is_some();
            remarks.extend(warnings(path, read, compiled.warnings, {
                let devices = compiled.devices.iter().filter(|_| with_devices);
                devices.filter_map(missing_device).collect()
            }));
            Some(compiled.plan)
        }
        Err(errors) => {
            found.extend(errors.into_iter().map(Finding::from));
            remarks.extend(warnings(path, read, Vec::new(), Vec::new()));
            None
        }
    };
    let messages = read.messages(found, false).into_iter();
    problems.extend(messages.map(|it| Remark::new(RemarkLevel::Problem, path, it)));
    let plan = plan.filter(|_| problems.is_empty());
    remarks.extend(problems);
    ConfigCheck { remarks, plan }
}

/// Returns the warnings and notes in the order of the lines.
fn warnings(
    path: &Path,
    read: &ConfigFile,
    warnings: Vec<SpecWarning>,
    devices: Vec<Finding>,
) -> Vec<Remark> {
    let notes = warnings.iter().filter(|it| it.is_note);
    let notes: Vec<String> = notes.map(|it| it.text.clone()).collect();
    let found = warnings.into_iter().map(Finding::from).chain(devices);
    let messages = read.messages(found, true).into_iter();
    let remarks = messages.map(|it| {
        let level = if notes.contains(&it.text) {
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

fn missing_device((section, device): &(String, String)) -> Option<Finding> {
    let text = format!(
        "Section '{section}': {device} does not exist on this computer, so the strip stays dark"
    );
    (!Path::new(device).exists()).then(|| Finding {
        section: section.clone(),
        option: Some("device".to_owned()),
        text,
    })
}

/// Adds the remarks of a check as findings of the doctor. Notes are left out.
pub(super) fn add_findings(path: &Path, found: &ConfigCheck, findings: &mut Vec<CheckResult>) {
    let is_fine = found
        .remarks
        .iter()
        .all(|it| it.level != RemarkLevel::Problem);
    for remark in &found.remarks {
        let level = match remark.level {
            RemarkLevel::Problem => Level::Problem,
            RemarkLevel::Warning => Level::Warning,
            RemarkLevel::Note => continue,
        };
        findings.push(CheckResult::new(level, "config", remark.text(), ""));
    }
    if is_fine {
        let text = format!("{}: no problems found", path.display());
        findings.push(CheckResult::ok("config", text));
    }
}
