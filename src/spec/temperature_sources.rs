//! Temperature sources: finds the printer object that a name refers to, and keeps the list of
//! objects that are sampled.
//!
//! The list holds all heaters first, then the sensors that effects use, up to [`MAX_SOURCES`].

use super::Facts;
use super::section::unknown;
use crate::color::name::NAMES;
use crate::input::MAX_SOURCES;
use crate::limits::SUGGEST_CANDIDATES;
use crate::text::{ConvertCase, nearest, shown};
use std::collections::HashMap;

/// Klipper's name of the first extruder. The others are `extruder1` and so on.
const EXTRUDER: &str = "extruder";

/// Name of the active extruder.
const TOOL: &str = "tool";

/// The sources that a plan samples: all heaters, then the sensors that effects use.
#[derive(Clone, Debug, Default)]
pub(super) struct TemperatureSources {
    /// `None` if the printer is unknown.
    known: Option<TemperatureObjects>,
    heaters: usize,
    sampled: Vec<String>,
    /// Bit n is set if nothing uses source n anymore.
    idle: u32,
    /// Sections that may belong to plug-ins, if the facts are from config files.
    plug_ins: Vec<String>,
    /// The sections in `plug_ins` that are used as sensors without proof that they are.
    unverified: Vec<String>,
}

impl TemperatureSources {
    pub(super) fn new(facts: Option<&Facts>) -> Self {
        let Some(facts) = facts else {
            return Self::default();
        };
        let heaters = facts.heaters.len().min(MAX_SOURCES);
        Self {
            known: Some(TemperatureObjects::new(facts)),
            heaters,
            sampled: facts.heaters[..heaters].to_vec(),
            idle: 0,
            plug_ins: facts.plug_ins.clone().unwrap_or_default(),
            unverified: Vec::new(),
        }
    }

    /// Returns the sections that are used as sensors although it is unknown whether they measure a
    /// temperature.
    pub(super) fn unverified(&self) -> &[String] {
        &self.unverified
    }

    /// Returns the full object names in sampling order; at most `MAX_SOURCES`.
    pub(super) fn names(&self) -> &[String] {
        &self.sampled
    }

    /// Sets which sources are unused: bit n for source n.
    pub(super) fn set_idle(&mut self, idle: u32) {
        self.idle = idle;
    }

    /// Returns the number of heaters. They are the first sources.
    pub(super) fn heater_count(&self) -> usize {
        self.heaters
    }

    /// Returns which heaters are extruders: bit n for heater n.
    pub(super) fn extruders(&self) -> u32 {
        let heaters = self.sampled[..self.heaters].iter().enumerate();
        heaters
            .filter(|(_, name)| is_extruder(name))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    }

    /// Returns the heater that thermal effects use by default: the extruder, the active tool if
    /// there are several, or else the first heater. `None` if the printer has no heater.
    pub(super) fn main_heater(&self) -> Option<&str> {
        match self.extruders().count_ones() {
            0 if self.known.is_none() => Some(EXTRUDER),
            0 => self.sampled[..self.heaters].first().map(String::as_str),
            1 => self
                .sampled
                .iter()
                .find(|name| is_extruder(name))
                .map(String::as_str),
            _ => Some(TOOL),
        }
    }

    /// Returns the index of a source, and adds the source if it is new. If the list is full, a new
    /// source replaces an unused one.
    ///
    /// `word` is a full object name or its last word.
    pub(super) fn index(&mut self, word: &str) -> Result<usize, String> {
        let name = self.full_name(word)?;
        if let Some(index) = self.sampled.iter().position(|known| *known == name) {
            self.idle &= !(1 << index);
            return Ok(index);
        }
        if self.sampled.len() == MAX_SOURCES {
            let idle = (self.heaters..MAX_SOURCES).find(|index| self.idle & (1 << index) != 0);
            if let Some(index) = idle {
                self.idle &= !(1 << index);
                self.sampled[index] = name;
                return Ok(index);
            }
            return Err(format!(
                "'{}' is one source too many; at most {MAX_SOURCES} can be used, including all \
                 heaters",
                shown(word)
            ));
        }
        self.idle &= !(1 << self.sampled.len());
        self.sampled.push(name);
        Ok(self.sampled.len() - 1)
    }

    fn full_name(&mut self, word: &str) -> Result<String, String> {
        let Some(known) = &self.known else {
            return Ok(unchecked_name(word));
        };
        let has_tool = self.extruders() != 0 && word.eq_ignore_ascii_case(TOOL);
        let tool = || has_tool.then(|| TOOL.to_owned());
        // A sensor with that name takes priority over the active extruder.
        if let Some(name) = known.find(word).map(str::to_owned).or_else(tool) {
            return Ok(name);
        }
        let has_name = |it: &&String| last_word(it).is_some_and(|it| it.eq_ignore_ascii_case(word));
        let found = self.plug_ins.iter().find(has_name);
        let (section, name) = match found.map(|it| (it, it.as_str())) {
            Some(found) => found,
            None => match self.plug_ins.iter().find(|it| may_create(it, word)) {
                Some(section) if nearest(word, known.short_names()).is_none() => (section, word),
                _ => return Err(unknown_source(known, word)),
            },
        };
        if !self.unverified.contains(section) {
            self.unverified.push(section.clone());
        }
        Ok(name.to_owned())
    }
}

/// Whether a plug-in with a section may create a sensor: its name begins as the section does, such
/// as `beacon_coil` of `[beacon]`.
fn may_create(section: &str, word: &str) -> bool {
    let own = section.split([' ', '_']).next().unwrap_or_default();
    let name = last_word(word).unwrap_or(word);
    let rest = name
        .get(..own.len())
        .filter(|start| start.eq_ignore_ascii_case(own))
        .and_then(|_| name.get(own.len()..));
    !own.is_empty() && rest.is_some_and(|it| it.starts_with('_'))
}

/// Whether a heater has one of Klipper's names for extruders.
fn is_extruder(name: &str) -> bool {
    let number = name.strip_prefix(EXTRUDER);
    number.is_some_and(|number| number.bytes().all(|c| c.is_ascii_digit()))
}

fn unknown_source(known: &TemperatureObjects, word: &str) -> String {
    let mut names: Vec<&str> = known.short_names().collect();
    names.dedup();
    let names = names.iter().copied();
    let colors = NAMES.iter().map(|(name, _)| *name);
    let meant = super::synonyms::heater(word).filter(|own| known.names.iter().any(|it| it == own));
    if let Some(own) = meant {
        return format!(
            "unknown heater or sensor '{}' (did you mean '{own}'?)",
            shown(word)
        );
    }
    match (nearest(word, names.clone()), nearest(word, colors)) {
        // The first word after `thermal` is a source, so a misspelled color ends up here.
        (None, Some(color)) => {
            format!(
                "unknown heater or sensor '{}' (did you mean the color '{color}'?)",
                shown(word)
            )
        }
        _ => unknown("heater or sensor", word, names),
    }
}

/// Name of the bed in LUMEN's effect specs.
const BED: &str = "bed";

fn unchecked_name(word: &str) -> String {
    if word.eq_ignore_ascii_case(BED) {
        return "heater_bed".to_owned();
    }
    word.to_owned()
}

/// The objects of a printer that measure a temperature.
#[derive(Clone, Debug)]
struct TemperatureObjects {
    /// Heaters, then sensors.
    names: Vec<String>,
    /// Indices in `names`, by exact name.
    exact: HashMap<String, usize>,
    /// Indices in `names`, by the lowercase name and by its last word. The first object takes
    /// priority, so heaters come first: only they have targets.
    by_word: HashMap<String, usize>,
}

impl TemperatureObjects {
    fn new(facts: &Facts) -> Self {
        let names = [facts.heaters.as_slice(), &facts.sensors].concat();
        let (mut exact, mut by_word) = (HashMap::new(), HashMap::new());
        for (index, name) in names.iter().enumerate() {
            exact.entry(name.clone()).or_insert(index);
            let lower = name.lowercase();
            if let Some(last) = last_word(&lower) {
                by_word.entry(last.to_owned()).or_insert(index);
            }
            by_word.entry(lower).or_insert(index);
        }
        Self {
            names,
            exact,
            by_word,
        }
    }

    /// Returns the short names of the first objects, for suggestions.
    fn short_names(&self) -> impl Iterator<Item = &str> + Clone {
        let compared = self.names.iter().take(SUGGEST_CANDIDATES);
        compared.map(|name| last_word(name).unwrap_or(name))
    }

    /// Returns the object that a word refers to.
    fn find(&self, word: &str) -> Option<&str> {
        let by_word = |word: &str| self.by_word.get(&word.lowercase());
        let full = self.exact.get(word);
        full.or_else(|| by_word(word))
            // LUMEN's name for the chamber was `temperature_sensor chamber_temp`.
            .or_else(|| by_word(&format!("{word}_temp")))
            .map(|index| self.names[*index].as_str())
    }
}

/// Returns the short name of an object: the last word of its name, or `bed` for the bed.
fn last_word(name: &str) -> Option<&str> {
    if name == "heater_bed" {
        return Some(BED);
    }
    name.rsplit_once(' ').map(|(_, last)| last)
}
