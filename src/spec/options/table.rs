//! The option tables of all sections.

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

/// The largest number of pixels of a strip.
pub const MAX_PIXELS: u32 = 10_000;

/// The longest fade, in seconds.
const MAX_FADE_S: f32 = 60.0;

const LEVEL: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1.0));
const FADE: ValueKind = ValueKind::Number(OptionKind::Within(0.0, MAX_FADE_S));
const NUMBER: ValueKind = ValueKind::Number(OptionKind::Number);
const PIXEL: ValueKind = ValueKind::Count(OptionKind::Count(1, MAX_PIXELS));
const UNMAPPED: ValueKind = ValueKind::Choice(&["default", "keep", "off"]);
const UNMAPPED_HELP: &str = "What a group with some on_... options shows in the other states: \
     default shows the built-in effect, keep continues the last effect, off turns the group off; \
     the error state is always shown";

/// The options of `[lumen]`.
pub const LUMEN: &[SectionOption] = &[
    option("brightness", LEVEL, "1.0", "Brightness of all groups"),
    MAX_CURRENT_OF_ALL,
    DITHER_OF_ALL,
    option(
        "fade",
        FADE,
        "0.4",
        "Length of the cross-fade when the state changes",
    )
    .unit("s"),
    option("unmapped", UNMAPPED, "default", UNMAPPED_HELP),
    option(
        "gpio_fps",
        ValueKind::Count(OptionKind::Count(1, 240)),
        "60",
        "Frame rate while an effect is moving",
    )
    .unit("Hz"),
    option(
        "priority",
        ValueKind::Choice(&["normal", "realtime"]),
        "normal",
        "realtime runs the threads that draw and send frames ahead of everything else, Klipper \
         too; the system must allow it, see Performance.md. A change takes effect after a RESTART",
    ),
    option(
        "mcu_bytes_per_second",
        DELAY,
        "",
        "Bandwidth limit for LED updates to each MCU; default: depends on the connection",
    )
    .unit("bytes/s"),
    option(
        "states",
        ValueKind::List,
        "",
        "Names of custom states, for on_STATE and LUMEN_STATE",
    ),
    option(
        "macro_STATE",
        ValueKind::List,
        "",
        "G-code commands that show this state while they run, separated by commas",
    ),
    option(
        "temp_floor",
        NUMBER,
        "25",
        "Ambient temperature; also the low end of thermal bars without range_min",
    )
    .unit("degrees Celsius"),
    option(
        "heating_enter",
        DELAY,
        "5",
        "A heater counts as heating once it is this far below its target",
    )
    .unit("degrees Celsius"),
    option(
        "heating_leave",
        DELAY,
        "2",
        "A heater counts as heating until it is this close to its target",
    )
    .unit("degrees Celsius"),
    option(
        "bored_timeout",
        DELAY,
        "300",
        "Idle time before the state becomes bored",
    )
    .unit("s"),
    option(
        "sleep_timeout",
        DELAY,
        "600",
        "Time in bored before the state becomes sleep",
    )
    .unit("s"),
    option(
        "complete_timeout",
        DELAY,
        "1800",
        "How long the complete state is shown after a print, unless the printer is used earlier",
    )
    .unit("s"),
    option(
        "cancelled_timeout",
        DELAY,
        "5",
        "How long the cancelled state is shown",
    )
    .unit("s"),
    option(
        "error_flash",
        ValueKind::Number(OptionKind::Within(0.0, 600.0)),
        "3",
        "How long the error state is shown after a failed command; 0 disables it; never shown \
         during a print",
    )
    .unit("s"),
    option(
        "pause_delay",
        ValueKind::Number(OptionKind::Within(0.0, 600.0)),
        "3",
        "Delay before a pause during a print is shown, to skip the short pauses of a timelapse; \
         filament changes and runouts are shown at once",
    )
    .unit("s"),
    option(
        "filament_sensors",
        ValueKind::List,
        "",
        "Filament sensors whose runout shows the filament state: names of [filament_switch_sensor] \
         and [filament_motion_sensor] sections, separated by commas, or none; a sensor that is \
         disabled, or empty since the start of the job, is ignored; default: all",
    ),
    option(
        "bed_x_min",
        NUMBER,
        "",
        "Lowest X position for kitt tracking; default: position_min of the axis",
    )
    .unit("mm"),
    option(
        "bed_x_max",
        NUMBER,
        "",
        "Highest X position for kitt tracking; default: position_max of the axis",
    )
    .unit("mm"),
    option(
        "bed_y_min",
        NUMBER,
        "",
        "Lowest Y position for kitt tracking; default: position_min of the axis",
    )
    .unit("mm"),
    option(
        "bed_y_max",
        NUMBER,
        "",
        "Highest Y position for kitt tracking; default: position_max of the axis",
    )
    .unit("mm"),
    option(
        "debug",
        ValueKind::Choice(&["off", "log", "console", "false", "true"]),
        "off",
        "log writes every change of state and effects to klippy.log, and temperatures while they \
         are shown; console also prints the changes to the console; false and true, as in \
         LUMEN, mean off and log",
    ),
    option("max_brightness", LEVEL, "", "Color brightness in LUMEN")
        .obsolete("has no effect; use 'brightness'"),
    option(
        "update_rate",
        DELAY,
        "",
        "Update interval of LEDs on an MCU in LUMEN",
    )
    .unit("s")
    .obsolete("has no effect; Lumen sends a frame when something changes"),
    option(
        "update_rate_printing",
        DELAY,
        "",
        "Update interval while printing in LUMEN",
    )
    .unit("s")
    .obsolete("has no effect; Lumen sends a frame when something changes"),
    option(
        "profiling_enabled",
        ValueKind::Bool,
        "",
        "Performance log in LUMEN",
    )
    .obsolete("has no effect; run LUMEN_STATUS PROFILE=1 to measure"),
    option("config_path", ValueKind::Text, "", "Config file in LUMEN")
        .obsolete("has no effect; Lumen's sections are in printer.cfg or a file that it includes"),
];

/// The options of `[lumen_strip NAME]`.
pub const STRIP: &[SectionOption] = &[
    DRIVER,
    GPIO_PIN,
    PIN,
    DEVICE,
    option("count", PIXEL, "", "Number of pixels of the strip"),
    option("chain_count", PIXEL, "", "Same as count"),
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
        "Name of the [lumen_strip NAME] section with the pixels of the group; replaces driver",
    ),
    option("index_start", PIXEL, "1", "First pixel of the group"),
    option(
        "index_end",
        PIXEL,
        "1",
        "Last pixel of the group; default with strip: the last pixel of the strip",
    ),
    option(
        "pixels",
        ValueKind::List,
        "",
        "Pixels on one or more strips, in drawing order: case 1-20, top 9-1",
    ),
    option(
        "direction",
        ValueKind::Choice(&["standard", "reverse"]),
        "standard",
        "Direction of effects; reverse starts them at the other end of the group",
    ),
    option("group_brightness", LEVEL, "1.0", "Brightness of the group"),
    option(
        "fade",
        FADE,
        "",
        "Length of the cross-fade of the group; default: fade in [lumen]",
    )
    .unit("s"),
    option("unmapped", UNMAPPED, "", UNMAPPED_HELP),
    option(
        "web_ui",
        ValueKind::Bool,
        "True",
        "Show the group in web interfaces as a light with a color picker",
    ),
    option(
        "on_STATE",
        ValueKind::Effect,
        "",
        "Effect that the group shows in this state",
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

/// The options of `[lumen_effect NAME]`, without the options of the effect itself.
pub const EFFECT: &[SectionOption] = &[
    option(
        "effect",
        ValueKind::Text,
        "",
        "Built-in effect that NAME is a variant of; if not set, NAME must be a built-in effect, \
         and the section changes its defaults",
    ),
    option(
        "show",
        ValueKind::List,
        "False",
        "Show the effect as a button in Mainsail's LED effects panel: True applies it to all \
         groups, a list of group names to these groups only",
    ),
];

/// The options of `[lumen_palette NAME]`.
pub const PALETTE: &[SectionOption] = &[option(
    "colors",
    ValueKind::List,
    "",
    "One to 16 colors in any notation, each with its place if it has one: black 0%, red 40%, \
     ffcc00 80%, white 100%; without places the colors are in equal distances",
)];

/// The options that Lumen reads in a Klipper `[neopixel]` section on a Lumen pin.
pub const KLIPPER_NEOPIXEL: &[SectionOption] = &[
    option(
        "pin",
        ValueKind::Text,
        "",
        "A GPIO, lumen:gpio18, or the name of a strip, lumen:NAME",
    ),
    option(
        "chain_count",
        PIXEL,
        "1",
        "Number of LEDs; Klipper supports up to 166, or 125 with white LEDs",
    ),
    option(
        "color_order",
        ValueKind::Text,
        "GRB",
        "Order of the color channels; sets the order on the wire only if no other section declares \
         the strip",
    ),
];
