//! The hardware options of a strip. A group has the same options if it declares its own strip.

use super::finish::{
    DITHER, GAMMA, IDLE_CURRENT, LED_CURRENT, MAX_CURRENT, WHITE, WHITE_BALANCE, WHITE_COLOR,
    WHITE_CURRENT,
};
use super::{DELAY, SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;
use crate::plan::driver;

/// The names of all drivers, including those that this build does not support.
pub const DRIVERS: &[&str] = &{
    let mut names = [""; driver::DRIVERS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = driver::DRIVERS[index].name;
        index += 1;
    }
    names
};

/// The LED chips with known timing. All except SK6812 belong to the WS281x family.
pub const STRIP_TYPES: &[&str] = &[
    "ws281x", "ws2811", "ws2812", "ws2812b", "ws2813", "ws2815", "sk6812",
];

pub(super) const DRIVER: SectionOption = option(
    "driver",
    ValueKind::Choice(DRIVERS),
    "",
    "Output driver of the strip",
);
pub(super) const PIN: SectionOption =
    option("pin", ValueKind::Text, "", "Same as gpio_pin").of(PIN_DRIVERS);
pub(super) const GPIO_PIN: SectionOption = option(
    "gpio_pin",
    ValueKind::Text,
    "",
    "BCM number of the GPIO for the data line",
)
.of(PIN_DRIVERS);
pub(super) const DEVICE: SectionOption = option(
    "device",
    ValueKind::Text,
    "",
    "Device file of the strip; default: /dev/leds0 with driver: pio, else /dev/spidev0.0",
)
.of(&["spi", "gpio", "apa102", "pio", "memory"]);
pub(super) const COLOR_ORDER: SectionOption = option(
    "color_order",
    ValueKind::Text,
    "GRB",
    "Order of the color channels on the wire, with a W for strips with white LEDs; default: BGR \
     with driver: apa102, RGB with ddp; driver: klipper uses the color_order of Klipper's section",
);
pub(super) const STRIP_TYPE: SectionOption = option(
    "strip_type",
    ValueKind::Choice(STRIP_TYPES),
    "",
    "LED chip; default: sk6812 if color_order has a W, else ws281x",
)
.of(&["spi", "gpio", "pio"]);
pub(super) const NEOPIXEL: SectionOption = option(
    "neopixel",
    ValueKind::Text,
    "",
    "Name of the [neopixel NAME] section in Klipper's config",
)
.of(&["klipper"]);
pub(super) const LED: SectionOption = option(
    "led",
    ValueKind::List,
    "",
    "Klipper's LED sections with their types, separated by commas and in the order of the pixels: \
     dotstar bed, neopixel case",
)
.of(&["klipper"]);
pub(super) const FREQUENCY: SectionOption = option(
    "frequency",
    ValueKind::Count(OptionKind::Count(400_000, 800_000)),
    "800000",
    "Bit rate of the data line",
)
.unit("Hz")
.of(&["gpio", "proxy"]);
pub(super) const DMA: SectionOption = option(
    "dma",
    ValueKind::Count(OptionKind::Count(0, 15)),
    "10",
    "DMA channel of the Raspberry Pi that sends the data",
)
.of(&["gpio", "proxy"]);
pub(super) const INVERT: SectionOption = option(
    "invert",
    ValueKind::Bool,
    "False",
    "Invert the data signal, for an inverting level shifter",
)
.of(&["gpio", "proxy"]);
pub(super) const SPI_SPEED: SectionOption = option(
    "spi_speed",
    ValueKind::Count(OptionKind::Count(100_000, 20_000_000)),
    "4000000",
    "Frequency of the clock line",
)
.unit("Hz")
.of(&["apa102"]);
pub(super) const HOST: SectionOption = option(
    "host",
    ValueKind::Text,
    "",
    "Host name or IP address of the controller",
)
.of(&["ddp"]);
pub(super) const PORT: SectionOption = option(
    "port",
    ValueKind::Count(OptionKind::Count(1, 65_535)),
    "4048",
    "UDP port of the controller",
)
.of(&["ddp"]);
pub(super) const DIM: SectionOption = option(
    "dim",
    ValueKind::Number(OptionKind::Within(0.0, 1.0)),
    "0.3",
    "Brightness of a lamp for the word dim, as in on_idle: dim",
)
.of(&["pwm"]);
pub(super) const PIN_NAME: SectionOption = option(
    "pin_name",
    ValueKind::Text,
    "",
    "Name of the [output_pin NAME] section in Klipper's config",
)
.of(&["pwm"]);
pub(super) const SCALE: SectionOption = option(
    "scale",
    DELAY,
    "",
    "Value of the output_pin at full brightness; default: the scale of the output_pin",
)
.of(&["pwm"]);
pub(super) const PROXY_HOST: SectionOption = option(
    "proxy_host",
    ValueKind::Text,
    "127.0.0.1",
    "Host name or IP address of the proxy",
)
.of(&["proxy"]);
pub(super) const PROXY_PORT: SectionOption = option(
    "proxy_port",
    ValueKind::Count(OptionKind::Count(1, 65_535)),
    "3769",
    "Network port of the proxy",
)
.of(&["proxy"]);

/// The drivers that take a GPIO number.
pub(super) const PIN_DRIVERS: &[&str] = &["gpio", "pio", "proxy"];

/// All hardware options; valid in `[lumen_strip]` and in `[lumen_group]`.
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
    DIM,
    FREQUENCY,
    DMA,
    INVERT,
    SPI_SPEED,
    HOST,
    PORT,
    PROXY_HOST,
    PROXY_PORT,
    WHITE_BALANCE,
    WHITE,
    WHITE_COLOR,
    GAMMA,
    MAX_CURRENT,
    LED_CURRENT,
    WHITE_CURRENT,
    IDLE_CURRENT,
    DITHER,
];
