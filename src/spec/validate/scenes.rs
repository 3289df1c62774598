//! The `on_...` lines of a group, or the default scenes of one that has none.

use super::lumen::Lumen;
use crate::effect::EffectKind;
use crate::plan::ScenePart;
use crate::scene;
use crate::spec::Vocabulary;
use crate::spec::parse::{EffectSpec, lamp_spec};
use crate::spec::section::{Problems, Section, unknown};
use crate::state::State;
use crate::text::shown;
use crate::time::Span;

/// What a group shows in one state, before its fade is known.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) part: ScenePart,
    pub(super) fade: Option<Span>,
    pub(super) ring: Option<u32>,
}

/// Reads what a group shows in which state; `dim` is what that word means to a lamp.
pub(super) fn read(
    section: &Section<'_>,
    dim: Option<f32>,
    (lumen, vocabulary): (&Lumen, &mut Vocabulary),
    problems: &mut Problems,
) -> Vec<Line> {
    if section.family("on_").next().is_none() {
        return defaults(section, vocabulary, problems);
    }
    let mut lines: Vec<Line> = Vec::new();
    for (word, text) in section.family("on_") {
        let option = format!("on_{word}");
        let Some(state) = lumen.state(word) else {
            problems.option(section.title, &option, &unknown_state(word, lumen));
            continue;
        };
        let effect = dim.map_or_else(|| Ok(text.to_owned()), |dim| lamp_spec(text, dim));
        let read = effect.map_err(|wrong| vec![wrong]).and_then(|effect| {
            let mut line = line(state, &effect, vocabulary)?;
            if effect != text {
                text.clone_into(&mut line.part.text);
            }
            Ok(line)
        });
        match read {
            Ok(line) => lines.push(line),
            Err(wrong) => {
                for problem in wrong {
                    problems.option(section.title, &option, &problem);
                }
            }
        }
    }
    stand_in(&mut lines);
    lines
}

/// The parts as the plan has them; `fade` is the group's.
pub(super) fn parts(lines: Vec<Line>, fade: Span) -> Vec<ScenePart> {
    lines
        .into_iter()
        .map(|line| ScenePart {
            fade: line.fade.unwrap_or(fade),
            ..line.part
        })
        .collect()
}

fn line(state: State, text: &str, vocabulary: &mut Vocabulary) -> Result<Line, Vec<String>> {
    let spec = EffectSpec::parse(text, &vocabulary.words)?;
    of_spec(state, &spec, vocabulary)
}

fn of_spec(
    state: State,
    spec: &EffectSpec,
    vocabulary: &mut Vocabulary,
) -> Result<Line, Vec<String>> {
    if spec.duration().is_some() {
        return Err(vec![
            "'duration' is for LUMEN_SET; a line shows as long as its state lasts".to_owned(),
        ]);
    }
    Ok(Line {
        part: ScenePart {
            state,
            effect: vocabulary.resolve(spec)?,
            text: spec.to_string(),
            fade: Span::ZERO,
        },
        fade: spec.fade(),
        ring: spec.ring(),
    })
}

fn unknown_state(word: &str, lumen: &Lumen) -> String {
    let problem = unknown("state", word, lumen.state_names());
    if problem.contains("did you mean") {
        return problem;
    }
    format!(
        "{problem}; your own are declared in [lumen], as in 'states: {}'",
        shown(word)
    )
}

/// Lets lines stand in for states that have none.
fn stand_in(lines: &mut Vec<Line>) {
    for state in State::ALL {
        let of = |state: State| lines.iter().find(|line| line.part.state == state);
        if let (None, Some(other)) = (of(state), scene::stand_in(state).and_then(of)) {
            let mut line = other.clone();
            line.part.state = state;
            lines.push(line);
        }
    }
}

fn defaults(
    section: &Section<'_>,
    vocabulary: &mut Vocabulary,
    problems: &mut Problems,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for (state, text) in scene::DEFAULTS {
        match default(*state, text, vocabulary) {
            Ok(line) => lines.extend(line),
            Err(wrong) => {
                for problem in wrong {
                    problems.section(
                        section.title,
                        &format!(": default of 'on_{state}': {problem}"),
                    );
                }
            }
        }
    }
    lines
}

/// A default line; nothing where it needs a heater and there is none.
fn default(
    state: State,
    text: &str,
    vocabulary: &mut Vocabulary,
) -> Result<Option<Line>, Vec<String>> {
    let mut spec = EffectSpec::parse(text, &vocabulary.words)?;
    if spec.kind() == EffectKind::Thermal {
        let Some(heater) = vocabulary.sources.main_heater() else {
            return Ok(None);
        };
        spec = spec.add("source", heater)?;
    }
    of_spec(state, &spec, vocabulary).map(Some)
}
