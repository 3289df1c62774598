//! Resolves Kalico's references: `${section.option}` and `${option}` are replaced with the value of
//! an option.

use super::{ConfigFile, defaults};
use crate::limits::{CONFIG_BYTES, OPTION_BYTES};
use crate::text::ConvertCase;
use std::borrow::Cow;
use std::ops::Range;

/// The largest number of references in one value; the same as in Python's configparser.
const MAX_REFERENCES: usize = 10;

/// Resolves references, up to a total size of [`CONFIG_BYTES`].
pub(super) struct Resolver<'a> {
    config: &'a ConfigFile,
    /// Remaining size of resolved values, in bytes.
    left: usize,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(config: &'a ConfigFile) -> Self {
        Self {
            config,
            left: CONFIG_BYTES,
        }
    }

    /// Returns a value with its references resolved. A reference to an unknown option is left as it
    /// is written, and so are the remaining references once a limit is reached.
    pub(super) fn resolve<'t>(&mut self, section: &str, text: &'t str) -> Cow<'t, str> {
        let mut value = Cow::Borrowed(text);
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = find(&value) else {
                break;
            };
            let section = match reference.section.unwrap_or(section) {
                defaults::NAME => self.config.defaults.as_ref(),
                name => self.config.section(name),
            };
            let option = section.and_then(|it| it.options.get(&reference.option.lowercase()));
            let Some(option) = option.map(super::OptionText::value) else {
                break;
            };
            let length = value.len() + option.len();
            if length > 2 * OPTION_BYTES || length > self.left {
                break;
            }
            self.left -= length;
            let Range { start, end } = reference.range;
            value = Cow::Owned([&value[..start], option, &value[end..]].concat());
        }
        value
    }
}

/// A reference in a text.
struct Reference<'a> {
    range: Range<usize>,
    section: Option<&'a str>,
    option: &'a str,
}

/// Finds the first reference in a text.
fn find(text: &str) -> Option<Reference<'_>> {
    let mut from = 0;
    while let Some(start) = text[from..].find("${").map(|at| from + at) {
        let inside = &text[start + 2..];
        let end = inside.find(['$', '{', '}'])?;
        if end > 0 && inside[end..].starts_with('}') {
            let inside = &inside[..end];
            let parts = inside.split_once(['.', ':']);
            let parts = parts.filter(|(section, option)| !section.is_empty() && !option.is_empty());
            return Some(Reference {
                range: start..start + 2 + end + 1,
                section: parts.map(|(section, _)| section),
                option: parts.map_or(inside, |(_, option)| option),
            });
        }
        from = start + 2;
    }
    None
}
