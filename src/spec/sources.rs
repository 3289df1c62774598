//! Temperature sources: which object of the printer a word means, and the list of those that are
//! sampled.

use super::Facts;
use super::section::unknown;
use crate::color::name::NAMES;
use crate::input::MAX_SOURCES;
use crate::text::nearest;

/// Klipper's name of the extruder in use; the others are `extruder1` and so on.
const ACTIVE_EXTRUDER: &str = "extruder";

/// The sources that a plan samples: all heaters, then what effects ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    /// Heaters, then sensors; nothing where the printer is not known.
    known: Option<Vec<String>>,
    heaters: usize,
    sampled: Vec<String>,
}

impl Sources {
    pub(super) fn new(facts: Option<&Facts>) -> Self {
        let Some(facts) = facts else {
            return Self::default();
        };
        let heaters = facts.heaters.len().min(MAX_SOURCES);
        Self {
            known: Some([facts.heaters.as_slice(), &facts.sensors].concat()),
            heaters,
            sampled: facts.heaters[..heaters].to_vec(),
        }
    }

    /// Full object names, in the order in which they are sampled; at most `MAX_SOURCES`.
    pub(super) fn names(&self) -> &[String] {
        &self.sampled
    }

    /// How many of them, from the first, are heaters.
    pub(super) fn heaters(&self) -> usize {
        self.heaters
    }

    /// The heater that stands for the printer where nobody named one: the active extruder, or the
    /// first heater; nothing when it is known that there is none.
    pub(super) fn main_heater(&self) -> Option<&str> {
        let extruder = |heaters: &[String]| heaters.iter().any(|name| name == ACTIVE_EXTRUDER);
        if self.known.is_none() || extruder(&self.sampled[..self.heaters]) {
            return Some(ACTIVE_EXTRUDER);
        }
        self.sampled[..self.heaters].first().map(String::as_str)
    }

    /// The place of a source in the list; it is added where it is not there yet.
    ///
    /// A word is a full object name or its last word.
    pub(super) fn index(&mut self, word: &str) -> Result<usize, String> {
        let name = self.full_name(word)?;
        if let Some(index) = self.sampled.iter().position(|known| *known == name) {
            return Ok(index);
        }
        if self.sampled.len() == MAX_SOURCES {
            return Err(format!(
                "'{word}' is one source too many; {MAX_SOURCES} can be followed, all heaters included"
            ));
        }
        self.sampled.push(name);
        Ok(self.sampled.len() - 1)
    }

    fn full_name(&self, word: &str) -> Result<String, String> {
        let Some(known) = &self.known else {
            return Ok(on_trust(word));
        };
        find(known, word).ok_or_else(|| no_such(known, word))
    }
}

fn no_such(known: &[String], word: &str) -> String {
    let short = |name: &'_ String| last_word(name).unwrap_or(name).to_owned();
    let mut names: Vec<String> = known.iter().map(short).collect();
    names.dedup();
    let names = names.iter().map(String::as_str);
    let colors = NAMES.iter().map(|(name, _)| *name);
    match (nearest(word, names.clone()), nearest(word, colors)) {
        // The first word after `thermal` is a source, or else a color.
        (None, Some(color)) => {
            format!("unknown heater or sensor '{word}' (did you mean the color '{color}'?)")
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

/// The object that a word means. Of several a heater is first: only heaters have targets.
fn find(known: &[String], word: &str) -> Option<String> {
    let is = |wanted: &str| {
        let wanted = wanted.to_lowercase();
        move |name: &&String| {
            let name = name.to_lowercase();
            name == wanted || last_word(&name) == Some(&wanted)
        }
    };
    let full = known.iter().find(|name| *name == word);
    full.or_else(|| known.iter().find(is(word)))
        // LUMEN's chamber was `temperature_sensor chamber_temp`.
        .or_else(|| known.iter().find(is(&format!("{word}_temp"))))
        .cloned()
}

/// What users call an object: the last word of its name. The bed's is `bed`.
fn last_word(name: &str) -> Option<&str> {
    if name == "heater_bed" {
        return Some(BED);
    }
    name.rsplit_once(' ').map(|(_, last)| last)
}
