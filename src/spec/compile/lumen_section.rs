//! Reads `[lumen]`: the settings for all strips, groups and states.

use super::declared::Declared;
use crate::input::MAX_FILAMENT_SENSORS;
use crate::limits::SUGGEST_CANDIDATES;
use crate::plan::{self, Priority, StateSettings, Unmapped};
use crate::spec::options::{LumenOptions, OfStates};
use crate::spec::section::{Diagnostics, SectionReader, unknown};
use crate::spec::temperature_sources::TemperatureSources;
use crate::spec::{DebugLog, Facts};
use crate::state::State;
use crate::text::{ConvertCase, listed, nearest, shown};
use crate::time::Span;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The title of the section.
const LUMEN: &str = "lumen";

/// Travel of an axis in mm if neither Klipper nor the config defines it: LUMEN's default.
const TRAVEL_MM: [f32; 2] = [0.0, 300.0];

/// The lowest frame rate at which dithering is on by default. The dither pattern has four frames,
/// so it repeats at 10 Hz or faster; slower patterns are visible as flicker.
const DITHER_FPS: u16 = 40;

/// The largest number of custom states: their index is one byte.
const MAX_CUSTOM: usize = 256;

/// The settings in `[lumen]`.
#[derive(Clone, Debug)]
pub(super) struct LumenSection {
    pub(super) brightness: f32,
    pub(super) max_current: Option<Declared<'static, f32>>,
    pub(super) dither: bool,
    pub(super) fps: u16,
    pub(super) priority: Priority,
    pub(super) fade: Span,
    pub(super) unmapped: Unmapped,
    pub(super) has_unmapped: bool,
    /// Whether it has options that only LUMEN 1.x had.
    pub(super) is_of_lumen_1: bool,
    pub(super) states: StateSettings,
    pub(super) custom_states: Vec<String>,
    pub(super) commands: BTreeMap<String, Vec<String>>,
    pub(super) filament_sensors: Vec<String>,
    pub(super) travel_mm: [[f32; 2]; 3],
    pub(super) debug: DebugLog,
    pub(super) mcu_bytes_per_s: Option<f32>,
}

impl LumenSection {
    pub(super) fn read(
        section: &SectionReader<'_>,
        facts: Option<&Facts>,
        sources: &TemperatureSources,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let options: LumenOptions<'_> = section.read(diagnostics);
        let custom_states = custom_states(options.states, diagnostics);
        Self {
            brightness: options.brightness,
            max_current: options.max_current_ma.map(|value| Declared {
                title: LUMEN,
                value,
            }),
            dither: options.dither.unwrap_or(options.fps >= DITHER_FPS),
            fps: options.fps,
            priority: options.priority,
            fade: options.fade,
            unmapped: options.unmapped,
            has_unmapped: section.has("unmapped"),
            is_of_lumen_1: section.has_obsolete(),
            states: states(&options, sources, diagnostics),
            commands: commands(&options.commands, &custom_states, diagnostics),
            custom_states,
            filament_sensors: filament_sensors(options.filament_sensors, facts, diagnostics),
            travel_mm: travel(&options, facts, diagnostics),
            debug: options.debug,
            mcu_bytes_per_s: options.mcu_bytes_per_s,
        }
    }

    /// Returns the state with a name.
    pub(super) fn state(&self, word: &str) -> Option<State> {
        plan::named_state(&self.custom_states, word)
    }

    /// Returns the name of a state.
    pub(super) fn state_name(&self, state: State) -> &str {
        plan::state_name(&self.custom_states, state)
    }

    /// Returns the names of all states.
    pub(super) fn state_names(&self) -> impl Iterator<Item = &str> + Clone {
        let custom = self.custom_states.iter().map(String::as_str);
        State::ALL.iter().map(|state| state.name()).chain(custom)
    }
}

fn states(
    options: &LumenOptions<'_>,
    sources: &TemperatureSources,
    diagnostics: &mut Diagnostics,
) -> StateSettings {
    let settings = StateSettings {
        temp_floor_c: options.temp_floor_c,
        heating_enter_c: options.heating_enter_c,
        heating_leave_c: options.heating_leave_c,
        bored_after: options.bored_after,
        sleep_after: options.sleep_after,
        complete_for: options.complete_for,
        cancelled_for: options.cancelled_for,
        command_error_for: options.command_error_for,
        pause_after: options.pause_after,
        heaters: sources.heater_count(),
        extruders: sources.extruders(),
    };
    let (enter, leave) = (settings.heating_enter_c, settings.heating_leave_c);
    if leave > enter {
        diagnostics.option(
            LUMEN,
            "heating_leave",
            &format!("must not be above 'heating_enter' ({enter}), got {leave}"),
        );
    }
    settings
}

fn custom_states(text: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    for name in items(text) {
        let problem = if !is_state_name(name) {
            format!(
                "'{}' must consist of lowercase letters, digits and '_'",
                shown(name)
            )
        } else if State::parse(name).is_some() {
            format!(
                "'{}' is a built-in state; use it without declaring it",
                shown(name)
            )
        } else if known.contains(name) {
            format!("'{}' is declared twice", shown(name))
        } else if names.len() == MAX_CUSTOM {
            format!(
                "'{}' is one state too many; at most {MAX_CUSTOM} can be declared",
                shown(name)
            )
        } else {
            names.push(name.to_owned());
            known.insert(name);
            continue;
        };
        diagnostics.option(LUMEN, "states", &problem);
    }
    names
}

/// Whether a name is valid for a custom state. Klipper converts option names to lowercase, so a
/// state name must be lowercase.
fn is_state_name(name: &str) -> bool {
    name.bytes()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

/// Returns the items of a list, separated by commas or by the lines of a multi-line value.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n'])
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// Reads the G-code commands in `macro_...`, by the name of the state.
fn commands(
    options: &OfStates<'_>,
    custom: &[String],
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Vec<String>> {
    let operations = State::ALL.iter().filter(|state| state.is_operation());
    let known: Vec<&str> = operations
        .map(|state| state.name())
        .chain(custom.iter().map(String::as_str))
        .collect();
    let mut commands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // The index of the state of each command.
    let mut index_of: HashMap<String, usize> = HashMap::new();
    for (index, &(state, text)) in options.0.iter().enumerate() {
        let option = format!("macro_{state}");
        if !known.contains(&state) {
            let problem = if State::parse(state).is_some() {
                format!(
                    "a command cannot show '{state}' (known: {})",
                    listed(known.iter().copied())
                )
            } else {
                unknown("state", state, known.iter().copied())
            };
            diagnostics.option(LUMEN, &option, &problem);
            continue;
        }
        let mut names = Vec::new();
        for name in items(text).map(str::uppercase) {
            let other = index_of.get(&name).map(|other| options.0[*other].0);
            if name.contains(char::is_whitespace) {
                let problem = format!(
                    "'{}' must be the name of one command, without parameters",
                    shown(&name)
                );
                diagnostics.option(LUMEN, &option, &problem);
            } else if let Some(other) = other.filter(|other| *other != state) {
                let problem = format!(
                    "'{}' is also in 'macro_{other}'; a command can show only one state",
                    shown(&name)
                );
                diagnostics.option(LUMEN, &option, &problem);
            } else if other.is_none() {
                index_of.insert(name.clone(), index);
                names.push(name);
            }
        }
        commands.insert(state.to_owned(), names);
    }
    commands
}

/// Returns the full names of the filament sensors to follow: all, or those in `filament_sensors`.
fn filament_sensors(
    text: Option<&str>,
    facts: Option<&Facts>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let known = facts.and_then(|facts| facts.filament_sensors.as_deref());
    let Some(text) = text else {
        let all = known.unwrap_or_default();
        return all.iter().take(MAX_FILAMENT_SENSORS).cloned().collect();
    };
    if text.trim().eq_ignore_ascii_case("none") {
        return Vec::new();
    }
    let last_word = |name: &str| name.rsplit(' ').next().unwrap_or(name).lowercase();
    let mut sensors = Vec::new();
    for word in items(text) {
        let is_named = |name: &&String| **name == *word || last_word(name) == last_word(word);
        let found = known.map_or_else(
            || Some(word.to_owned()),
            |it| it.iter().find(is_named).cloned(),
        );
        let problem = match found {
            Some(name) if sensors.len() < MAX_FILAMENT_SENSORS => {
                sensors.push(name);
                continue;
            }
            Some(_) => format!("at most {MAX_FILAMENT_SENSORS} sensors can be used"),
            None if may_be_of_plug_in(word, known.unwrap_or_default(), facts) => {
                let text = format!(
                    "there is no filament sensor '{}'; this needs a Klipper plug-in that creates \
                     it",
                    shown(word)
                );
                diagnostics.warn(LUMEN, "filament_sensors", &text);
                continue;
            }
            None => {
                let names: Vec<String> = known
                    .unwrap_or_default()
                    .iter()
                    .map(|name| last_word(name))
                    .collect();
                unknown("filament sensor", word, names.iter().map(String::as_str))
            }
        };
        diagnostics.option(LUMEN, "filament_sensors", &problem);
    }
    sensors
}

/// Whether a filament sensor may belong to a plug-in: the config files have a section that may be
/// one, and no sensor with a similar name.
fn may_be_of_plug_in(word: &str, known: &[String], facts: Option<&Facts>) -> bool {
    let plug_ins = facts.and_then(|facts| facts.plug_ins.as_deref());
    let names = known.iter().filter_map(|name| name.split(' ').next_back());
    plug_ins.is_some_and(|it| !it.is_empty())
        && nearest(word, names.take(SUGGEST_CANDIDATES)).is_none()
}

/// Returns the range of each axis: from the config, from Klipper, or LUMEN's default.
fn travel(
    options: &LumenOptions<'_>,
    facts: Option<&Facts>,
    diagnostics: &mut Diagnostics,
) -> [[f32; 2]; 3] {
    let mut travel = facts
        .and_then(|facts| facts.travel)
        .unwrap_or([TRAVEL_MM; 3]);
    let x = [options.bed_x_min, options.bed_x_max];
    let y = [options.bed_y_min, options.bed_y_max];
    for (axis, low, high, ends) in [
        (0, "bed_x_min", "bed_x_max", x),
        (1, "bed_y_min", "bed_y_max", y),
    ] {
        for (end, configured) in travel[axis].iter_mut().zip(ends) {
            *end = configured.unwrap_or(*end);
        }
        let [from, to] = travel[axis];
        if from >= to && ends != [None, None] {
            let option = if ends[0].is_some() { low } else { high };
            let problem = format!("'{low}' ({from}) must be below '{high}' ({to})");
            diagnostics.option(LUMEN, option, &problem);
        }
    }
    travel
}
