//! Reads tokens into an effect one by one, and collects a message for every invalid token.

use super::{LayerOptions, ParsedEffect, WrittenValue, token};
use crate::color::{PaletteNames, list, name};
use crate::effect::options::{OptionKind, OptionSpec};
use crate::effect::{Arguments, Axis, EffectSpec};
use crate::layer::blend;
use crate::limits::{PALETTE_COLORS, PROBLEMS};
use crate::spec::diagnostics::more;
use crate::spec::section::hint;
use crate::spec::synonyms;
use crate::text::{did_you_mean, parse_number, shown};
use crate::time::Span;

/// Range of a fade, in seconds.
const FADE: OptionKind = OptionKind::Within(0.0, 60.0);

/// The options that are for all layers together.
pub(in crate::spec) const STACK_OPTIONS: [OptionSpec; 2] = [
    OptionSpec::new("fade", FADE, "", "Length of the cross-fade into the effect").unit("s"),
    OptionSpec::new(
        "duration",
        DURATION,
        "",
        "How long a command shows the effect; default: until it is cleared",
    )
    .unit("s"),
];

/// Range of the duration of an override, in seconds.
const DURATION: OptionKind = OptionKind::Above(0.0);

/// An effect while it is read.
#[derive(Debug)]
pub(super) struct EffectReader<'n> {
    effect: ParsedEffect,
    palettes: &'n PaletteNames,
    /// The messages, at most `PROBLEMS`.
    problems: Vec<String>,
    problem_count: usize,
}

impl<'n> EffectReader<'n> {
    pub(super) fn new(effect: ParsedEffect, palettes: &'n PaletteNames) -> Self {
        Self {
            effect,
            palettes,
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    fn spec(&self) -> &'static EffectSpec {
        self.effect.spec()
    }

    /// Returns the effect, or all messages.
    pub(super) fn finish(mut self) -> Result<ParsedEffect, Vec<String>> {
        if self.problems.is_empty() {
            Ok(self.effect)
        } else {
            self.problems.extend(more(self.problem_count, "problem"));
            Err(self.problems)
        }
    }

    /// Reads all that follows the name of the effect.
    pub(super) fn read(&mut self, rest: &str) {
        let (named, positional): (Vec<String>, Vec<String>) = token::split(rest)
            .into_iter()
            .partition(|token| token.contains('='));
        self.read_positional(&positional);
        for pair in &named {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.read_option(key, value);
        }
    }

    fn read_positional(&mut self, tokens: &[String]) {
        if let Some(token) = tokens.first().filter(|_| self.effect.is_look()) {
            self.report_option_of_look(token);
            return;
        }
        if is_led_effect_layer(tokens) {
            // Its `chase` is another effect.
            let word = match &*self.effect.word {
                "chase" => "comets".to_owned(),
                word => shown(word),
            };
            self.add_problem(format!(
                "write klipper-led_effect's layer as '{word} COLORS', with its numbers and its \
                 blend mode as options, such as 'blend=add'; docs/led_effect.md has all layers"
            ));
            return;
        }
        let arguments = &self.spec().arguments;
        let tokens = &*self.read_flags(tokens);
        let mut tokens = tokens;
        if let [first, rest @ ..] = tokens {
            if arguments.has_ring && token::is_number(first) {
                self.ring(first);
                tokens = rest;
            } else if let Some(option) = arguments
                .source
                .filter(|_| token::is_source(first, self.palettes))
            {
                self.set(None, option, first);
                tokens = rest;
            } else if let Some(option) = arguments.axis.filter(|_| Axis::parse(first).is_some()) {
                self.set(None, option, first);
                tokens = rest;
            }
        }
        for (index, token) in tokens.iter().enumerate() {
            if self.report_misspelled_pair(token, tokens.get(index + 1)) {
                return;
            }
        }
        if let Some(color) = spaced_color(arguments, tokens) {
            self.add_problem(format!(
                "write the numbers of a color with commas: {}",
                shown(&color)
            ));
            return;
        }
        let (numbers, colors): (Vec<&String>, Vec<&String>) =
            tokens.iter().partition(|token| token::is_number(token));
        let misplaced = tokens
            .iter()
            .skip_while(|token| !token::is_number(token))
            .find(|token| !token::is_number(token));
        if let Some(misplaced) = misplaced.filter(|_| arguments.numbers.len() > 1) {
            self.add_problem(format!("'{}' must be before the numbers", shown(misplaced)));
            return;
        }
        self.colors(arguments, &colors);
        self.numbers(arguments, &numbers);
    }

    /// Reads the words that are options of the kind yes or no, such as `mirror`, as `mirror=yes`.
    /// Returns the other tokens.
    fn read_flags(&mut self, tokens: &[String]) -> Vec<String> {
        let is_flag = |token: &&String| {
            let option = self.spec().option(token);
            option.is_some_and(|it| it.kind == OptionKind::Bool) && !name::is_color(token)
        };
        let (flags, others): (Vec<&String>, Vec<&String>) = tokens.iter().partition(is_flag);
        for flag in flags {
            self.read_option(flag, "yes");
        }
        others.into_iter().cloned().collect()
    }

    /// Reads the positional colors. A palette, or more colors than the effect has options for, set
    /// its `palette`.
    fn colors(&mut self, arguments: &Arguments, tokens: &[&String]) {
        let items: Vec<String> = tokens.iter().flat_map(|it| list::items(it)).collect();
        let fits = items.len() <= arguments.colors.len();
        let list_option = match arguments.colors {
            [option] => Some(*option),
            _ => self.spec().option("palette").map(|it| it.name),
        };
        if fits && arguments.colors.len() > 1 && !self.has_palette(&items) {
            for (option, item) in arguments.colors.iter().zip(&items) {
                self.set(None, option, item);
            }
        } else if let Some(option) = list_option {
            self.set_list(None, option, &items);
        } else {
            for item in &items {
                self.report_unexpected(item);
            }
        }
    }

    fn has_palette(&self, items: &[String]) -> bool {
        items.iter().any(|item| self.palettes.is_palette(item))
    }

    /// Stores a list of colors, or reports every item that is no color.
    fn set_list(&mut self, key: Option<&str>, option: &'static str, items: &[String]) {
        let problems = self.problem_count;
        if items.len() > 1 && items.len() <= PALETTE_COLORS {
            for item in items.iter().filter(|it| !self.palettes.is_palette(it)) {
                if let Err(problem) = self.palettes.parse(item) {
                    self.add_problem(problem);
                }
            }
        }
        if self.problem_count == problems && (key.is_some() || !items.is_empty()) {
            let text = match key {
                Some(_) => list::join(items),
                None => items.join(" "),
            };
            self.set(key, option, &text);
        }
    }

    fn numbers(&mut self, arguments: &Arguments, tokens: &[&String]) {
        let longest = arguments.numbers.iter().map(|names| names.len()).max();
        let fitting = arguments
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
                    self.report_unexpected(token);
                }
            }
        }
    }

    fn report_unexpected(&mut self, token: &str) {
        let word = shown(&self.effect.word);
        let (token, usage) = (shown(token), self.spec().usage(&word));
        let has_speed = self.spec().option("speed").is_some();
        let speed = token::is_number(&token).then(|| parse_number(&token));
        let example = match speed.flatten().filter(|_| has_speed) {
            Some(speed) if speed > 0.0 => format!(", as in '{word} speed={token}'"),
            Some(_) => "; 'direction: reverse' in the group reverses the effect".to_owned(),
            None => String::new(),
        };
        let names = self.option_names();
        self.add_problem(format!(
            "unexpected '{token}'; usage: {usage}{example} (options: {names})"
        ));
    }

    /// Reports an option that is not written as `key=value`, such as `speed:2` or `speed 2`.
    /// Returns whether it was one.
    fn report_misspelled_pair(&mut self, token: &str, next: Option<&String>) -> bool {
        let (key, value) = token.split_once(':').unwrap_or((token, ""));
        let known = self.spec().option(key).is_some();
        if !known || name::is_color(key) {
            return false;
        }
        let value = if value.is_empty() {
            next.map_or("VALUE", |it| it.as_str())
        } else {
            value
        };
        self.add_problem(format!(
            "write '{key}={}' instead of '{}'",
            shown(value),
            shown(token)
        ));
        true
    }

    /// Lists the options of the effect, with their short names if they have one.
    fn option_names(&self) -> String {
        let names = self.spec().options.iter().map(|it| match it.short {
            "" => it.name,
            short => short,
        });
        names.chain(["fade"]).collect::<Vec<_>>().join(", ")
    }

    fn ring(&mut self, token: &str) {
        match token.parse() {
            Ok(number) => self.effect.ring = Some(number),
            Err(_) => self.add_problem(format!(
                "the position in the ring must be a whole number, got {}",
                shown(token)
            )),
        }
    }

    /// Reads an option and its value.
    pub(super) fn read_option(&mut self, key: &str, value: &str) {
        match key {
            "fade" => self.effect.fade = self.seconds("fade", FADE, value),
            "duration" => self.effect.duration = self.seconds("duration", DURATION, value),
            _ if self.effect.is_look() => self.report_option_of_look(key),
            _ => match self.spec().option(key) {
                Some(option) if option.kind.is_list() => {
                    self.set_list(Some(key), option.name, &list::items(value));
                }
                Some(option) => self.set(Some(key), option.name, value),
                None => match LayerOptions::name(key) {
                    Some(name) => self.set_layer_option(name, value),
                    None => self.report_unknown_option(key),
                },
            },
        }
    }

    fn set_layer_option(&mut self, name: &'static str, value: &str) {
        match self.effect.layer.store(name, value) {
            Ok(()) => self.push_value(Some(name), name, value),
            Err(problem) => self.add_problem(problem),
        }
    }

    fn report_option_of_look(&mut self, token: &str) {
        let word = shown(&self.effect.word);
        self.add_problem(format!(
            "'{}' cannot follow '{word}', whose layers have their own options; only fade and \
             duration can",
            shown(token)
        ));
    }

    fn report_unknown_option(&mut self, key: &str) {
        if self.problems.len() == PROBLEMS {
            // Count it without the cost of the suggestion.
            self.problem_count += 1;
            return;
        }
        let both = |option: &'static OptionSpec| [option.name, option.short];
        let options = self.spec().options.iter();
        let names = options
            .flat_map(both)
            .filter(|name| !name.is_empty())
            .chain(["fade"]);
        let layer_hint = did_you_mean(key, LayerOptions::names());
        let hint = match hint(key, names) {
            known if known.starts_with(" (known") && !layer_hint.is_empty() => layer_hint,
            near => near,
        };
        let word = shown(&self.effect.word);
        let problem = format!("'{word}' has no option '{}'{hint}", shown(key));
        self.add_problem(problem);
    }

    fn seconds(&mut self, option: &'static str, limits: OptionKind, value: &str) -> Option<Span> {
        match limits.span(value) {
            Ok(span) => {
                self.push_value(Some(option), option, value);
                return Some(span);
            }
            Err(problem) => self.add_problem(format!("'{option}' {problem}")),
        }
        None
    }

    fn set(&mut self, key: Option<&str>, name: &'static str, value: &str) {
        let Some(option) = self.spec().option(name) else {
            return;
        };
        match self
            .effect
            .settings
            .store(option.name, value, self.palettes)
        {
            Ok(()) => self.push(key, option, value),
            Err(_) if option.kind == OptionKind::Color && list::items(value).len() > 1 => {
                let name = key.unwrap_or(option.name);
                self.add_problem(format!("'{name}' takes one color, got '{}'", shown(value)));
            }
            Err(problem) if problem.starts_with("must ") => {
                let name = key.unwrap_or(option.name);
                let advice = synonyms::advice(option.name, value);
                self.add_problem(format!("'{name}' {problem}{advice}"));
            }
            Err(problem) => self.add_problem(problem),
        }
    }

    /// Notes that an option is set, and reports options that cannot be set together.
    fn push(&mut self, key: Option<&str>, option: &'static OptionSpec, value: &str) {
        let values = self.effect.values.iter();
        let rival = values
            .filter_map(|value| self.spec().option(value.option))
            .find(|it| it.replaces.contains(&option.name) || option.replaces.contains(&it.name));
        if let Some(rival) = rival {
            let names = (key.unwrap_or(option.name), rival.name);
            self.add_problem(format!(
                "'{}' cannot be combined with '{}'",
                names.0, names.1
            ));
            return;
        }
        self.push_value(key, option.name, value);
    }

    fn push_value(&mut self, key: Option<&str>, option: &'static str, value: &str) {
        if self.effect.values.iter().any(|part| part.option == option) {
            let name = key.unwrap_or(option);
            self.add_problem(format!("'{name}' is set twice"));
            return;
        }
        self.effect.values.push(WrittenValue {
            key: key.map(str::to_owned),
            option,
            text: value.to_owned(),
        });
    }

    pub(super) fn add_problem(&mut self, problem: String) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Whether the numbers of a layer of klipper-led_effect and its blend mode follow the effect.
fn is_led_effect_layer(tokens: &[String]) -> bool {
    let is_mode = |word: &String| word == "top" || blend::find(word).is_some();
    let mut tokens = tokens.iter().take(3);
    tokens.next().is_some_and(|it| token::is_number(it)) && tokens.any(is_mode)
}

/// Returns the color that was probably meant by three or four separate numbers from 0.0 to 1.0, if
/// the effect takes a color but no numbers.
fn spaced_color(arguments: &Arguments, tokens: &[String]) -> Option<String> {
    let is_level = |token: &String| {
        let number = parse_number(token);
        number.is_some_and(|level| (0.0..=1.0).contains(&level))
    };
    let fits = matches!(tokens.len(), 3 | 4) && tokens.iter().all(is_level);
    (fits && arguments.numbers.len() == 1 && !arguments.colors.is_empty()).then(|| tokens.join(","))
}
