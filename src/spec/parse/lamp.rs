//! The effect specs of lamps. A lamp can use `on`, `dim` or a brightness in place of an effect;
//! each means a `solid` white of that brightness.

use super::token::head;
use crate::text::{number_meant, shown, write_number};

/// The error for an invalid brightness.
const RANGE: &str = "the brightness of a lamp must be from 0.0 to 1.0";

/// Converts the spec of a lamp to an effect spec. Effects are returned unchanged. `dim` is the
/// brightness of that word.
///
/// ```
/// use lumen::spec::lamp_spec;
///
/// assert_eq!(lamp_spec("dim fade=2", 0.3)?, "solid 0.3,0.3,0.3 fade=2");
/// assert_eq!(lamp_spec("pulse white", 0.3)?, "pulse white");
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// Returns a message for a brightness out of range.
pub fn lamp_spec(text: &str, dim: f32) -> Result<String, String> {
    let (word, rest) = head(text);
    let level = match word.to_lowercase().as_str() {
        "on" => 1.0,
        "dim" => dim,
        _ => match word.parse::<f32>() {
            Ok(level) if (0.0..=1.0).contains(&level) => level,
            Ok(level) => {
                let percent = (10.0..=100.0).contains(&level) || rest.starts_with('%');
                let meant = if percent {
                    write_number(&format!("{word}%"), true)
                } else {
                    String::new()
                };
                return Err(format!("{RANGE}, got {}{meant}", shown(word)));
            }
            Err(_) => match number_meant(word, true) {
                Some(meant) => {
                    return Err(format!("{RANGE}, got '{}'; write {meant}", shown(word)));
                }
                None => return Ok(text.to_owned()),
            },
        },
    };
    let spec = format!("solid {level},{level},{level} {rest}");
    Ok(spec.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_set_the_brightness() {
        for (text, spec) in [
            ("on", "solid 1,1,1"),
            ("On", "solid 1,1,1"),
            ("dim", "solid 0.2,0.2,0.2"),
            ("0.4", "solid 0.4,0.4,0.4"),
            ("0", "solid 0,0,0"),
            ("1 duration=5", "solid 1,1,1 duration=5"),
            ("off", "off"),
            ("pulse white", "pulse white"),
        ] {
            assert_eq!(lamp_spec(text, 0.2).as_deref(), Ok(spec));
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
            assert_eq!(lamp_spec(text, 0.3), Err(format!("{RANGE}, {end}")));
        }
    }
}
