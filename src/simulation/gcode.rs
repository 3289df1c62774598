//! Reads a line of G-code with a command of Lumen, as Klipper does: the name, then `NAME=VALUE`
//! words, which can be quoted.

use super::{SimulationError, refused};
use crate::limits::{PARAMETERS, VALUE_BYTES};
use crate::request::Given;
use crate::text::{ConvertCase, shown};

/// Bytes of a line: all parameters with their longest values.
const LINE_BYTES: usize = PARAMETERS * VALUE_BYTES;

/// A command with its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GcodeLine {
    /// The name, in upper case.
    pub(super) name: String,
    /// The names and values of the parameters, as written.
    pub(super) parameters: Vec<(String, String)>,
}

impl GcodeLine {
    pub(super) fn parse(line: &str) -> Result<Self, SimulationError> {
        if line.len() > LINE_BYTES {
            return Err(refused("the line is too long"));
        }
        // As in Klipper's `extended_r`: a comment ends the line also inside of quotes.
        let end = line.find(['#', '*', ';']).unwrap_or(line.len());
        let line = line[..end].trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let words = words(rest).ok_or_else(|| malformed(line))?;
        let parameters = words.into_iter().map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        Ok(Self {
            name: name.uppercase(),
            parameters: parameters
                .collect::<Option<_>>()
                .ok_or_else(|| malformed(line))?,
        })
    }

    /// Returns the parameters for a request.
    pub(super) fn given(self) -> impl Iterator<Item = (Given, Given)> {
        let parameters = self.parameters.into_iter();
        parameters.map(|(name, value)| (Given::Text(name), Given::Text(value)))
    }
}

fn malformed(line: &str) -> SimulationError {
    refused(format!("Malformed command '{}'", shown(line)))
}

/// Splits a text into words, as Python's `shlex.split`; `None` if a quote has no end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(end), _) if letter == end => quote = None,
            (Some('"'), '\\') => {
                let next = letters.next()?;
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().push(letters.next()?),
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<(String, Vec<(String, String)>)> {
        let line = GcodeLine::parse(line).ok()?;
        Some((line.name, line.parameters))
    }

    #[test]
    fn a_line_is_a_name_and_parameters() {
        let (name, parameters) = parsed("lumen_set GROUP=case Effect=\"pulse red\" ; now").unwrap();
        assert_eq!(name, "LUMEN_SET");
        let expected = [("GROUP", "case"), ("Effect", "pulse red")];
        assert_eq!(
            parameters,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(parsed("LUMEN_WAKE"), Some(("LUMEN_WAKE".into(), vec![])));
    }

    #[test]
    fn words_are_split_as_by_shlex() {
        for (text, expected) in [
            ("a  b\tc", Some(vec!["a", "b", "c"])),
            (r#"A="x y"z"#, Some(vec!["A=x yz"])),
            (r#"A='x "y'"#, Some(vec![r#"A=x "y"#])),
            (r#"A="x \" \\ \n""#, Some(vec![r#"A=x " \ \n"#])),
            (r"A=x\ y", Some(vec!["A=x y"])),
            (r#"A="""#, Some(vec!["A="])),
            ("", Some(vec![])),
            (r#"A="x"#, None),
            (r"A=x\", None),
        ] {
            let words = words(text);
            let words: Option<Vec<&str>> = words
                .as_ref()
                .map(|it| it.iter().map(String::as_str).collect());
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn a_word_without_a_value_is_malformed() {
        for line in [
            "LUMEN_SET case",
            "LUMEN_SET GROUP=\"case",
            "X A=#",
            &"x".repeat(100_000),
        ] {
            assert_eq!(parsed(line).is_none(), line != "X A=#", "{line:.20}");
        }
    }
}
