//! The options that say which hardware a strip, or the strip of a group, is.

use super::{DELAY, SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;

/// The drivers, built or not.
pub const DRIVERS: &[&str] = &[
    "gpio", "spi", "pio", "apa102", "ddp", "klipper", "pwm", "proxy", "memory",
];

/// The chips whose timing is known; all but SK6812 are of the WS281x family.
pub const STRIP_TYPES: &[&str] = &[
    "ws281x", "ws2811", "ws2812", "ws2812b", "ws2813", "ws2815", "sk6812",
];

pub(super) const DRIVER: SectionOption = option(
    "driver",
    ValueKind::Choice(DRIVERS),
    "",
    "How the strip is driven",
);
pub(super) const PIN: SectionOption =
    option("pin", ValueKind::Text, "", "The same as gpio_pin").of(PIN_DRIVERS);
pub(super) const GPIO_PIN: SectionOption = option(
    "gpio_pin",
    ValueKind::Text,
    "",
    "GPIO of the data line, by its BCM number",
)
.of(PIN_DRIVERS);
pub(super) const DEVICE: SectionOption = option(
    "device",
    ValueKind::Text,
    "",
    "Device or host of the strip; /dev/spidev0.0 for SPI where not set",
)
.of(&["spi", "gpio", "apa102", "ddp", "memory"]);
pub(super) const COLOR_ORDER: SectionOption = option(
    "color_order",
    ValueKind::Text,
    "GRB",
    "Order of the channels on the wire; with a W for strips that have white LEDs",
);
pub(super) const STRIP_TYPE: SectionOption = option(
    "strip_type",
    ValueKind::Choice(STRIP_TYPES),
    "",
    "Chip of the LEDs; where not set ws281x, or sk6812 when color_order has a W",
)
.of(&["spi", "gpio", "pio"]);
pub(super) const NEOPIXEL: SectionOption = option(
    "neopixel",
    ValueKind::Text,
    "",
    "Name of Klipper's LED section",
)
.of(&["klipper"]);
pub(super) const LED: SectionOption =
    option("led", ValueKind::Text, "", "The same as neopixel").of(&["klipper"]);
pub(super) const PIN_NAME: SectionOption = option(
    "pin_name",
    ValueKind::Text,
    "",
    "Name of Klipper's output_pin",
)
.of(&["pwm"]);
pub(super) const SCALE: SectionOption = option(
    "scale",
    DELAY,
    "",
    "Value of the output_pin that is full light",
)
.of(&["pwm"]);
pub(super) const PROXY_HOST: SectionOption = option(
    "proxy_host",
    ValueKind::Text,
    "127.0.0.1",
    "Host of the proxy",
)
.of(&["proxy"]);
pub(super) const PROXY_PORT: SectionOption = option(
    "proxy_port",
    ValueKind::Count(OptionKind::Count(1, 65_535)),
    "3769",
    "Port of the proxy",
)
.of(&["proxy"]);

/// The drivers that are told a GPIO.
pub(super) const PIN_DRIVERS: &[&str] = &["gpio", "pio", "proxy"];

/// What belongs to the hardware, in whichever section it stands.
pub const HARDWARE: &[SectionOption] = &[
    DRIVER,
    GPIO_PIN,
    DEVICE,
    COLOR_ORDER,
    STRIP_TYPE,
    NEOPIXEL,
    LED,
    PIN_NAME,
    SCALE,
    PROXY_HOST,
    PROXY_PORT,
];
