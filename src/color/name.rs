//! Color notation for users: a name, `ff8800`, `ff8800ff`, `1.0, 0.5, 0`, or one of
//! [`notation`](super::notation).
//!
//! The names are the 69 names of LUMEN with their values, and `azure`, which LUMEN documents but
//! does not define. `black` and `off` are the same color.

use super::temperature::RANGE_K;
use super::{Color, notation};
use crate::text::{parse_number, shown};
use std::fmt;

/// All color names with their values, sorted by name.
pub const NAMES: &[(&str, Color)] = &[
    ("amber", Color::rgb(1.0, 0.6, 0.0)),
    ("aqua", Color::rgb(0.0, 1.0, 0.8)),
    ("azure", Color::rgb(0.0, 0.5, 1.0)),
    ("baby_blue", Color::rgb(0.6, 0.8, 1.0)),
    ("baby_pink", Color::rgb(1.0, 0.7, 0.8)),
    ("bark", Color::rgb(0.4, 0.3, 0.2)),
    ("black", Color::rgb(0.0, 0.0, 0.0)),
    ("blood", Color::rgb(0.6, 0.0, 0.0)),
    ("blue", Color::rgb(0.0, 0.0, 1.0)),
    ("bronze", Color::rgb(0.7, 0.5, 0.2)),
    ("buttercup", Color::rgb(1.0, 0.9, 0.5)),
    ("clay", Color::rgb(0.8, 0.5, 0.4)),
    ("cobalt", Color::rgb(0.0, 0.3, 0.9)),
    ("cold_blue", Color::rgb(0.3, 0.5, 1.0)),
    ("cool_white", Color::rgb(0.9, 0.95, 1.0)),
    ("copper", Color::rgb(0.8, 0.5, 0.2)),
    ("coral", Color::rgb(1.0, 0.5, 0.3)),
    ("cream", Color::rgb(1.0, 0.95, 0.8)),
    ("cyan", Color::rgb(0.0, 1.0, 1.0)),
    ("cyberpunk", Color::rgb(1.0, 0.0, 0.6)),
    ("dimwhite", Color::rgb(0.3, 0.3, 0.3)),
    ("electric", Color::rgb(0.2, 0.8, 1.0)),
    ("emerald", Color::rgb(0.0, 0.8, 0.4)),
    ("fire", Color::rgb(1.0, 0.3, 0.0)),
    ("forest", Color::rgb(0.0, 0.5, 0.2)),
    ("gold", Color::rgb(1.0, 0.75, 0.0)),
    ("green", Color::rgb(0.0, 1.0, 0.0)),
    ("hot_orange", Color::rgb(1.0, 0.35, 0.0)),
    ("hot_pink", Color::rgb(1.0, 0.2, 0.6)),
    ("ice", Color::rgb(0.7, 0.9, 1.0)),
    ("lava", Color::rgb(1.0, 0.2, 0.0)),
    ("lavender", Color::rgb(0.7, 0.5, 1.0)),
    ("lilac", Color::rgb(0.8, 0.6, 1.0)),
    ("lime", Color::rgb(0.5, 1.0, 0.0)),
    ("magenta", Color::rgb(1.0, 0.0, 1.0)),
    ("matrix", Color::rgb(0.0, 1.0, 0.3)),
    ("mint", Color::rgb(0.4, 1.0, 0.6)),
    ("moss", Color::rgb(0.4, 0.6, 0.3)),
    ("neon_blue", Color::rgb(0.1, 0.5, 1.0)),
    ("neon_green", Color::rgb(0.4, 1.0, 0.2)),
    ("neon_orange", Color::rgb(1.0, 0.4, 0.0)),
    ("neon_pink", Color::rgb(1.0, 0.1, 0.5)),
    ("neon_purple", Color::rgb(0.7, 0.0, 1.0)),
    ("neon_yellow", Color::rgb(1.0, 1.0, 0.2)),
    ("ocean", Color::rgb(0.0, 0.4, 0.8)),
    ("off", Color::rgb(0.0, 0.0, 0.0)),
    ("orange", Color::rgb(1.0, 0.5, 0.0)),
    ("peach", Color::rgb(1.0, 0.7, 0.5)),
    ("pink", Color::rgb(1.0, 0.4, 0.7)),
    ("plum", Color::rgb(0.6, 0.2, 0.6)),
    ("portal_blue", Color::rgb(0.0, 0.6, 1.0)),
    ("portal_orange", Color::rgb(1.0, 0.5, 0.0)),
    ("purple", Color::rgb(0.5, 0.0, 1.0)),
    ("red", Color::rgb(1.0, 0.0, 0.0)),
    ("rose", Color::rgb(1.0, 0.3, 0.4)),
    ("royal", Color::rgb(0.3, 0.0, 0.8)),
    ("salmon", Color::rgb(1.0, 0.6, 0.5)),
    ("sand", Color::rgb(0.9, 0.8, 0.6)),
    ("seafoam", Color::rgb(0.5, 1.0, 0.8)),
    ("sky", Color::rgb(0.4, 0.7, 1.0)),
    ("steel", Color::rgb(0.5, 0.5, 0.6)),
    ("stone", Color::rgb(0.6, 0.6, 0.6)),
    ("sunrise", Color::rgb(1.0, 0.6, 0.4)),
    ("sunset", Color::rgb(1.0, 0.4, 0.2)),
    ("teal", Color::rgb(0.0, 0.8, 0.7)),
    ("vaporwave", Color::rgb(1.0, 0.3, 0.8)),
    ("violet", Color::rgb(0.6, 0.0, 0.8)),
    ("warm_white", Color::rgb(1.0, 0.8, 0.6)),
    ("white", Color::rgb(1.0, 1.0, 1.0)),
    ("yellow", Color::rgb(1.0, 1.0, 0.0)),
];

/// The reason why a text is not a valid color.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorError {
    /// The text is empty. `#ff8800` becomes empty in printer.cfg, because `#` starts a comment.
    Empty,
    /// Neither a name nor a number form. Holds the text and the most similar name, if there is one.
    Unknown(String, Option<&'static str>),
    /// A list of numbers with a count other than 3 or 4, or with a value outside 0.0-1.0. Holds the
    /// text and, if the numbers are bytes, the same color as `RRGGBB`.
    Numbers(String, Option<String>),
    /// A color temperature out of range.
    Temperature(String),
    /// A function with wrong arguments. Holds the text and a valid example.
    Function(String, &'static str),
}

impl fmt::Display for ColorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "empty color; '#' starts a comment in printer.cfg, write ff8800 instead of #ff8800",
            ),
            Self::Unknown(text, Some(near)) => {
                let text = shown(text);
                write!(f, "unknown color '{text}' (did you mean '{near}'?)")
            }
            Self::Unknown(text, None) => write!(
                f,
                "unknown color '{}'; write a name, RRGGBB, RRGGBBWW or three numbers 0.0-1.0",
                shown(text)
            ),
            Self::Numbers(text, Some(hex)) => write!(
                f,
                "color '{}' must be three or four numbers from 0.0 to 1.0 (did you mean '{hex}'?)",
                shown(text)
            ),
            Self::Numbers(text, None) => write!(
                f,
                "color '{}' must be three or four numbers from 0.0 to 1.0",
                shown(text)
            ),
            Self::Temperature(text) => {
                let (low, high) = RANGE_K;
                let text = shown(text);
                write!(
                    f,
                    "color temperature '{text}' must be from {low}K to {high}K"
                )
            }
            Self::Function(text, example) => {
                let text = shown(text);
                write!(f, "color '{text}' is not valid; write it as in '{example}'")
            }
        }
    }
}

impl std::error::Error for ColorError {}

/// Parses a color in any notation. The case of names is ignored.
///
/// # Errors
/// Returns a [`ColorError`], which suggests the most similar name for a mistyped one.
pub fn parse(text: &str) -> Result<Color, ColorError> {
    let text = text.trim().trim_start_matches('#');
    if text.is_empty() {
        return Err(ColorError::Empty);
    }
    if let Some(color) = notation::parse(text) {
        return color;
    }
    if text.contains(',') {
        // klipper-led_effect and Klipper's display_template use parentheses.
        let inside = text.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        return from_numbers(inside.unwrap_or(text), text);
    }
    find(text).ok_or_else(|| {
        let lower = text.to_ascii_lowercase();
        let near = crate::text::nearest(&lower, NAMES.iter().map(|(name, _)| *name));
        ColorError::Unknown(text.to_owned(), near)
    })
}

/// Returns the color with this name (in any case) or with these hexadecimal digits.
///
/// Unlike [`parse`] it does not search for a similar name, which takes microseconds.
pub(crate) fn find(text: &str) -> Option<Color> {
    let named = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    named.map(|(_, color)| *color).or_else(|| from_hex(text))
}

/// Returns whether a text has the form of a color, also if its numbers are wrong. A list of numbers
/// has it only if it is valid.
pub(crate) fn is_color(text: &str) -> bool {
    let digits = text.trim().trim_start_matches('#');
    if notation::is_notation(digits) {
        return true;
    }
    if text.contains(',') {
        return parse(text).is_ok();
    }
    find(digits).is_some()
}

/// Formats a color as `RRGGBB`, rounded to 8 bits, without its white channel.
pub(crate) fn hex(color: Color) -> String {
    let [r, g, b] = [color.r, color.g, color.b].map(|c| (c * 255.0).round() as u8);
    format!("{r:02x}{g:02x}{b:02x}")
}

fn from_byte(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

fn from_hex(text: &str) -> Option<Color> {
    if !matches!(text.len(), 6 | 8) || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |at: usize| {
        text.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .map_or(0.0, from_byte)
    };
    Some(Color::rgbw(channel(0), channel(2), channel(4), channel(6)))
}

/// Parses a list of numbers; `written` is the text for the error.
fn from_numbers(text: &str, written: &str) -> Result<Color, ColorError> {
    let error = || ColorError::Numbers(written.to_owned(), hex_of_bytes(written));
    let values: Vec<f32> = text
        .split(',')
        .map(|part| parse_number(part.trim()))
        .collect::<Option<_>>()
        .ok_or_else(error)?;
    if !values.iter().all(|value| (0.0..=1.0).contains(value)) {
        return Err(error());
    }
    match values.as_slice() {
        [r, g, b] => Ok(Color::rgb(*r, *g, *b)),
        [r, g, b, w] => Ok(Color::rgbw(*r, *g, *b, *w)),
        _ => Err(error()),
    }
}

/// Converts three or four whole numbers from 0 to 255, as in `(255, 0, 0)`, to `RRGGBB` or
/// `RRGGBBWW`.
fn hex_of_bytes(text: &str) -> Option<String> {
    let inside = text.trim_start_matches('(').trim_end_matches(')');
    let numbers = inside.split(',');
    let bytes: Vec<u8> = numbers
        .take(5)
        .map(|number| number.trim().parse().ok())
        .collect::<Option<_>>()?;
    let fits = matches!(bytes.len(), 3 | 4) && bytes.iter().any(|byte| *byte > 1);
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    fits.then(|| digits.collect::<Vec<_>>().concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_color_names_of_lumen_and_azure_are_known() {
        assert_eq!(NAMES.len(), 70);
        assert!(NAMES.is_sorted_by_key(|(name, _)| name));
        assert_eq!(parse("Amber"), Ok(Color::rgb(1.0, 0.6, 0.0)));
        assert_eq!(parse("azure"), Ok(Color::rgb(0.0, 0.5, 1.0)));
    }

    #[test]
    fn numbers_are_accepted_in_three_notations() {
        let orange = Color::rgb(1.0, 136.0 / 255.0, 0.0);
        assert_eq!(parse("ff8800"), Ok(orange));
        assert_eq!(parse("FF8800ff"), Ok(Color { w: 1.0, ..orange }));
        assert_eq!(parse("1.0, 0.5, 0"), Ok(Color::rgb(1.0, 0.5, 0.0)));
        assert_eq!(parse("1,0.5,0,0.25"), Ok(Color::rgbw(1.0, 0.5, 0.0, 0.25)));
        assert_eq!(parse("(1.0, 0.5, 0.0)"), Ok(Color::rgb(1.0, 0.5, 0.0)));
    }

    #[test]
    fn an_error_names_a_valid_color() {
        let message = |text| parse(text).unwrap_err().to_string();
        assert_eq!(
            message(""),
            "empty color; '#' starts a comment in printer.cfg, write ff8800 instead of #ff8800"
        );
        assert_eq!(
            message("oragne"),
            "unknown color 'oragne' (did you mean 'orange'?)"
        );
        assert_eq!(
            message("qqqqqq"),
            "unknown color 'qqqqqq'; write a name, RRGGBB, RRGGBBWW or three numbers 0.0-1.0"
        );
        assert_eq!(
            message("1.0, 2.0, 0"),
            "color '1.0, 2.0, 0' must be three or four numbers from 0.0 to 1.0"
        );
        for text in ["255,136,0", "(255,136,0)"] {
            let hint = " from 0.0 to 1.0 (did you mean 'ff8800'?)";
            assert!(message(text).ends_with(hint), "{}", message(text));
        }
        assert_eq!(
            message("1,1"),
            "color '1,1' must be three or four numbers from 0.0 to 1.0"
        );
    }

    #[test]
    fn the_notation_of_a_color_parses_to_the_same_color() {
        for (name, color) in NAMES {
            assert_eq!(parse(name), Ok(*color));
        }
        let orange = Color::rgb(1.0, 136.0 / 255.0, 0.0);
        assert_eq!(hex(orange), "ff8800");
        assert_eq!(parse(&hex(orange)), Ok(orange));
    }
}
