//! Colors written as a function, `hsv(210, 80%, 60%)` or `rgb(255, 136, 0)`, or as a color
//! temperature, `2700K`.
//!
//! All of them are duty cycles, as `ff8800` is: `rgb(255, 136, 0)` is the same color.

use super::Color;
use super::hsv::hsv;
use super::name::ColorError;
use super::temperature::{RANGE_K, black_body};
use crate::text::parse_number;

/// The functions, each with an example for messages.
const FUNCTIONS: [(&str, &str); 3] = [
    ("hsv", "hsv(210, 80%, 60%)"),
    ("rgb", "rgb(255, 136, 0)"),
    ("rgbw", "rgbw(255, 136, 0, 64)"),
];

/// Whether a text looks like a function or a color temperature, valid or not.
pub(super) fn is_notation(text: &str) -> bool {
    function(text).is_some() || kelvin(text).is_some()
}

/// Parses a function or a color temperature; `None` if the text is neither.
pub(super) fn parse(text: &str) -> Option<Result<Color, ColorError>> {
    if let Some(kelvin) = kelvin(text) {
        let is_valid = (RANGE_K.0..=RANGE_K.1).contains(&kelvin);
        let color = is_valid.then(|| black_body(kelvin));
        return Some(color.ok_or_else(|| ColorError::Temperature(text.to_owned())));
    }
    let (name, example, arguments) = function(text)?;
    let arguments = arguments
        .map(|inside| inside.split([',', ' ']).map(str::trim))
        .map(|all| all.filter(|it| !it.is_empty()).collect::<Vec<_>>())
        .unwrap_or_default();
    let color = match (name, arguments.as_slice()) {
        ("hsv", [hue, saturation, value]) => from_hsv(hue, saturation, value),
        ("rgb", [_, _, _]) | ("rgbw", [_, _, _, _]) => from_levels(&arguments),
        _ => None,
    };
    Some(color.ok_or_else(|| ColorError::Function(text.to_owned(), example)))
}

/// Returns the number before the `K` of a color temperature.
fn kelvin(text: &str) -> Option<f32> {
    let digits = text.strip_suffix(['k', 'K'])?.trim_end();
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
    parse_number(digits).filter(|_| is_number)
}

/// Returns the name of a function, its example, and the text in its parentheses, if both are there.
fn function(text: &str) -> Option<(&'static str, &'static str, Option<&str>)> {
    let (word, rest) = text.split_once('(')?;
    let word = word.trim_end();
    let known = FUNCTIONS.into_iter();
    let (name, example) = known
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    Some((name, example, rest.trim_end().strip_suffix(')')))
}

/// The hue is in degrees.
fn from_hsv(hue: &str, saturation: &str, value: &str) -> Option<Color> {
    let degrees: f32 = parse_number(hue)?;
    let is_valid = (0.0..=360.0).contains(&degrees);
    is_valid.then_some(hsv(degrees / 360.0, level(saturation)?, level(value)?))
}

/// Whole numbers are bytes. Numbers with a point are levels, and so are percentages.
fn from_levels(texts: &[&str]) -> Option<Color> {
    let bytes: Option<Vec<u8>> = texts.iter().map(|text| text.parse().ok()).collect();
    let levels: Vec<f32> = match bytes {
        // `rgb(1, 0, 0)` may mean full red or almost black.
        Some(bytes) if bytes.iter().max() == Some(&1) => return None,
        Some(bytes) => bytes.into_iter().map(|it| f32::from(it) / 255.0).collect(),
        None => texts
            .iter()
            .map(|text| level(text))
            .collect::<Option<_>>()?,
    };
    let white = levels.get(3).copied().unwrap_or_default();
    Some(Color::rgbw(levels[0], levels[1], levels[2], white))
}

/// Parses `80%` or `0.8`.
fn level(text: &str) -> Option<f32> {
    let level = match text.strip_suffix('%') {
        Some(percent) => parse_number(percent)? / 100.0,
        None => parse_number(text)?,
    };
    (0.0..=1.0).contains(&level).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::super::name::parse;
    use super::*;

    #[test]
    fn functions_are_duty_cycles_like_hexadecimal_digits() {
        let orange = parse("ff8800").unwrap();
        for text in ["rgb(255, 136, 0)", "RGB(255,136,0)", "rgb( 255 136 0 )"] {
            assert_eq!(parse(text), Ok(orange), "{text}");
        }
        assert_eq!(parse("rgb(100%, 50%, 0%)"), Ok(Color::rgb(1.0, 0.5, 0.0)));
        assert_eq!(parse("rgb(1.0, 0.5, 0)"), Ok(Color::rgb(1.0, 0.5, 0.0)));
        assert_eq!(parse("rgb(0, 0, 0)"), Ok(Color::BLACK));
        assert_eq!(
            parse("rgbw(255, 136, 0, 255)"),
            Ok(Color { w: 1.0, ..orange })
        );
        for text in [
            "hsv(120, 100%, 50%)",
            "hsv(120, 1.0, 0.5)",
            "hsv(120 100% 50%)",
        ] {
            let green = parse(text).unwrap();
            assert!(green.distance(Color::rgb(0.0, 0.5, 0.0)) < 1e-6, "{text}");
        }
    }

    #[test]
    fn a_color_temperature_is_a_number_with_a_k() {
        for text in ["2700K", "2700k", "2700 K", "2700.0K"] {
            assert_eq!(parse(text), Ok(black_body(2700.0)), "{text}");
        }
        assert!(!is_notation("k") && !is_notation("-2700K") && !is_notation("ink"));
    }

    #[test]
    fn a_wrong_function_or_temperature_says_what_is_right() {
        let message = |text| parse(text).unwrap_err().to_string();
        for text in ["900K", "40001K", "0K", "1e9K"] {
            assert_eq!(
                message(text),
                format!("color temperature '{text}' must be from 1000K to 40000K")
            );
        }
        for (text, example) in [
            ("hsv(361, 50%, 50%)", "hsv(210, 80%, 60%)"),
            ("hsv(-1, 50%, 50%)", "hsv(210, 80%, 60%)"),
            ("hsv(210, 80, 60)", "hsv(210, 80%, 60%)"),
            ("hsv(210, 80%", "hsv(210, 80%, 60%)"),
            ("hsv()", "hsv(210, 80%, 60%)"),
            ("rgb(256, 0, 0)", "rgb(255, 136, 0)"),
            ("rgb(1, 0, 0)", "rgb(255, 136, 0)"),
            ("rgb(nan, 0.0, 0.0)", "rgb(255, 136, 0)"),
            ("rgb(1, 2, 3, 4)", "rgb(255, 136, 0)"),
            ("rgbw(1, 2, 3)", "rgbw(255, 136, 0, 64)"),
        ] {
            assert_eq!(
                message(text),
                format!("color '{text}' is not valid; write it as in '{example}'")
            );
        }
    }
}
