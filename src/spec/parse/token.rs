//! Splits effect specs into tokens, and classifies tokens by their form.

pub(super) use crate::color::list::is_number;
use crate::color::{PaletteNames, name};

/// Klipper's named object types with a temperature. The two words of `temperature_sensor chamber`
/// are one token.
const TYPES: [&str; 5] = [
    "heater_generic",
    "temperature_sensor",
    "temperature_fan",
    "temperature_probe",
    "tmc2240",
];

/// Returns the first word of a spec, and the rest; `pulse: orange` is the same as `pulse orange`.
pub(super) fn head(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start();
    (word, rest.strip_prefix(':').unwrap_or(rest))
}

/// Splits the rest into tokens at whitespace, except around `,` and `=` and in parentheses.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    // Parentheses of the last token that are not closed.
    let mut open = 0_i32;
    for word in text.split_whitespace() {
        match tokens.last_mut() {
            Some(last) if are_joined(last, word) => last.push_str(word),
            Some(last) if (open > 0 || is_type(last)) && !word.contains('=') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => {
                tokens.push(word.to_owned());
                open = 0;
            }
        }
        open = word.chars().fold(open, |open, c| match c {
            '(' => open.saturating_add(1),
            ')' => open.saturating_sub(1),
            _ => open,
        });
    }
    tokens
}

fn are_joined(last: &str, word: &str) -> bool {
    last.ends_with(',')
        || word.starts_with(',')
        || (word.starts_with('=') && !last.contains('='))
        || (last.ends_with('=') && !word.contains('='))
}

fn is_type(token: &str) -> bool {
    let value = token.rsplit('=').next().unwrap_or(token);
    TYPES.contains(&value)
}

/// Whether a token may be a heater or sensor: a word that is neither a number nor a color or a
/// palette.
pub(super) fn is_source(token: &str, palettes: &PaletteNames) -> bool {
    let begins = token.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_color = name::is_color(token) || palettes.is_palette(token);
    begins && !token.contains(',') && !is_number(token) && !is_color
}
