//! Temperature sources: which object of the printer a word means, and the list of those that are
//! sampled.

use super::Facts;
use super::section::unknown;
use crate::color::name::NAMES;
use crate::input::MAX_SOURCES;
use crate::limits::SUGGEST_CANDIDATES;
use crate::text::{nearest, shown};
use std::collections::HashMap;

/// Klipper's name of the first extruder; the others are `extruder1` and so on.
const EXTRUDER: &str = "extruder";

/// The extruder in use, whichever that is.
const TOOL: &str = "tool";

/// The sources that a plan samples: all heaters, then what effects ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct TemperatureSources {
    /// Nothing where the printer is not known.
    known: Option<TemperatureObjects>,
    heaters: usize,
    sampled: Vec<String>,
    /// Those that nothing follows any more, a bit each.
    idle: u32,
    /// Sections that plug-ins may read, where files say what there is.
    plug_ins: Vec<String>,
    /// Those of them that are followed, because they may measure.
    trusted: Vec<String>,
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
            trusted: Vec::new(),
        }
    }

    /// The sections that are followed although it is not known whether they measure.
    pub(super) fn trusted(&self) -> &[String] {
        &self.trusted
    }

    /// Full object names, in the order in which they are sampled; at most `MAX_SOURCES`.
    pub(super) fn names(&self) -> &[String] {
        &self.sampled
    }

    /// Says which of them nothing follows any more, a bit each.
    pub(super) fn set_idle(&mut self, idle: u32) {
        self.idle = idle;
    }

    /// How many of them, from the first, are heaters.
    pub(super) fn heaters(&self) -> usize {
        self.heaters
    }

    /// Which of the heaters are extruders: bit n for heater n.
    pub(super) fn extruders(&self) -> u32 {
        let heaters = self.sampled[..self.heaters].iter().enumerate();
        heaters
            .filter(|(_, name)| is_extruder(name))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    }

    /// The heater that stands for the printer by default: the extruder, the tool in use where there
    /// are several, or the first heater; `None` if the printer has no heater.
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

    /// The place of a source in the list; it is added where it is not there yet.
    ///
    /// A word is a full object name or its last word.
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
                "'{}' is one source too many; {MAX_SOURCES} can be followed, all heaters included",
                shown(word)
            ));
        }
        self.idle &= !(1 << self.sampled.len());
        self.sampled.push(name);
        Ok(self.sampled.len() - 1)
    }

    fn full_name(&mut self, word: &str) -> Result<String, String> {
        let Some(known) = &self.known else {
            return Ok(on_trust(word));
        };
        let has_tool = self.extruders() != 0 && word.eq_ignore_ascii_case(TOOL);
        let tool = || has_tool.then(|| TOOL.to_owned());
        // A sensor of that name was there first.
        if let Some(name) = known.find(word).map(str::to_owned).or_else(tool) {
            return Ok(name);
        }
        let is_meant = |it: &&String| last_word(it).is_some_and(|it| it.eq_ignore_ascii_case(word));
        let Some(section) = self.plug_ins.iter().find(is_meant) else {
            return Err(no_such(&known.names, word));
        };
        if !self.trusted.contains(section) {
            self.trusted.push(section.clone());
        }
        Ok(section.clone())
    }
}

/// Whether a heater is an extruder, by Klipper's names for them.
fn is_extruder(name: &str) -> bool {
    let number = name.strip_prefix(EXTRUDER);
    number.is_some_and(|number| number.bytes().all(|c| c.is_ascii_digit()))
}

fn no_such(known: &[String], word: &str) -> String {
    let short = |name: &'_ String| last_word(name).unwrap_or(name).to_owned();
    let compared = known.iter().take(SUGGEST_CANDIDATES);
    let mut names: Vec<String> = compared.map(short).collect();
    names.dedup();
    let names = names.iter().map(String::as_str);
    let colors = NAMES.iter().map(|(name, _)| *name);
    let meant = super::synonyms::heater(word).filter(|own| known.iter().any(|it| it == own));
    if let Some(own) = meant {
        return format!(
            "unknown heater or sensor '{}' (did you mean '{own}'?)",
            shown(word)
        );
    }
    match (nearest(word, names.clone()), nearest(word, colors)) {
        // The first word after `thermal` is a source, or else a color.
        (None, Some(color)) => {
            format!(
                "unknown heater or sensor '{}' (did you mean the color '{color}'?)",
                shown(word)
            )
        }
        _ => unknown("heater or sensor", word, names),
    }
}

/// The name of the bed in LUMEN's specs.
const BED: &str = "bed";

fn on_trust(word: &str) -> String {
    if word.eq_ignore_ascii_case(BED) {
        return "heater_bed".to_owned();
    }
    word.to_owned()
}

/// The objects of a printer that give a temperature.
#[derive(Clone, Debug)]
struct TemperatureObjects {
    /// Heaters, then sensors.
    names: Vec<String>,
    /// Places in that list, by the exact name.
    exact: HashMap<String, usize>,
    /// The same by the name in small letters and by its last word. Of several objects the first
    /// counts, so heaters go first: only they have targets.
    by_word: HashMap<String, usize>,
}

impl TemperatureObjects {
    fn new(facts: &Facts) -> Self {
        let names = [facts.heaters.as_slice(), &facts.sensors].concat();
        let (mut exact, mut by_word) = (HashMap::new(), HashMap::new());
        for (index, name) in names.iter().enumerate() {
            exact.entry(name.clone()).or_insert(index);
            let lower = name.to_lowercase();
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

    /// The object that a word means.
    fn find(&self, word: &str) -> Option<&str> {
        let by_word = |word: &str| self.by_word.get(&word.to_lowercase());
        let full = self.exact.get(word);
        full.or_else(|| by_word(word))
            // LUMEN's chamber was `temperature_sensor chamber_temp`.
            .or_else(|| by_word(&format!("{word}_temp")))
            .map(|index| self.names[*index].as_str())
    }
}

/// What users call an object: the last word of its name. The bed's is `bed`.
fn last_word(name: &str) -> Option<&str> {
    if name == "heater_bed" {
        return Some(BED);
    }
    name.rsplit_once(' ').map(|(_, last)| last)
}
