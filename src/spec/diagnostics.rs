//! Collects errors and warnings about a config. The first [`PROBLEMS`] are kept as messages; the
//! rest are counted.

use super::{SpecError, SpecWarning};
use crate::limits::PROBLEMS;
use crate::text::{MAY_BE_NEWER, counted, shown};

/// The errors and warnings found so far.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    errors: Vec<SpecError>,
    error_count: usize,
    warnings: Vec<SpecWarning>,
    warning_count: usize,
}

impl Diagnostics {
    /// Adds an error about a section; `problem` continues `Section '...'`.
    pub(super) fn section(&mut self, section: &str, problem: &str) {
        self.add(section, None, || {
            format!("Section '{}'{problem}", shown(section))
        });
    }

    /// Adds an error about a section as a complete message.
    pub(super) fn whole(&mut self, section: &str, problem: String) {
        self.add(section, None, || problem);
    }

    /// Adds an error about an option.
    pub(super) fn option(&mut self, section: &str, option: &str, problem: &str) {
        self.add(section, Some(option), || {
            about_option(section, option, problem)
        });
    }

    /// Adds an error about an option that the section does not have. Without a hint, the message
    /// says that a newer version may have it.
    pub(super) fn unknown_option(&mut self, section: &str, option: &str, hint: &str) {
        let hint = if hint.is_empty() { MAY_BE_NEWER } else { hint };
        self.add(section, Some(option), || {
            let (option, section) = (shown(option), shown(section));
            format!("Option '{option}' is not valid in section '{section}'{hint}")
        });
    }

    /// Adds a warning about an option.
    pub(super) fn warn(&mut self, section: &str, option: &str, text: &str) {
        let message = about_option(section, option, text);
        self.add_warning(section, Some(option), message, false);
    }

    /// Adds a warning about a section as a complete message.
    pub(super) fn warn_whole(&mut self, section: &str, text: String) {
        self.add_warning(section, None, text, false);
    }

    /// Adds a note: a warning that may be wrong if the file is only one part of a config.
    pub(super) fn note(&mut self, section: &str, option: &str, text: &str) {
        let message = about_option(section, option, text);
        self.add_warning(section, Some(option), message, true);
    }

    fn add_warning(&mut self, section: &str, option: Option<&str>, text: String, is_note: bool) {
        self.warning_count += 1;
        if self.warnings.len() < PROBLEMS {
            self.warnings.push(SpecWarning {
                section: section.to_owned(),
                option: option.map(str::to_owned),
                text,
                is_note,
            });
        }
    }

    /// Whether there are errors.
    pub(super) fn has_errors(&self) -> bool {
        self.error_count > 0
    }

    /// Returns the errors, sorted by the `position` of their section, and the count of further
    /// ones.
    pub(super) fn into_errors(self, position: impl Fn(&str) -> usize) -> Vec<SpecError> {
        // There are few errors, and this is small.
        let mut sorted: Vec<SpecError> = Vec::with_capacity(self.errors.len() + 1);
        for error in self.errors {
            let own = position(&error.section);
            let place = sorted.partition_point(|it| position(&it.section) <= own);
            sorted.insert(place, error);
        }
        if let Some(problem) = more(self.error_count, "problem") {
            sorted.push(SpecError {
                section: String::new(),
                option: None,
                problem,
            });
        }
        sorted
    }

    /// Returns the warnings, and the count of further ones.
    pub(super) fn into_warnings(mut self) -> Vec<SpecWarning> {
        let more = more(self.warning_count, "warning");
        self.warnings.extend(more.map(|text| SpecWarning {
            section: String::new(),
            option: None,
            text,
            is_note: false,
        }));
        self.warnings
    }

    fn add(&mut self, section: &str, option: Option<&str>, problem: impl FnOnce() -> String) {
        self.error_count += 1;
        if self.errors.len() < PROBLEMS {
            self.errors.push(SpecError {
                section: section.to_owned(),
                option: option.map(str::to_owned),
                problem: problem(),
            });
        }
    }
}

/// Returns a message about an option. A text that begins with `must`, `cannot` or `has` follows the
/// names directly, as in Klipper's messages. Any other text follows a colon.
pub(super) fn about_option(section: &str, option: &str, text: &str) -> String {
    let is_verb = ["must ", "cannot ", "has "]
        .iter()
        .any(|it| text.starts_with(it));
    let joint = if is_verb { "" } else { ":" };
    let (option, section) = (shown(option), shown(section));
    format!("Option '{option}' in section '{section}'{joint} {text}")
}

/// Returns `and N more problems` if there are more than [`PROBLEMS`].
pub(super) fn more(count: usize, noun: &str) -> Option<String> {
    let more = count.checked_sub(PROBLEMS).filter(|more| *more > 0)?;
    Some(format!("and {}", counted(more, &format!("more {noun}"))))
}
