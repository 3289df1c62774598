//! The words of lamps: a group that is one says `on`, `dim` or a brightness where others name an
//! effect; each means a `solid` white of that brightness.

use super::token::head;
use crate::text::shown;

/// The spec that a lamp's words mean, every effect as it is; `dim` is the brightness of that word.
///
/// ```
/// use lumen::spec::parse::lamp_spec;
///
/// assert_eq!(lamp_spec("dim fade=2", 0.3)?, "solid 0.3,0.3,0.3 fade=2");
/// assert_eq!(lamp_spec("pulse white", 0.3)?, "pulse white");
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// For a brightness that is none.
pub fn lamp_spec(text: &str, dim: f32) -> Result<String, String> {
    let (word, rest) = head(text);
    let level = match word {
        "on" => 1.0,
        "dim" => dim,
        _ => match word.parse::<f32>() {
            Ok(level) if (0.0..=1.0).contains(&level) => level,
            Ok(_) => {
                return Err(format!(
                    "a brightness must be 0.0 to 1.0, got {}",
                    shown(word)
                ));
            }
            Err(_) => return Ok(text.to_owned()),
        },
    };
    let spec = format!("solid {level},{level},{level} {rest}");
    Ok(spec.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_mean_a_brightness() {
        for (text, spec) in [
            ("on", "solid 1,1,1"),
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
    fn a_number_out_of_range_is_told() {
        let wrong = Err("a brightness must be 0.0 to 1.0, got 10".to_owned());
        assert_eq!(lamp_spec("10", 0.3), wrong);
        assert!(lamp_spec("nan", 0.3).is_err());
    }
}
