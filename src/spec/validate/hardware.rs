//! Hardware: what `driver` and its companions say, in `[lumen_strip]` or in a group.

use crate::plan::{OutputSpec, StripType};
use crate::spec::section::{Problems, Section};

/// The SPI device whose data line is GPIO 10.
const SPI_DEVICE: &str = "/dev/spidev0.0";

/// The GPIO of that line.
const SPI_PIN: u8 = 10;

/// The GPIOs of a Pi's header that can send WS281x data, by SPI, PWM or PCM.
const DATA_PINS: [u8; 6] = [10, 12, 13, 18, 19, 21];

/// The highest GPIO of a Pi's header.
const MAX_PIN: u8 = 27;

/// What a strip is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hardware {
    /// What to call the strip where nobody named it.
    pub(super) name: String,
    /// What only one driver can have.
    pub(super) place: String,
    pub(super) driver: &'static str,
    route: Route,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Memory,
    Spi(String),
    Absent,
}

impl Hardware {
    /// Reads the hardware of a section; nothing when it is wrong.
    pub(super) fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let Some(driver) = section.choice("driver") else {
            if section.text("driver").is_none() {
                let drivers = crate::spec::options::DRIVERS.join(", ");
                let problem = format!("must be specified: one of {drivers}");
                problems.option(section.title, "driver", &problem);
            }
            return None;
        };
        section.warn_of_others(driver, problems);
        match driver {
            "memory" => Some(memory(section)),
            "spi" | "apa102" => Some(spi(section, driver)),
            "gpio" => gpio(section, problems),
            "pio" => Some(Self::at_pin(driver, "", pin(section, problems)?)),
            "proxy" => proxy(section, problems),
            "klipper" => {
                let name = required(section, &["neopixel", "led"], problems)?;
                let kind = if section.has_entry("led") && section.text("neopixel").is_none() {
                    "led"
                } else {
                    "neopixel"
                };
                Some(Self::object(driver, kind, &name))
            }
            "pwm" => {
                let name = required(section, &["pin_name"], problems)?;
                Some(Self::object(driver, "output_pin", &name))
            }
            _ => Some(Self::named(
                driver,
                &required(section, &["device"], problems)?,
            )),
        }
    }

    /// The way out, as the plan has it.
    pub(super) fn output(&self, strip_type: StripType) -> OutputSpec {
        match &self.route {
            Route::Memory => OutputSpec::Memory,
            Route::Spi(device) => OutputSpec::Spi {
                device: device.clone(),
                strip_type,
            },
            Route::Absent => OutputSpec::Absent {
                driver: self.driver.to_owned(),
                place: self.place.clone(),
            },
        }
    }

    fn at_pin(driver: &'static str, host: &str, pin: u8) -> Self {
        Self {
            name: format!("gpio{pin}"),
            place: format!("{host}gpio{pin}"),
            driver,
            route: Route::Absent,
        }
    }

    /// One of Klipper's own objects: a neopixel and a pin of one name are two things.
    fn object(driver: &'static str, kind: &str, name: &str) -> Self {
        Self {
            place: format!("{kind} {name}"),
            ..Self::named(driver, name)
        }
    }

    fn named(driver: &'static str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: name.to_owned(),
            driver,
            route: Route::Absent,
        }
    }
}

fn memory(section: &Section<'_>) -> Hardware {
    let name = section.text("device").unwrap_or("memory");
    Hardware {
        name: name.to_owned(),
        // Memory is nobody's: each strip has its own.
        place: format!("memory of {}", section.title),
        driver: "memory",
        route: Route::Memory,
    }
}

fn spi(section: &Section<'_>, driver: &'static str) -> Hardware {
    let device = section.text("device").unwrap_or(SPI_DEVICE);
    Hardware {
        name: device.rsplit('/').next().unwrap_or(device).to_owned(),
        place: device.to_owned(),
        driver,
        route: match driver {
            "spi" => Route::Spi(device.to_owned()),
            _ => Route::Absent,
        },
    }
}

fn gpio(section: &Section<'_>, problems: &mut Problems) -> Option<Hardware> {
    let pin = pin(section, problems)?;
    if pin == SPI_PIN {
        return Some(Hardware {
            name: format!("gpio{pin}"),
            driver: "gpio",
            ..spi(section, "spi")
        });
    }
    if !DATA_PINS.contains(&pin) {
        let option = pin_option(section);
        let problem = format!(
            "must be 10, 12, 13, 18, 19 or 21, got {pin}; no other pin of a Pi sends LED data by 'driver: gpio'"
        );
        problems.option(section.title, option, &problem);
        return None;
    }
    Some(Hardware::at_pin("gpio", "", pin))
}

fn proxy(section: &Section<'_>, problems: &mut Problems) -> Option<Hardware> {
    let host = section.text("proxy_host").unwrap_or("127.0.0.1");
    let port = section.count("proxy_port")?;
    let host = match host {
        // A proxy on this machine drives this machine's pins.
        "127.0.0.1" | "localhost" | "::1" => String::new(),
        _ => format!("{host}:{port} "),
    };
    Some(Hardware::at_pin("proxy", &host, pin(section, problems)?))
}

fn pin_option(section: &Section<'_>) -> &'static str {
    if section.text("pin").is_some() {
        "pin"
    } else {
        "gpio_pin"
    }
}

/// The GPIO of the data line, written `18` or `gpio18`.
fn pin(section: &Section<'_>, problems: &mut Problems) -> Option<u8> {
    let names: &[&str] = if section.has_entry("pin") {
        &["pin", "gpio_pin"]
    } else {
        &["gpio_pin"]
    };
    let text = required(section, names, problems)?;
    let number = text.to_lowercase();
    let number = number.strip_prefix("gpio").unwrap_or(&number);
    let pin = number.parse().ok().filter(|pin| *pin <= MAX_PIN);
    if pin.is_none() {
        let problem = format!("must be the BCM number of a GPIO, 0 to {MAX_PIN}, got '{text}'");
        problems.option(section.title, pin_option(section), &problem);
    }
    pin
}

/// The text of an option that must be there, under one of its names.
pub(super) fn required(
    section: &Section<'_>,
    names: &[&str],
    problems: &mut Problems,
) -> Option<String> {
    let given: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| section.text(name).is_some_and(|text| !text.is_empty()))
        .collect();
    match given.as_slice() {
        [] => {
            problems.option(section.title, names[0], "must be specified");
            None
        }
        [one] => section.text(one).map(str::to_owned),
        [one, other, ..] => {
            let problem = format!("must not be here; '{one}' says it already");
            problems.option(section.title, other, &problem);
            None
        }
    }
}
