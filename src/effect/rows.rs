//! Option rows that several effects share.

use super::options::{OptionKind, OptionRow, color, colors, number, unset_number, unset_palette};
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

/// The speed of an effect that repeats itself.
pub(super) const SPEED_HZ: OptionRow<f32> = number("speed", OptionKind::Above(0.0), "1.0")
    .unit("Hz")
    .help("Speed of the effect");

/// The speed of an effect that moves along the group.
pub(super) const SPEED_PX_S: OptionRow<f32> = SPEED_HZ.unit("pixels/s");

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

/// The curve of a bar's gradient.
pub(super) const GRADIENT_CURVE: OptionRow<Option<f32>> =
    unset_number("gradient_curve", OptionKind::Above(0.0))
        .short("curve")
        .help(
            "Curve of the gradient: above 1 favors the first color, below 1 the last one; if not \
             set, 2 with start_color and end_color, and 1 with a palette",
        );

/// Returns an error if the value of one option is above that of another.
pub(super) fn order_problem<T: PartialOrd + std::fmt::Display>(
    (min_name, min): (&str, T),
    (max_name, max): (&str, T),
) -> Option<String> {
    (min > max).then(|| format!("'{min_name}' ({min}) must not be above '{max_name}' ({max})"))
}
