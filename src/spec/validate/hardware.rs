//! Hardware: what `driver` and its companions say, in `[lumen_strip]` or in a group.

use crate::plan::{DataChannel, LampPlan, OutputPlan, PinPlan, StripType};
use crate::spec::led_effect;
use crate::spec::options::{DRIVERS, SectionOption};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::shown;

/// The SPI device whose data line is GPIO 10.
pub(super) const SPI_DEVICE: &str = "/dev/spidev0.0";

/// The GPIO of that line.
pub(super) const SPI_PIN: u8 = 10;

/// The highest GPIO of a Pi's header.
const MAX_PIN: u8 = 27;

/// The device of the kernel's ws2812-pio driver.
const PIO_DEVICE: &str = "/dev/leds0";

/// What a strip is connected to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hardware {
    /// What to call the strip where nobody named it.
    pub(super) name: String,
    /// What only one driver can have.
    pub(super) place: String,
    pub(super) driver: &'static str,
    /// The way out; the type of the strip is known later.
    pub(super) output: OutputPlan,
}

impl Hardware {
    /// Reads the hardware of a section; nothing when it is wrong.
    pub(super) fn read(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(driver) = section.choice("driver") else {
            if section.text("driver").is_none() {
                let problem = format!("must be specified{}", fitting_drivers(section));
                diagnostics.option(section.title, "driver", &problem);
            }
            return None;
        };
        section.warn_of_others(driver, diagnostics);
        let (place, output) = match driver {
            "memory" => memory(section),
            "spi" => spi(section),
            "apa102" => apa102(section),
            "gpio" => return gpio(section, diagnostics),
            "pio" => pio(section, diagnostics)?,
            "proxy" => return proxy(section, diagnostics),
            "klipper" => leds(section, diagnostics)?,
            "pwm" => lamp(section, diagnostics)?,
            _ => ddp(section, diagnostics)?,
        };
        Some(Self {
            name: name(&place, &output),
            place,
            driver,
            output,
        })
    }

    /// The pin of a Raspberry Pi that sends by PWM or PCM.
    pub(super) fn pin(&self) -> Option<PinPlan> {
        match self.output {
            OutputPlan::Pin(pin) => Some(pin),
            _ => None,
        }
    }

    /// The way out, as the plan has it.
    pub(super) fn output(self, strip_type: StripType) -> OutputPlan {
        match self.output {
            OutputPlan::Spi { device, .. } => OutputPlan::Spi { device, strip_type },
            OutputPlan::Pin(pin) => OutputPlan::Pin(PinPlan { strip_type, ..pin }),
            other => other,
        }
    }
}

/// What to call a strip where nobody named it: the last word of its place.
fn name(place: &str, output: &OutputPlan) -> String {
    match output {
        OutputPlan::Memory => place.rsplit(' ').next().unwrap_or(place).to_owned(),
        OutputPlan::Leds { objects } => {
            let words = objects.iter().filter_map(|it| it.split(' ').next_back());
            words.collect::<Vec<_>>().join("+")
        }
        OutputPlan::Lamp(lamp) => lamp.object.clone(),
        OutputPlan::Ddp { host, .. } => host.clone(),
        _ => place.rsplit('/').next().unwrap_or(place).to_owned(),
    }
}

/// The drivers that read all options of a section that depend on the driver.
fn fitting_drivers(section: &SectionReader<'_>) -> String {
    let is_given = |option: &&SectionOption| section.text(option.name).is_some();
    let options: Vec<_> = section.table.iter().filter(is_given).collect();
    let fits = |driver: &&str| {
        let mut read_by = options.iter().map(|option| option.drivers);
        read_by.all(|drivers| drivers.is_empty() || drivers.contains(driver))
    };
    let fitting: Vec<&str> = DRIVERS.iter().copied().filter(fits).collect();
    match fitting.as_slice() {
        [one] => format!("; write 'driver: {one}'"),
        [] => format!(": one of {}", DRIVERS.join(", ")),
        some => format!(": one of {}", some.join(", ")),
    }
}

fn memory(section: &SectionReader<'_>) -> (String, OutputPlan) {
    // Memory is nobody's: each strip has its own.
    (format!("memory of {}", section.title), OutputPlan::Memory)
}

fn device(section: &SectionReader<'_>, usual: &str) -> String {
    section.text("device").unwrap_or(usual).to_owned()
}

fn spi(section: &SectionReader<'_>) -> (String, OutputPlan) {
    let device = device(section, SPI_DEVICE);
    let output = OutputPlan::Spi {
        device: device.clone(),
        strip_type: StripType::Ws281x,
    };
    (device, output)
}

fn apa102(section: &SectionReader<'_>) -> (String, OutputPlan) {
    let device = device(section, SPI_DEVICE);
    let output = OutputPlan::Apa102 {
        device: device.clone(),
        clock_hz: section.count("spi_speed").unwrap_or_default() as u32,
    };
    (device, output)
}

fn pio(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<(String, OutputPlan)> {
    let pin = match section.text(pin_option(section)) {
        Some(_) => Some(pin(section, diagnostics)?),
        None => None,
    };
    let device = device(section, PIO_DEVICE);
    Some((device.clone(), OutputPlan::Pio { device, pin }))
}

fn ddp(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<(String, OutputPlan)> {
    let host = required(section, &["host"], diagnostics)?;
    let port = u16::try_from(section.count("port")?).ok()?;
    Some((format!("{host}:{port}"), OutputPlan::Ddp { host, port }))
}

fn leds(
    section: &SectionReader<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, OutputPlan)> {
    let text = required(section, &["neopixel", "led"], diagnostics)?;
    if let Some(options) = led_effect::is_form(&text)
        .then(|| led_effect::group_options(&text))
        .flatten()
    {
        let option = if section.text("neopixel").is_some() {
            "neopixel"
        } else {
            "led"
        };
        let problem = format!("write {options} instead of '{}'", shown(&text));
        diagnostics.option(section.title, option, &problem);
        return None;
    }
    let kind = led_kind(section, &text);
    let objects: Vec<String> = text
        .split(',')
        .map(|object| format!("{kind}{}", words(object)))
        .collect();
    Some((objects.join(", "), OutputPlan::Leds { objects }))
}

/// What is put before the names that a section gives in `neopixel` or `led`.
pub(super) fn led_kind(section: &SectionReader<'_>, text: &str) -> &'static str {
    match section.text("neopixel") {
        Some(_) if !text.contains(' ') => "neopixel ",
        _ => "",
    }
}

fn lamp(
    section: &SectionReader<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, OutputPlan)> {
    let object = words(&required(section, &["pin_name"], diagnostics)?);
    let place = if object.contains(' ') {
        object.clone()
    } else {
        format!("output_pin {object}")
    };
    let lamp = LampPlan {
        object,
        scale: section.maybe_number("scale"),
        dim: section.number("dim"),
    };
    Some((place, OutputPlan::Lamp(lamp)))
}

/// The words of a section's name with one space between them, as Klipper's own have.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gpio(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(section, diagnostics)?;
    if number == SPI_PIN {
        let (place, output) = spi(section);
        return Some(Hardware {
            name: format!("gpio{number}"),
            place,
            driver: "gpio",
            output,
        });
    }
    data_pin(section, "gpio", number, diagnostics)
}

fn proxy(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(section, diagnostics)?;
    let host = section.text("proxy_host").unwrap_or("127.0.0.1");
    if matches!(host, "127.0.0.1" | "localhost" | "::1") {
        return data_pin(section, "proxy", number, diagnostics);
    }
    let place = format!("{host}:{} gpio{number}", section.count("proxy_port")?);
    Some(Hardware {
        name: format!("gpio{number}"),
        driver: "proxy",
        output: OutputPlan::Unsupported {
            driver: "proxy".to_owned(),
            place: place.clone(),
        },
        place,
    })
}

/// A pin that sends LED data by PWM or PCM.
fn data_pin(
    section: &SectionReader<'_>,
    driver: &'static str,
    number: u8,
    diagnostics: &mut Diagnostics,
) -> Option<Hardware> {
    if DataChannel::for_pin(number).is_none() {
        let pins = match driver {
            "gpio" => "10, 12, 13, 18, 19 or 21",
            _ => "12, 13, 18, 19 or 21",
        };
        let problem = format!(
            "must be {pins}, got {number}; no other pin of a Pi sends LED data by 'driver: {driver}'"
        );
        diagnostics.option(section.title, pin_option(section), &problem);
        return None;
    }
    let name = format!("gpio{number}");
    Some(Hardware {
        place: name.clone(),
        name,
        driver,
        output: OutputPlan::Pin(PinPlan {
            pin: number,
            strip_type: StripType::Ws281x,
            frequency_hz: section.count("frequency")? as u32,
            dma: section.count("dma")? as u8,
            invert: section.flag("invert"),
            by_helper: driver == "proxy",
        }),
    })
}

fn pin_option(section: &SectionReader<'_>) -> &'static str {
    if section.text("pin").is_some() {
        "pin"
    } else {
        "gpio_pin"
    }
}

/// The GPIO of the data line, written `18` or `gpio18`.
fn pin(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<u8> {
    let names: &[&str] = if section.has_entry("pin") {
        &["pin", "gpio_pin"]
    } else {
        &["gpio_pin"]
    };
    let text = required(section, names, diagnostics)?;
    let pin = pin_number(&text).filter(|pin| *pin <= MAX_PIN);
    if pin.is_none() {
        let hint = if text.contains([',', ' ']) {
            "; each pin needs a section of its own"
        } else {
            ""
        };
        let problem = format!(
            "must be the BCM number of a GPIO, 0 to {MAX_PIN}, got '{}'{hint}",
            shown(&text)
        );
        diagnostics.option(section.title, pin_option(section), &problem);
    }
    pin
}

/// The number of a GPIO, written `18` or `gpio18`.
pub(super) fn pin_number(text: &str) -> Option<u8> {
    let number = text.to_lowercase();
    number.strip_prefix("gpio").unwrap_or(&number).parse().ok()
}

/// What an option that is missing may be.
fn example(option: &str) -> &'static str {
    match option {
        "neopixel" => {
            ": the name of the [neopixel NAME] section, or 'led: KIND NAME' for LEDs of another kind"
        }
        "pin_name" => ": the name of the [output_pin NAME] section",
        "pin" | "gpio_pin" => ": the BCM number of the GPIO of the data line, as in 'gpio_pin: 18'",
        "host" => ": the name or address of the controller",
        "count" => ": how many pixels the strip has",
        _ => "",
    }
}

/// The text of an option that must be there, under one of its names.
pub(super) fn required(
    section: &SectionReader<'_>,
    names: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let given: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| section.text(name).is_some_and(|text| !text.is_empty()))
        .collect();
    match given.as_slice() {
        [] => {
            // The option that was written instead is refused with the right name.
            if !section.has_stand_in(names[0]) {
                let problem = format!("must be specified{}", example(names[0]));
                diagnostics.option(section.title, names[0], &problem);
            }
            None
        }
        [one] => section.text(one).map(str::to_owned),
        [one, other, ..] => {
            let problem = format!("cannot be combined with '{one}'; remove one of them");
            diagnostics.option(section.title, other, &problem);
            None
        }
    }
}
