//! Option rows that several effects share.

use super::options::{OptionKind, OptionRow, color, number, palette};
use crate::color::{Color, Palette};

/// A share of full brightness.
const LEVEL: OptionKind = OptionKind::Within(0.0, 1.0);

/// The color of an effect.
pub(super) const COLOR: OptionRow<Palette> = palette("base_color", "white")
    .short("color")
    .help("Color of the effect if the spec names none");

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

/// The curve of a bar's gradient.
pub(super) const GRADIENT_CURVE: OptionRow<f32> =
    number("gradient_curve", OptionKind::Above(0.0), "2.0")
        .short("curve")
        .help("Curve of the gradient: above 1 favors the start color, below 1 the end color");

/// Returns an error if the value of one option is above that of another.
pub(super) fn order_problem<T: PartialOrd + std::fmt::Display>(
    (min_name, min): (&str, T),
    (max_name, max): (&str, T),
) -> Option<String> {
    (min > max).then(|| format!("'{min_name}' ({min}) must not be above '{max_name}' ({max})"))
}
