//! From sections to a plan: each kind of section in a file of its own, and what joins them.

mod bounds;
mod effects;
mod finish;
mod groups;
mod guests;
mod hardware;
mod leds;
mod lumen;
mod objects;
mod overlaps;
mod pins;
mod pixels;
mod rings;
mod said;
mod scenes;
mod sections;
mod strips;

use super::offer::{LightOffer, Offer};
use super::section::{Problems, Section};
use super::sources::Sources;
use super::words::Words;
use super::{Compiled, Facts, RawConfig, SpecError, Vocabulary};
use crate::effect::EffectPlan;
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
    bounds::check(raw, &mut problems);
    if problems.has_errors() {
        // More than that is not read.
        return Err(problems.into_errors(|_| 0));
    }
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
    let (strips, groups, pins) = groups::read(
        &sections,
        (&lumen, &raw.leds),
        &mut vocabulary,
        &mut problems,
    );
    let effects = effects::offers(&sections.effects, &groups, &mut problems);
    for section in vocabulary.sources.trusted() {
        let name = crate::text::shown(section);
        let text = format!(
            "Section '{name}' is followed as a sensor; Klipper must have a plug-in that measures \
             there"
        );
        problems.warn_whole(section, text);
    }
    let devices = objects::check(&sections, raw, &mut problems);
    if problems.has_errors() {
        return Err(problems.into_errors(|section| sections.place(section)));
    }
    let commands = lumen.commands.clone();
    let filament_sensors = lumen.filament_sensors.clone();
    let plan = plan(lumen, strips, groups, &vocabulary);
    Ok(Compiled {
        commands,
        devices,
        filament_sensors,
        offer: Offer {
            pins,
            lights: lights(&sections.groups, &plan),
            effects,
        },
        plan,
        changes: std::mem::take(&mut problems.changes),
        warnings: problems.into_warnings(),
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
    states.extruders = vocabulary.sources.extruders();
    let effects = || {
        groups
            .iter()
            .flat_map(|group| &group.scenes)
            .map(|part| &part.effect)
    };
    Plan {
        wants_position: effects().any(EffectPlan::follows_position),
        wants_progress: effects().any(EffectPlan::follows_progress),
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

/// The groups that are lights in web interfaces.
fn lights(sections: &[Section<'_>], plan: &Plan) -> Vec<LightOffer> {
    let groups = sections.iter().zip(&plan.groups);
    groups
        .filter(|(section, _)| section.flag("web_ui"))
        .map(|(_, group)| LightOffer {
            group: group.group.name.clone(),
            channels: group.light,
        })
        .collect()
}

/// No mistake of the user's, so nothing that may stop the start.
fn warn_of_many_heaters(facts: Option<&Facts>, problems: &mut Problems) {
    let heaters = facts.map_or(0, |facts| facts.heaters.len());
    if heaters > MAX_SOURCES {
        let text =
            format!("The printer has {heaters} heaters; the lights follow the first {MAX_SOURCES}");
        problems.warn_whole("", text);
    }
}
