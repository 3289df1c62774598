//! Reads what the files contain about Klipper's own sections: their names, LEDs, SPI buses and
//! macros. Lumen's sections are checked against it.

use super::{ConfigFile, by_name, is_klipper_neopixel, is_lumen, leds, lines, reference};
use crate::limits::{LEDS, PROBLEMS};
use crate::spec::klipper::{Klipper, KnownFrom, LedFault};
use crate::text::ConvertCase;
use std::collections::BTreeMap;

/// The SPI bus that Klipper uses by default.
const DEFAULT_BUS: &str = "spidev0.0";

/// Part of the serial path of an MCU that is a process on the host computer.
const HOST_SOCKET: &str = "klipper_host_mcu";

/// Temperature sensors on SPI: the chips of Klipper's `spi_temperature.py`.
const SPI_SENSORS: [&str; 4] = ["MAX6675", "MAX31855", "MAX31856", "MAX31865"];

/// The channels of each LED of Klipper's LED sections.
type Leds = BTreeMap<String, Vec<String>>;

impl ConfigFile {
    /// Returns the LEDs of Klipper's own sections, and what is known about these sections.
    pub(super) fn klipper(&self, resolver: &mut reference::Resolver<'_>) -> (Leds, Klipper) {
        let (leds, faults) = self.leds(resolver);
        let klipper = Klipper {
            known_from: match self.section("printer") {
                Some(_) => KnownFrom::Files,
                None => KnownFrom::Part,
            },
            names: self.sections.iter().map(|it| it.name.clone()).collect(),
            macros: self.macros(),
            faults,
            spi_buses: self.spi_buses(resolver),
        };
        (leds, klipper)
    }

    /// Returns the channels of the LEDs in Klipper's own sections, up to [`LEDS`] LEDs in total,
    /// and the errors that Klipper reports for these sections.
    fn leds(&self, resolver: &mut reference::Resolver<'_>) -> (Leds, Vec<LedFault>) {
        let mut count = 0;
        let mut leds = BTreeMap::new();
        let mut faults = Vec::new();
        for section in self.sections.iter().filter(|it| leds::is_leds(&it.name)) {
            let options = section.options.iter().map(|(name, option)| {
                let value = resolver.resolve(&section.name, option.value());
                (name.clone(), value.into_owned())
            });
            let options = by_name(options);
            match leds::channels(&section.name, &options) {
                Ok(channels) if count + channels.len() <= LEDS => {
                    count += channels.len();
                    leds.insert(section.name.clone(), channels);
                }
                Ok(_) => {}
                Err(mut fault) => {
                    let pin = options.get("pin").map_or("", String::as_str);
                    let is_on_lumen_pin = is_klipper_neopixel(&section.name, pin);
                    if is_on_lumen_pin {
                        fault.problem.push_str("; [lumen_group] has no such limit");
                    }
                    // The module `spec` checks the other options of a section on a Lumen pin.
                    if faults.len() < PROBLEMS && (fault.is_too_long || !is_on_lumen_pin) {
                        faults.push(LedFault {
                            section: section.name.clone(),
                            option: fault.option.to_owned(),
                            problem: fault.problem,
                        });
                    }
                }
            }
        }
        (leds, faults)
    }

    /// Returns the sections with a device on a hardware SPI bus of the host computer, and the bus.
    fn spi_buses(&self, resolver: &mut reference::Resolver<'_>) -> Vec<(String, String)> {
        let mut buses = Vec::new();
        for section in self.sections.iter().filter(|it| !is_lumen(&it.name)) {
            let mut text = |name: &str| {
                let text = section.options.get(name)?.value();
                let text = resolver.resolve(&section.name, text);
                Some(text.trim().to_owned())
            };
            // With these options, Klipper makes the signals itself.
            if ["spi_software_sclk_pin", "sclk_pin"]
                .iter()
                .any(|it| text(it).is_some())
            {
                continue;
            }
            let bus = text("spi_bus").or_else(|| {
                let pin = spi_pin(&section.name, &mut text)?;
                let is_on_host = self.is_host(pin.split_once(':').map(|(chip, _)| chip));
                is_on_host.then(|| DEFAULT_BUS.to_owned())
            });
            if let Some(bus) = bus.filter(|bus| bus.starts_with("spidev"))
                && buses.len() < PROBLEMS
            {
                buses.push((section.name.clone(), bus));
            }
        }
        buses
    }

    /// Whether an MCU is a process on the host computer.
    fn is_host(&self, chip: Option<&str>) -> bool {
        let chip = chip.map(|name| name.trim_start_matches(['!', '^', '~', ' ']).trim());
        let name = match chip {
            None | Some("mcu") => "mcu".to_owned(),
            Some(chip) => format!("mcu {chip}"),
        };
        let serial = self.section(&name).and_then(|it| it.options.get("serial"));
        serial.is_some_and(|it| it.value().contains(HOST_SOCKET))
    }

    /// Returns the commands that macros define, and the names of those that they replace.
    fn macros(&self) -> Vec<String> {
        let mut names = Vec::new();
        for section in &self.sections {
            let mut words = section.name.split(lines::is_space);
            if words.next() == Some("gcode_macro") {
                let renamed = section.options.get("rename_existing");
                let renamed = renamed.map(|it| it.value().trim());
                names.extend(words.next().into_iter().chain(renamed).map(str::uppercase));
            }
        }
        names
    }
}

/// Returns the pin that selects the SPI device of a section. `text` returns an option.
fn spi_pin(section: &str, mut text: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let sensor = text("sensor_type").unwrap_or_default();
    let option = match section.split(' ').next() {
        _ if SPI_SENSORS.contains(&sensor.as_str()) => "sensor_pin",
        Some("ad5206" | "dac084S085") => "enable_pin",
        Some("display") if text("latch_pin").is_some() => "latch_pin",
        _ => "cs_pin",
    };
    text(option)
}
