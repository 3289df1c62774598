//! Checks the text of a config, as `klipper-lumen check` does.

use crate::config_file::{
    ConfigFile, Dialect, Files, Finding, MemoryFiles, TextError, is_lumen, read,
};
use crate::limits::INCLUDES;
use crate::spec::klipper::KnownFrom;
use crate::spec::{Compiled, Facts, RawConfig, compile};
use crate::text::{escaped, suggestion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const NOT_LOADED: &str = "no section [lumen]; Lumen is not loaded";
const NOT_IN_THIS_FILE: &str =
    "there is no section [lumen] in this file; printer.cfg must have it";

const HEATERS: [&str; 2] = ["extruder", "heater_bed"];

/// The files of a config.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigText {
    /// Path of the first file, as a key of `files`.
    pub first: String,
    /// The texts of the files, by path. A file that is included and not here counts as empty; then
    /// the config is checked as one part of a larger one.
    pub files: BTreeMap<String, String>,
}

/// What is wrong with a config, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path of the file.
    pub file: String,
    /// The line, from 1; `None` if it concerns no line.
    pub line: Option<usize>,
    /// Full name of the section, if it concerns one.
    pub section: Option<String>,
    /// The option, if it concerns one.
    pub option: Option<String>,
    /// The complete message.
    pub message: String,
    /// The word that the message suggests, if it does.
    pub suggestion: Option<String>,
    /// Its severity.
    pub severity: Severity,
}

/// How severe a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Lumen does not start with it.
    Error,
    /// It is probably a mistake.
    Warning,
    /// It may be correct in a file that is one part of a config.
    Note,
}

/// A checked config.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The problems: errors first, then in the order of the lines.
    pub problems: Vec<Problem>,
    /// The compiled config, if there is no error. If the config says nothing about the printer, it
    /// is compiled for one with an extruder and a heated bed.
    pub compiled: Option<Compiled>,
}

impl ConfigText {
    /// A config of one file.
    pub fn one(text: &str) -> Self {
        let first = "printer.cfg".to_owned();
        let mut files = BTreeMap::new();
        files.insert(first.clone(), text.to_owned());
        Self { first, files }
    }

    /// Checks and compiles the config.
    pub fn check(&self) -> Checked {
        let files = self.files.iter();
        let mut files = GivenFiles {
            memory: MemoryFiles::new(files.map(|(path, text)| (path, text.clone()))),
            absent: Vec::new(),
        };
        let mut report = Report {
            first: &self.first,
            problems: Vec::new(),
        };
        let compiled = match read(Path::new(&self.first), &mut files) {
            Err(error) => {
                let (file, line) = error
                    .location
                    .map(|it| (it.file.to_string_lossy().into_owned(), it.line))
                    .unzip();
                report.add(Problem {
                    file: file.unwrap_or_else(|| self.first.clone()),
                    line,
                    section: None,
                    option: None,
                    suggestion: None,
                    message: error.problem,
                    severity: Severity::Error,
                });
                None
            }
            Ok(config) => report.compile(&config, &files.absent),
        };
        let (mut problems, remarks): (Vec<_>, Vec<_>) = report
            .problems
            .into_iter()
            .partition(|it| it.severity == Severity::Error);
        problems.extend(remarks);
        Checked { problems, compiled }
    }
}

struct Report<'a> {
    first: &'a str,
    problems: Vec<Problem>,
}

impl Report<'_> {
    fn compile(&mut self, config: &ConfigFile, absent: &[PathBuf]) -> Option<Compiled> {
        for path in absent {
            let path = escaped(&path.to_string_lossy());
            let text = format!("include file '{path}' is not here; it counts as empty");
            self.about_file(text, Severity::Note);
        }
        let mut raw = config.lumen();
        let mut facts = config.facts();
        if !absent.is_empty() {
            // The heaters may be in another file.
            facts = None;
            mark_as_part(&mut raw);
        }
        self.check_is_loaded(config, facts.is_none());
        match compile(&raw, facts.as_ref()) {
            Ok(compiled) => {
                self.warnings(config, &compiled);
                let is_ok = self.problems.iter().all(|it| it.severity != Severity::Error);
                if !is_ok {
                    return None;
                }
                let typical = facts.is_none().then(|| typical_facts(&compiled));
                let typical = typical.and_then(|facts| compile(&raw, Some(&facts)).ok());
                Some(typical.unwrap_or(compiled))
            }
            Err(errors) => {
                let errors = errors.into_iter().map(Finding::from).collect();
                self.messages(config, errors, Severity::Error, &[]);
                self.messages(config, Vec::new(), Severity::Warning, &[]);
                None
            }
        }
    }

    fn check_is_loaded(&mut self, config: &ConfigFile, is_part: bool) {
        if config.section("lumen").is_some() {
            return;
        }
        let has_sections = config.sections().iter().any(|it| is_lumen(&it.name));
        if is_part && has_sections {
            self.about_file(NOT_IN_THIS_FILE.to_owned(), Severity::Note);
        } else {
            self.about_file(NOT_LOADED.to_owned(), Severity::Error);
        }
    }

    fn warnings(&mut self, config: &ConfigFile, compiled: &Compiled) {
        let warnings = compiled.warnings.iter();
        let notes = warnings.clone().filter(|it| it.is_note);
        let notes: Vec<&str> = notes.map(|it| it.text.as_str()).collect();
        let findings = warnings.cloned().map(Finding::from).collect();
        self.messages(config, findings, Severity::Warning, &notes);
    }

    /// Adds findings of a severity, with the reader's own notes if they are not errors. Findings
    /// that are in `notes` are less severe.
    fn messages(
        &mut self,
        config: &ConfigFile,
        findings: Vec<Finding>,
        severity: Severity,
        notes: &[&str],
    ) {
        for message in config.messages(findings, severity != Severity::Error) {
            let location = message.location;
            let file = location.as_ref().map(|it| it.file.to_string_lossy());
            self.add(Problem {
                file: file.map_or_else(|| self.first.to_owned(), |it| it.into_owned()),
                line: location.as_ref().map(|it| it.line),
                section: message.section.filter(|it| !it.is_empty()),
                option: message.option,
                suggestion: suggestion(&message.text).map(str::to_owned),
                severity: if notes.contains(&message.text.as_str()) {
                    Severity::Note
                } else {
                    severity
                },
                message: message.text,
            });
        }
    }

    fn about_file(&mut self, message: String, severity: Severity) {
        self.add(Problem {
            file: self.first.to_owned(),
            line: None,
            section: None,
            option: None,
            message,
            suggestion: None,
            severity,
        });
    }

    fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// A printer with an extruder, a heated bed and what the effects of a config follow. Without heaters
/// no sample shows as `heating`.
fn typical_facts(compiled: &Compiled) -> Facts {
    Facts {
        heaters: HEATERS.map(str::to_owned).to_vec(),
        sensors: compiled.plan.sources.clone(),
        ..Facts::default()
    }
}

fn mark_as_part(raw: &mut RawConfig) {
    if let Some(klipper) = &mut raw.klipper {
        klipper.known_from = KnownFrom::Part;
    }
}

/// The files that were given; others count as empty.
struct GivenFiles {
    memory: MemoryFiles,
    /// Includes that match none of them.
    absent: Vec<PathBuf>,
}

impl Files for GivenFiles {
    fn text(&mut self, path: &Path) -> Result<String, TextError> {
        if self.absent.iter().any(|it| it == path) {
            return Ok(String::new());
        }
        self.memory.text(path)
    }

    fn matching(&mut self, pattern: &Path, dialect: Dialect) -> Result<Vec<PathBuf>, String> {
        let found = self.memory.matching(pattern, dialect)?;
        if found.is_empty() && self.absent.len() < INCLUDES {
            if !self.absent.iter().any(|it| it == pattern) {
                self.absent.push(pattern.to_owned());
            }
            return Ok(vec![pattern.to_owned()]);
        }
        Ok(found)
    }
}
