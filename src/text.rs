//! Words for people: what a mistyped word was probably meant to be, and how a user's word is shown.

use crate::limits::SHOWN_CHARS;

/// A user's word as a message repeats it: control characters escaped, and cut to
/// [`SHOWN_CHARS`] characters with `...` behind them.
pub fn shown(word: &str) -> String {
    let mut text: String = word.chars().take(SHOWN_CHARS).map(escaped).collect();
    if word.chars().nth(SHOWN_CHARS).is_some() {
        text.push_str("...");
    }
    text
}

/// A character as a message shows it: a control character escaped.
pub(crate) fn escaped(c: char) -> String {
    if c.is_control() {
        c.escape_default().to_string()
    } else {
        c.to_string()
    }
}

/// The candidate that is nearest to `word`, when it is near enough to be what was meant.
///
/// Near enough is one edit in words of up to four letters and a third of the letters beyond; a
/// swap of neighbours counts as one edit (optimal string alignment). Ties go to the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (edits(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean 'NEAREST'?)`, or nothing when no candidate is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!(" (did you mean '{near}'?)"))
}

fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
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
    fn a_missing_letter_a_swap_and_a_wrong_case_are_understood() {
        assert_eq!(nearest("puls", EFFECTS), Some("pulse"));
        assert_eq!(nearest("sloid", EFFECTS), Some("solid"));
        assert_eq!(nearest("Rainbow", EFFECTS), Some("rainbow"));
    }

    #[test]
    fn a_word_unlike_all_others_has_no_suggestion() {
        assert_eq!(nearest("zebra", EFFECTS), None);
        assert_eq!(did_you_mean("zebra", EFFECTS), "");
        assert_eq!(did_you_mean("of", EFFECTS), " (did you mean 'off'?)");
    }
}
