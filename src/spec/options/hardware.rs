//! The options that say which hardware a strip, or the strip of a group, is.

use super::finish::{
    DITHER, GAMMA, IDLE_CURRENT, LED_CURRENT, MAX_CURRENT, WHITE, WHITE_BALANCE, WHITE_COLOR,
    WHITE_CURRENT,
};
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
    "Device of the strip; /dev/spidev0.0 or /dev/leds0 where not set",
)
.of(&["spi", "gpio", "apa102", "pio", "memory"]);
pub(super) const COLOR_ORDER: SectionOption = option(
    "color_order",
    ValueKind::Text,
    "GRB",
    "Order of the channels on the wire, with a W for strips that have white LEDs; where not set BGR for apa102 and RGB for ddp; for klipper, Klipper's own section says it",
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
pub(super) const LED: SectionOption = option(
    "led",
    ValueKind::List,
    "",
    "Klipper's LED sections with their kinds, one after the other: dotstar bed, neopixel case",
)
.of(&["klipper"]);
pub(super) const FREQUENCY: SectionOption = option(
    "frequency",
    ValueKind::Count(OptionKind::Count(400_000, 800_000)),
    "800000",
    "Bits a second on the data line",
)
.unit("Hz")
.of(&["gpio", "proxy"]);
pub(super) const DMA: SectionOption = option(
    "dma",
    ValueKind::Count(OptionKind::Count(0, 15)),
    "10",
    "DMA channel of a Raspberry Pi that feeds the pin",
)
.of(&["gpio", "proxy"]);
pub(super) const INVERT: SectionOption = option(
    "invert",
    ValueKind::Bool,
    "False",
    "Exchange the line's levels, for an inverting level shifter",
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
    "Name or address of the controller",
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
    "What the word 'dim' means for a lamp",
)
.of(&["pwm"]);
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
    "Value of the output_pin that is full light; the pin's own scale where not set",
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
