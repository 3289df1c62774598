//! Parses one line of a config file: comment, section header, or option.

/// Whether Python, and therefore Klipper, treats a character as whitespace.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Removes whitespace from both ends.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Returns the text before a `#`.
pub(super) fn without_hash(line: &str) -> &str {
    line.split('#').next().unwrap_or_default()
}

/// Removes the comment: `#` anywhere, `;` at the start or after whitespace.
pub(super) fn without_comment(line: &str) -> &str {
    let line = without_hash(line);
    let mut space = Some(0);
    for (index, c) in line.char_indices() {
        match (c, space) {
            (';', Some(start)) => return &line[..start],
            _ => space = is_space(c).then_some(index),
        }
    }
    line
}

/// Returns a color that is cut off because of its `#`, such as `ff8800` in `solid #ff8800`.
pub(super) fn cut_color(line: &str) -> Option<&str> {
    let bare = without_hash(line);
    let rest = line.get(bare.len() + 1..)?;
    let end = rest.find(|c: char| !c.is_ascii_hexdigit());
    let word = &rest[..end.unwrap_or(rest.len())];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // `#fade` and `#bed` may be words. Six or eight hexadecimal letters are hardly ever a word.
    let is_color = match word.len() {
        6 | 8 => true,
        3 | 4 => word.contains(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    let is_alone = !rest[word.len()..].starts_with(is_word);
    (is_color && is_alone && without_comment(line).len() == bare.len()).then_some(word)
}

/// Returns the section name if a line is a section header.
pub(super) fn section(line: &str) -> Option<&str> {
    let line = line.strip_prefix('[')?;
    let end = line.rfind(']').filter(|end| *end > 0)?;
    Some(&line[..end])
}

/// Returns the name and the value of an option.
pub(super) fn option(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim_end_matches(is_space);
    let value = value.trim_start_matches(is_space);
    (!name.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_removed_as_in_klipper() {
        for (line, rest) in [
            ("a: 1 # b", "a: 1 "),
            ("a: #1", "a: "),
            ("a: 1;2", "a: 1;2"),
            ("a: 1 ; 2", "a: 1"),
            ("a:  ;2", "a: "),
            ("; all", ""),
            ("a;b ;c", "a;b"),
        ] {
            assert_eq!(without_comment(line), rest, "{line}");
        }
    }

    #[test]
    fn a_color_cut_off_by_a_comment_is_found() {
        for (line, color) in [
            ("on_idle: solid #ff8800", Some("ff8800")),
            ("on_idle: solid color=#F80, 2", Some("F80")),
            ("on_idle: solid #ff880044 # orange", Some("ff880044")),
            ("on_idle: solid # ff8800", None),
            ("fade: 0.4 #fade", None),
            ("fade: 0.4 #123456789", None),
            ("fade: 0.4 #facade_", None),
            ("fade: 0.4 ; #ff8800", None),
            ("fade: 0.4", None),
            ("fade: 0.4 #", None),
        ] {
            assert_eq!(cut_color(line), color, "{line}");
        }
    }

    #[test]
    fn a_section_ends_at_the_last_bracket() {
        assert_eq!(section("[lumen] x"), Some("lumen"));
        assert_eq!(section("[a[0]]"), Some("a[0]"));
        assert_eq!(section("[]"), None);
        assert_eq!(section("[]]"), Some("]"));
        assert_eq!(section("[lumen"), None);
    }

    #[test]
    fn an_option_has_a_name_before_the_first_colon_or_equals_sign() {
        assert_eq!(option("a = b:c"), Some(("a", "b:c")));
        assert_eq!(option("a:"), Some(("a", "")));
        assert_eq!(option(": b"), None);
        assert_eq!(option("rainbow"), None);
    }
}
