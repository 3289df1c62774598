//! Reads the `on_...` options of a group, and adds the built-in effects for its other states.

use super::lumen_section::LumenSection;
use crate::effect::EffectInput;
use crate::plan::{ScenePart, Unmapped};
use crate::spec::EffectResolver;
use crate::spec::options::OfStates;
use crate::spec::parse::{ParsedEffect, ParsedStack};
use crate::spec::section::{Diagnostics, unknown};
use crate::spec::synonyms;
use crate::state::{STATES, State, StateSpec};
use crate::text::shown;
use crate::time::Span;

/// The effect of a group in one state, before the default fade is applied.
#[derive(Clone, Debug)]
pub(super) struct StateEffect {
    pub(super) part: ScenePart,
    pub(super) fade: Option<Span>,
    /// The position in a ring of each layer, lowest first.
    pub(super) rings: Vec<Option<u32>>,
}

/// The group whose effects are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupFacts {
    /// The brightness of the word `dim`, if the group is a lamp.
    pub(super) dim: Option<f32>,
    /// The number of pixels; 0 if it is not known.
    pub(super) pixels: usize,
    /// Whether other groups shine through where it shows nothing.
    pub(super) is_over: bool,
    /// What it shows in states without an effect.
    pub(super) unmapped: Unmapped,
}

/// Reads the effects of a group for all states.
pub(super) fn read(
    (title, scenes): (&str, &OfStates<'_>),
    group: GroupFacts,
    (lumen, resolver): (&LumenSection, &mut EffectResolver),
    diagnostics: &mut Diagnostics,
) -> Vec<StateEffect> {
    let has_own = has_own(scenes);
    let mut lines = own((title, scenes), group, (lumen, &mut *resolver), diagnostics);
    let is_built_in = (!has_own && !group.is_over) || group.unmapped == Unmapped::Default;
    add_stand_ins(&mut lines);
    for spec in STATES {
        let state = spec.state;
        // Every group shows errors, unless the user sets `on_error`.
        let is_missing = lines.iter().all(|line| line.part.state != state);
        if !is_missing || !(is_built_in || state == State::Error) {
            continue;
        }
        match default(spec, group, resolver) {
            Ok(line) => lines.extend(line),
            Err(problems) if has_own => {
                let reasons = problems.join("; ");
                let text = format!("the built-in effect of this state cannot be used: {reasons}");
                diagnostics.warn(title, &format!("on_{state}"), &text);
            }
            Err(problems) => {
                for problem in problems {
                    let problem = format!(": default of 'on_{state}': {problem}");
                    diagnostics.section(title, &problem);
                }
            }
        }
    }
    lines
}

/// Whether a group has any `on_...` option.
pub(super) fn has_own(scenes: &OfStates<'_>) -> bool {
    !scenes.0.is_empty()
}

/// Whether a group lacks an `on_...` option for a state with a built-in effect.
pub(super) fn lacks_some(scenes: &OfStates<'_>) -> bool {
    let is_set = |state: &State| scenes.0.iter().any(|(name, _)| *name == state.name());
    !State::ALL.iter().all(is_set)
}

/// Reads the `on_...` options.
fn own(
    (title, scenes): (&str, &OfStates<'_>),
    group: GroupFacts,
    (lumen, resolver): (&LumenSection, &mut EffectResolver),
    diagnostics: &mut Diagnostics,
) -> Vec<StateEffect> {
    let mut lines: Vec<StateEffect> = Vec::new();
    for &(word, text) in &scenes.0 {
        let option = format!("on_{word}");
        let Some(state) = lumen.state(word) else {
            diagnostics.option(title, &option, &unknown_state(word, lumen));
            continue;
        };
        match line(state, text, group, resolver) {
            Ok(line) => lines.push(line),
            Err(problems) => {
                for problem in problems {
                    diagnostics.option(title, &option, &problem);
                }
            }
        }
    }
    lines
}

/// Creates the scenes of the plan; `fade` is the default fade of the group.
pub(super) fn parts(lines: Vec<StateEffect>, fade: Span) -> Vec<ScenePart> {
    lines
        .into_iter()
        .map(|line| ScenePart {
            fade: line.fade.unwrap_or(fade),
            ..line.part
        })
        .collect()
}

fn line(
    state: State,
    text: &str,
    group: GroupFacts,
    resolver: &mut EffectResolver,
) -> Result<StateEffect, Vec<String>> {
    let parsed = ParsedStack::parse(text, group.dim, &resolver.names)?;
    of_parsed(state, &parsed, group, resolver)
}

fn of_parsed(
    state: State,
    parsed: &ParsedStack,
    group: GroupFacts,
    resolver: &mut EffectResolver,
) -> Result<StateEffect, Vec<String>> {
    if parsed.duration().is_some() {
        return Err(vec![
            "'duration' is for LUMEN_SET; an 'on_...' option applies as long as the state is \
             active"
                .to_owned(),
        ]);
    }
    Ok(StateEffect {
        part: ScenePart {
            state,
            effect: resolver.resolve(parsed, group.pixels)?,
            text: parsed.to_string(),
            fade: Span::ZERO,
            is_built_in: false,
        },
        fade: parsed.fade(),
        rings: parsed.effects().map(ParsedEffect::ring).collect(),
    })
}

fn unknown_state(word: &str, lumen: &LumenSection) -> String {
    if let Some(state) = synonyms::state(word) {
        return format!("unknown state '{}' (did you mean '{state}'?)", shown(word));
    }
    let problem = unknown("state", word, lumen.state_names());
    if problem.contains("did you mean") {
        return problem;
    }
    format!(
        "{problem}; declare custom states in [lumen], as in 'states: {}'",
        shown(word)
    )
}

/// Copies effects to states that use the effect of another state by default.
fn add_stand_ins(lines: &mut Vec<StateEffect>) {
    for spec in STATES {
        let state = spec.state;
        let of = |state: State| lines.iter().find(|line| line.part.state == state);
        if let (None, Some(other)) = (of(state), spec.stand_in.and_then(of)) {
            let mut line = other.clone();
            line.part.state = state;
            lines.push(line);
        }
    }
}

/// Compiles a built-in effect; `None` if it needs a heater and the printer has none.
fn default(
    spec: &StateSpec,
    group: GroupFacts,
    resolver: &mut EffectResolver,
) -> Result<Option<StateEffect>, Vec<String>> {
    let state = spec.state;
    let is_lamp = group.dim.is_some();
    let text = if is_lamp { spec.lamp } else { spec.effect };
    let mut parsed = ParsedStack::parse(text, group.dim, &resolver.names)?;
    let needs_source = |it: &ParsedEffect| matches!(it.settings().input(), EffectInput::Source(_));
    if !is_lamp && parsed.effects().any(needs_source) {
        let Some(heater) = resolver.sources.main_heater() else {
            return Ok(None);
        };
        parsed = parsed.add("source", heater, resolver.names.palettes())?;
    }
    let mut line = of_parsed(state, &parsed, group, resolver)?;
    line.part.is_built_in = true;
    Ok(Some(line))
}
