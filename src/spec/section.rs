//! One section of a config, which is read once, into the typed values of its options.

pub(super) use super::diagnostics::Diagnostics;
use super::offer::CHIP;
use super::options::{self, SectionOption, SectionValues};
use super::{led_effect, synonyms};
use crate::limits::SUGGEST_CANDIDATES;
use crate::text::{ConvertCase, MAY_BE_NEWER, did_you_mean, listed, nearest, shown};
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
    /// Whether an option is set, even to an invalid value.
    pub(super) fn has(&self, option: &str) -> bool {
        self.options.contains_key(option)
    }

    /// Whether an option is set and not empty.
    pub(super) fn has_text(&self, option: &str) -> bool {
        self.text(option).is_some_and(|text| !text.is_empty())
    }

    /// Whether an option without effect is set.
    pub(super) fn has_obsolete(&self) -> bool {
        let mut names = self.options.keys();
        names.any(|name| self.entry(name).is_some_and(|it| !it.obsolete.is_empty()))
    }

    fn text(&self, option: &str) -> Option<&'a str> {
        self.options.get(option).map(|text| text.trim())
    }

    /// Returns the options and their texts.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let options = self.options.iter();
        options.map(|(name, text)| (name.as_str(), text.trim()))
    }

    /// Reads all options. Reports unknown and invalid ones, and warns about obsolete ones.
    pub(super) fn read<T: SectionValues<'a>>(&self, diagnostics: &mut Diagnostics) -> T {
        let mut values = T::defaults();
        for (option, text) in self.all() {
            match values.store(option, text) {
                None => diagnostics.unknown_option(self.title, option, &self.advice(option, text)),
                Some(Err(problem)) => diagnostics.option(self.title, option, &problem),
                Some(Ok(())) => {
                    let obsolete = self.entry(option).map_or("", |entry| entry.obsolete);
                    if !obsolete.is_empty() {
                        diagnostics.warn(self.title, option, obsolete);
                    }
                }
            }
        }
        values
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
            ("lumen_group", "layers") => {
                let own = synonyms::effect(text.split_whitespace().next()?)?;
                Some(format!(
                    "write an effect for each state, as in 'on_idle: {own}'"
                ))
            }
            ("lumen_group", "pin") => {
                Some(match self.text("driver").map(str::lowercase).as_deref() {
                    Some("klipper") => {
                        "write 'neopixel', the name of Klipper's section that has the \
                                    pin"
                        .to_owned()
                    }
                    Some("pwm") => {
                        "write 'pin_name', the name of Klipper's [output_pin NAME] section \
                                that has the pin"
                            .to_owned()
                    }
                    _ => {
                        let pin = text.strip_prefix(CHIP).unwrap_or(text);
                        let number = pin.strip_prefix("gpio").unwrap_or(pin);
                        format!("write 'gpio_pin: {}'", shown(number))
                    }
                })
            }
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
        stand_ins.any(|name| self.has(name))
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

    /// Whether the table of the section has an option.
    pub(super) fn has_entry(&self, option: &str) -> bool {
        self.entry(option).is_some()
    }

    fn entry(&self, option: &str) -> Option<&'static SectionOption> {
        self.table.iter().find(|entry| entry.name == option)
    }
}

/// Returns one of the words, as the table spells it.
pub(super) fn choice(text: &str, words: &'static [&'static str]) -> Result<&'static str, String> {
    let lower = text.lowercase();
    let found = words.iter().find(|word| **word == lower);
    found.copied().ok_or_else(|| {
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

/// Parses a boolean.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    // The words of Python's configparser, which Klipper uses; case does not matter.
    match text.lowercase().as_str() {
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
