//! Reads one section of a config: checks every option against the option table of the section, and
//! returns typed values.

pub(super) use super::diagnostics::Diagnostics;
use super::options::{self, SectionOption, ValueKind};
use super::{led_effect, synonyms};
use crate::limits::SUGGEST_CANDIDATES;
use crate::text::{MAY_BE_NEWER, did_you_mean, listed, nearest, shown};
use crate::time::Span;
use std::collections::BTreeMap;

/// A section with its option table.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionReader<'a> {
    /// Full name, such as `lumen_group case`.
    pub(super) title: &'a str,
    /// Name without the section type, such as `case`.
    pub(super) name: &'a str,
    pub(super) options: &'a BTreeMap<String, String>,
    pub(super) table: &'static [SectionOption],
}

impl<'a> SectionReader<'a> {
    /// Returns the text of an option, if it is set.
    pub(super) fn text(&self, option: &str) -> Option<&'a str> {
        self.options.get(option).map(|text| text.trim())
    }

    /// Returns the options whose names begin with `prefix`: the rest of the name, and the text.
    pub(super) fn family(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.options.iter().filter_map(move |(name, text)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, text.trim()))
        })
    }

    /// Checks the name and value of every option, except those that begin with a prefix in
    /// `families`, and warns about obsolete options.
    ///
    /// This is the only place that reports such errors. Later reads of an invalid option return its
    /// default.
    pub(super) fn check(&self, families: &[&str], diagnostics: &mut Diagnostics) {
        for (option, text) in self.options {
            if families.iter().any(|prefix| option.starts_with(prefix)) {
                continue;
            }
            self.check_one(option, text, diagnostics);
        }
    }

    /// Checks one option.
    pub(super) fn check_one(&self, option: &str, text: &str, diagnostics: &mut Diagnostics) {
        let Some(entry) = self.entry(option) else {
            diagnostics.unknown_option(self.title, option, &self.advice(option, text.trim()));
            return;
        };
        if let Err(problem) = Value::read(entry, text.trim()) {
            diagnostics.option(self.title, option, &problem);
        } else if !entry.obsolete.is_empty() {
            diagnostics.warn(self.title, option, entry.obsolete);
        }
    }

    /// Returns a hint for an option that the section does not have, or an empty text.
    pub(super) fn advice(&self, option: &str, text: &str) -> String {
        let kind = self.title.split_whitespace().next().unwrap_or_default();
        if let Some(advice) = self.advice_for_value(kind, option, text) {
            return format!("; {advice}");
        }
        if let Some(advice) = synonyms::option(kind, option) {
            return format!("; {advice}");
        }
        if let Some(meant) = synonyms::state_option(option) {
            return match kind {
                "lumen_group" => format!(" (did you mean '{meant}'?)"),
                _ => format!("; '{meant}' belongs in [lumen_group NAME]"),
            };
        }
        if let Some(location) = options::place_of(option) {
            return format!("; it belongs {location}");
        }
        did_you_mean(option, self.table.iter().map(|entry| entry.name))
    }

    /// Returns a hint that depends on the value of the option.
    fn advice_for_value(&self, kind: &str, option: &str, text: &str) -> Option<String> {
        match (kind, option) {
            ("lumen_group", "leds") => {
                let options = led_effect::group_options(text)?;
                let driver = match self.text("driver") {
                    Some(_) => "",
                    None => "'driver: klipper', ",
                };
                Some(format!("write {driver}{options}"))
            }
            ("lumen_group" | "lumen_effect", "layers") => {
                let own = synonyms::effect(text.split_whitespace().next()?)?;
                Some(match kind {
                    "lumen_group" => {
                        format!("write an effect for each state, as in 'on_idle: {own}'")
                    }
                    _ => format!("write 'effect: {own}', and each of its options on its own line"),
                })
            }
            ("lumen_group", "pin") => Some(match self.choice("driver") {
                Some("klipper") => "write 'neopixel', the name of Klipper's section that has the \
                                    pin"
                .to_owned(),
                Some("pwm") => "write 'pin_name', the name of Klipper's [output_pin NAME] section \
                                that has the pin"
                    .to_owned(),
                _ => format!("write 'gpio_pin: {}'", shown(text)),
            }),
            _ => None,
        }
    }

    /// Whether the section has an unknown option that was meant as `option`. The message about the
    /// unknown option then names the right one.
    pub(super) fn has_stand_in(&self, option: &str) -> bool {
        let stand_ins: &[&str] = match option {
            "neopixel" => &["leds", "pin"],
            "pin_name" | "gpio_pin" => &["pin"],
            "count" => &["index_end"],
            "driver" => &["leds"],
            _ => &[],
        };
        let mut stand_ins = stand_ins.iter().filter(|name| !self.has_entry(name));
        stand_ins.any(|name| self.text(name).is_some())
    }

    /// Warns about options of other drivers.
    pub(super) fn warn_about_other_drivers(&self, driver: &str, diagnostics: &mut Diagnostics) {
        for entry in self.table {
            let is_of_other = !entry.drivers.is_empty() && !entry.drivers.contains(&driver);
            if is_of_other && self.options.contains_key(entry.name) {
                let text = format!("has no effect with 'driver: {driver}'");
                diagnostics.warn(self.title, entry.name, &text);
            }
        }
    }

    /// Returns a number, its default, or 0.
    pub(super) fn number(&self, option: &str) -> f32 {
        self.maybe_number(option).unwrap_or_default()
    }

    /// Returns a number, or its default if it has one.
    pub(super) fn maybe_number(&self, option: &str) -> Option<f32> {
        match self.value(option) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Returns a duration, or its default if it has one. It is parsed in full precision, so 0.4 s
    /// is exactly 400 ms.
    pub(super) fn maybe_span(&self, option: &str) -> Option<Span> {
        self.maybe_number(option)?;
        let written = self.text(option).and_then(|text| text.parse().ok());
        let default = || self.entry(option)?.default.parse().ok();
        written.or_else(default).map(Span::from_secs)
    }

    /// Returns a duration, its default, or zero.
    pub(super) fn span(&self, option: &str) -> Span {
        self.maybe_span(option).unwrap_or_default()
    }

    /// Returns a whole number, or its default if it has one.
    pub(super) fn count(&self, option: &str) -> Option<usize> {
        match self.value(option) {
            Some(Value::Count(count)) => Some(count as usize),
            _ => None,
        }
    }

    /// Returns one of the choices in the table, or the default.
    pub(super) fn choice(&self, option: &str) -> Option<&'static str> {
        match self.value(option) {
            Some(Value::Choice(word)) => Some(word),
            _ => None,
        }
    }

    /// Returns a boolean, or its default.
    pub(super) fn flag(&self, option: &str) -> bool {
        matches!(self.value(option), Some(Value::Bool(true)))
    }

    /// Whether the table of the section has an option.
    pub(super) fn has_entry(&self, option: &str) -> bool {
        self.entry(option).is_some()
    }

    fn entry(&self, option: &str) -> Option<&'static SectionOption> {
        self.table.iter().find(|entry| entry.name == option)
    }

    fn value(&self, option: &str) -> Option<Value> {
        let entry = self.entry(option);
        debug_assert!(entry.is_some(), "'{option}' is in no table");
        let entry = entry?;
        let written = self.text(option).map(|text| Value::read(entry, text));
        let value = written.and_then(Result::ok);
        value.or_else(|| Value::read(entry, entry.default).ok())
    }
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Number(f32),
    Count(u32),
    Choice(&'static str),
    Bool(bool),
    Other,
}

impl Value {
    fn read(entry: &SectionOption, text: &str) -> Result<Self, String> {
        match entry.kind {
            ValueKind::Number(limits) => limits.number(text).map(Self::Number),
            ValueKind::Count(limits) => limits.count(text).map(Self::Count),
            ValueKind::Choice(words) => choice(text, words),
            ValueKind::Bool => boolean(text),
            ValueKind::List | ValueKind::Text | ValueKind::Effect => Ok(Self::Other),
        }
    }
}

fn choice(text: &str, words: &'static [&'static str]) -> Result<Value, String> {
    let lower = text.to_lowercase();
    let found = words.iter().find(|word| **word == lower);
    found.map(|word| Value::Choice(word)).ok_or_else(|| {
        let driver = synonyms::driver(&lower).filter(|own| words.contains(own));
        driver.map_or_else(
            // Only the list of drivers grows in newer versions.
            || {
                let known = words.iter().copied();
                if words.contains(&"klipper") {
                    unknown_word("choice", text, known)
                } else {
                    unknown("choice", text, known)
                }
            },
            |own| format!("unknown choice '{}' (did you mean '{own}'?)", shown(text)),
        )
    })
}

fn boolean(text: &str) -> Result<Value, String> {
    let problem = || format!("must be True or False, got '{}'", shown(text));
    yes_or_no(text).map(Value::Bool).ok_or_else(problem)
}

/// Parses a boolean.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    // The words of Python's configparser, which Klipper uses; case does not matter.
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// Returns `unknown NOUN 'WORD' (did you mean 'NEAREST'?)`, or the same with a list of all known
/// words.
pub(super) fn unknown<'a>(
    noun: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    format!("unknown {noun} '{}'{}", shown(word), hint(word, known))
}

/// Returns the same for words that Lumen defines. If no known word is similar, the message says
/// that a newer version may have the word.
pub(super) fn unknown_word<'a>(
    noun: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let newer = match nearest(word, known.clone()) {
        Some(_) => "",
        None => MAY_BE_NEWER,
    };
    format!("{}{newer}", unknown(noun, word, known))
}

/// Returns ` (did you mean 'NEAREST'?)`, ` (known: A, B)`, or an empty text if nothing is known.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().take(SUGGEST_CANDIDATES).collect();
    let near = did_you_mean(word, known.iter().copied());
    if near.is_empty() && !known.is_empty() {
        return format!(" (known: {})", listed(known));
    }
    near
}
