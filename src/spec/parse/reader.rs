//! Reads tokens into a spec, one after the other, and notes every one that is wrong.

use super::{EffectSpec, EffectSyntax, SpecValue, token};
use crate::effect::options::{self, OptionKind, OptionSpec, Settings};
use crate::limits::PROBLEMS;
use crate::spec::diagnostics::more;
use crate::spec::section::hint;
use crate::spec::synonyms;
use crate::text::shown;

/// Seconds that a fade may take.
const FADE: OptionKind = OptionKind::Within(0.0, 60.0);

/// Seconds that an override may last.
const DURATION: OptionKind = OptionKind::Above(0.0);

/// A spec in the making.
#[derive(Debug)]
pub(super) struct SpecReader {
    spec: EffectSpec,
    /// Where values are stored to see whether they can be.
    scratch: Settings,
    /// What is wrong, at most `PROBLEMS`.
    problems: Vec<String>,
    problem_count: usize,
}

impl SpecReader {
    pub(super) fn of(spec: EffectSpec) -> Self {
        Self {
            scratch: Settings::defaults(spec.kind),
            spec,
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    /// The spec, or all that was wrong.
    pub(super) fn finish(mut self) -> Result<EffectSpec, Vec<String>> {
        if self.problems.is_empty() {
            Ok(self.spec)
        } else {
            self.problems.extend(more(self.problem_count, "problem"));
            Err(self.problems)
        }
    }

    /// Reads what has its meaning from its place.
    pub(super) fn places(&mut self, tokens: &[String]) {
        let form = EffectSyntax::of(self.spec.kind);
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
        for (place, token) in tokens.iter().enumerate() {
            if self.is_misspelled_pair(token, tokens.get(place + 1)) {
                return;
            }
        }
        if let Some(color) = spaced_color(form, tokens) {
            self.wrong(format!(
                "write the numbers of a color with commas: {}",
                shown(&color)
            ));
            return;
        }
        let (numbers, colors): (Vec<&String>, Vec<&String>) =
            tokens.iter().partition(|token| token::is_number(token));
        let late = tokens
            .iter()
            .skip_while(|token| !token::is_number(token))
            .find(|token| !token::is_number(token));
        if let Some(late) = late.filter(|_| form.numbers.len() > 1) {
            self.wrong(format!("'{}' must stand before the numbers", shown(late)));
            return;
        }
        self.colors(form, &colors);
        self.numbers(form, &numbers);
    }

    fn colors(&mut self, form: &EffectSyntax, tokens: &[&String]) {
        for (place, token) in tokens.iter().enumerate() {
            match form.colors.get(place) {
                Some(option) => self.set(None, option, token),
                None => self.too_many(form, token),
            }
        }
    }

    fn numbers(&mut self, form: &EffectSyntax, tokens: &[&String]) {
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

    fn too_many(&mut self, form: &EffectSyntax, token: &str) {
        let word = shown(&self.spec.word);
        let (token, usage) = (shown(token), form.usage(&word));
        let has_speed = options::find(self.spec.kind, "speed").is_some();
        let speed = token::is_number(&token).then(|| token.parse::<f32>().ok());
        let example = match speed.flatten().filter(|_| has_speed) {
            Some(speed) if speed > 0.0 => format!(", as in '{word} speed={token}'"),
            Some(_) => "; 'direction: reverse' in the group reverses the effect".to_owned(),
            None => String::new(),
        };
        let names = self.option_names();
        self.wrong(format!(
            "unexpected '{token}'; usage: {usage}{example} (options: {names})"
        ));
    }

    /// Whether a token is an option that was written otherwise than `key=value`, as `speed:2` or
    /// `speed 2`; says so then.
    fn is_misspelled_pair(&mut self, token: &str, next: Option<&String>) -> bool {
        let (key, value) = token.split_once(':').unwrap_or((token, ""));
        let known = options::find(self.spec.kind, key).is_some();
        if !known || token::is_color(key) {
            return false;
        }
        let value = if value.is_empty() {
            next.map_or("VALUE", |it| it.as_str())
        } else {
            value
        };
        self.wrong(format!(
            "write '{key}={}' instead of '{}'",
            shown(value),
            shown(token)
        ));
        true
    }

    /// The options of the effect, by their short names if they have one.
    fn option_names(&self) -> String {
        let names = options::for_effect(self.spec.kind).map(|it| match it.short {
            "" => it.name,
            short => short,
        });
        names.chain(["fade"]).collect::<Vec<_>>().join(", ")
    }

    fn ring(&mut self, token: &str) {
        match token.parse() {
            Ok(number) => self.spec.ring = Some(number),
            Err(_) => self.wrong(format!(
                "the place in the ring must be a whole number, got {}",
                shown(token)
            )),
        }
    }

    /// Reads `key=value`.
    pub(super) fn pair(&mut self, pair: &str) {
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
        if self.problems.len() == PROBLEMS {
            // Counted, but not put into words.
            self.problem_count += 1;
            return;
        }
        let both = |option: &'static OptionSpec| [option.name, option.short];
        let names = options::for_effect(self.spec.kind)
            .flat_map(both)
            .filter(|name| !name.is_empty())
            .chain(["fade"]);
        let (word, hint) = (shown(&self.spec.word), hint(key, names));
        let problem = format!("'{word}' has no option '{}'{hint}", shown(key));
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
                self.wrong(format!(
                    "'{}': write spaces between colors, not commas",
                    shown(value)
                ));
            }
            Err(problem) if problem.starts_with("must ") => {
                let name = key.unwrap_or(option.name);
                let advice = synonyms::advice(option.name, value);
                self.wrong(format!("'{name}' {problem}{advice}"));
            }
            Err(problem) => self.wrong(problem),
        }
    }

    fn push(&mut self, key: Option<&str>, option: &'static str, value: &str) {
        if self.spec.values.iter().any(|part| part.option == option) {
            let name = key.unwrap_or(option);
            self.wrong(format!("'{name}' is given twice"));
            return;
        }
        self.spec.values.push(SpecValue {
            key: key.map(str::to_owned),
            option,
            text: value.to_owned(),
        });
    }

    pub(super) fn wrong(&mut self, problem: String) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// The color that was probably meant by three or four numbers from 0.0 to 1.0 behind an effect
/// that takes a color and no such numbers.
fn spaced_color(form: &EffectSyntax, tokens: &[String]) -> Option<String> {
    let is_level = |token: &String| {
        let number = token.parse::<f32>();
        number.is_ok_and(|level| (0.0..=1.0).contains(&level))
    };
    let fits = matches!(tokens.len(), 3 | 4) && tokens.iter().all(is_level);
    (fits && form.numbers.len() == 1 && !form.colors.is_empty()).then(|| tokens.join(","))
}
