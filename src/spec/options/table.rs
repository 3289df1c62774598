//! The tables themselves.

use super::{SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;

/// Pixels that a strip may have.
pub const MAX_PIXELS: u32 = 10_000;

/// Seconds that a fade may take.
const MAX_FADE_S: f32 = 60.0;

const LEVEL: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1.0));
const DELAY: ValueKind = ValueKind::Number(OptionKind::Above(0.0));
const FADE: ValueKind = ValueKind::Number(OptionKind::Within(0.0, MAX_FADE_S));
const NUMBER: ValueKind = ValueKind::Number(OptionKind::Number);
const PIXEL: ValueKind = ValueKind::Count(OptionKind::Count(1, MAX_PIXELS));
const UNMAPPED: ValueKind = ValueKind::Choice(&["keep", "off"]);
const UNMAPPED_HELP: &str = "What a group shows in a state that it has no line for";

/// The drivers, built or not.
pub const DRIVERS: &[&str] = &[
    "gpio", "spi", "pio", "apa102", "ddp", "klipper", "pwm", "proxy", "memory",
];

/// The options of `[lumen]`.
pub const LUMEN: &[SectionOption] = &[
    option("brightness", LEVEL, "1.0", "Brightness of everything"),
    option("fade", FADE, "0.4", "Cross-fade from one scene to the next").unit("s"),
    option("unmapped", UNMAPPED, "keep", UNMAPPED_HELP),
    option(
        "gpio_fps",
        ValueKind::Count(OptionKind::Count(1, 240)),
        "60",
        "Frames a second while something moves",
    )
    .unit("Hz"),
    option(
        "states",
        ValueKind::List,
        "",
        "Names of your own states, for on_STATE and LUMEN_STATE",
    ),
    option(
        "macro_STATE",
        ValueKind::List,
        "",
        "G-code commands that show as the state while they run",
    ),
    option("temp_floor", NUMBER, "25", "Temperature of the room").unit("degrees Celsius"),
    option(
        "heating_enter",
        DELAY,
        "5",
        "A heater this far below its target is heating",
    )
    .unit("degrees Celsius"),
    option("heating_leave", DELAY, "2", "... until it is this near").unit("degrees Celsius"),
    option("bored_timeout", DELAY, "300", "Idle for this long is bored").unit("s"),
    option(
        "sleep_timeout",
        DELAY,
        "600",
        "Bored for this long is sleep",
    )
    .unit("s"),
    option(
        "complete_timeout",
        DELAY,
        "1800",
        "How long a complete job shows when nobody comes",
    )
    .unit("s"),
    option(
        "cancelled_timeout",
        DELAY,
        "5",
        "How long a cancelled job shows",
    )
    .unit("s"),
    option(
        "error_flash",
        ValueKind::Number(OptionKind::Within(0.0, 600.0)),
        "3",
        "How long a failed command shows as an error; 0 is not at all",
    )
    .unit("s"),
    option(
        "bed_x_min",
        NUMBER,
        "",
        "Lowest x of a tracked eye, where not the axis' own",
    )
    .unit("mm"),
    option(
        "bed_x_max",
        NUMBER,
        "",
        "Highest x of a tracked eye, where not the axis' own",
    )
    .unit("mm"),
    option(
        "bed_y_min",
        NUMBER,
        "",
        "Lowest y of a tracked eye, where not the axis' own",
    )
    .unit("mm"),
    option(
        "bed_y_max",
        NUMBER,
        "",
        "Highest y of a tracked eye, where not the axis' own",
    )
    .unit("mm"),
    option("max_brightness", LEVEL, "", "Brightness of colors in LUMEN")
        .obsolete("has no effect; use 'brightness'"),
    option(
        "update_rate",
        DELAY,
        "",
        "Time between two frames of an MCU's LEDs in LUMEN",
    )
    .unit("s")
    .obsolete("has no effect; frames are sent when something changes"),
    option("update_rate_printing", DELAY, "", "The same while printing")
        .unit("s")
        .obsolete("has no effect; frames are sent when something changes"),
    option("debug", ValueKind::Text, "", "Verbosity of LUMEN")
        .obsolete("has no effect; what is worth knowing is in klippy.log"),
    option(
        "profiling_enabled",
        ValueKind::Bool,
        "",
        "Performance log of LUMEN",
    )
    .obsolete("has no effect; LUMEN_STATUS always shows what the engine costs"),
    option("config_path", ValueKind::Text, "", "Config file of LUMEN")
        .obsolete("has no effect; sections are in printer.cfg or a file that it includes"),
];

/// The options that say which hardware a strip, or the strip of a group, is.
macro_rules! hardware {
    ($($more:expr),* $(,)?) => {
        &[
            $($more,)*
            option("driver", ValueKind::Choice(DRIVERS), "", "How the strip is driven"),
            option("gpio_pin", ValueKind::Text, "", "GPIO of the data line, by its BCM number").of(&["gpio", "pio", "proxy"]),
            option("device", ValueKind::Text, "",
                "Device of the strip, for example /dev/spidev0.0").of(&["spi", "gpio", "apa102", "ddp", "memory"]),
            option("color_order", ValueKind::Text, "GRB",
                "Order of the channels on the wire; with a W for strips that have white LEDs"),
            option("strip_type", ValueKind::Choice(STRIP_TYPES), "",
                "Chip of the LEDs: ws281x, or sk6812 where color_order has a W").of(&["spi", "gpio", "pio"]),
            option("neopixel", ValueKind::Text, "", "Name of Klipper's LED section").of(&["klipper"]),
            option("led", ValueKind::Text, "", "Name of Klipper's LED section").of(&["klipper"]),
            option("pin_name", ValueKind::Text, "", "Name of Klipper's output_pin").of(&["pwm"]),
            option("scale", DELAY, "", "Value of the output_pin that is full light").of(&["pwm"]),
            option("proxy_host", ValueKind::Text, "127.0.0.1", "Host of the proxy").of(&["proxy"]),
            option("proxy_port", ValueKind::Count(OptionKind::Count(1, 65_535)), "3769",
                "Port of the proxy").of(&["proxy"]),
        ]
    };
}

/// The chips whose timing is known; all but SK6812 are of the WS281x family.
pub const STRIP_TYPES: &[&str] = &[
    "ws281x", "ws2811", "ws2812", "ws2812b", "ws2813", "ws2815", "sk6812",
];

/// The options of `[lumen_strip NAME]`.
pub const STRIP: &[SectionOption] = hardware![
    option("pin", ValueKind::Text, "", "The same as gpio_pin").of(&["gpio", "pio", "proxy"]),
    option("count", PIXEL, "", "How many pixels the strip has"),
    option("chain_count", PIXEL, "", "The same as count"),
];

/// The options of `[lumen_group NAME]`.
pub const GROUP: &[SectionOption] = hardware![
    option(
        "on_STATE",
        ValueKind::Effect,
        "",
        "What the group shows in the state"
    ),
    option(
        "strip",
        ValueKind::Text,
        "",
        "Name of the strip that the group is on"
    ),
    option("index_start", PIXEL, "1", "First pixel, from 1"),
    option(
        "index_end",
        PIXEL,
        "1",
        "Last pixel; with 'strip' the last of the strip"
    ),
    option(
        "pixels",
        ValueKind::List,
        "",
        "Pixels of one or more strips in the order they are drawn: case 1-20, top 9-1"
    ),
    option(
        "direction",
        ValueKind::Choice(&["standard", "reverse"]),
        "standard",
        "Which end of the group effects begin at"
    ),
    option("group_brightness", LEVEL, "1.0", "Brightness of the group"),
    option(
        "fade",
        FADE,
        "",
        "Cross-fade of the group, where not that of [lumen]"
    )
    .unit("s"),
    option("unmapped", UNMAPPED, "", UNMAPPED_HELP),
];

/// The options of `[lumen_effect NAME]` besides those of the effect.
pub const EFFECT: &[SectionOption] = &[option(
    "effect",
    ValueKind::Text,
    "",
    "The effect that NAME is a variant of; without it, NAME is an effect and gets other defaults",
)];
