//! Compiles the sections of a config to a plan. Each section type has its own module; this module
//! runs them in order and assembles the result.

mod bounds;
mod declared;
mod effects;
mod finish;
mod group_order;
mod groups;
mod hardware;
mod indented;
mod klipper_neopixels;
mod led_channels;
mod looks;
mod lumen_section;
mod macro_lists;
mod objects;
mod overlaps;
mod palettes;
mod pins;
mod pixels;
mod rings;
mod scenes;
mod sections;
mod strip_builder;
mod strips;

use super::effect_names::EffectNames;
use super::offer::{DebugLog, LightOffer, Offer};
use super::section::Diagnostics;
use super::temperature_sources::TemperatureSources;
use super::{Compiled, EffectResolver, Facts, RawConfig, SpecError};
use crate::input::{InputSet, MAX_SOURCES};
use crate::plan::{GroupPlan, Plan, StripPlan};
use groups::Layout;
use lumen_section::LumenSection;
use sections::Sections;

/// Compiles a config. With `facts`, names of heaters and sensors are checked.
///
/// ```
/// use lumen::{RawConfig, compile};
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
/// Returns all errors in the config, in the order of its sections.
pub fn compile(raw: &RawConfig, facts: Option<&Facts>) -> Result<Compiled, Vec<SpecError>> {
    let mut diagnostics = Diagnostics::default();
    bounds::check(raw, &mut diagnostics);
    if diagnostics.has_errors() {
        // A config above the limits is not read any further.
        return Err(diagnostics.into_errors(|_| 0));
    }
    let sections = Sections::sort(raw, &mut diagnostics);
    let sources = TemperatureSources::new(facts);
    let lumen = LumenSection::read(&sections.lumen, facts, &sources, &mut diagnostics);
    let (palette_names, palettes) = palettes::read(&sections.palettes, &mut diagnostics);
    let mut resolver = EffectResolver {
        names: EffectNames::new(palette_names),
        sources,
        temp_floor_c: lumen.states.temp_floor_c,
        travel_mm: lumen.travel_mm,
    };
    warn_about_many_heaters(facts, &mut diagnostics);
    let changed = effects::read(&sections.effects, &mut resolver, &mut diagnostics);
    let layout = groups::read(
        &sections,
        (&lumen, &raw.leds),
        &mut resolver,
        &mut diagnostics,
    );
    let effects = effects::offers(&changed, &layout.groups, &mut diagnostics);
    for section in resolver.sources.unverified() {
        let name = crate::text::shown(section);
        let text = format!(
            "Section '{name}' is used as a temperature sensor; this needs a Klipper plug-in that \
             measures a temperature there"
        );
        diagnostics.warn_whole(section, text);
    }
    macro_lists::check(&lumen.commands, raw.klipper.as_ref(), &mut diagnostics);
    objects::check(&sections, &layout, raw, &mut diagnostics);
    if diagnostics.has_errors() {
        let mut errors = diagnostics.into_errors(|section| sections.position(section));
        indented::explain(raw, &mut errors);
        return Err(errors);
    }
    Ok(Compiled {
        offer: Offer {
            lights: lights(&layout),
            pins: layout.pins,
            effects,
            palettes,
            debug: lumen.debug,
            mcu_bytes_per_s: lumen.mcu_bytes_per_s,
        },
        devices: layout.devices,
        commands: lumen.commands.clone(),
        filament_sensors: lumen.filament_sensors.clone(),
        plan: plan(lumen, layout.strips, layout.groups, &resolver),
        warnings: diagnostics.into_warnings(),
        effect_resolver: resolver,
    })
}

fn plan(
    lumen: LumenSection,
    strips: Vec<StripPlan>,
    groups: Vec<GroupPlan>,
    resolver: &EffectResolver,
) -> Plan {
    let follows = |inputs: InputSet| {
        let mut parts = groups.iter().flat_map(|group| &group.scenes);
        parts.any(|part| part.effect.follows().intersects(inputs))
    };
    Plan {
        wants_position: follows(InputSet::POSITION),
        wants_progress: follows(InputSet::PROGRESS),
        has_debug_log: lumen.debug != DebugLog::Off,
        strips,
        custom_states: lumen.custom_states,
        sources: resolver.sources().to_vec(),
        brightness: lumen.brightness,
        max_current_ma: lumen.max_current.map(|declared| declared.value),
        fps: lumen.fps,
        priority: lumen.priority,
        fade: lumen.fade,
        states: lumen.states,
        groups,
    }
}

/// Returns the groups that web interfaces show as lights.
fn lights(layout: &Layout<'_>) -> Vec<LightOffer> {
    let groups = layout.group_options.iter().zip(&layout.groups);
    groups
        .filter(|(options, _)| options.web_ui)
        .map(|(_, group)| LightOffer {
            group: group.group.name.clone(),
            channels: group.light,
        })
        .collect()
}

/// Warns if the printer has more heaters than Lumen can follow. This is not an error in the config,
/// so it must not stop the start.
fn warn_about_many_heaters(facts: Option<&Facts>, diagnostics: &mut Diagnostics) {
    let heaters = facts.map_or(0, |facts| facts.heaters.len());
    if heaters > MAX_SOURCES {
        let text =
            format!("The printer has {heaters} heaters; the lights follow the first {MAX_SOURCES}");
        diagnostics.warn_whole("", text);
    }
}
