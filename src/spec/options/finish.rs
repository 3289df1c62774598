//! The options that say how colours become the bytes of a strip, and what its LEDs may draw.

use super::{SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;

/// The drivers of pixels: all but that of lamps, which have no colours and a supply of their own.
const PIXELS: &[&str] = &[
    "gpio", "spi", "pio", "apa102", "ddp", "klipper", "proxy", "memory",
];

/// What one LED draws, in mA.
const CURRENT: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1000.0));
const LIMIT: ValueKind = ValueKind::Number(OptionKind::Above(0.0));

/// The words of `white`.
const EXTRACT: &[&str] = &["extract", "off"];

pub(super) const MAX_CURRENT_OF_ALL: SectionOption = option(
    "max_current",
    LIMIT,
    "",
    "What all strips together may draw; more light than that is dimmed",
)
.unit("mA");
pub(super) const DITHER_OF_ALL: SectionOption = option(
    "dither",
    ValueKind::Bool,
    "",
    "Let what moves alternate between two steps, so that slow fades are smooth; a camera may see it; where not set True from 40 frames a second on",
);

pub(super) const WHITE_BALANCE: SectionOption = option(
    "white_balance",
    ValueKind::List,
    "1.0, 1.0, 1.0",
    "Levels of red, green and blue that together look white",
)
.of(PIXELS);
pub(super) const WHITE: SectionOption = option(
    "white",
    ValueKind::Choice(EXTRACT),
    "extract",
    "Show the white in a color by the white LED, where color_order has a W",
)
.of(PIXELS);
pub(super) const WHITE_COLOR: SectionOption = option(
    "white_color",
    ValueKind::List,
    "1.0, 1.0, 1.0",
    "Levels of red, green and blue that look like the white LED; lower blue for a warm one",
)
.of(PIXELS);
pub(super) const GAMMA: SectionOption = option(
    "gamma",
    // Colours are linear light, and so are LEDs: 1.0 shows them as they are meant. In pictures of
    // slow fades from black, dithered, they look even, for fades follow the eye already (gamma 2 in
    // time). With 2.2 on top a fade to a tenth of orange stays black for 41 % of its time (1.0:
    // 4 %), one to a fiftieth of white for 91 % (8 %); the steps are 3.5 times as large, and orange
    // is red.
    ValueKind::Number(OptionKind::Within(0.2, 5.0)),
    "1.0",
    "Exponent from light to duty cycle; above 1 darkens all but full light",
)
.of(PIXELS);
pub(super) const MAX_CURRENT: SectionOption = option(
    "max_current",
    LIMIT,
    "",
    "What the strip may draw; more light than that is dimmed",
)
.unit("mA")
.of(PIXELS);
pub(super) const LED_CURRENT: SectionOption = option(
    "led_current",
    CURRENT,
    "16",
    "What a red, green or blue LED of a pixel draws at full",
)
.unit("mA")
.of(PIXELS);
pub(super) const WHITE_CURRENT: SectionOption = option(
    "white_current",
    CURRENT,
    "20",
    "What the white LED of a pixel draws at full",
)
.unit("mA")
.of(PIXELS);
pub(super) const IDLE_CURRENT: SectionOption = option(
    "idle_current",
    CURRENT,
    "1.0",
    "What a pixel draws when it is dark",
)
.unit("mA")
.of(PIXELS);
pub(super) const DITHER: SectionOption = option(
    "dither",
    ValueKind::Bool,
    "",
    "The same as in [lumen], and False for LEDs of an MCU, where not set",
)
.of(PIXELS);
