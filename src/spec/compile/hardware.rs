//! Reads the hardware options of a strip: `driver` and the options of that driver, in
//! `[lumen_strip]` or in a group. It does not check whether the hardware exists.

use crate::plan::driver::{self, DRIVERS, DriverSpec};
use crate::plan::{DataChannel, LampPlan, OutputPlan, PinPlan, StripType};
use crate::spec::led_effect;
use crate::spec::options::{self, SectionOption};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::shown;

/// The SPI device with its data line on GPIO10.
pub(super) const SPI_DEVICE: &str = "/dev/spidev0.0";

/// The GPIO of that data line.
pub(super) const SPI_PIN: u8 = 10;

/// The highest GPIO on the header of a Raspberry Pi.
const MAX_PIN: u8 = 27;

/// The device file of the kernel's ws2812-pio driver.
const PIO_DEVICE: &str = "/dev/leds0";

/// Reads the options of one driver; returns `None` if there are errors.
type Read = fn(&SectionReader<'_>, &mut Diagnostics) -> Option<Hardware>;

/// How the options of each driver are read.
const READERS: [(&DriverSpec, Read); DRIVERS.len()] = [
    (&driver::GPIO, gpio),
    (&driver::SPI, |section, _| Some(spi(section))),
    (&driver::PIO, pio),
    (&driver::APA102, |section, _| Some(apa102(section))),
    (&driver::DDP, ddp),
    (&driver::KLIPPER, leds),
    (&driver::PWM, lamp),
    (&driver::PROXY, proxy),
    (&driver::MEMORY, |section, _| Some(memory(section))),
];

/// The hardware of a strip.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hardware {
    /// Name of the strip if no `[lumen_strip]` names it.
    pub(super) name: String,
    /// Identifies hardware that only one strip can use.
    pub(super) address: String,
    pub(super) driver: &'static str,
    /// The output. Its chip type is set later, by `output`.
    pub(super) output: OutputPlan,
}

impl Hardware {
    /// Reads the hardware of a section; `None` if there are errors.
    pub(super) fn read(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(driver) = section.choice("driver") else {
            if section.text("driver").is_none() {
                let problem = format!("must be specified{}", fitting_drivers(section));
                diagnostics.option(section.title, "driver", &problem);
            }
            return None;
        };
        section.warn_about_other_drivers(driver, diagnostics);
        let (_, read) = READERS.iter().find(|(spec, _)| spec.name == driver)?;
        read(section, diagnostics)
    }

    fn new(spec: &DriverSpec, name: String, address: String, output: OutputPlan) -> Self {
        Self {
            name,
            address,
            driver: spec.name,
            output,
        }
    }

    /// Creates hardware that is a device file, and is named after it.
    fn at_device(spec: &DriverSpec, device: &str, output: OutputPlan) -> Self {
        let name = device.rsplit('/').next().unwrap_or(device).to_owned();
        Self::new(spec, name, device.to_owned(), output)
    }

    /// Returns the Raspberry Pi pin, if the strip uses PWM or PCM.
    pub(super) fn pin(&self) -> Option<PinPlan> {
        match self.output {
            OutputPlan::Pin(pin) => Some(pin),
            _ => None,
        }
    }

    /// Returns the output with its chip type.
    pub(super) fn output(self, strip_type: StripType) -> OutputPlan {
        match self.output {
            OutputPlan::Spi { device, .. } => OutputPlan::Spi { device, strip_type },
            OutputPlan::Pin(pin) => OutputPlan::Pin(PinPlan { strip_type, ..pin }),
            other => other,
        }
    }
}

/// Lists the drivers that fit the options of a section, as text that follows `must be specified`.
fn fitting_drivers(section: &SectionReader<'_>) -> String {
    let is_given = |option: &&SectionOption| section.text(option.name).is_some();
    let given: Vec<_> = section.table.iter().filter(is_given).collect();
    let fits = |driver: &&str| {
        let mut read_by = given.iter().map(|option| option.drivers);
        read_by.all(|drivers| drivers.is_empty() || drivers.contains(driver))
    };
    let fitting: Vec<&str> = options::DRIVERS.iter().copied().filter(fits).collect();
    match fitting.as_slice() {
        [one] => format!("; write 'driver: {one}'"),
        [] => format!(": one of {}", options::DRIVERS.join(", ")),
        some => format!(": one of {}", some.join(", ")),
    }
}

fn memory(section: &SectionReader<'_>) -> Hardware {
    let name = section.title.rsplit(' ').next().unwrap_or(section.title);
    // The title makes the address unique: strips in memory never conflict.
    let address = format!("memory of {}", section.title);
    Hardware::new(
        &driver::MEMORY,
        name.to_owned(),
        address,
        OutputPlan::Memory,
    )
}

fn device(section: &SectionReader<'_>, default: &str) -> String {
    section.text("device").unwrap_or(default).to_owned()
}

fn spi(section: &SectionReader<'_>) -> Hardware {
    let device = device(section, SPI_DEVICE);
    let output = OutputPlan::Spi {
        device: device.clone(),
        strip_type: StripType::Ws281x,
    };
    Hardware::at_device(&driver::SPI, &device, output)
}

fn apa102(section: &SectionReader<'_>) -> Hardware {
    let device = device(section, SPI_DEVICE);
    let output = OutputPlan::Apa102 {
        device: device.clone(),
        clock_hz: section.count("spi_speed").unwrap_or_default() as u32,
    };
    Hardware::at_device(&driver::APA102, &device, output)
}

fn pio(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let pin = match section.text(pin_option(section)) {
        Some(_) => Some(pin(section, diagnostics)?),
        None => None,
    };
    let device = device(section, PIO_DEVICE);
    let output = OutputPlan::Pio {
        device: device.clone(),
        pin,
    };
    Some(Hardware::at_device(&driver::PIO, &device, output))
}

fn ddp(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let host = required(section, &["host"], diagnostics)?;
    let port = u16::try_from(section.count("port")?).ok()?;
    Some(Hardware::new(
        &driver::DDP,
        host.clone(),
        format!("{host}:{port}"),
        OutputPlan::Ddp { host, port },
    ))
}

fn leds(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let text = required(section, &["neopixel", "led"], diagnostics)?;
    if let Some(options) = led_effect::is_led_effect_syntax(&text)
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
    let names = objects.iter().filter_map(|it| it.split(' ').next_back());
    Some(Hardware::new(
        &driver::KLIPPER,
        names.collect::<Vec<_>>().join("+"),
        objects.join(", "),
        OutputPlan::Leds { objects },
    ))
}

/// Returns the prefix for the names in `neopixel` or `led`.
pub(super) fn led_kind(section: &SectionReader<'_>, text: &str) -> &'static str {
    match section.text("neopixel") {
        Some(_) if !text.contains(' ') => "neopixel ",
        _ => "",
    }
}

fn lamp(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let object = words(&required(section, &["pin_name"], diagnostics)?);
    let address = if object.contains(' ') {
        object.clone()
    } else {
        format!("output_pin {object}")
    };
    let lamp = LampPlan {
        object,
        scale: section.maybe_number("scale"),
        dim: section.number("dim"),
    };
    Some(Hardware::new(
        &driver::PWM,
        lamp.object.clone(),
        address,
        OutputPlan::Lamp(lamp),
    ))
}

/// Returns a section name with single spaces between its words, as in Klipper's names.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gpio(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(section, diagnostics)?;
    if number == SPI_PIN {
        let name = format!("gpio{number}");
        let hardware = spi(section);
        return Some(Hardware::new(
            &driver::GPIO,
            name,
            hardware.address,
            hardware.output,
        ));
    }
    data_pin(section, &driver::GPIO, number, diagnostics)
}

fn proxy(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(section, diagnostics)?;
    let host = section.text("proxy_host").unwrap_or("127.0.0.1");
    if matches!(host, "127.0.0.1" | "localhost" | "::1") {
        return data_pin(section, &driver::PROXY, number, diagnostics);
    }
    let address = format!("{host}:{} gpio{number}", section.count("proxy_port")?);
    let output = OutputPlan::Unsupported {
        place: address.clone(),
    };
    let name = format!("gpio{number}");
    Some(Hardware::new(&driver::PROXY, name, address, output))
}

/// Reads a pin that sends LED data with PWM or PCM.
fn data_pin(
    section: &SectionReader<'_>,
    spec: &DriverSpec,
    number: u8,
    diagnostics: &mut Diagnostics,
) -> Option<Hardware> {
    let by_helper = spec.name == driver::PROXY.name;
    if DataChannel::for_pin(number).is_none() {
        // Pin 10 is the data line of the SPI device.
        let pins = if by_helper {
            "12, 13, 18, 19 or 21"
        } else {
            "10, 12, 13, 18, 19 or 21"
        };
        let problem = format!(
            "must be {pins}, got {number}; 'driver: {}' supports no other pins of a Raspberry Pi",
            spec.name
        );
        diagnostics.option(section.title, pin_option(section), &problem);
        return None;
    }
    let output = OutputPlan::Pin(PinPlan {
        pin: number,
        strip_type: StripType::Ws281x,
        frequency_hz: section.count("frequency")? as u32,
        dma: section.count("dma")? as u8,
        invert: section.flag("invert"),
        by_helper,
    });
    let name = format!("gpio{number}");
    Some(Hardware::new(spec, name.clone(), name, output))
}

fn pin_option(section: &SectionReader<'_>) -> &'static str {
    if section.text("pin").is_some() {
        "pin"
    } else {
        "gpio_pin"
    }
}

/// Reads the GPIO of the data line, written as `18` or `gpio18`.
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
            "; each pin needs its own section"
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

/// Parses a GPIO number, written as `18` or `gpio18`.
pub(super) fn pin_number(text: &str) -> Option<u8> {
    let number = text.to_lowercase();
    number.strip_prefix("gpio").unwrap_or(&number).parse().ok()
}

/// Describes a missing option, as text that follows `must be specified`.
fn example(option: &str) -> &'static str {
    match option {
        "neopixel" => {
            ": the name of the [neopixel NAME] section, or 'led: TYPE NAME' for other LED sections"
        }
        "pin_name" => ": the name of the [output_pin NAME] section",
        "pin" | "gpio_pin" => ": the BCM number of the GPIO of the data line, as in 'gpio_pin: 18'",
        "host" => ": the name or address of the controller",
        "count" => ": the number of pixels of the strip",
        _ => "",
    }
}

/// Returns the text of a required option, under one of its names.
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
            // The message about the unknown option already names the right one.
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
