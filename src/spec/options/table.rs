//! The tables themselves.

use super::finish::{
    DITHER, DITHER_OF_ALL, GAMMA, IDLE_CURRENT, LED_CURRENT, MAX_CURRENT, MAX_CURRENT_OF_ALL,
    WHITE, WHITE_BALANCE, WHITE_COLOR, WHITE_CURRENT,
};
use super::hardware::{
    COLOR_ORDER, DEVICE, DIM, DMA, DRIVER, FREQUENCY, GPIO_PIN, HOST, INVERT, LED, NEOPIXEL, PIN,
    PIN_NAME, PORT, PROXY_HOST, PROXY_PORT, SCALE, SPI_SPEED, STRIP_TYPE,
};
use super::{DELAY, SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;

/// Pixels that a strip may have.
pub const MAX_PIXELS: u32 = 10_000;

/// Seconds that a fade may take.
const MAX_FADE_S: f32 = 60.0;

const LEVEL: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1.0));
const FADE: ValueKind = ValueKind::Number(OptionKind::Within(0.0, MAX_FADE_S));
const NUMBER: ValueKind = ValueKind::Number(OptionKind::Number);
const PIXEL: ValueKind = ValueKind::Count(OptionKind::Count(1, MAX_PIXELS));
const UNMAPPED: ValueKind = ValueKind::Choice(&["default", "keep", "off"]);
const UNMAPPED_HELP: &str = "What a group with some on_... options shows in the other states: the built-in scene, what it showed before, or nothing; error is always shown";

/// The options of `[lumen]`.
pub const LUMEN: &[SectionOption] = &[
    option("brightness", LEVEL, "1.0", "Brightness of everything"),
    MAX_CURRENT_OF_ALL,
    DITHER_OF_ALL,
    option("fade", FADE, "0.4", "Cross-fade from one scene to the next").unit("s"),
    option("unmapped", UNMAPPED, "default", UNMAPPED_HELP),
    option(
        "gpio_fps",
        ValueKind::Count(OptionKind::Count(1, 240)),
        "60",
        "Frames a second while something moves",
    )
    .unit("Hz"),
    option(
        "mcu_bytes_per_second",
        DELAY,
        "",
        "What LEDs may take of the line to each MCU; where not set, it goes by the link",
    )
    .unit("bytes/s"),
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
    option(
        "temp_floor",
        NUMBER,
        "25",
        "Temperature of the room; an empty thermal bar where not told otherwise",
    )
    .unit("degrees Celsius"),
    option(
        "heating_enter",
        DELAY,
        "5",
        "A heater this far below its target is heating",
    )
    .unit("degrees Celsius"),
    option(
        "heating_leave",
        DELAY,
        "2",
        "A heater that is this near to its target is heating no longer",
    )
    .unit("degrees Celsius"),
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
        "How long a failed command shows as an error; 0 is not at all. While a job prints it never does",
    )
    .unit("s"),
    option(
        "pause_delay",
        ValueKind::Number(OptionKind::Within(0.0, 600.0)),
        "3",
        "A pause of a moving printer shows after this time, so that the short ones of a timelapse do \
         not; filament changes and runouts show at once",
    )
    .unit("s"),
    option(
        "filament_sensors",
        ValueKind::List,
        "",
        "[filament_switch_sensor] and [filament_motion_sensor] sections whose runout shows as \
         filament: their names, separated by commas, or the word none; a sensor that is disabled, or \
         empty since the start of the job, never counts; default: all",
    ),
    option(
        "bed_x_min",
        NUMBER,
        "",
        "Lowest x of a tracked eye, where not that of the axis",
    )
    .unit("mm"),
    option(
        "bed_x_max",
        NUMBER,
        "",
        "Highest x of a tracked eye, where not that of the axis",
    )
    .unit("mm"),
    option(
        "bed_y_min",
        NUMBER,
        "",
        "Lowest y of a tracked eye, where not that of the axis",
    )
    .unit("mm"),
    option(
        "bed_y_max",
        NUMBER,
        "",
        "Highest y of a tracked eye, where not that of the axis",
    )
    .unit("mm"),
    option(
        "debug",
        ValueKind::Choice(&["off", "log", "console", "false", "true"]),
        "off",
        "Write each change of state and effects into klippy.log, and temperatures while they are \
         shown; with console, changes there too (false and true are LUMEN's off and log)",
    ),
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
    option(
        "profiling_enabled",
        ValueKind::Bool,
        "",
        "Performance log of LUMEN",
    )
    .obsolete("has no effect; LUMEN_STATUS PROFILE=1 measures when asked"),
    option("config_path", ValueKind::Text, "", "Config file of LUMEN")
        .obsolete("has no effect; sections are in printer.cfg or a file that it includes"),
];

/// The options of `[lumen_strip NAME]`.
pub const STRIP: &[SectionOption] = &[
    DRIVER,
    GPIO_PIN,
    PIN,
    DEVICE,
    option("count", PIXEL, "", "How many pixels the strip has"),
    option("chain_count", PIXEL, "", "The same as count"),
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

/// The options of `[lumen_group NAME]`.
pub const GROUP: &[SectionOption] = &[
    DRIVER,
    GPIO_PIN,
    DEVICE,
    COLOR_ORDER,
    STRIP_TYPE,
    option(
        "strip",
        ValueKind::Text,
        "",
        "Name of the [lumen_strip] that the group is on, instead of a driver",
    ),
    option("index_start", PIXEL, "1", "First pixel"),
    option(
        "index_end",
        PIXEL,
        "1",
        "Last pixel; with 'strip' the strip's last where not set",
    ),
    option(
        "pixels",
        ValueKind::List,
        "",
        "Pixels of one or more strips in the order they are drawn: case 1-20, top 9-1",
    ),
    option(
        "direction",
        ValueKind::Choice(&["standard", "reverse"]),
        "standard",
        "Which end of the group effects begin at",
    ),
    option("group_brightness", LEVEL, "1.0", "Brightness of the group"),
    option(
        "fade",
        FADE,
        "",
        "Cross-fade of the group, where not that of [lumen]",
    )
    .unit("s"),
    option("unmapped", UNMAPPED, "", UNMAPPED_HELP),
    option(
        "web_ui",
        ValueKind::Bool,
        "True",
        "Show the group as a light with a color picker in web interfaces",
    ),
    option(
        "on_STATE",
        ValueKind::Effect,
        "",
        "What the group shows in the state",
    ),
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

/// The options of `[lumen_effect NAME]` besides those of the effect.
pub const EFFECT: &[SectionOption] = &[
    option(
        "effect",
        ValueKind::Text,
        "",
        "The effect that NAME is a variant of; without it, NAME is an effect and gets other defaults",
    ),
    option(
        "show",
        ValueKind::List,
        "False",
        "Offer the effect as a button in Mainsail's panel of LED effects: True shows it on all groups, names of groups on these only",
    ),
];

/// The options of a section of Klipper's with a pin of Lumen's, as far as Lumen reads them.
pub const KLIPPER_NEOPIXEL: &[SectionOption] = &[
    option(
        "pin",
        ValueKind::Text,
        "",
        "The strip on a GPIO, lumen:gpio18, or one by its name, lumen:NAME",
    ),
    option(
        "chain_count",
        PIXEL,
        "1",
        "How many LEDs; Klipper takes 166 at most, or 125 with white LEDs",
    ),
    option(
        "color_order",
        ValueKind::Text,
        "GRB",
        "Order of the channels; of a strip of its own on the wire, else only in what Klipper counts",
    ),
];
