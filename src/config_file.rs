//! Reads config files in Klipper's syntax: `printer.cfg` and all files that it includes.
//!
//! [`read`] handles the syntax (comments, multi-line values, includes, repeated sections, the
//! `SAVE_CONFIG` block, Kalico's references) and keeps the file and line of every option. The
//! module `spec` interprets the options.
//!
//! The text comes from a [`Files`] implementation: [`DiskFiles`] or [`MemoryFiles`]. The run time
//! is linear in the size of the text, and the size is limited.

mod defaults;
#[cfg(not(target_family = "wasm"))]
mod disk;
mod klipper_sections;
mod leds;
mod lines;
mod memory;
mod message;
mod pattern;
mod reader;
mod reference;

use crate::limits::PROBLEMS;
use crate::spec::klipper::may_be_of_plug_in;
use crate::spec::offer::CHIP;
use crate::spec::{Facts, RawConfig};
use crate::text::{ConvertCase, parse_number};
#[cfg(not(target_family = "wasm"))]
pub use disk::{DiskFiles, load, load_as};
pub use memory::MemoryFiles;
pub use message::{Finding, Message};
pub use reader::{read, read_as};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The options that Lumen reads in a Klipper `[neopixel]` section on a Lumen pin.
pub(crate) const KLIPPER_NEOPIXEL_OPTIONS: [&str; 3] = ["pin", "chain_count", "color_order"];

/// The firmware whose rules apply to a config.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `**` in an include matches one directory level, like `*`.
    #[default]
    Klipper,
    /// `**` in an include matches any number of directory levels.
    Kalico,
}

/// The source of config files.
pub trait Files {
    /// Returns the text of a file.
    ///
    /// # Errors
    /// Returns why it cannot be read, such as `cannot open PATH: No such file or directory`.
    fn text(&mut self, path: &Path) -> Result<String, TextError>;

    /// Returns the files that match the pattern of an include, sorted. A pattern without `*`, `?`
    /// and `[` matches the file with that name, if it exists.
    ///
    /// # Errors
    /// Returns an error if the search exceeds a limit.
    fn matching(&mut self, pattern: &Path, dialect: Dialect) -> Result<Vec<PathBuf>, String>;
}

/// An error while reading the text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The message.
    pub problem: String,
    /// The line of the error, if it concerns one line.
    pub line: Option<usize>,
}

impl From<String> for TextError {
    fn from(problem: String) -> Self {
        Self {
            problem,
            line: None,
        }
    }
}

/// A line in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The path as written in the include.
    pub file: Arc<Path>,
    /// The line number, from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// An error while reading a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The message.
    pub problem: String,
    /// The location of the error; `None` if the first file cannot be read.
    pub location: Option<Location>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for ReadError {}

/// The value of an option as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionText {
    text: String,
    /// The line with the name of the option.
    pub location: Location,
}

impl OptionText {
    /// Returns the value with all its lines.
    pub fn value(&self) -> &str {
        self.text.trim_end_matches(lines::is_space)
    }
}

/// One section, merged from all places that define it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Full name, in the case of the file.
    pub name: String,
    /// The first line of its first definition.
    pub location: Location,
    /// Its options, by lowercase name.
    pub options: BTreeMap<String, OptionText>,
}

impl Section {
    /// Adds the options that the section does not have.
    fn add_options(&mut self, options: BTreeMap<String, OptionText>) {
        for (name, option) in options {
            self.options.entry(name).or_insert(option);
        }
    }
}

/// A note for the user about a line that is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line.
    pub location: Location,
    /// The section and the option, if the line belongs to one of Lumen's.
    pub option: Option<(String, String)>,
    /// The message.
    pub text: String,
}

/// A complete config, in the order of its sections.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    /// The files, in reading order.
    files: Vec<Arc<Path>>,
    notes: Vec<Note>,
    sections: Vec<Section>,
    /// `[DEFAULT]`, whose options are also in all sections.
    defaults: Option<Section>,
    by_name: HashMap<String, usize>,
}

impl ConfigFile {
    /// Returns all sections, in the order of the files.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the first [`PROBLEMS`] notes for the user.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns a sort key for a location: the index of its file, and the line.
    pub fn order(&self, location: &Location) -> (usize, usize) {
        let file = self.files.iter().position(|file| *file == location.file);
        (file.unwrap_or(usize::MAX), location.line)
    }

    /// Adds a note, up to [`PROBLEMS`].
    fn note(&mut self, note: Note) {
        if self.notes.len() < PROBLEMS {
            self.notes.push(note);
        }
    }

    /// Returns the section with a full name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.by_name.get(name).map(|index| &self.sections[*index])
    }

    /// Returns the location of an option, or of its section if the option is not set.
    pub fn location(&self, section: &str, option: Option<&str>) -> Option<&Location> {
        let section = self.section(section)?;
        let option = option.and_then(|it| section.options.get(&it.lowercase()));
        Some(option.map_or(&section.location, |it| &it.location))
    }

    /// Returns Lumen's sections, and Klipper's `[neopixel]` sections on Lumen pins, with all
    /// references resolved.
    pub fn lumen(&self) -> RawConfig {
        let mut resolver = reference::Resolver::new(self);
        let mut sections = Vec::new();
        for section in &self.sections {
            let is_lumen = is_lumen(&section.name);
            if !is_lumen && !has_lumen_pin(section, &mut resolver) {
                continue;
            }
            let options = section.options.iter();
            let used = options
                .filter(|(name, _)| is_lumen || KLIPPER_NEOPIXEL_OPTIONS.contains(&name.as_str()));
            let resolved = used.map(|(name, option)| {
                let value = resolver.resolve(&section.name, option.value());
                (name.clone(), value.into_owned())
            });
            sections.push((section.name.clone(), by_name(resolved)));
        }
        let (leds, klipper) = self.klipper(&mut resolver);
        RawConfig {
            sections,
            leds,
            klipper: Some(klipper),
        }
    }

    /// Returns the facts about the printer; `None` without `[printer]`.
    pub fn facts(&self) -> Option<Facts> {
        self.section("printer")?;
        let names = |is: fn(&str) -> bool| {
            let names = self.sections.iter().map(|section| section.name.as_str());
            names.filter(|name| is(name)).map(str::to_owned).collect()
        };
        let travel = ["stepper_x", "stepper_y", "stepper_z"].map(|name| self.travel(name));
        let travel = match travel {
            [Some(x), Some(y), Some(z)] => Some([x, y, z]),
            _ => None,
        };
        Some(Facts {
            heaters: names(is_heater),
            sensors: names(is_sensor),
            filament_sensors: Some(names(is_filament_sensor)),
            travel,
            plug_ins: Some(names(may_be_plug_in)),
        })
    }

    fn travel(&self, stepper: &str) -> Option<[f32; 2]> {
        let options = &self.section(stepper)?.options;
        let number = |text: &OptionText| {
            let number = parse_number(text.value().trim());
            number.filter(|number| number.is_finite())
        };
        let low = options.get("position_min").map_or(Some(0.0), number)?;
        let high = number(options.get("position_max")?)?;
        (low < high).then_some([low, high])
    }

    /// Returns the section with a name, and adds it if it is new.
    fn section_mut(&mut self, name: &str, location: &Location) -> &mut Section {
        let index = self.by_name.get(name).copied().unwrap_or_else(|| {
            self.by_name.insert(name.to_owned(), self.sections.len());
            self.sections.push(Section {
                name: name.to_owned(),
                location: location.clone(),
                options: BTreeMap::new(),
            });
            self.sections.len() - 1
        });
        &mut self.sections[index]
    }
}

/// Collects options. Inserting them one by one needs a tenth of the code of a bulk build.
fn by_name(options: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    known.extend(options);
    known
}

fn has_lumen_pin(section: &Section, resolver: &mut reference::Resolver<'_>) -> bool {
    let pin = section.options.get("pin");
    pin.is_some_and(|pin| {
        let pin = resolver.resolve(&section.name, pin.value());
        is_klipper_neopixel(&section.name, &pin)
    })
}

/// Whether a Klipper section uses a Lumen pin.
pub(crate) fn is_klipper_neopixel(name: &str, pin: &str) -> bool {
    !name.starts_with("lumen") && pin.trim().starts_with(CHIP)
}

/// Whether a section is meant for Lumen, even if its name is misspelled.
pub(crate) fn is_lumen(name: &str) -> bool {
    let kind = name.split(lines::is_space).next().unwrap_or_default();
    let kind = kind.lowercase();
    kind == "lumen" || kind.starts_with("lumen_") || kind.starts_with("lumen-")
}

/// Returns the rest of a name after a prefix and digits.
fn after_digits<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(prefix)?;
    Some(rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn is_heater(name: &str) -> bool {
    name == "heater_bed"
        || name.starts_with("heater_generic ")
        || after_digits(name, "extruder") == Some("")
}

/// Whether a section may belong to a plug-in, which may measure a temperature.
fn may_be_plug_in(name: &str) -> bool {
    may_be_of_plug_in(name) && !is_lumen(name) && !is_heater(name) && !is_sensor(name)
}

fn is_filament_sensor(name: &str) -> bool {
    name.starts_with("filament_switch_sensor ") || name.starts_with("filament_motion_sensor ")
}

/// Whether a section other than a heater measures a temperature. TMC drivers may report their own.
fn is_sensor(name: &str) -> bool {
    const KINDS: [&str; 3] = [
        "temperature_sensor ",
        "temperature_fan ",
        "temperature_probe ",
    ];
    name == "z_thermal_adjust"
        || KINDS.iter().any(|kind| name.starts_with(kind))
        || (name.starts_with("tmc")
            && !name.starts_with("tmc ")
            && after_digits(name, "tmc").is_some_and(|rest| rest.starts_with(' ')))
}
