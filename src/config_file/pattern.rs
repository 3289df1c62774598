//! The patterns of includes, as Python's `glob` reads them: `*`, `?`, `[abc]` and `[!a-c]` within
//! one name; they do not match names that begin with a dot.

/// The name that means any number of folders to Kalico.
pub(super) const ANY_DEPTH: &str = "**";

/// Whether a name or path has anything to match.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The pattern of one name, to be compared with many.
pub(super) struct Pattern {
    tokens: Vec<Token>,
    takes_hidden: bool,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Self {
        Self {
            tokens: tokens(text),
            takes_hidden: text.starts_with('.'),
        }
    }

    /// Whether a file name matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        (self.takes_hidden || !name.starts_with('.')) && takes(&self.tokens, name)
    }
}

fn takes(pattern: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // The last `*`, and how much of the name it has taken: no more than one is ever tried again.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut index) = (0, 0);
    while index < name.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                star = Some((at, index));
                at += 1;
                continue;
            }
            Some(token) if token.takes(name[index]) => {
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
    /// Any characters, also none.
    Any,
    /// Any character.
    One,
    /// One of these, or none of these.
    Of(Vec<(char, char)>, bool),
    /// This character.
    Is(char),
}

impl Token {
    fn takes(&self, c: char) -> bool {
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
    // Behind the last `]` no set ends.
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

/// What stands behind a `[`, and its length with the `]`.
fn set(letters: &[char]) -> Option<(Token, usize)> {
    let first = usize::from(letters.first() == Some(&'!'));
    // A `]` that comes first is one of the characters.
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
