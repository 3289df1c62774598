//! Checks the text of a config, as `klipper-lumen check` does.

use crate::check::{CheckInput, ConfigCheck, Remark, RemarkLevel, check};
use crate::config_file::{ConfigFile, Dialect, Files, MemoryFiles, TextError, read};
use crate::limits::INCLUDES;
use crate::spec::{Compiled, Facts, compile};
use crate::text::{escaped, suggestion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The heaters of a printer that a config says nothing about.
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
    /// Full name of the section; `None` if it concerns none, empty for the count of further ones.
    pub section: Option<String>,
    /// The option, if it concerns one.
    pub option: Option<String>,
    /// The complete message.
    pub message: String,
    /// The word that the message suggests, if it does.
    pub suggestion: Option<String>,
    /// How serious it is.
    pub severity: Severity,
}

/// How serious a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Lumen does not start.
    Error,
    /// Lumen starts, but something does not work as written.
    Warning,
    /// Something that is good to know.
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
        let path = Path::new(&self.first);
        let files = self.files.iter();
        let mut files = GivenFiles {
            memory: MemoryFiles::new(files.map(|(path, text)| (path, text.clone()))),
            absent: Vec::new(),
        };
        let found = match read(path, &mut files) {
            Ok(config) => check_file(path, &config, &files.absent),
            Err(error) => ConfigCheck::unreadable(path, error),
        };
        let (errors, remarks): (Vec<Remark>, Vec<Remark>) = found
            .remarks
            .into_iter()
            .partition(|it| it.level == RemarkLevel::Problem);
        let problems = errors.into_iter().chain(remarks).map(Problem::from);
        Checked {
            problems: problems.collect(),
            compiled: found.compiled,
        }
    }
}

fn check_file(path: &Path, config: &ConfigFile, absent: &[PathBuf]) -> ConfigCheck {
    let input = if absent.is_empty() {
        CheckInput::new(config)
    } else {
        CheckInput::of_part(config)
    };
    let mut found = check(path, config, &input, |_| Vec::new());
    let notes = absent.iter().map(|absent| {
        let name = escaped(&absent.to_string_lossy());
        let text = format!("include file '{name}' is not here; it counts as empty");
        Remark::of_file(RemarkLevel::Note, path, text)
    });
    found.remarks.splice(..0, notes);
    if let (None, Some(compiled)) = (&input.facts, &mut found.compiled) {
        let facts = typical_facts(compiled);
        if let Ok(typical) = compile(&input.raw, Some(&facts)) {
            *compiled = typical;
        }
    }
    found
}

/// A printer with an extruder, a heated bed and what the effects of a config follow. Without
/// heaters no sample shows as `heating`.
fn typical_facts(compiled: &Compiled) -> Facts {
    Facts {
        heaters: HEATERS.map(str::to_owned).to_vec(),
        sensors: compiled.plan.sources.clone(),
        ..Facts::default()
    }
}

impl From<Remark> for Problem {
    fn from(remark: Remark) -> Self {
        Self {
            file: remark.file,
            line: remark.line,
            section: remark.section,
            option: remark.option,
            suggestion: suggestion(&remark.message).map(str::to_owned),
            message: remark.message,
            severity: match remark.level {
                RemarkLevel::Problem => Severity::Error,
                RemarkLevel::Warning => Severity::Warning,
                RemarkLevel::Note => Severity::Note,
            },
        }
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
