//! Option rows that several effects share.

use super::Axis;
use super::options::{
    OptionKind, OptionRow, color, colors, flag, number, one_axis, palette, pixels, unset_color,
    unset_number, unset_palette, unset_pixels,
};
use crate::color::{Color, Palette};

/// A share of full brightness.
const LEVEL: OptionKind = OptionKind::Within(0.0, 1.0);

/// The colors of an effect.
pub(super) const COLOR: OptionRow<Palette> = colors("base_color", "white")
    .short("color")
    .help("Color, if the effect is written without one; or several colors, or a palette");

/// The palette of an effect, instead of [`COLOR`].
pub(super) const PALETTE: OptionRow<Option<Palette>> = unset_palette("palette")
    .replaces(&["base_color"])
    .help("Palette by its name, in place of colors");

/// The gradient of an effect.
pub(super) const GRADIENT: OptionRow<Palette> = palette("palette", "rainbow")
    .short("color")
    .help("Colors, or a palette by its name");

/// The speed of an effect that repeats itself.
pub(super) const SPEED_HZ: OptionRow<f32> = number("speed", OptionKind::Above(0.0), "1.0")
    .unit("Hz")
    .help("Speed of the effect");

/// The speed of an effect that moves along the group.
pub(super) const SPEED_PX_S: OptionRow<f32> = SPEED_HZ.unit("pixels/s");

/// The speed of an effect that moves along the group; if it is not set, it depends on the length of
/// the group.
pub(super) const GROUP_SPEED: OptionRow<Option<f32>> =
    unset_number("speed", OptionKind::Above(0.0))
        .unit("pixels/s")
        .help("Speed of the effect; if not set, once along the group in 2.5 s");

/// The length of a tail; if it is not set, it depends on the length of the group.
pub(super) const TAIL: OptionRow<Option<u32>> = unset_pixels("tail_length", 1)
    .short("tail")
    .help("Length of the tail; if not set, a third of the group");

/// The lowest brightness of an effect.
pub(super) const MIN_BRIGHTNESS: OptionRow<f32> = number("min_brightness", LEVEL, "0.2")
    .short("min")
    .help("Minimum brightness");

/// The highest brightness of an effect.
pub(super) const MAX_BRIGHTNESS: OptionRow<f32> = number("max_brightness", LEVEL, "0.8")
    .short("max")
    .help("Maximum brightness");

/// The color of the first pixel of a bar.
pub(super) const START_COLOR: OptionRow<Color> = color("start_color", "steel")
    .short("start")
    .help("Color of the first pixel of the bar");

/// The color of the last pixel of a bar.
pub(super) const END_COLOR: OptionRow<Color> = color("end_color", "matrix")
    .short("end")
    .help("Color of the last pixel of the bar");

/// The palette of a bar, instead of its start and end color.
pub(super) const BAR_PALETTE: OptionRow<Option<Palette>> = unset_palette("palette")
    .replaces(&["start_color", "end_color"])
    .help("Palette of the bar, or its colors, in place of start_color and end_color");

/// The pixels of a bar behind its end.
pub(super) const TRAILING: OptionRow<Option<u32>> = unset_pixels("bar_trailing", 0)
    .short("trailing")
    .help("Length of the bar behind its end; if not set, all up to the first pixel");

/// The pixels of a bar in front of its end.
pub(super) const LEADING: OptionRow<u32> = pixels("bar_leading", 0, "0")
    .short("leading")
    .help("Length of the bar in front of its end");

/// Whether the end of a bar can be between two pixels.
pub(super) const PARTIAL: OptionRow<bool> = flag("bar_partial", "yes")
    .short("partial")
    .help("Whether the last pixel of the bar is dimmed in proportion; no lights whole pixels");

/// The color beside a bar.
pub(super) const BACKGROUND: OptionRow<Option<Color>> =
    unset_color("background").help("Color of the pixels beside the bar; if not set, they are off");

/// The axis that an effect follows.
pub(super) const AXIS: OptionRow<Axis> = one_axis("axis", "x").help("Axis of the toolhead");

/// The low end of a range of positions.
pub(super) const RANGE_MIN_MM: OptionRow<Option<f32>> =
    unset_number("range_min", OptionKind::Number)
        .short("low")
        .unit("mm");

/// The high end of a range of positions.
pub(super) const RANGE_MAX_MM: OptionRow<Option<f32>> =
    unset_number("range_max", OptionKind::Number)
        .short("high")
        .unit("mm");

/// The curve of a bar's gradient.
pub(super) const GRADIENT_CURVE: OptionRow<Option<f32>> =
    unset_number("gradient_curve", OptionKind::Above(0.0))
        .short("curve")
        .help(
            "Curve of the gradient: above 1 favors the first color, below 1 the last one; if not \
             set, 2 with start_color and end_color, and 1 with a palette",
        );

/// Returns the color with this number, if the colors are shown one after the other.
pub(super) fn in_turn(colors: &[Color], number: u64) -> Color {
    let count = colors.len().max(1) as u64;
    let color = colors.get((number % count) as usize);
    color.copied().unwrap_or(Color::BLACK)
}

/// Passes of the group per second if no speed is set.
const PASSES_S: f64 = 0.4;

/// The shortest tail if no length is set.
const MIN_TAIL: usize = 3;

/// Returns the speed in pixels per second of an effect that moves along a path of `pixels`.
pub(super) fn speed_px_s(speed: Option<f32>, pixels: f64) -> f64 {
    speed.map_or(PASSES_S * pixels, f64::from)
}

/// Returns the length of a tail on a group of `pixels`.
pub(super) fn tail_px(length: Option<u32>, pixels: usize) -> usize {
    length.map_or((pixels / 3).max(MIN_TAIL), |it| it as usize)
}

/// The low end of a range of temperatures.
pub(super) const RANGE_MIN_C: OptionRow<Option<f32>> =
    unset_number("range_min", OptionKind::Number)
        .short("low")
        .unit("degrees Celsius");

/// The high end of a range of temperatures.
pub(super) const RANGE_MAX_C: OptionRow<Option<f32>> =
    unset_number("range_max", OptionKind::Number)
        .short("high")
        .unit("degrees Celsius");

/// Returns an error if the value of one option is above that of another.
pub(super) fn order_problem<T: PartialOrd + std::fmt::Display>(
    (min_name, min): (&str, T),
    (max_name, max): (&str, T),
) -> Option<String> {
    (min > max).then(|| format!("'{min_name}' ({min}) must not be above '{max_name}' ({max})"))
}
