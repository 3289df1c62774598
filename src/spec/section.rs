//! One section of a config, read option by option against its table; and the list of everything
//! that was found wrong on the way.

use super::SpecError;
use super::options::{SectionOption, ValueKind};
use crate::text::did_you_mean;
use std::collections::BTreeMap;

/// What was found wrong with a config so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) errors: Vec<SpecError>,
    pub(super) warnings: Vec<String>,
}

impl Problems {
    /// Notes a problem of a section as a whole; `problem` completes `Section '...'`.
    pub(super) fn section(&mut self, section: &str, problem: &str) {
        self.whole(section, format!("Section '{section}'{problem}"));
    }

    /// Notes a problem of a section in words of its own.
    pub(super) fn whole(&mut self, section: &str, problem: String) {
        self.errors.push(SpecError {
            section: section.to_owned(),
            option: None,
            problem,
        });
    }

    /// Notes a problem of an option. What begins with `must` follows the names as Klipper has it,
    /// anything else after a colon.
    pub(super) fn option(&mut self, section: &str, option: &str, problem: &str) {
        let joint = if problem.starts_with("must ") {
            ""
        } else {
            ":"
        };
        self.errors.push(SpecError {
            section: section.to_owned(),
            option: Some(option.to_owned()),
            problem: format!("Option '{option}' in section '{section}'{joint} {problem}"),
        });
    }

    /// Notes an option that the section does not have.
    pub(super) fn unknown_option(&mut self, section: &str, option: &str, hint: &str) {
        self.errors.push(SpecError {
            section: section.to_owned(),
            option: Some(option.to_owned()),
            problem: format!("Option '{option}' is not valid in section '{section}'{hint}"),
        });
    }

    /// Notes what stops nothing about an option.
    pub(super) fn warn(&mut self, section: &str, option: &str, text: &str) {
        self.warnings
            .push(format!("Option '{option}' in section '{section}' {text}"));
    }
}

/// A section with the table that says what it may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    /// Its full name, `lumen_group case`.
    pub(super) title: &'a str,
    /// What follows its kind, `case`.
    pub(super) name: &'a str,
    pub(super) options: &'a BTreeMap<String, String>,
    pub(super) table: &'static [SectionOption],
}

impl<'a> Section<'a> {
    /// The text of an option, where it is there.
    pub(super) fn text(&self, option: &str) -> Option<&'a str> {
        self.options.get(option).map(|text| text.trim())
    }

    /// The options whose names begin with `prefix`: the rest of the name, and the text.
    pub(super) fn family(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.options.iter().filter_map(move |(name, text)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, text.trim()))
        })
    }

    /// Holds all options but those of the families against the table; warns of obsolete ones.
    pub(super) fn check(&self, families: &[&str], problems: &mut Problems) {
        for option in self.options.keys() {
            if families.iter().any(|prefix| option.starts_with(prefix)) {
                continue;
            }
            match self.entry(option) {
                Some(entry) if !entry.obsolete.is_empty() => {
                    self.read(option, entry, problems);
                    problems.warn(self.title, option, entry.obsolete);
                }
                Some(_) => {}
                None => {
                    let known = self.table.iter().map(|entry| entry.name);
                    problems.unknown_option(self.title, option, &did_you_mean(option, known));
                }
            }
        }
    }

    /// A number, or its default.
    pub(super) fn number(&self, option: &str, problems: &mut Problems) -> f32 {
        self.maybe_number(option, problems).unwrap_or_default()
    }

    /// A number, or its default, or nothing where it has none.
    pub(super) fn maybe_number(&self, option: &str, problems: &mut Problems) -> Option<f32> {
        match self.value(option, problems) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// A whole number, or its default, or nothing where it has none.
    pub(super) fn count(&self, option: &str, problems: &mut Problems) -> Option<usize> {
        match self.value(option, problems) {
            Some(Value::Count(count)) => Some(count as usize),
            _ => None,
        }
    }

    /// One of the table's words, or the default.
    pub(super) fn choice(&self, option: &str, problems: &mut Problems) -> Option<&'static str> {
        match self.value(option, problems) {
            Some(Value::Choice(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether the section may have an option.
    pub(super) fn has_entry(&self, option: &str) -> bool {
        self.entry(option).is_some()
    }

    fn entry(&self, option: &str) -> Option<&'static SectionOption> {
        self.table.iter().find(|entry| entry.name == option)
    }

    fn value(&self, option: &str, problems: &mut Problems) -> Option<Value> {
        let entry = self.entry(option);
        debug_assert!(entry.is_some(), "'{option}' is in no table");
        self.read(option, entry?, problems)
    }

    fn read(&self, option: &str, entry: &SectionOption, problems: &mut Problems) -> Option<Value> {
        let default = || Value::read(entry, entry.default).ok();
        let Some(text) = self.text(option) else {
            return default();
        };
        Value::read(entry, text)
            .map_err(|problem| problems.option(self.title, option, &problem))
            .ok()
            .or_else(default)
    }
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Number(f32),
    Count(u32),
    Choice(&'static str),
    Other,
}

impl Value {
    fn read(entry: &SectionOption, text: &str) -> Result<Self, String> {
        match entry.kind {
            ValueKind::Number(limits) => limits.number(text).map(Self::Number),
            ValueKind::Count(limits) => limits.count(text).map(Self::Count),
            ValueKind::Choice(words) => choice(entry.name, text, words),
            ValueKind::Bool => boolean(text),
            ValueKind::List | ValueKind::Text | ValueKind::Effect => Ok(Self::Other),
        }
    }
}

fn choice(noun: &str, text: &str, words: &'static [&'static str]) -> Result<Value, String> {
    let lower = text.to_lowercase();
    let found = words.iter().find(|word| **word == lower);
    found
        .map(|word| Value::Choice(word))
        .ok_or_else(|| unknown(noun, text, words.iter().copied()))
}

fn boolean(text: &str) -> Result<Value, String> {
    // Python's configparser, and so Klipper, takes these words in any case.
    const WORDS: [&str; 8] = ["1", "yes", "true", "on", "0", "no", "false", "off"];
    if WORDS.contains(&text.to_lowercase().as_str()) {
        return Ok(Value::Other);
    }
    Err(format!("must be True or False, got '{text}'"))
}

/// `unknown NOUN 'WORD' (did you mean 'NEAREST'?)`, or with the list of what is known.
pub(super) fn unknown<'a>(
    noun: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    format!("unknown {noun} '{word}'{}", hint(word, known))
}

/// ` (did you mean 'NEAREST'?)`, or ` (known: A, B)`, or nothing where nothing is known.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = did_you_mean(word, known.iter().copied());
    if near.is_empty() && !known.is_empty() {
        return format!(" (known: {})", known.join(", "));
    }
    near
}
