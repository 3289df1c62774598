//! Parses what a group shows: one effect, or several layers in lines or between `|`.

use super::{Look, ParsedEffect, lamp, token};
use crate::color::PaletteNames;
use crate::limits::{LAYERS, PROBLEMS};
use crate::spec::diagnostics::more;
use crate::spec::effect_names::EffectNames;
use crate::text::shown;
use crate::time::Span;
use std::fmt;

/// A parsed stack. Its text parses to the same stack.
///
/// ```
/// use lumen::{EffectNames, ParsedStack};
///
/// let text = "comet white\n  solid blue opacity=0.2";
/// let stack = ParsedStack::parse(text, None, &EffectNames::default())?;
/// assert_eq!(stack.to_string(), "comet white | solid blue opacity=0.2");
/// # Ok::<(), Vec<String>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedStack {
    /// The layers as written: the highest first.
    layers: Vec<ParsedEffect>,
}

impl ParsedStack {
    /// Parses a text. `dim` is the brightness of that word, if the group is a lamp.
    ///
    /// # Errors
    /// Returns a message for every invalid token of every layer.
    pub fn parse(text: &str, dim: Option<f32>, names: &EffectNames) -> Result<Self, Vec<String>> {
        let lines = lines(text)?;
        let mut problems = Problems::new(lines.len());
        let mut layers = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            match layer(line, dim, names) {
                Ok(layer) => {
                    if layer.is_look() && index + 1 < lines.len() {
                        let word = shown(&layer.word);
                        let problem =
                            format!("'{word}' has layers of its own, so it must be the last layer");
                        problems.add(index, problem);
                    }
                    layers.push(layer);
                }
                Err(messages) => {
                    for message in messages {
                        problems.add(index, message);
                    }
                }
            }
        }
        problems.finish()?;
        Self { layers }.checked()
    }

    /// Adds `key=value`, as if it were at the end of the text.
    ///
    /// # Errors
    /// Returns what is wrong with the key or the value.
    pub fn add(
        mut self,
        key: &str,
        value: &str,
        palettes: &PaletteNames,
    ) -> Result<Self, Vec<String>> {
        if self.layers.len() > 1 && !SHARED.contains(&key) {
            return Err(vec![format!(
                "'{}' belongs to one layer; write it after the effect of that layer",
                shown(key)
            )]);
        }
        if let Some(last) = self.layers.pop() {
            self.layers.push(last.add(key, value, palettes)?);
        }
        self.checked()
    }

    /// Returns the layers under a name.
    ///
    /// # Errors
    /// Returns a message for a layer that is a name of layers itself, and for options that are for
    /// one use of the name.
    pub(in crate::spec) fn into_look(self) -> Result<Look, Vec<String>> {
        let mut problems = Problems::new(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            if layer.is_look() {
                let word = shown(&layer.word);
                let problem = format!("'{word}' has layers itself; write its layers here");
                problems.add(index, problem);
            }
        }
        let is_set = [self.fade().is_some(), self.duration().is_some()];
        for (name, _) in SHARED.into_iter().zip(is_set).filter(|(_, is_set)| *is_set) {
            let problem = format!("'{name}' must follow the name of the section where it is used");
            problems.add_whole(problem);
        }
        problems.finish()?;
        Ok(Look {
            layers: self.layers,
        })
    }

    /// Returns the effects, the lowest first. Those of a look are in its place.
    pub(in crate::spec) fn effects(&self) -> impl Iterator<Item = &ParsedEffect> {
        let effects = self.layers.iter().rev();
        effects.flat_map(|layer| match &layer.look {
            Some(look) => look.layers.iter().rev().collect(),
            None => vec![layer],
        })
    }

    /// Returns the cross-fade, if it is set.
    pub fn fade(&self) -> Option<Span> {
        self.layers.iter().find_map(ParsedEffect::fade)
    }

    /// Returns how long the effect is shown, if it is set.
    pub fn duration(&self) -> Option<Span> {
        self.layers.iter().find_map(ParsedEffect::duration)
    }

    /// Checks what concerns all layers together.
    fn checked(self) -> Result<Self, Vec<String>> {
        let count = self.effects().count();
        if count > LAYERS {
            return Err(vec![too_many(count)]);
        }
        let is_twice = |is_set: fn(&ParsedEffect) -> bool| {
            self.layers.iter().filter(|layer| is_set(layer)).count() > 1
        };
        let set = [
            is_twice(|it| it.fade.is_some()),
            is_twice(|it| it.duration.is_some()),
        ];
        let twice = SHARED
            .into_iter()
            .zip(set)
            .filter(|(_, is_twice)| *is_twice);
        let problems: Vec<String> = twice
            .map(|(name, _)| format!("'{name}' is set twice; it is for all layers together"))
            .collect();
        if problems.is_empty() {
            Ok(self)
        } else {
            Err(problems)
        }
    }
}

impl fmt::Display for ParsedStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, layer) in self.layers.iter().enumerate() {
            let separator = if index > 0 { SEPARATOR } else { "" };
            write!(f, "{separator}{layer}")?;
        }
        Ok(())
    }
}

/// Between the layers of a text in one line.
const SEPARATOR: &str = " | ";

/// The options that are for all layers together.
const SHARED: [&str; 2] = ["fade", "duration"];

/// Collects messages with the numbers of their layers.
#[derive(Debug)]
pub(in crate::spec) struct Problems {
    layers: usize,
    messages: Vec<String>,
    count: usize,
}

impl Problems {
    /// Collects the messages of a stack with this number of layers.
    pub(in crate::spec) fn new(layers: usize) -> Self {
        Self {
            layers,
            messages: Vec::new(),
            count: 0,
        }
    }

    /// Adds a message about a layer; index 0 is the highest.
    pub(in crate::spec) fn add(&mut self, index: usize, problem: String) {
        self.add_whole(match self.layers {
            0 | 1 => problem,
            _ => format!("layer {}: {problem}", index + 1),
        });
    }

    fn add_whole(&mut self, problem: String) {
        self.count += 1;
        if self.messages.len() < PROBLEMS {
            self.messages.push(problem);
        }
    }

    /// Returns all messages, if there are any.
    pub(in crate::spec) fn finish(mut self) -> Result<(), Vec<String>> {
        if self.messages.is_empty() {
            return Ok(());
        }
        self.messages.extend(more(self.count, "problem"));
        Err(self.messages)
    }
}

/// Splits a text into layers.
fn lines(text: &str) -> Result<Vec<&str>, Vec<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut layers: Vec<&str> = Vec::new();
    for line in lines {
        layers.extend(line.split('|').map(str::trim));
    }
    if layers.len() > LAYERS {
        return Err(vec![too_many(layers.len())]);
    }
    if layers.is_empty() {
        // The parser of effects reports it.
        layers.push("");
    }
    Ok(layers)
}

fn too_many(layers: usize) -> String {
    format!("at most {LAYERS} layers can be blended, got {layers}")
}

fn layer(line: &str, dim: Option<f32>, names: &EffectNames) -> Result<ParsedEffect, Vec<String>> {
    let (word, _) = token::head(line);
    if word.contains('=') {
        return Err(vec![format!(
            "'{}' is an option; each line is a layer: an effect with all its options",
            shown(word)
        )]);
    }
    let level = match dim {
        Some(dim) => lamp::brightness(line, dim).map_err(|problem| vec![problem])?,
        None => None,
    };
    match level {
        Some(level) => ParsedEffect::lamp(line, level, names.palettes()),
        None => ParsedEffect::parse(line, names),
    }
}
