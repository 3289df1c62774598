//! The options for color correction, white LEDs, power limits and dithering of a strip.

use super::values::{WhiteMode, section_options};
use super::{ValueKind, option};
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

section_options! {
    /// The options for color correction, white LEDs, power limits and dithering of a strip.
    pub(in crate::spec) struct FinishOptions<'a> {
        white_balance: Option<&'a str> = option(
            "white_balance",
            ValueKind::List,
            "1.0, 1.0, 1.0",
            "Levels of red, green and blue, 0 to 1 each, that together look white",
        )
        .of(PIXELS),
        white: Option<WhiteMode> = option(
            "white",
            ValueKind::Choice(EXTRACT),
            "extract",
            "Show the white part of a color with the white LED, if color_order has a W; off uses \
             it only for colors with a white value, such as 000000ff",
        )
        .of(PIXELS),
        white_color: Option<&'a str> = option(
            "white_color",
            ValueKind::List,
            "1.0, 1.0, 1.0",
            "Levels of red, green and blue, 0 to 4 each, that look like the white LED; lower the \
             blue for a warm white LED",
        )
        .of(PIXELS),
        gamma: Option<f32> = option(
            "gamma",
            // Colors are linear light and LEDs are linear, so 1.0 shows colors unchanged. Fades
            // already follow the eye (gamma 2 over time), and with dithering they look even. With
            // gamma 2.2 on top, a fade to a tenth of orange stays black for 41 % of its time (1.0:
            // 4 %), and a fade to a fiftieth of white for 91 % (8 %). The steps are 3.5 times as
            // large, and orange turns red.
            ValueKind::Number(OptionKind::Within(0.2, 5.0)),
            "1.0",
            "Exponent from brightness to duty cycle; above 1 darkens everything except full \
             brightness",
        )
        .of(PIXELS),
        max_current_ma: Option<f32> = option(
            "max_current",
            LIMIT,
            "",
            "Current limit for the strip; brighter frames are dimmed",
        )
        .unit("mA")
        .of(PIXELS),
        led_current_ma: Option<f32> = option(
            "led_current",
            CURRENT,
            "16",
            "Current of one red, green or blue LED of a pixel at full brightness",
        )
        .unit("mA")
        .of(PIXELS),
        white_current_ma: Option<f32> = option(
            "white_current",
            CURRENT,
            "20",
            "Current of the white LED of a pixel at full brightness",
        )
        .unit("mA")
        .of(PIXELS),
        idle_current_ma: Option<f32> = option(
            "idle_current",
            CURRENT,
            "1.0",
            "Current of a pixel that is off",
        )
        .unit("mA")
        .of(PIXELS),
        dither: Option<bool> = option(
            "dither",
            ValueKind::Bool,
            "",
            "Dithering for this strip; default: False with driver: klipper, else the setting in \
             [lumen]",
        )
        .of(PIXELS),
    }
}
