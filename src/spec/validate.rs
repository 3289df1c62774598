//! From sections to a plan: each kind of section in a file of its own, and what joins them.

mod effects;
mod finish;
mod groups;
mod hardware;
mod lumen;
mod pins;
mod pixels;
mod rings;
mod said;
mod scenes;
mod sections;
mod strips;

use super::section::Problems;
use super::sources::Sources;
use super::words::Words;
use super::{Compiled, Facts, RawConfig, SpecError, Vocabulary};
use crate::effect::EffectKind;
use crate::input::MAX_SOURCES;
use crate::plan::{GroupPlan, Plan, StripPlan};
use lumen::Lumen;
use sections::Sections;

/// Compiles a config. With `facts`, names of heaters and sensors are checked against them.
///
/// ```
/// use lumen::spec::{RawConfig, compile};
///
/// let raw: RawConfig = serde_json::from_str(
///     r#"{"sections": [["lumen", {"brightnes": "0.5"}]]}"#,
/// )?;
/// let errors = compile(&raw, None).unwrap_err();
/// assert_eq!(
///     errors[0].to_string(),
///     "Option 'brightnes' is not valid in section 'lumen' (did you mean 'brightness'?)"
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// All that is wrong with the config, in the order of its sections.
pub fn compile(raw: &RawConfig, facts: Option<&Facts>) -> Result<Compiled, Vec<SpecError>> {
    let mut problems = Problems::default();
    let sections = Sections::sort(raw, &mut problems);
    let lumen = Lumen::read(&sections.lumen, facts, &mut problems);
    let mut vocabulary = Vocabulary {
        words: Words::default(),
        sources: Sources::new(facts),
        temp_floor_c: lumen.states.temp_floor_c,
        travel_mm: lumen.travel_mm,
    };
    warn_of_many_heaters(facts, &mut problems);
    effects::read(&sections.effects, &mut vocabulary, &mut problems);
    let (strips, groups) = groups::read(&sections, &lumen, &mut vocabulary, &mut problems);
    if !problems.errors.is_empty() {
        return Err(sections.in_order(problems.errors));
    }
    Ok(Compiled {
        commands: lumen.commands.clone(),
        plan: plan(lumen, strips, groups, &vocabulary),
        warnings: problems.warnings,
        vocabulary,
    })
}

fn plan(
    lumen: Lumen,
    strips: Vec<StripPlan>,
    groups: Vec<GroupPlan>,
    vocabulary: &Vocabulary,
) -> Plan {
    let mut states = lumen.states;
    states.heaters = vocabulary.sources.heaters();
    let effects = || {
        groups
            .iter()
            .flat_map(|group| &group.scenes)
            .map(|part| &part.effect)
    };
    Plan {
        wants_position: effects()
            .any(|it| it.kind == EffectKind::Kitt && it.settings.kitt_tracking_axis.is_some()),
        wants_progress: effects().any(|it| it.kind == EffectKind::Progress),
        strips,
        custom_states: lumen.custom_states,
        sources: vocabulary.sources().to_vec(),
        brightness: lumen.brightness,
        max_current_ma: lumen.max_current.map(|said| said.value),
        fps: lumen.fps,
        fade: lumen.fade,
        states,
        groups,
    }
}

/// No mistake of the user's, so nothing that may stop the start.
fn warn_of_many_heaters(facts: Option<&Facts>, problems: &mut Problems) {
    let heaters = facts.map_or(0, |facts| facts.heaters.len());
    if heaters > MAX_SOURCES {
        problems.warnings.push(format!(
            "The printer has {heaters} heaters; the lights follow the first {MAX_SOURCES}"
        ));
    }
}
