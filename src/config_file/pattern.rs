//! Patterns of includes, with the rules of Python's `glob`: `*`, `?`, `[abc]` and `[!a-c]` match
//! within one name. A wildcard at the start does not match a leading dot.

/// Matches any number of directory levels in Kalico.
pub(super) const ANY_DEPTH: &str = "**";

/// Whether a name or path contains wildcards.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// A parsed pattern for one name.
pub(super) struct Pattern {
    tokens: Vec<Token>,
    matches_hidden: bool,
}

impl Pattern {
    /// Parses a pattern.
    pub(super) fn new(text: &str) -> Self {
        Self {
            tokens: tokens(text),
            matches_hidden: text.starts_with('.'),
        }
    }

    /// Whether a file name matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        (self.matches_hidden || !name.starts_with('.')) && matches(&self.tokens, name)
    }
}

fn matches(pattern: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // The last `*`, and the end of its match. Only the last `*` needs backtracking.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut index) = (0, 0);
    while index < name.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, index));
                at += 1;
                continue;
            }
            Some(token) if token.matches(name[index]) => {
                at += 1;
                index += 1;
                continue;
            }
            _ => {}
        }
        let Some((place, taken)) = star else {
            return false;
        };
        star = Some((place, taken + 1));
        at = place + 1;
        index = taken + 1;
    }
    pattern[at..]
        .iter()
        .all(|token| matches!(token, Token::Any))
}

/// One part of a pattern.
enum Token {
    /// Any characters, including none.
    Any,
    /// Any character.
    One,
    /// One of these characters, or any other character if the flag is false.
    Of(Vec<(char, char)>, bool),
    /// This character.
    Is(char),
}

impl Token {
    fn matches(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Of(ranges, wanted) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) == *wanted
            }
            Self::Is(wanted) => c == *wanted,
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let letters: Vec<char> = pattern.chars().collect();
    // A set cannot end after the last `]`.
    let last = letters.iter().rposition(|c| *c == ']').unwrap_or(0);
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = letters.get(at) {
        at += 1;
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '[' if at <= last => {
                let set = set(&letters[at..]);
                at += set.as_ref().map_or(0, |(_, length)| *length);
                set.map_or(Token::Is('['), |(token, _)| token)
            }
            other => Token::Is(*other),
        });
    }
    tokens
}

/// Parses the set after a `[`. Returns it with its length, including the `]`.
fn set(letters: &[char]) -> Option<(Token, usize)> {
    let first = usize::from(letters.first() == Some(&'!'));
    // A `]` in the first position is a literal character.
    let end = letters.iter().skip(first + 1).position(|c| *c == ']')? + first + 1;
    let inside = &letters[first..end];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inside.len() {
        if let [low, '-', high, ..] = inside[at..] {
            ranges.push((low, high));
            at += 3;
        } else {
            ranges.push((inside[at], inside[at]));
            at += 1;
        }
    }
    Some((Token::Of(ranges, first == 0), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_python() {
        for (pattern, name, is) in [
            ("*.cfg", "a.cfg", true),
            ("*.cfg", ".a.cfg", false),
            (".*", ".a.cfg", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[ab]*", "bed", true),
            ("[!ab]*", "bed", false),
            ("[a-c]1", "c1", true),
            ("[]x]", "]", true),
            ("[x", "[x", true),
            ("[a][x", "a[x", true),
            ("[[[]*", "[[", true),
            ("*a*b", "xaxbxab", true),
            ("*a*b", "xaxbxa", false),
            ("*", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), is, "{pattern} {name}");
        }
    }
}
