//! Splits effect specs into tokens, and classifies tokens by their form.

use crate::color::name;

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

/// Splits the rest into tokens at whitespace, except around `,` and `=`.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match tokens.last_mut() {
            Some(last) if are_joined(last, word) => last.push_str(word),
            Some(last) if is_type(last) && !word.contains('=') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => tokens.push(word.to_owned()),
        }
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

/// Whether a token is a number. Six or eight hexadecimal digits are a color.
pub(super) fn is_number(token: &str) -> bool {
    let hex = matches!(token.len(), 6 | 8) && token.bytes().all(|c| c.is_ascii_hexdigit());
    let begins = token.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    !hex && begins && token.parse::<f32>().is_ok()
}

/// Whether a token may be a heater or sensor: a word that is neither a number nor a color.
pub(super) fn is_source(token: &str) -> bool {
    let begins = token.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    begins && !token.contains(',') && !is_number(token) && !is_color(token)
}

/// Whether a token is a list of colors separated by commas, not the numbers of one color.
pub(super) fn is_list_of_words(token: &str) -> bool {
    let mut items = token.split(',').map(str::trim);
    token.contains("),(")
        || (token.contains(',') && items.any(|item| name::find(hex_digits(item)).is_some()))
}

/// Whether a token is a color.
pub(super) fn is_color(token: &str) -> bool {
    if token.contains(',') {
        return name::parse(token).is_ok();
    }
    name::find(hex_digits(token.trim())).is_some()
}

/// Removes the `#` before the digits of a color.
fn hex_digits(token: &str) -> &str {
    token.trim_start_matches('#')
}
