//! The options for color correction, white LEDs, power limits and dithering of a strip.

use super::{SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;

/// All drivers of addressable pixels. `pwm` is left out: a lamp has no colors and its own power
/// supply.
const PIXELS: &[&str] = &[
    "gpio", "spi", "pio", "apa102", "ddp", "klipper", "proxy", "memory",
];

/// Current of one LED, in mA.
const CURRENT: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1000.0));

/// Current limit, in mA.
const LIMIT: ValueKind = ValueKind::Number(OptionKind::Above(0.0));

/// The choices of `white`.
const EXTRACT: &[&str] = &["extract", "off"];

pub(super) const MAX_CURRENT_OF_ALL: SectionOption = option(
    "max_current",
    LIMIT,
    "",
    "Current limit for all strips together; brighter frames are dimmed",
)
.unit("mA");
pub(super) const DITHER_OF_ALL: SectionOption = option(
    "dither",
    ValueKind::Bool,
    "",
    "Smooth slow fades: moving pixels alternate between two neighboring brightness steps; a camera \
     may see this; default: True if gpio_fps is 40 or more",
);

pub(super) const WHITE_BALANCE: SectionOption = option(
    "white_balance",
    ValueKind::List,
    "1.0, 1.0, 1.0",
    "Levels of red, green and blue, 0 to 1 each, that together look white",
)
.of(PIXELS);
pub(super) const WHITE: SectionOption = option(
    "white",
    ValueKind::Choice(EXTRACT),
    "extract",
    "Show the white part of a color with the white LED, if color_order has a W; off uses \
     it only for colors with a white value, such as 000000ff",
)
.of(PIXELS);
pub(super) const WHITE_COLOR: SectionOption = option(
    "white_color",
    ValueKind::List,
    "1.0, 1.0, 1.0",
    "Levels of red, green and blue, 0 to 4 each, that look like the white LED; lower the blue for \
     a warm white LED",
)
.of(PIXELS);
pub(super) const GAMMA: SectionOption = option(
    "gamma",
    // Colors are linear light and LEDs are linear, so 1.0 shows colors unchanged. Fades already
    // follow the eye (gamma 2 over time), and with dithering they look even. With gamma 2.2 on top,
    // a fade to a tenth of orange stays black for 41 % of its time (1.0: 4 %), and a fade to a
    // fiftieth of white for 91 % (8 %). The steps are 3.5 times as large, and orange turns red.
    ValueKind::Number(OptionKind::Within(0.2, 5.0)),
    "1.0",
    "Exponent from brightness to duty cycle; above 1 darkens everything except full brightness",
)
.of(PIXELS);
pub(super) const MAX_CURRENT: SectionOption = option(
    "max_current",
    LIMIT,
    "",
    "Current limit for the strip; brighter frames are dimmed",
)
.unit("mA")
.of(PIXELS);
pub(super) const LED_CURRENT: SectionOption = option(
    "led_current",
    CURRENT,
    "16",
    "Current of one red, green or blue LED of a pixel at full brightness",
)
.unit("mA")
.of(PIXELS);
pub(super) const WHITE_CURRENT: SectionOption = option(
    "white_current",
    CURRENT,
    "20",
    "Current of the white LED of a pixel at full brightness",
)
.unit("mA")
.of(PIXELS);
pub(super) const IDLE_CURRENT: SectionOption = option(
    "idle_current",
    CURRENT,
    "1.0",
    "Current of a pixel that is off",
)
.unit("mA")
.of(PIXELS);
pub(super) const DITHER: SectionOption = option(
    "dither",
    ValueKind::Bool,
    "",
    "Dithering for this strip; default: False with driver: klipper, else the setting in [lumen]",
)
.of(PIXELS);
