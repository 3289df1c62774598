//! How a user writes a color: a name, `ff8800`, `ff8800ff`, or `1.0, 0.5, 0`.
//!
//! The names and their values are LUMEN's 69 (its users know their looks) and `azure`, which its
//! documents named and its code forgot. `black` and `off` are the same color.

use super::Color;
use crate::text::shown;
use std::fmt;

/// Every color name with its value, sorted by name.
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

/// Why a text is no color.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorError {
    /// The text is empty, which is what `#ff8800` becomes in printer.cfg.
    Empty,
    /// Neither a name nor one of the number forms; the nearest name, where one is near.
    Unknown(String, Option<&'static str>),
    /// A list of numbers with a count other than 3 or 4, or with a value outside 0.0-1.0; the
    /// same color as `RRGGBB` if the numbers are bytes.
    Numbers(String, Option<String>),
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
        }
    }
}

impl std::error::Error for ColorError {}

/// Reads a color in any of its written forms; names in any case.
///
/// # Errors
/// [`ColorError`] says what is wrong and, for a mistyped name, what was probably meant.
pub fn parse(text: &str) -> Result<Color, ColorError> {
    let text = text.trim().trim_start_matches('#');
    if text.is_empty() {
        return Err(ColorError::Empty);
    }
    if text.contains(',') {
        // klipper-led_effect and Klipper's own display_template write brackets.
        let inside = text.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        return from_numbers(inside.unwrap_or(text), text);
    }
    find(text).ok_or_else(|| {
        let lower = text.to_ascii_lowercase();
        let near = crate::text::nearest(&lower, NAMES.iter().map(|(name, _)| *name));
        ColorError::Unknown(text.to_owned(), near)
    })
}

/// The color with this name, in any case, or with these hexadecimal digits. In contrast to
/// [`parse`] it looks for no similar name, which takes microseconds.
pub fn find(text: &str) -> Option<Color> {
    let named = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    named.map(|(_, color)| *color).or_else(|| from_hex(text))
}

/// The shortest exact way to write a color: its name, `RRGGBB`/`RRGGBBWW`, or numbers.
pub fn print(color: Color) -> String {
    if let Some((name, _)) = NAMES.iter().find(|(_, known)| *known == color) {
        return (*name).to_owned();
    }
    let bytes = [color.r, color.g, color.b, color.w].map(|c| (c * 255.0).round() as u8);
    let [r, g, b, w] = bytes;
    let from_bytes = Color::rgbw(from_byte(r), from_byte(g), from_byte(b), from_byte(w));
    if color == from_bytes {
        return if w == 0 {
            format!("{r:02x}{g:02x}{b:02x}")
        } else {
            format!("{r:02x}{g:02x}{b:02x}{w:02x}")
        };
    }
    if color.w == 0.0 {
        return format!("{},{},{}", color.r, color.g, color.b);
    }
    format!("{},{},{},{}", color.r, color.g, color.b, color.w)
}

/// The nearest color of 8-bit channels as `RRGGBB`; white is left out.
pub fn hex(color: Color) -> String {
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

/// Reads numbers; `written` is the text that an error repeats.
fn from_numbers(text: &str, written: &str) -> Result<Color, ColorError> {
    let wrong = || ColorError::Numbers(written.to_owned(), hex_of_bytes(written));
    let values: Vec<f32> = text
        .split(',')
        .map(|part| part.trim().parse::<f32>())
        .collect::<Result<_, _>>()
        .map_err(|_| wrong())?;
    if !values.iter().all(|value| (0.0..=1.0).contains(value)) {
        return Err(wrong());
    }
    match values.as_slice() {
        [r, g, b] => Ok(Color::rgb(*r, *g, *b)),
        [r, g, b, w] => Ok(Color::rgbw(*r, *g, *b, *w)),
        _ => Err(wrong()),
    }
}

/// `RRGGBB` or `RRGGBBWW` for three or four whole numbers from 0 to 255, as in `rgb(255, 0, 0)`.
fn hex_of_bytes(text: &str) -> Option<String> {
    let inside = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '(');
    let numbers = inside.trim_end_matches(')').split(',');
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
    fn all_of_lumens_names_and_azure_are_known() {
        assert_eq!(NAMES.len(), 70);
        assert!(NAMES.is_sorted_by_key(|(name, _)| name));
        assert_eq!(parse("Amber"), Ok(Color::rgb(1.0, 0.6, 0.0)));
        assert_eq!(parse("azure"), Ok(Color::rgb(0.0, 0.5, 1.0)));
    }

    #[test]
    fn numbers_are_read_in_three_forms() {
        let orange = Color::rgb(1.0, 136.0 / 255.0, 0.0);
        assert_eq!(parse("ff8800"), Ok(orange));
        assert_eq!(parse("FF8800ff"), Ok(Color { w: 1.0, ..orange }));
        assert_eq!(parse("1.0, 0.5, 0"), Ok(Color::rgb(1.0, 0.5, 0.0)));
        assert_eq!(parse("1,0.5,0,0.25"), Ok(Color::rgbw(1.0, 0.5, 0.0, 0.25)));
        assert_eq!(parse("(1.0, 0.5, 0.0)"), Ok(Color::rgb(1.0, 0.5, 0.0)));
    }

    #[test]
    fn messages_say_what_would_be_right() {
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
        for text in ["255,136,0", "rgb(255, 136, 0)", "(255,136,0)"] {
            let hint = " from 0.0 to 1.0 (did you mean 'ff8800'?)";
            assert!(message(text).ends_with(hint), "{}", message(text));
        }
        assert_eq!(
            message("1,1"),
            "color '1,1' must be three or four numbers from 0.0 to 1.0"
        );
    }

    #[test]
    fn what_is_printed_reads_back_the_same() {
        for (_, color) in NAMES {
            assert_eq!(parse(&print(*color)), Ok(*color));
        }
        for color in [Color::rgbw(0.1, 0.2, 0.3, 0.4), Color::rgb(0.123, 0.0, 1.0)] {
            assert_eq!(parse(&print(color)), Ok(color));
        }
        assert_eq!(print(Color::rgb(1.0, 136.0 / 255.0, 0.0)), "ff8800");
    }
}
