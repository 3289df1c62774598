//! One section of a config, read option by option against its table.

pub(super) use super::diagnostics::Diagnostics;
use super::options::{self, SectionOption, ValueKind};
use super::{led_effect, synonyms};
use crate::limits::SUGGEST_CANDIDATES;
use crate::text::{MAY_BE_NEWER, did_you_mean, listed, nearest, shown};
use crate::time::Span;
use std::collections::BTreeMap;

/// A section with the table that says what it may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionReader<'a> {
    /// Its full name, `lumen_group case`.
    pub(super) title: &'a str,
    /// What follows its kind, `case`.
    pub(super) name: &'a str,
    pub(super) options: &'a BTreeMap<String, String>,
    pub(super) table: &'static [SectionOption],
}

impl<'a> SectionReader<'a> {
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

    /// Holds all options but those of the families against the table, name and value; warns of
    /// obsolete ones. What is wrong is told here, once; whoever reads it later gets its default.
    pub(super) fn check(&self, families: &[&str], diagnostics: &mut Diagnostics) {
        for (option, text) in self.options {
            if families.iter().any(|prefix| option.starts_with(prefix)) {
                continue;
            }
            self.check_one(option, text, diagnostics);
        }
    }

    /// Holds one option against the table.
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

    /// What to do about an option that the section does not have.
    pub(super) fn advice(&self, option: &str, text: &str) -> String {
        let kind = self.title.split_whitespace().next().unwrap_or_default();
        if let Some(advice) = self.advice_of_value(kind, option, text) {
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
        if let Some(place) = options::place_of(option) {
            return format!("; it belongs {place}");
        }
        did_you_mean(option, self.table.iter().map(|entry| entry.name))
    }

    /// The same where the value says what was meant.
    fn advice_of_value(&self, kind: &str, option: &str, text: &str) -> Option<String> {
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
                    _ => format!("write 'effect: {own}', and its options each in a line"),
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

    /// Whether an option that the section does not have was written instead of `option`.
    pub(super) fn has_stand_in(&self, option: &str) -> bool {
        let others: &[&str] = match option {
            "neopixel" => &["leds", "pin"],
            "pin_name" | "gpio_pin" => &["pin"],
            "count" => &["index_end"],
            "driver" => &["leds"],
            _ => &[],
        };
        let mut others = others.iter().filter(|other| !self.has_entry(other));
        others.any(|other| self.text(other).is_some())
    }

    /// Warns of options that belong to other drivers.
    pub(super) fn warn_of_others(&self, driver: &str, diagnostics: &mut Diagnostics) {
        for entry in self.table {
            let others = !entry.drivers.is_empty() && !entry.drivers.contains(&driver);
            if others && self.options.contains_key(entry.name) {
                let text = format!("has no effect with 'driver: {driver}'");
                diagnostics.warn(self.title, entry.name, &text);
            }
        }
    }

    /// A number, or its default.
    pub(super) fn number(&self, option: &str) -> f32 {
        self.maybe_number(option).unwrap_or_default()
    }

    /// A number, or its default, or nothing where it has none.
    pub(super) fn maybe_number(&self, option: &str) -> Option<f32> {
        match self.value(option) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// A length of time, or its default, or nothing where it has none. It is read in full
    /// precision, so that 0.4 s are 400 ms.
    pub(super) fn maybe_span(&self, option: &str) -> Option<Span> {
        self.maybe_number(option)?;
        let written = self.text(option).and_then(|text| text.parse().ok());
        let default = || self.entry(option)?.default.parse().ok();
        written.or_else(default).map(Span::from_secs)
    }

    /// A length of time, or its default.
    pub(super) fn span(&self, option: &str) -> Span {
        self.maybe_span(option).unwrap_or_default()
    }

    /// A whole number, or its default, or nothing where it has none.
    pub(super) fn count(&self, option: &str) -> Option<usize> {
        match self.value(option) {
            Some(Value::Count(count)) => Some(count as usize),
            _ => None,
        }
    }

    /// One of the table's words, or the default.
    pub(super) fn choice(&self, option: &str) -> Option<&'static str> {
        match self.value(option) {
            Some(Value::Choice(word)) => Some(word),
            _ => None,
        }
    }

    /// Yes or no, or the default.
    pub(super) fn flag(&self, option: &str) -> bool {
        matches!(self.value(option), Some(Value::Bool(true)))
    }

    /// Whether the section may have an option.
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
            // Of the choices only the drivers become more.
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

/// What a word means where yes or no is asked for.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    // Python's configparser, and so Klipper, takes these words in any case.
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `unknown NOUN 'WORD' (did you mean 'NEAREST'?)`, or with the list of what is known.
pub(super) fn unknown<'a>(
    noun: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    format!("unknown {noun} '{}'{}", shown(word), hint(word, known))
}

/// The same for words that Lumen itself defines: one that is like none may be of a later version.
pub(super) fn unknown_word<'a>(
    noun: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let later = match nearest(word, known.clone()) {
        Some(_) => "",
        None => MAY_BE_NEWER,
    };
    format!("{}{later}", unknown(noun, word, known))
}

/// ` (did you mean 'NEAREST'?)`, or ` (known: A, B)`, or nothing where nothing is known.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().take(SUGGEST_CANDIDATES).collect();
    let near = did_you_mean(word, known.iter().copied());
    if near.is_empty() && !known.is_empty() {
        return format!(" (known: {})", listed(known));
    }
    near
}
