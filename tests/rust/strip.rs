//! Formats a strip as text: one cell per pixel, with a letter for the hue and two digits for the
//! brightness.

use lumen::Color;

/// Formats a row of pixels.
///
/// A dark pixel is `--`. Other pixels are the letter of the hue (r, y, g, c, b, m; w for none) and
/// the brightest channel in percent, `**` for 100.
pub(crate) fn row(canvas: &[Color]) -> String {
    canvas
        .iter()
        .map(|color| cell(*color))
        .collect::<Vec<_>>()
        .join(" ")
}

fn cell(color: Color) -> String {
    let percent = (color.peak() * 100.0).round() as u32;
    match percent {
        0 => " --".to_owned(),
        100.. => format!("{}**", letter(color)),
        _ => format!("{}{percent:02}", letter(color)),
    }
}

fn letter(color: Color) -> char {
    let high = color.peak();
    let is_on = [color.r, color.g, color.b].map(|channel| channel > 0.6 * high);
    match is_on {
        [true, false, false] => 'r',
        [true, true, false] => 'y',
        [false, true, false] => 'g',
        [false, true, true] => 'c',
        [false, false, true] => 'b',
        [true, false, true] => 'm',
        _ => 'w',
    }
}
