//! Config files in Klipper's syntax: `printer.cfg` with all that it includes.
//!
//! [`read`] knows the syntax (comments, values of several lines, includes, sections in several
//! places, the block of `SAVE_CONFIG`, Kalico's references) and where each option stands; what the
//! options mean is decided in `spec`. It takes texts from a [`Files`], which are [`DiskFiles`] or
//! [`MemoryFiles`], and opens nothing itself. The work grows with the size of the texts, which has
//! limits.

mod disk;
mod leds;
mod lines;
mod memory;
mod pattern;
mod reader;
mod reference;

use crate::limits::{LEDS, PROBLEMS};
use crate::spec::klipper::{Klipper, KnownFrom, LedFault};
use crate::spec::offer::CHIP;
use crate::spec::{Facts, RawConfig};
pub use disk::DiskFiles;
pub use memory::MemoryFiles;
pub use reader::{read, read_as};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What Lumen reads of a section of Klipper's whose pin is one of Lumen's.
pub const KLIPPER_NEOPIXEL_OPTIONS: [&str; 3] = ["pin", "chain_count", "color_order"];

/// The SPI bus that Klipper uses where a section names none.
const DEFAULT_BUS: &str = "spidev0.0";

/// What Klipper's process on the computer itself is reached by.
const HOST_SOCKET: &str = "klipper_host_mcu";

/// Reads a config file from the disk, with all that it includes.
///
/// # Errors
/// What Klipper could not read either, what is no regular file, and what is above a limit.
pub fn load(path: &Path) -> Result<ConfigFile, ReadError> {
    load_as(Dialect::Klipper, path)
}

/// Reads a config file from the disk by the rules of Klipper or Kalico.
///
/// # Errors
/// As [`load`].
pub fn load_as(dialect: Dialect, path: &Path) -> Result<ConfigFile, ReadError> {
    read_as(dialect, path, &mut DiskFiles::default())
}

/// Whose rules a config is read by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `**` in an include means one folder, as `*` does.
    #[default]
    Klipper,
    /// `**` in an include means any number of folders.
    Kalico,
}

/// Where the texts of config files come from.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read, in words: `cannot open PATH: No such file or directory`.
    fn text(&mut self, path: &Path) -> Result<String, TextError>;

    /// The files that the pattern of an include means, sorted. A pattern without `*`, `?` and `[`
    /// means the file of that name, if it exists.
    ///
    /// # Errors
    /// When the search is above a limit.
    fn matching(&mut self, pattern: &Path, dialect: Dialect) -> Result<Vec<PathBuf>, String>;
}

/// Why the text of a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// What is wrong, in words.
    pub problem: String,
    /// The line of the file, if it is one line that is wrong.
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

/// A line of a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the include names it.
    pub file: Arc<Path>,
    /// The line.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Why a config cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong, in words.
    pub problem: String,
    /// Where it is; nothing if the first file itself cannot be read.
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

/// The value of an option as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionText {
    text: String,
    /// The line of its name.
    pub location: Location,
}

impl OptionText {
    /// The value, all its lines.
    pub fn value(&self) -> &str {
        self.text.trim_end_matches(lines::is_space)
    }
}

/// One section, with what all places say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its full name, in the case of the file.
    pub name: String,
    /// Where it first begins.
    pub location: Location,
    /// Its options by name, in small letters.
    pub options: BTreeMap<String, OptionText>,
}

/// What a user should know of a line that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line.
    pub location: Location,
    /// The section and the option, if the line belongs to one of Lumen's.
    pub option: Option<(String, String)>,
    /// The message.
    pub text: String,
}

/// A whole config, in the order of its sections.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    /// The files, in the order in which they are read.
    files: Vec<Arc<Path>>,
    notes: Vec<Note>,
    sections: Vec<Section>,
    by_name: HashMap<String, usize>,
}

impl ConfigFile {
    /// All sections, in the order of the files.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// What a user should know, the first [`PROBLEMS`] of it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Where a place is among all lines, to sort by.
    pub fn order(&self, location: &Location) -> (usize, usize) {
        let file = self.files.iter().position(|file| *file == location.file);
        (file.unwrap_or(usize::MAX), location.line)
    }

    /// Adds what a user should know, if there is not too much of it.
    fn note(&mut self, note: Note) {
        if self.notes.len() < PROBLEMS {
            self.notes.push(note);
        }
    }

    /// The section with a full name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.by_name.get(name).map(|index| &self.sections[*index])
    }

    /// Where an option stands; where its section begins if it has no line of its own.
    pub fn location(&self, section: &str, option: Option<&str>) -> Option<&Location> {
        let section = self.section(section)?;
        let option = option.and_then(|it| section.options.get(&it.to_lowercase()));
        Some(option.map_or(&section.location, |it| &it.location))
    }

    /// The sections of Lumen, and those with a pin of Lumen's, with all references resolved.
    pub fn lumen(&self) -> RawConfig {
        let mut resolver = reference::Resolver::new(self);
        let mut sections = Vec::new();
        for section in &self.sections {
            let is_lumen = is_lumen(&section.name);
            if !is_lumen && !has_our_pin(section, &mut resolver) {
                continue;
            }
            let options = section.options.iter();
            let known = options
                .filter(|(name, _)| is_lumen || KLIPPER_NEOPIXEL_OPTIONS.contains(&name.as_str()));
            let resolved = known.map(|(name, option)| {
                let value = resolver.resolved(&section.name, option.value());
                (name.clone(), value.into_owned())
            });
            sections.push((section.name.clone(), resolved.collect()));
        }
        let (leds, faults) = self.leds(&mut resolver);
        let klipper = Klipper {
            known_from: match self.section("printer") {
                Some(_) => KnownFrom::Files,
                None => KnownFrom::Part,
            },
            names: self.sections.iter().map(|it| it.name.clone()).collect(),
            faults,
            spi_buses: self.spi_buses(&mut resolver),
        };
        RawConfig {
            sections,
            leds,
            klipper: Some(klipper),
        }
    }

    /// The channels of the LEDs of Klipper's own sections, of no more than [`LEDS`] in all, and
    /// what Klipper refuses of these sections.
    fn leds(
        &self,
        resolver: &mut reference::Resolver<'_>,
    ) -> (BTreeMap<String, Vec<String>>, Vec<LedFault>) {
        let mut count = 0;
        let mut leds = BTreeMap::new();
        let mut faults = Vec::new();
        for section in self.sections.iter().filter(|it| leds::is_leds(&it.name)) {
            let options = section.options.iter().map(|(name, option)| {
                let value = resolver.resolved(&section.name, option.value());
                (name.clone(), value.into_owned())
            });
            let options: BTreeMap<_, _> = options.collect();
            match leds::channels(&section.name, &options) {
                Ok(channels) if count + channels.len() <= LEDS => {
                    count += channels.len();
                    leds.insert(section.name.clone(), channels);
                }
                Ok(_) => {}
                Err((option, problem)) => {
                    // One with a pin of Lumen's has messages of its own.
                    let pin = options.get("pin").map_or("", String::as_str);
                    if faults.len() < PROBLEMS && !is_klipper_neopixel(&section.name, pin) {
                        faults.push(LedFault {
                            section: section.name.clone(),
                            option: option.to_owned(),
                            problem,
                        });
                    }
                }
            }
        }
        (leds, faults)
    }

    /// The sections with a device on an SPI bus of the computer that Klipper runs on.
    fn spi_buses(&self, resolver: &mut reference::Resolver<'_>) -> Vec<(String, String)> {
        let mut buses = Vec::new();
        for section in self.sections.iter().filter(|it| !is_lumen(&it.name)) {
            let mut text = |name: &str| {
                let text = section.options.get(name)?.value();
                let text = resolver.resolved(&section.name, text);
                Some(text.trim().to_owned())
            };
            let bus = text("spi_bus").or_else(|| {
                let pin = text("cs_pin")?;
                let is_here = self.is_host(pin.split_once(':').map(|(chip, _)| chip));
                let has_bus = is_here && text("spi_software_sclk_pin").is_none();
                has_bus.then(|| DEFAULT_BUS.to_owned())
            });
            if let Some(bus) = bus.filter(|bus| bus.starts_with("spidev"))
                && buses.len() < PROBLEMS
            {
                buses.push((section.name.clone(), bus));
            }
        }
        buses
    }

    /// Whether an MCU is Klipper's process on the computer itself.
    fn is_host(&self, chip: Option<&str>) -> bool {
        let chip = chip.map(|name| name.trim_start_matches(['!', '^', '~', ' ']).trim());
        let name = match chip {
            None | Some("mcu") => "mcu".to_owned(),
            Some(chip) => format!("mcu {chip}"),
        };
        let serial = self.section(&name).and_then(|it| it.options.get("serial"));
        serial.is_some_and(|it| it.value().contains(HOST_SOCKET))
    }

    /// What the config says of the printer; nothing without `[printer]`.
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
            plug_ins: Some(names(is_unknown)),
        })
    }

    fn travel(&self, stepper: &str) -> Option<[f32; 2]> {
        let options = &self.section(stepper)?.options;
        let number = |text: &OptionText| {
            let number = text.value().trim().parse::<f32>().ok();
            number.filter(|number| number.is_finite())
        };
        let low = options.get("position_min").map_or(Some(0.0), number)?;
        let high = number(options.get("position_max")?)?;
        (low < high).then_some([low, high])
    }

    /// The section with a name, new if it is not there yet.
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

fn has_our_pin(section: &Section, resolver: &mut reference::Resolver<'_>) -> bool {
    let pin = section.options.get("pin");
    pin.is_some_and(|pin| {
        let pin = resolver.resolved(&section.name, pin.value());
        is_klipper_neopixel(&section.name, &pin)
    })
}

/// Whether a section of Klipper's has a pin of Lumen's.
pub fn is_klipper_neopixel(name: &str, pin: &str) -> bool {
    !name.starts_with("lumen") && pin.trim().starts_with(CHIP)
}

/// Whether a section is meant for Lumen, also if its name is not written as it must be.
pub fn is_lumen(name: &str) -> bool {
    let kind = name.split(lines::is_space).next().unwrap_or_default();
    let kind = kind.to_lowercase();
    kind == "lumen" || kind.starts_with("lumen_") || kind.starts_with("lumen-")
}

/// What follows a prefix and digits.
fn behind_digits<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(prefix)?;
    Some(rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn is_heater(name: &str) -> bool {
    name == "heater_bed"
        || name.starts_with("heater_generic ")
        || behind_digits(name, "extruder") == Some("")
}

/// Whether a section with a name may be one of a plug-in, which may measure a temperature.
fn is_unknown(name: &str) -> bool {
    const KNOWN: [&str; 36] = [
        "adc_scaled",
        "adc_temperature",
        "board_pins",
        "controller_fan",
        "delayed_gcode",
        "display",
        "display_data",
        "display_glyph",
        "display_template",
        "dotstar",
        "duplicate_pin_override",
        "extruder_stepper",
        "fan_generic",
        "filament_motion_sensor",
        "filament_switch_sensor",
        "gcode_button",
        "gcode_macro",
        "hall_filament_width_sensor",
        "heater_fan",
        "led",
        "manual_stepper",
        "mcu",
        "menu",
        "multi_pin",
        "neopixel",
        "output_pin",
        "pca9533",
        "pca9632",
        "pwm_cycle_time",
        "pwm_tool",
        "servo",
        "static_digital_output",
        "static_pwm_clock",
        "sx1509",
        "thermistor",
        "verify_heater",
    ];
    let kind = name.split_once(' ').map(|(kind, _)| kind);
    kind.is_some_and(|kind| !KNOWN.contains(&kind))
        && !is_lumen(name)
        && !is_heater(name)
        && !is_sensor(name)
}

/// Besides heaters; a driver of the TMC family may report its own temperature.
fn is_filament_sensor(name: &str) -> bool {
    name.starts_with("filament_switch_sensor ") || name.starts_with("filament_motion_sensor ")
}

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
            && behind_digits(name, "tmc").is_some_and(|rest| rest.starts_with(' ')))
}
