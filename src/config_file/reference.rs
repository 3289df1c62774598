//! Kalico's references: `${section.option}` and `${option}` stand for the value of an option.

use super::ConfigFile;
use crate::limits::{CONFIG_BYTES, OPTION_BYTES};
use std::borrow::Cow;
use std::ops::Range;

/// How many references of one value are followed, as in Python's configparser.
const MAX_REFERENCES: usize = 10;

/// Resolves references, until the values together are larger than a config may be.
pub(super) struct Resolver<'a> {
    config: &'a ConfigFile,
    /// Bytes that values may still have.
    left: usize,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(config: &'a ConfigFile) -> Self {
        Self {
            config,
            left: CONFIG_BYTES,
        }
    }

    /// A value with all that it refers to. A reference to nothing stays as it is written, and so
    /// do all when a value is larger than one may be.
    pub(super) fn resolved<'t>(&mut self, section: &str, text: &'t str) -> Cow<'t, str> {
        let mut value = Cow::Borrowed(text);
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = find(&value) else {
                break;
            };
            let place = self.config.section(reference.section.unwrap_or(section));
            let option = place.and_then(|it| it.options.get(&reference.option.to_lowercase()));
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

/// The first reference of a text.
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
