//! Lists of colors as users write them: `red yellow`, `red, yellow`, `(1, 0, 0), (0, 1, 0)`.

use crate::text::parse_number;
/// Whether a word is a plain number. Six or eight hexadecimal digits are a color.
pub(crate) fn is_number(word: &str) -> bool {
    let hex = matches!(word.len(), 6 | 8) && word.bytes().all(|c| c.is_ascii_hexdigit());
    let begins = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    !hex && begins && parse_number(word).is_some()
}

/// Splits a list at spaces and commas outside of parentheses.
///
/// Numbers that only commas separate are one item, because they are one color: `1.0, 0.5, 0`.
pub(crate) fn items(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    for run in runs(text) {
        if run.len() > 1 && run.iter().all(|word| is_number(word)) {
            items.push(run.join(","));
        } else {
            items.extend(run.into_iter().map(str::to_owned));
        }
    }
    items
}

/// Joins items to a text without spaces between them, which [`items`] splits again.
pub(crate) fn join(items: &[String]) -> String {
    let item = |item: &String| {
        // The numbers of a color would run into its neighbors.
        if item.contains(',') && !item.contains('(') && items.len() > 1 {
            format!("({item})")
        } else {
            item.clone()
        }
    };
    items.iter().map(item).collect::<Vec<_>>().join(",")
}

/// Splits a text into runs of words; only commas separate the words of a run.
fn runs(text: &str) -> Vec<Vec<&str>> {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    let (mut start, mut depth, mut is_joined) = (None, 0usize, false);
    let end = std::iter::once((text.len(), ' '));
    for (at, c) in text.char_indices().chain(end) {
        let is_separator = (depth == 0 && (c == ',' || c.is_whitespace())) || at == text.len();
        if !is_separator {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            start = start.or(Some(at));
            continue;
        }
        if let Some(start) = start.take() {
            let word = &text[start..at];
            match runs.last_mut() {
                Some(run) if is_joined => run.push(word),
                _ => runs.push(vec![word]),
            }
            is_joined = false;
        }
        is_joined |= c == ',';
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_commas_separate_colors() {
        for text in [
            "red yellow",
            "red, yellow",
            "red,yellow",
            " red ,\n yellow,",
        ] {
            assert_eq!(items(text), ["red", "yellow"], "{text}");
        }
        assert_eq!(items("black 0%, red 40%"), ["black", "0%", "red", "40%"]);
        assert!(items(" , ").is_empty());
    }

    #[test]
    fn numbers_with_commas_are_one_color() {
        assert_eq!(items("1.0, 0.5, 0"), ["1.0,0.5,0"]);
        assert_eq!(items("1.0,0.5,0 0 , 0, 1"), ["1.0,0.5,0", "0,0,1"]);
        assert_eq!(items("000000, 111111"), ["000000", "111111"]);
        assert_eq!(items("1.0, red"), ["1.0", "red"]);
    }

    #[test]
    fn parentheses_keep_an_item_together() {
        assert_eq!(items("(1, 0, 0),(0, 1, 0)"), ["(1, 0, 0)", "(0, 1, 0)"]);
        assert_eq!(
            items("hsv(210 80% 60%) 2700K"),
            ["hsv(210 80% 60%)", "2700K"]
        );
        assert_eq!(items("rgb(1, 2"), ["rgb(1, 2"]);
        assert_eq!(items("a) b"), ["a)", "b"]);
    }

    #[test]
    fn joined_items_are_split_again() {
        for text in [
            "red yellow",
            "1,0,0",
            "1,0,0 red (0,1,0)",
            "hsv(1 2 3) ff8800",
        ] {
            let split = items(text);
            let again: Vec<String> = items(&join(&split))
                .into_iter()
                .map(|item| item.trim_matches(['(', ')']).to_owned())
                .collect();
            let plain = split
                .iter()
                .map(|item| item.trim_matches(['(', ')']).to_owned());
            assert_eq!(again, plain.collect::<Vec<_>>(), "{text}");
        }
    }
}
