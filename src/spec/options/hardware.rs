//! The hardware options of a strip. A group has the same options if it declares its own strip.

use super::finish::FinishOptions;
use super::values::section_options;
use super::{DELAY, ValueKind, option};
use crate::effect::options::OptionKind;
use crate::plan::StripType;
use crate::plan::driver::{self, DriverSpec};

/// The names of all drivers, including those that this build does not support.
pub(in crate::spec) const DRIVERS: &[&str] = &{
    let mut names = [""; driver::DRIVERS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = driver::DRIVERS[index].name;
        index += 1;
    }
    names
};

/// The LED chips with known timing. All except SK6812 belong to the WS281x family.
const STRIP_TYPES: &[&str] = &[
    "ws281x", "ws2811", "ws2812", "ws2812b", "ws2813", "ws2815", "sk6812",
];

/// The drivers that take a GPIO number.
pub(super) const PIN_DRIVERS: &[&str] = &["gpio", "pio", "proxy"];

section_options! {
    /// The options of the hardware of a strip.
    pub(in crate::spec) struct HardwareOptions<'a> {
        driver: Option<&'static DriverSpec> = option(
            "driver",
            ValueKind::Choice(DRIVERS),
            "",
            "Output driver of the strip",
        ),
        gpio_pin: Option<&'a str> = option(
            "gpio_pin",
            ValueKind::Text,
            "",
            "BCM number of the GPIO for the data line",
        )
        .of(PIN_DRIVERS),
        device: Option<&'a str> = option(
            "device",
            ValueKind::Text,
            "",
            "Device file of the strip; default: /dev/leds0 with driver: pio, else /dev/spidev0.0",
        )
        .of(&["spi", "gpio", "apa102", "pio", "memory"]),
        color_order: Option<&'a str> = option(
            "color_order",
            ValueKind::Text,
            "GRB",
            "Order of the color channels on the wire, with a W for strips with white LEDs; \
             default: BGR with driver: apa102, RGB with ddp; driver: klipper uses the color_order \
             of Klipper's section",
        ),
        strip_type: Option<StripType> = option(
            "strip_type",
            ValueKind::Choice(STRIP_TYPES),
            "",
            "LED chip; default: sk6812 if color_order has a W, else ws281x",
        )
        .of(&["spi", "gpio", "pio"]),
        neopixel: Option<&'a str> = option(
            "neopixel",
            ValueKind::Text,
            "",
            "Name of the [neopixel NAME] section in Klipper's config",
        )
        .of(&["klipper"]),
        led: Option<&'a str> = option(
            "led",
            ValueKind::List,
            "",
            "Klipper's LED sections with their types, separated by commas and in the order of the \
             pixels: dotstar bed, neopixel case",
        )
        .of(&["klipper"]),
        pin_name: Option<&'a str> = option(
            "pin_name",
            ValueKind::Text,
            "",
            "Name of the [output_pin NAME] section in Klipper's config",
        )
        .of(&["pwm"]),
        scale: Option<f32> = option(
            "scale",
            DELAY,
            "",
            "Value of the output_pin at full brightness; default: the scale of the output_pin",
        )
        .of(&["pwm"]),
        dim: f32 = option(
            "dim",
            ValueKind::Number(OptionKind::Within(0.0, 1.0)),
            "0.3",
            "Brightness of a lamp for the word dim, as in on_idle: dim",
        )
        .of(&["pwm"]),
        frequency_hz: u32 = option(
            "frequency",
            ValueKind::Count(OptionKind::Count(400_000, 800_000)),
            "800000",
            "Bit rate of the data line",
        )
        .unit("Hz")
        .of(&["gpio", "proxy"]),
        dma: u8 = option(
            "dma",
            ValueKind::Count(OptionKind::Count(0, 15)),
            "10",
            "DMA channel of the Raspberry Pi that sends the data",
        )
        .of(&["gpio", "proxy"]),
        invert: bool = option(
            "invert",
            ValueKind::Bool,
            "False",
            "Invert the data signal, for an inverting level shifter",
        )
        .of(&["gpio", "proxy"]),
        spi_speed_hz: u32 = option(
            "spi_speed",
            ValueKind::Count(OptionKind::Count(100_000, 20_000_000)),
            "4000000",
            "Frequency of the clock line",
        )
        .unit("Hz")
        .of(&["apa102"]),
        host: Option<&'a str> = option(
            "host",
            ValueKind::Text,
            "",
            "Host name or IP address of the controller",
        )
        .of(&["ddp"]),
        port: u16 = option(
            "port",
            ValueKind::Count(OptionKind::Count(1, 65_535)),
            "4048",
            "UDP port of the controller",
        )
        .of(&["ddp"]),
        proxy_host: &'a str = option(
            "proxy_host",
            ValueKind::Text,
            "127.0.0.1",
            "Host name or IP address of the proxy",
        )
        .of(&["proxy"]),
        proxy_port: u16 = option(
            "proxy_port",
            ValueKind::Count(OptionKind::Count(1, 65_535)),
            "3769",
            "Network port of the proxy",
        )
        .of(&["proxy"]),
    }
    with finish: FinishOptions
}
