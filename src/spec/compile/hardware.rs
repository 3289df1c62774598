//! Reads the hardware options of a strip: `driver` and the options of that driver, in
//! `[lumen_strip]` or in a group. It does not check whether the hardware exists.

use crate::plan::driver::{self, DRIVERS, DriverSpec};
use crate::plan::{DataChannel, LampPlan, OutputPlan, PinPlan, StripType};
use crate::spec::led_effect;
use crate::spec::options::{self, HardwareOptions, SectionOption, SectionValues};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::{ConvertCase, shown};

/// The SPI device with its data line on GPIO10.
pub(super) const SPI_DEVICE: &str = "/dev/spidev0.0";

/// The GPIO of that data line.
pub(super) const SPI_PIN: u8 = 10;

/// The highest GPIO on the header of a Raspberry Pi.
const MAX_PIN: u8 = 27;

/// The device file of the kernel's ws2812-pio driver.
const PIO_DEVICE: &str = "/dev/leds0";

/// The hardware options of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct HardwareSection<'s, 'a> {
    pub(super) section: &'s SectionReader<'a>,
    /// The GPIO from the option `pin`, which only `[lumen_strip]` has.
    pub(super) pin: Option<&'a str>,
    pub(super) options: &'s HardwareOptions<'a>,
}

/// Reads the options of one driver; returns `None` if there are errors.
type Read = fn(&HardwareSection<'_, '_>, &mut Diagnostics) -> Option<Hardware>;

/// How the options of each driver are read.
const READERS: [(&DriverSpec, Read); DRIVERS.len()] = [
    (&driver::GPIO, gpio),
    (&driver::SPI, |section, _| Some(spi(section.options))),
    (&driver::PIO, pio),
    (&driver::APA102, |section, _| Some(apa102(section.options))),
    (&driver::DDP, ddp),
    (&driver::KLIPPER, leds),
    (&driver::PWM, lamp),
    (&driver::PROXY, proxy),
    (&driver::MEMORY, |section, _| Some(memory(section.section))),
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
    pub(super) fn read(
        hardware: &HardwareSection<'_, '_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let section = hardware.section;
        let Some(driver) = hardware.options.driver else {
            if !section.has("driver") {
                let problem = format!("must be specified{}", fitting_drivers(section));
                diagnostics.option(section.title, "driver", &problem);
            }
            return None;
        };
        section.warn_about_other_drivers(driver.name, diagnostics);
        let (_, read) = READERS.iter().find(|(spec, _)| *spec == driver)?;
        read(hardware, diagnostics)
    }

    /// Creates the hardware of a Klipper neopixel on a GPIO. `pin` is its number as written.
    pub(super) fn of_neopixel(
        neopixel: &SectionReader<'_>,
        (number, pin): (u8, &str),
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let options = HardwareOptions::defaults();
        let place = (neopixel.title, "pin");
        if number > MAX_PIN {
            report_bad_pin(place, pin, diagnostics);
            return None;
        }
        on_gpio(place, &options, number, diagnostics)
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
    let is_given = |option: &&SectionOption| section.has(option.name);
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

fn spi(options: &HardwareOptions<'_>) -> Hardware {
    let device = options.device.unwrap_or(SPI_DEVICE).to_owned();
    let output = OutputPlan::Spi {
        device: device.clone(),
        strip_type: StripType::Ws281x,
    };
    Hardware::at_device(&driver::SPI, &device, output)
}

fn apa102(options: &HardwareOptions<'_>) -> Hardware {
    let device = options.device.unwrap_or(SPI_DEVICE).to_owned();
    let output = OutputPlan::Apa102 {
        device: device.clone(),
        clock_hz: options.spi_speed_hz,
    };
    Hardware::at_device(&driver::APA102, &device, output)
}

fn pio(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let (_, option) = hardware.pin_place();
    let pin = if hardware.section.has(option) {
        Some(pin(hardware, diagnostics)?)
    } else {
        None
    };
    let device = hardware.options.device.unwrap_or(PIO_DEVICE).to_owned();
    let output = OutputPlan::Pio {
        device: device.clone(),
        pin,
    };
    Some(Hardware::at_device(&driver::PIO, &device, output))
}

fn ddp(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    required(hardware.section, &["host"], diagnostics)?;
    let host = hardware.options.host?.to_owned();
    let port = hardware.options.port;
    Some(Hardware::new(
        &driver::DDP,
        host.clone(),
        format!("{host}:{port}"),
        OutputPlan::Ddp { host, port },
    ))
}

fn leds(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let (section, options) = (hardware.section, hardware.options);
    let option = required(section, &["neopixel", "led"], diagnostics)?;
    let text = match option {
        "neopixel" => options.neopixel?,
        _ => options.led?,
    };
    if let Some(correct) = led_effect::is_led_effect_syntax(text)
        .then(|| led_effect::group_options(text))
        .flatten()
    {
        let option = led_option(section);
        let problem = format!("write {correct} instead of '{}'", shown(text));
        diagnostics.option(section.title, option, &problem);
        return None;
    }
    let kind = led_kind(options, text);
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

/// Returns the option with the names of LED sections.
fn led_option(section: &SectionReader<'_>) -> &'static str {
    if section.has("neopixel") {
        "neopixel"
    } else {
        "led"
    }
}

/// Returns the prefix for the names in `neopixel` or `led`.
pub(super) fn led_kind(options: &HardwareOptions<'_>, text: &str) -> &'static str {
    match options.neopixel {
        Some(_) if !text.contains(' ') => "neopixel ",
        _ => "",
    }
}

fn lamp(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    required(hardware.section, &["pin_name"], diagnostics)?;
    let options = hardware.options;
    let object = words(options.pin_name?);
    let address = if object.contains(' ') {
        object.clone()
    } else {
        format!("output_pin {object}")
    };
    let lamp = LampPlan {
        object,
        scale: options.scale,
        dim: options.dim,
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

fn gpio(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(hardware, diagnostics)?;
    on_gpio(hardware.pin_place(), hardware.options, number, diagnostics)
}

/// Creates the hardware of a pin that PWM, PCM or the SPI device drives. `place` is the section and
/// the option of the pin.
fn on_gpio(
    place: (&str, &str),
    options: &HardwareOptions<'_>,
    number: u8,
    diagnostics: &mut Diagnostics,
) -> Option<Hardware> {
    if number == SPI_PIN {
        let name = format!("gpio{number}");
        let hardware = spi(options);
        return Some(Hardware::new(
            &driver::GPIO,
            name,
            hardware.address,
            hardware.output,
        ));
    }
    data_pin(place, (&driver::GPIO, options), number, diagnostics)
}

fn proxy(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<Hardware> {
    let number = pin(hardware, diagnostics)?;
    let options = hardware.options;
    let host = options.proxy_host;
    if matches!(host, "127.0.0.1" | "localhost" | "::1") {
        let driver = (&driver::PROXY, options);
        return data_pin(hardware.pin_place(), driver, number, diagnostics);
    }
    let address = format!("{host}:{} gpio{number}", options.proxy_port);
    let output = OutputPlan::Unsupported {
        place: address.clone(),
    };
    let name = format!("gpio{number}");
    Some(Hardware::new(&driver::PROXY, name, address, output))
}

/// Reads a pin that sends LED data with PWM or PCM.
fn data_pin(
    (title, option): (&str, &str),
    (spec, options): (&DriverSpec, &HardwareOptions<'_>),
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
        diagnostics.option(title, option, &problem);
        return None;
    }
    let output = OutputPlan::Pin(PinPlan {
        pin: number,
        strip_type: StripType::Ws281x,
        frequency_hz: options.frequency_hz,
        dma: options.dma,
        invert: options.invert,
        by_helper,
    });
    let name = format!("gpio{number}");
    Some(Hardware::new(spec, name.clone(), name, output))
}

impl<'a> HardwareSection<'_, 'a> {
    /// Returns the section and the option of the pin.
    fn pin_place(&self) -> (&'a str, &'static str) {
        let option = if self.section.has("pin") {
            "pin"
        } else {
            "gpio_pin"
        };
        (self.section.title, option)
    }
}

/// Reads the GPIO of the data line, written as `18` or `gpio18`.
fn pin(hardware: &HardwareSection<'_, '_>, diagnostics: &mut Diagnostics) -> Option<u8> {
    let section = hardware.section;
    let names: &[&str] = if section.has_entry("pin") {
        &["pin", "gpio_pin"]
    } else {
        &["gpio_pin"]
    };
    let text = match required(section, names, diagnostics)? {
        "pin" => hardware.pin?,
        _ => hardware.options.gpio_pin?,
    };
    let pin = pin_number(text).filter(|pin| *pin <= MAX_PIN);
    if pin.is_none() {
        report_bad_pin(hardware.pin_place(), text, diagnostics);
    }
    pin
}

fn report_bad_pin((title, option): (&str, &str), text: &str, diagnostics: &mut Diagnostics) {
    let hint = if text.contains([',', ' ']) {
        "; each pin needs its own section"
    } else {
        ""
    };
    let problem = format!(
        "must be the BCM number of a GPIO, 0 to {MAX_PIN}, got '{}'{hint}",
        shown(text)
    );
    diagnostics.option(title, option, &problem);
}

/// Parses a GPIO number, written as `18` or `gpio18`.
pub(super) fn pin_number(text: &str) -> Option<u8> {
    let number = text.lowercase();
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

/// Returns the name that a section uses for a required option.
pub(super) fn required(
    section: &SectionReader<'_>,
    names: &[&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<&'static str> {
    let names = names.iter().copied();
    let given: Vec<&'static str> = names
        .clone()
        .filter(|name| section.has_text(name))
        .collect();
    match given.as_slice() {
        [] => {
            // The message about the unknown option already names the right one.
            let name = names.clone().next()?;
            if !section.has_stand_in(name) {
                let problem = format!("must be specified{}", example(name));
                diagnostics.option(section.title, name, &problem);
            }
            None
        }
        [one] => Some(*one),
        [one, other, ..] => {
            let problem = format!("cannot be combined with '{one}'; remove one of them");
            diagnostics.option(section.title, other, &problem);
            None
        }
    }
}
