//! The grammar of effect specs, as in `on_heating: thermal bed ice lava 2.0` and `LUMEN_SET`.
//!
//! ```text
//! spec   := word [":"] [ring] [source] colors numbers { key "=" value }
//! word   := one of the twelve effects, or a variant of [lumen_effect NAME]
//! ring   := whole number, chase only: the place of the group in a ring of groups
//! source := heater or sensor, thermal only
//! ```
//!
//! Which of them an effect takes, [`Form`] says. LUMEN ignored what it did not understand; here
//! every token counts, and one that is wrong is named in the message. An [`EffectSpec`] keeps what
//! was written: nothing is looked up or resolved, and its text reads back as the same spec.

mod form;
mod token;

use super::section::{hint, unknown};
use super::words::Words;
use crate::effect::EffectKind;
use crate::effect::options::{self, OptionKind, OptionSpec, Settings};
use crate::time::Span;
pub use form::Form;
use std::fmt;

/// Seconds that a fade may take.
const FADE: OptionKind = OptionKind::Within(0.0, 60.0);

/// Seconds that an override may last.
const DURATION: OptionKind = OptionKind::Above(0.0);

/// What a user wrote about one running effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectSpec {
    word: String,
    kind: EffectKind,
    ring: Option<u32>,
    parts: Vec<Part>,
}

/// One value of a spec with the option that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// How the option was named; a value without a name has its meaning from its place.
    key: Option<String>,
    option: &'static str,
    text: String,
}

impl EffectSpec {
    /// Reads a spec.
    ///
    /// # Errors
    /// Every token that is wrong, in words.
    pub fn parse(text: &str, words: &Words) -> Result<Self, Vec<String>> {
        let (word, rest) = token::head(text);
        if word.is_empty() {
            return Err(vec![
                "empty effect; '#' starts a comment, write off for darkness".into(),
            ]);
        }
        let kind = words
            .kind(word)
            .ok_or_else(|| vec![unknown("effect", word, words.names())])?;
        let mut reader = Reader::new(word, kind);
        let (named, placed): (Vec<String>, Vec<String>) = token::split(rest)
            .into_iter()
            .partition(|t| t.contains('='));
        reader.places(&placed);
        for pair in &named {
            reader.pair(pair);
        }
        reader.finish()
    }

    /// Adds `key=value`, as if it stood at the end of the text.
    ///
    /// # Errors
    /// What is wrong with the key or the value.
    pub fn add(self, key: &str, value: &str) -> Result<Self, Vec<String>> {
        let mut reader = Reader {
            scratch: Settings::defaults(self.kind),
            spec: self,
            problems: Vec::new(),
        };
        let pair = format!("{key}={value}");
        match token::split(&pair).as_slice() {
            [pair] => reader.pair(pair),
            _ => reader.wrong(format!("'{key}' takes one value, got '{value}'")),
        }
        reader.finish()
    }

    /// Which effect it is.
    pub fn kind(&self) -> EffectKind {
        self.kind
    }

    /// The word that it begins with: an effect or a variant.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The place of the group in a ring of groups.
    pub fn ring(&self) -> Option<u32> {
        self.ring
    }

    /// The cross-fade that was asked for.
    pub fn fade(&self) -> Option<Span> {
        self.seconds("fade")
    }

    /// How long it is to be shown.
    pub fn duration(&self) -> Option<Span> {
        self.seconds("duration")
    }

    /// Writes all options that the spec names into `settings`.
    pub fn apply(&self, settings: &mut Settings) {
        for part in &self.parts {
            if let Some(option) = options::find(self.kind, part.option) {
                // It was read into other settings when the spec was parsed.
                let _ = option.store(settings, &part.text);
            }
        }
    }

    fn seconds(&self, option: &str) -> Option<Span> {
        let part = self.parts.iter().find(|part| part.option == option)?;
        part.text.parse().ok().map(Span::from_secs)
    }
}

impl fmt::Display for EffectSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if let Some(ring) = self.ring {
            write!(f, " {ring}")?;
        }
        for part in &self.parts {
            match &part.key {
                Some(key) => write!(f, " {key}={}", part.text)?,
                None => write!(f, " {}", part.text)?,
            }
        }
        Ok(())
    }
}

/// A spec in the making.
struct Reader {
    spec: EffectSpec,
    /// Where values are stored to see whether they can be.
    scratch: Settings,
    problems: Vec<String>,
}

impl Reader {
    fn new(word: &str, kind: EffectKind) -> Self {
        Self {
            spec: EffectSpec {
                word: word.to_owned(),
                kind,
                ring: None,
                parts: Vec::new(),
            },
            scratch: Settings::defaults(kind),
            problems: Vec::new(),
        }
    }

    fn finish(self) -> Result<EffectSpec, Vec<String>> {
        if self.problems.is_empty() {
            Ok(self.spec)
        } else {
            Err(self.problems)
        }
    }

    /// Reads what has its meaning from its place.
    fn places(&mut self, tokens: &[String]) {
        let form = Form::of(self.spec.kind);
        let mut tokens = tokens;
        if let [first, rest @ ..] = tokens {
            if form.ring && token::is_number(first) {
                self.ring(first);
                tokens = rest;
            } else if form.source && token::is_source(first) {
                self.set(None, "temp_source", first);
                tokens = rest;
            }
        }
        let (numbers, colors): (Vec<&String>, Vec<&String>) =
            tokens.iter().partition(|token| token::is_number(token));
        let late = tokens
            .iter()
            .skip_while(|token| !token::is_number(token))
            .find(|token| !token::is_number(token));
        if let Some(late) = late {
            self.wrong(format!("'{late}' must stand before the numbers"));
            return;
        }
        self.colors(form, &colors);
        self.numbers(form, &numbers);
    }

    fn colors(&mut self, form: &Form, tokens: &[&String]) {
        for (place, token) in tokens.iter().enumerate() {
            match form.colors.get(place) {
                Some(option) => self.set(None, option, token),
                None => self.too_many(form, token),
            }
        }
    }

    fn numbers(&mut self, form: &Form, tokens: &[&String]) {
        let longest = form.numbers.iter().map(|names| names.len()).max();
        let fitting = form
            .numbers
            .iter()
            .find(|names| names.len() == tokens.len());
        match fitting {
            Some(names) => {
                for (option, token) in names.iter().zip(tokens) {
                    self.set(None, option, token);
                }
            }
            None => {
                for token in tokens.iter().skip(longest.unwrap_or(0)) {
                    self.too_many(form, token);
                }
            }
        }
    }

    fn too_many(&mut self, form: &Form, token: &str) {
        let word = &self.spec.word;
        let problem = format!("'{token}' is too much; write {}", form.usage(word));
        self.wrong(problem);
    }

    fn ring(&mut self, token: &str) {
        match token.parse() {
            Ok(number) => self.spec.ring = Some(number),
            Err(_) => self.wrong(format!(
                "the place in the ring must be a whole number, got {token}"
            )),
        }
    }

    fn pair(&mut self, pair: &str) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "fade" => self.seconds("fade", FADE, value),
            "duration" => self.seconds("duration", DURATION, value),
            _ => match options::find(self.spec.kind, key) {
                Some(option) => self.set(Some(key), option.name, value),
                None => self.no_such(key),
            },
        }
    }

    fn no_such(&mut self, key: &str) {
        let both = |option: &'static OptionSpec| [option.name, option.short];
        let names = options::of(self.spec.kind)
            .flat_map(both)
            .filter(|name| !name.is_empty())
            .chain(["fade"]);
        let (word, hint) = (&self.spec.word, hint(key, names));
        let problem = format!("'{word}' has no option '{key}'{hint}");
        self.wrong(problem);
    }

    fn seconds(&mut self, option: &'static str, limits: OptionKind, value: &str) {
        match limits.number(value) {
            Ok(_) => self.push(Some(option), option, value),
            Err(problem) => self.wrong(format!("'{option}' {problem}")),
        }
    }

    fn set(&mut self, key: Option<&str>, name: &'static str, value: &str) {
        let Some(option) = options::find(self.spec.kind, name) else {
            return;
        };
        match option.store(&mut self.scratch, value) {
            Ok(()) => self.push(key, option.name, value),
            Err(_) if option.kind == OptionKind::Color && token::is_list_of_words(value) => {
                self.wrong(format!("'{value}' must be parted by blanks, not by commas"));
            }
            Err(problem) if problem.starts_with("must ") => {
                let shown = key.unwrap_or(option.name);
                self.wrong(format!("'{shown}' {problem}"));
            }
            Err(problem) => self.wrong(problem),
        }
    }

    fn push(&mut self, key: Option<&str>, option: &'static str, value: &str) {
        if self.spec.parts.iter().any(|part| part.option == option) {
            let shown = key.unwrap_or(option);
            self.wrong(format!("'{shown}' is given twice"));
            return;
        }
        self.spec.parts.push(Part {
            key: key.map(str::to_owned),
            option,
            text: value.to_owned(),
        });
    }

    fn wrong(&mut self, problem: String) {
        self.problems.push(problem);
    }
}

#[cfg(test)]
mod test;
