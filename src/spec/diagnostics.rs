//! What was found wrong with a config: the first problems in words, the others counted.

use super::{SpecError, SpecWarning};
use crate::limits::PROBLEMS;
use crate::text::{MAY_BE_NEWER, shown};

/// What was found wrong with a config so far.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    errors: Vec<SpecError>,
    error_count: usize,
    warnings: Vec<SpecWarning>,
    warning_count: usize,
    /// What looks different than in an earlier version.
    pub(super) changes: Vec<String>,
}

impl Diagnostics {
    /// Notes a problem of a section as a whole; `problem` completes `Section '...'`.
    pub(super) fn section(&mut self, section: &str, problem: &str) {
        self.add(section, None, || {
            format!("Section '{}'{problem}", shown(section))
        });
    }

    /// Notes a problem of a section in words of its own.
    pub(super) fn whole(&mut self, section: &str, problem: String) {
        self.add(section, None, || problem);
    }

    /// Notes a problem of an option. What begins with `must` or `cannot` follows the names as Klipper has it,
    /// anything else after a colon.
    pub(super) fn option(&mut self, section: &str, option: &str, problem: &str) {
        let joint = if problem.starts_with("must ") || problem.starts_with("cannot ") {
            ""
        } else {
            ":"
        };
        self.add(section, Some(option), || {
            let (option, section) = (shown(option), shown(section));
            format!("Option '{option}' in section '{section}'{joint} {problem}")
        });
    }

    /// Notes an option that the section does not have; without a hint a later version may have it.
    pub(super) fn unknown_option(&mut self, section: &str, option: &str, hint: &str) {
        let hint = if hint.is_empty() { MAY_BE_NEWER } else { hint };
        self.add(section, Some(option), || {
            let (option, section) = (shown(option), shown(section));
            format!("Option '{option}' is not valid in section '{section}'{hint}")
        });
    }

    /// Notes what stops nothing about an option.
    pub(super) fn warn(&mut self, section: &str, option: &str, text: &str) {
        let joint = if text.starts_with("has ") { " " } else { ": " };
        let words = format!(
            "Option '{}' in section '{}'{joint}{text}",
            shown(option),
            shown(section)
        );
        self.add_warning(section, Some(option), words, false);
    }

    /// Notes what stops nothing about a section, in words of its own.
    pub(super) fn warn_whole(&mut self, section: &str, text: String) {
        self.add_warning(section, None, text, false);
    }

    /// Notes what may be right in a part of a config.
    pub(super) fn remark(&mut self, section: &str, option: &str, text: &str) {
        let (name, title) = (shown(option), shown(section));
        let words = format!("Option '{name}' in section '{title}': {text}");
        self.add_warning(section, Some(option), words, true);
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

    /// Whether something is wrong.
    pub(super) fn has_errors(&self) -> bool {
        self.error_count > 0
    }

    /// The errors, ordered by `place` of their section, and how many more there are.
    pub(super) fn into_errors(mut self, place: impl Fn(&str) -> usize) -> Vec<SpecError> {
        self.errors
            .sort_by_cached_key(|error| place(&error.section));
        if let Some(problem) = more(self.error_count, "problem") {
            self.errors.push(SpecError {
                section: String::new(),
                option: None,
                problem,
            });
        }
        self.errors
    }

    /// The warnings, and how many more there are.
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

/// `and N more problems`, if there are more than are kept.
pub(super) fn more(count: usize, noun: &str) -> Option<String> {
    let more = count.checked_sub(PROBLEMS).filter(|more| *more > 0)?;
    let plural = if more == 1 { "" } else { "s" };
    Some(format!("and {more} more {noun}{plural}"))
}
