//! Text for messages: suggestions for mistyped words, and safe display of user input.

mod case;
mod number;

pub(crate) use case::ConvertCase;
use case::lowercase_letters;
pub(crate) use number::{parse_number, parse_precise};

use crate::limits::{LINE_CHARS, LISTED, SHOWN_CHARS, SUGGEST_CANDIDATES, SUGGEST_CHARS};
use serde::Serializer;
use std::fmt::Display;

/// Formats a word of the user for a message.
///
/// Control characters are escaped. A word of more than [`SHOWN_CHARS`] characters is cut and ends
/// with `...`.
pub(crate) fn shown(word: &str) -> String {
    let mut text: String = word.chars().take(SHOWN_CHARS).map(escape).collect();
    if word.chars().nth(SHOWN_CHARS).is_some() {
        text.push_str("...");
    }
    text
}

/// Formats a count with its noun: `1 pixel`, `2 pixels`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Rounds a number as the user wrote it: 0.4 instead of 0.4000000059604645.
pub(crate) fn rounded(number: f32) -> f64 {
    (f64::from(number) * 1e6).round() / 1e6
}

/// Serializes a number as the user wrote it.
///
/// # Errors
/// When the serializer fails.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn serialize_rounded<S: Serializer>(
    number: &f32,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*number))
}

/// Serializes a number as the user wrote it, if there is one.
///
/// # Errors
/// When the serializer fails.
#[allow(clippy::ref_option, reason = "serde passes references")]
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
pub(crate) fn serialize_maybe_rounded<S: Serializer>(
    number: &Option<f32>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.serialize_some(&rounded(*number)),
        None => serializer.serialize_none(),
    }
}

/// Escapes the control characters of a text.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().map(escape).collect()
}

/// Formats a text as one line.
///
/// Control characters are escaped. A text of more than [`LINE_CHARS`] characters is cut and ends
/// with `...`.
pub(crate) fn line(text: &str) -> String {
    let mut line: String = text.chars().take(LINE_CHARS).map(escape).collect();
    if text.chars().nth(LINE_CHARS).is_some() {
        line.push_str("...");
    }
    line
}

fn escape(c: char) -> String {
    if c.is_control() {
        c.escape_default().to_string()
    } else {
        c.to_string()
    }
}

/// Returns the candidate most similar to `word`, if it is similar enough to suggest.
///
/// The limit is one edit per three letters, and one edit for shorter words. Swapping two adjacent
/// letters counts as one edit (optimal string alignment). The first candidate wins a tie.
///
/// The work is bounded and allocates nothing: a word of more than [`SUGGEST_CHARS`] characters gets
/// no suggestion, and only the first [`SUGGEST_CANDIDATES`] candidates are compared.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = Letters::of(word)?;
    let limit = (word.len / 3).max(1);
    candidates
        .into_iter()
        .take(SUGGEST_CANDIDATES)
        .filter_map(|it| Some((edits(&word, &Letters::of(it)?, limit)?, it)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Formats ` (did you mean 'NEAREST'?)`; empty if no candidate is similar.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!(" (did you mean '{near}'?)"))
}

/// Returns the word that a message with the text of [`did_you_mean`] suggests.
pub(crate) fn suggestion(message: &str) -> Option<&str> {
    let (_, rest) = message.rsplit_once("(did you mean '")?;
    rest.split_once("'?)").map(|(word, _)| word)
}

/// Returns the number that a text probably means: `0.5` for `0,5`, `50%` and `500ms`.
///
/// It accepts a decimal comma, a percent sign and common units. If `is_share` is true, 100 % is 1.
pub(crate) fn number_meant(text: &str, is_share: bool) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > SUGGEST_CHARS {
        return None;
    }
    let is_unit = |c: char| c.is_alphabetic() || matches!(c, '%' | '°' | '/') || c.is_whitespace();
    let digits = text.trim_end_matches(is_unit);
    let unit = text[digits.len()..].trim();
    let plain = match digits.matches(',').count() {
        1 if !digits.contains('.') => digits.replace(',', "."),
        _ => digits.to_owned(),
    };
    let number = parse_precise(&plain).filter(|it| it.is_finite())?;
    let meant = match unit {
        "%" if is_share => (number / 100.0).to_string(),
        "ms" => (number / 1000.0).to_string(),
        "min" => (number * 60.0).to_string(),
        "h" => (number * 3600.0).to_string(),
        "" | "%" | "s" | "sec" | "C" | "°C" | "mm" | "Hz" | "x" => plain,
        _ => return None,
    };
    (meant != text).then_some(meant)
}

/// Formats `; write NUMBER`; empty if [`number_meant`] returns `None`.
pub(crate) fn write_number(text: &str, is_share: bool) -> String {
    number_meant(text, is_share).map_or_else(String::new, |meant| format!("; write {meant}"))
}
/// The hint after an unknown word without a suggestion. A config for a newer version contains such
/// words.
pub(crate) const MAY_BE_NEWER: &str = concat!(
    "; it may need a newer Lumen (this is ",
    env!("CARGO_PKG_VERSION"),
    ")"
);

/// Joins up to [`LISTED`] words with commas; if there are more, the list ends with `...`.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words = words.into_iter();
    let mut list: Vec<String> = words.by_ref().take(LISTED).map(shown).collect();
    if words.next().is_some() {
        list.push("...".to_owned());
    }
    list.join(", ")
}

/// The lowercase letters of a word, in a buffer of fixed size.
struct Letters {
    letters: [char; SUGGEST_CHARS],
    len: usize,
}

impl Letters {
    fn of(word: &str) -> Option<Self> {
        let mut new = Self {
            letters: ['\0'; SUGGEST_CHARS],
            len: 0,
        };
        for letter in word.chars().flat_map(lowercase_letters) {
            *new.letters.get_mut(new.len)? = letter;
            new.len += 1;
        }
        Some(new)
    }

    fn as_slice(&self) -> &[char] {
        &self.letters[..self.len]
    }
}

/// Returns the number of edits between two words, if it is at most `limit`.
fn edits(a: &Letters, b: &Letters, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_slice(), b.as_slice());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before_last = [0; SUGGEST_CHARS + 1];
    let mut last: [usize; SUGGEST_CHARS + 1] = std::array::from_fn(|index| index);
    for i in 1..=a.len() {
        let mut row = [i; SUGGEST_CHARS + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
        // The minimum of later rows is never below the minimum of these two.
        let best = |row: &[usize]| row[..=b.len()].iter().min().copied();
        if best(&last).min(best(&before_last)) > Some(limit) {
            return None;
        }
    }
    Some(last[b.len()]).filter(|edits| *edits <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EFFECTS: [&str; 4] = ["pulse", "solid", "off", "rainbow"];

    #[test]
    fn a_long_word_is_cut_and_control_characters_are_escaped() {
        assert_eq!(shown("puls\n\x1b[31m"), "puls\\n\\u{1b}[31m");
        assert_eq!(shown(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(shown(&"ä".repeat(61)), "ä".repeat(60) + "...");
    }

    #[test]
    fn one_thing_is_singular() {
        let texts = [0, 1, 2].map(|count| counted(count, "pixel"));
        assert_eq!(texts, ["0 pixels", "1 pixel", "2 pixels"]);
    }

    #[test]
    fn a_missing_letter_a_swap_and_a_wrong_case_get_a_suggestion() {
        assert_eq!(nearest("puls", EFFECTS), Some("pulse"));
        assert_eq!(nearest("sloid", EFFECTS), Some("solid"));
        assert_eq!(nearest("Rainbow", EFFECTS), Some("rainbow"));
    }

    #[test]
    fn a_dissimilar_word_gets_no_suggestion() {
        assert_eq!(nearest("zebra", EFFECTS), None);
        assert_eq!(did_you_mean("zebra", EFFECTS), "");
        assert_eq!(did_you_mean("of", EFFECTS), " (did you mean 'off'?)");
    }

    #[test]
    fn a_very_long_word_gets_no_suggestion() {
        let name = "n".repeat(SUGGEST_CHARS);
        assert_eq!(nearest(&name, [name.as_str()]), Some(name.as_str()));
        let long = "n".repeat(SUGGEST_CHARS + 1);
        assert_eq!(nearest(&long, [long.as_str(), name.as_str()]), None);
        assert_eq!(nearest(&"puls".repeat(500_000), EFFECTS), None);
    }

    #[test]
    fn a_number_with_a_comma_a_percent_sign_or_a_unit_gets_a_suggestion() {
        for (text, is_share, meant) in [
            ("50%", true, Some("0.5")),
            ("50 %", true, Some("0.5")),
            ("50%", false, Some("50")),
            ("0,5", true, Some("0.5")),
            ("2s", false, Some("2")),
            ("500ms", false, Some("0.5")),
            ("10min", false, Some("600")),
            ("2 apples", false, None),
            ("60°C", false, Some("60")),
            ("-1,5", false, Some("-1.5")),
            ("0.5", true, None),
            ("1,0,0", false, None),
            ("1.000,5", false, None),
            ("fast", false, None),
            ("", false, None),
            ("inf", false, None),
        ] {
            assert_eq!(number_meant(text, is_share).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn a_long_list_of_words_is_cut() {
        assert_eq!(listed(EFFECTS), "pulse, solid, off, rainbow");
        let many = vec!["a"; LISTED + 1];
        assert_eq!(listed(many), "a, ".repeat(LISTED) + "...");
    }
}
