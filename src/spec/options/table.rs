//! The options of all sections.

use super::finish::FinishOptions;
use super::hardware::{HardwareOptions, PIN_DRIVERS};
use super::values::{Direction, OfStates, Unused, join, section_options};
use super::{DELAY, SectionOption, ValueKind, option};
use crate::effect::options::OptionKind;
use crate::plan::{Priority, Unmapped};
use crate::spec::DebugLog;
use crate::time::Span;

/// The largest number of pixels of a strip.
pub(in crate::spec) const MAX_PIXELS: u32 = 10_000;

/// The longest fade, in seconds.
const MAX_FADE_S: f32 = 60.0;

const LEVEL: ValueKind = ValueKind::Number(OptionKind::Within(0.0, 1.0));
const FADE: ValueKind = ValueKind::Number(OptionKind::Within(0.0, MAX_FADE_S));
const NUMBER: ValueKind = ValueKind::Number(OptionKind::Number);
const PIXEL: ValueKind = ValueKind::Count(OptionKind::Count(1, MAX_PIXELS));
/// Current limit, in mA.
const LIMIT: ValueKind = ValueKind::Number(OptionKind::Above(0.0));
const UNMAPPED: ValueKind = ValueKind::Choice(&["default", "keep", "off"]);
const UNMAPPED_HELP: &str = "What a group with some on_... options shows in the other states: \
     default shows the built-in effect, keep continues the last effect, off turns the group off; \
     the error state is always shown";

section_options! {
    /// The options of `[lumen]`.
    pub(in crate::spec) struct LumenOptions<'a> {
        brightness: f32 = option("brightness", LEVEL, "1.0", "Brightness of all groups"),
        max_current_ma: Option<f32> = option(
            "max_current",
            LIMIT,
            "",
            "Current limit for all strips together; brighter frames are dimmed",
        )
        .unit("mA"),
        dither: Option<bool> = option(
            "dither",
            ValueKind::Bool,
            "",
            "Smooth slow fades: moving pixels alternate between two neighboring brightness steps; \
             a camera may see this; default: True if gpio_fps is 40 or more",
        ),
        fade: Span = option(
            "fade",
            FADE,
            "0.4",
            "Length of the cross-fade when the state changes",
        )
        .unit("s"),
        unmapped: Unmapped = option("unmapped", UNMAPPED, "default", UNMAPPED_HELP),
        fps: u16 = option(
            "gpio_fps",
            ValueKind::Count(OptionKind::Count(1, 240)),
            "60",
            "Frame rate while an effect is moving",
        )
        .unit("Hz"),
        priority: Priority = option(
            "priority",
            ValueKind::Choice(&["normal", "realtime"]),
            "normal",
            "realtime runs the threads that draw and send frames ahead of everything else, Klipper \
             too; the system must allow it, see Performance.md. A change takes effect after a \
             RESTART",
        ),
        mcu_bytes_per_s: Option<f32> = option(
            "mcu_bytes_per_second",
            DELAY,
            "",
            "Bandwidth limit for LED updates to each MCU; default: depends on the connection",
        )
        .unit("bytes/s"),
        states: &'a str = option(
            "states",
            ValueKind::List,
            "",
            "Names of custom states, for on_STATE and LUMEN_STATE",
        ),
        commands: OfStates<'a> = option(
            "macro_STATE",
            ValueKind::List,
            "",
            "G-code commands that show this state while they run, separated by commas",
        ),
        temp_floor_c: f32 = option(
            "temp_floor",
            NUMBER,
            "25",
            "Ambient temperature; also the low end of thermal bars without range_min",
        )
        .unit("degrees Celsius"),
        heating_enter_c: f32 = option(
            "heating_enter",
            DELAY,
            "5",
            "A heater counts as heating once it is this far below its target",
        )
        .unit("degrees Celsius"),
        heating_leave_c: f32 = option(
            "heating_leave",
            DELAY,
            "2",
            "A heater counts as heating until it is this close to its target",
        )
        .unit("degrees Celsius"),
        bored_after: Span = option(
            "bored_timeout",
            DELAY,
            "300",
            "Idle time before the state becomes bored",
        )
        .unit("s"),
        sleep_after: Span = option(
            "sleep_timeout",
            DELAY,
            "600",
            "Time in bored before the state becomes sleep",
        )
        .unit("s"),
        complete_for: Span = option(
            "complete_timeout",
            DELAY,
            "1800",
            "How long the complete state is shown after a print, unless the printer is used \
             earlier",
        )
        .unit("s"),
        cancelled_for: Span = option(
            "cancelled_timeout",
            DELAY,
            "5",
            "How long the cancelled state is shown",
        )
        .unit("s"),
        command_error_for: Span = option(
            "error_flash",
            ValueKind::Number(OptionKind::Within(0.0, 600.0)),
            "3",
            "How long the error state is shown after a failed command; 0 disables it; never shown \
             during a print",
        )
        .unit("s"),
        pause_after: Span = option(
            "pause_delay",
            ValueKind::Number(OptionKind::Within(0.0, 600.0)),
            "3",
            "Delay before a pause during a print is shown, to skip the short pauses of a \
             timelapse; filament changes and runouts are shown at once",
        )
        .unit("s"),
        filament_sensors: Option<&'a str> = option(
            "filament_sensors",
            ValueKind::List,
            "",
            "Filament sensors whose runout shows the filament state: names of \
             [filament_switch_sensor] and [filament_motion_sensor] sections, separated by commas, \
             or none; a sensor that is disabled, or empty since the start of the job, is ignored; \
             default: all",
        ),
        bed_x_min: Option<f32> = option(
            "bed_x_min",
            NUMBER,
            "",
            "Lowest X position for kitt tracking; default: position_min of the axis",
        )
        .unit("mm"),
        bed_x_max: Option<f32> = option(
            "bed_x_max",
            NUMBER,
            "",
            "Highest X position for kitt tracking; default: position_max of the axis",
        )
        .unit("mm"),
        bed_y_min: Option<f32> = option(
            "bed_y_min",
            NUMBER,
            "",
            "Lowest Y position for kitt tracking; default: position_min of the axis",
        )
        .unit("mm"),
        bed_y_max: Option<f32> = option(
            "bed_y_max",
            NUMBER,
            "",
            "Highest Y position for kitt tracking; default: position_max of the axis",
        )
        .unit("mm"),
        debug: DebugLog = option(
            "debug",
            ValueKind::Choice(&["off", "log", "console", "false", "true"]),
            "off",
            "log writes every change of state and effects to klippy.log, and temperatures while \
             they are shown; console also prints the changes to the console; false and true, as in \
             LUMEN, mean off and log",
        ),
        _max_brightness: Unused = option(
            "max_brightness",
            LEVEL,
            "",
            "Color brightness in LUMEN",
        )
        .obsolete("has no effect; use 'brightness'"),
        _update_rate: Unused = option(
            "update_rate",
            DELAY,
            "",
            "Update interval of LEDs on an MCU in LUMEN",
        )
        .unit("s")
        .obsolete("has no effect; Lumen sends a frame when something changes"),
        _update_rate_printing: Unused = option(
            "update_rate_printing",
            DELAY,
            "",
            "Update interval while printing in LUMEN",
        )
        .unit("s")
        .obsolete("has no effect; Lumen sends a frame when something changes"),
        _profiling_enabled: Unused = option(
            "profiling_enabled",
            ValueKind::Bool,
            "",
            "Performance log in LUMEN",
        )
        .obsolete("has no effect; run LUMEN_STATUS PROFILE=1 to measure"),
        _config_path: Unused = option(
            "config_path",
            ValueKind::Text,
            "",
            "Config file in LUMEN",
        )
        .obsolete("has no effect; Lumen's sections are in printer.cfg or a file that it includes"),
    }
}

section_options! {
    /// The options of `[lumen_strip NAME]`.
    pub(in crate::spec) struct StripOptions<'a> {
        pin: Option<&'a str> = option(
            "pin",
            ValueKind::Text,
            "",
            "Same as gpio_pin",
        )
        .of(PIN_DRIVERS),
        count: Option<usize> = option("count", PIXEL, "", "Number of pixels of the strip"),
        chain_count: Option<usize> = option("chain_count", PIXEL, "", "Same as count"),
    }
    with hardware: HardwareOptions
}

section_options! {
    /// The options of `[lumen_group NAME]`.
    pub(in crate::spec) struct GroupOptions<'a> {
        strip: Option<&'a str> = option(
            "strip",
            ValueKind::Text,
            "",
            "Name of the [lumen_strip NAME] section with the pixels of the group; replaces driver",
        ),
        index_start: usize = option("index_start", PIXEL, "1", "First pixel of the group"),
        index_end: usize = option(
            "index_end",
            PIXEL,
            "1",
            "Last pixel of the group; default with strip: the last pixel of the strip",
        ),
        pixels: Option<&'a str> = option(
            "pixels",
            ValueKind::List,
            "",
            "Pixels on one or more strips, in drawing order: case 1-20, top 9-1",
        ),
        direction: Direction = option(
            "direction",
            ValueKind::Choice(&["standard", "reverse"]),
            "standard",
            "Direction of effects; reverse starts them at the other end of the group",
        ),
        over: Option<&'a str> = option(
            "over",
            ValueKind::List,
            "",
            "Groups that this group covers where it shares pixels with them: case, toolhead; they \
             shine through where this group shows nothing, and its unmapped is off by default",
        ),
        brightness: f32 = option("group_brightness", LEVEL, "1.0", "Brightness of the group"),
        fade: Option<Span> = option(
            "fade",
            FADE,
            "",
            "Length of the cross-fade of the group; default: fade in [lumen]",
        )
        .unit("s"),
        unmapped: Option<Unmapped> = option("unmapped", UNMAPPED, "", UNMAPPED_HELP),
        web_ui: bool = option(
            "web_ui",
            ValueKind::Bool,
            "True",
            "Show the group in web interfaces as a light with a color picker",
        ),
        scenes: OfStates<'a> = option(
            "on_STATE",
            ValueKind::Effect,
            "",
            "Effect that the group shows in this state",
        ),
    }
    with hardware: HardwareOptions
}

section_options! {
    /// The options of `[lumen_effect NAME]`, without the options of the effect itself.
    pub(in crate::spec) struct EffectOptions<'a> {
        effect: Option<&'a str> = option(
            "effect",
            ValueKind::Text,
            "",
            "Built-in effect that NAME is a variant of; if not set, NAME must be a built-in \
             effect, and the section changes its defaults",
        ),
        layers: Option<&'a str> = option(
            "layers",
            ValueKind::Effect,
            "",
            "Effects that NAME stands for, one in each line, the highest first; replaces effect",
        ),
        show: &'a str = option(
            "show",
            ValueKind::List,
            "False",
            "Show the effect as a button in Mainsail's LED effects panel: True applies it to all \
             groups, a list of group names to these groups only",
        ),
    }
}

section_options! {
    /// The options of `[lumen_palette NAME]`.
    pub(in crate::spec) struct PaletteOptions<'a> {
        colors: Option<&'a str> = option(
            "colors",
            ValueKind::List,
            "",
            "One to 16 colors in any notation, each with its place if it has one: black 0%, red \
             40%, ffcc00 80%, white 100%; without places the colors are in equal distances",
        ),
    }
}

section_options! {
    /// The options that Lumen reads in a Klipper `[neopixel]` section on a Lumen pin.
    pub(in crate::spec) struct NeopixelOptions<'a> {
        pin: &'a str = option(
            "pin",
            ValueKind::Text,
            "",
            "A GPIO, lumen:gpio18, or the name of a strip, lumen:NAME",
        ),
        chain_count: usize = option(
            "chain_count",
            PIXEL,
            "1",
            "Number of LEDs; Klipper supports up to 166, or 125 with white LEDs",
        ),
        color_order: &'a str = option(
            "color_order",
            ValueKind::Text,
            "GRB",
            "Order of the color channels; sets the order on the wire only if no other section \
             declares the strip",
        ),
    }
}

/// The options of `[lumen]`.
pub const LUMEN: &[SectionOption] = LumenOptions::ROWS;

/// The options of `[lumen_effect NAME]`, without the options of the effect itself.
pub(in crate::spec) const EFFECT: &[SectionOption] = EffectOptions::ROWS;

/// The options of `[lumen_palette NAME]`.
pub(in crate::spec) const PALETTE: &[SectionOption] = PaletteOptions::ROWS;

/// The options that Lumen reads in a Klipper `[neopixel]` section on a Lumen pin.
pub(in crate::spec) const KLIPPER_NEOPIXEL: &[SectionOption] = NeopixelOptions::ROWS;

/// The options of `[lumen_strip NAME]`, in the order of the documentation.
pub const STRIP: &[SectionOption] = &{
    let (pins, hardware) = HARDWARE.split_at(2);
    let (device, hardware) = hardware.split_at(1);
    let (pin, counts) = StripOptions::ROWS.split_at(1);
    join::<{ HARDWARE.len() + StripOptions::ROWS.len() }>(&[pins, pin, device, counts, hardware])
};

/// The options of `[lumen_group NAME]`, in the order of the documentation.
pub const GROUP: &[SectionOption] = &{
    let (chain, hardware) = HARDWARE.split_at(5);
    join::<{ HARDWARE.len() + GroupOptions::ROWS.len() }>(&[chain, GroupOptions::ROWS, hardware])
};

/// The options of the hardware of a strip, which `[lumen_strip]` and `[lumen_group]` share.
pub(in crate::spec) const HARDWARE: &[SectionOption] =
    &join::<{ HardwareOptions::ROWS.len() + FinishOptions::ROWS.len() }>(&[
        HardwareOptions::ROWS,
        FinishOptions::ROWS,
    ]);
