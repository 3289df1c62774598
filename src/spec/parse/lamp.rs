//! The short forms of lamps. A lamp can use `on`, `dim` or a brightness in place of an effect; each
//! means a `solid` white of that brightness.

use super::token::head;
use crate::text::{ConvertCase, number_meant, parse_number, shown, write_number};

/// The error for an invalid brightness.
const RANGE: &str = "the brightness of a lamp must be from 0.0 to 1.0";

/// Returns the brightness that the first word of a lamp's text means; `None` if it is the name of
/// an effect. `dim` is the brightness of that word.
///
/// # Errors
/// Returns a message for a brightness out of range.
pub(super) fn brightness(text: &str, dim: f32) -> Result<Option<f32>, String> {
    let (word, rest) = head(text);
    match word.lowercase().as_str() {
        "on" => return Ok(Some(1.0)),
        "dim" => return Ok(Some(dim)),
        _ => {}
    }
    match parse_number(word) {
        Some(level) if (0.0..=1.0).contains(&level) => Ok(Some(level)),
        Some(level) => {
            let percent = (10.0..=100.0).contains(&level) || rest.starts_with('%');
            let meant = if percent {
                write_number(&format!("{word}%"), true)
            } else {
                String::new()
            };
            Err(format!("{RANGE}, got {}{meant}", shown(word)))
        }
        None => match number_meant(word, true) {
            Some(meant) => Err(format!("{RANGE}, got '{}'; write {meant}", shown(word))),
            None => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_set_the_brightness() {
        for (text, level) in [
            ("on", Some(1.0)),
            ("On", Some(1.0)),
            ("dim", Some(0.2)),
            ("0.4", Some(0.4)),
            ("0", Some(0.0)),
            ("1 duration=5", Some(1.0)),
            ("off", None),
            ("pulse white", None),
        ] {
            assert_eq!(brightness(text, 0.2), Ok(level));
        }
    }

    #[test]
    fn a_number_out_of_range_is_an_error() {
        for (text, end) in [
            ("10", "got 10; write 0.1"),
            ("50%", "got '50%'; write 0.5"),
            ("50 %", "got 50; write 0.5"),
            ("0,5 fade=1", "got '0,5'; write 0.5"),
            ("2", "got 2"),
            ("255", "got 255"),
            ("nan", "got nan"),
        ] {
            assert_eq!(brightness(text, 0.3), Err(format!("{RANGE}, {end}")));
        }
    }
}
