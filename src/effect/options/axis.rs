//! The axis of the toolhead as the value of an option.

use super::{OptionKind, OptionValue};
use crate::color::PaletteNames;
use crate::text::shown;

/// An axis of the toolhead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Axis {
    #[default]
    X,
    Y,
    Z,
}

impl OptionValue for Option<Axis> {
    fn parse(_: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(None);
        }
        let axis = Axis::parse(text).map(Some);
        axis.ok_or_else(|| format!("must be none, x, y or z, got '{}'", shown(text)))
    }
}

impl OptionValue for Axis {
    fn parse(_: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("must be x, y or z, got '{}'", shown(text)))
    }
}

impl Axis {
    /// Returns the axis with this name.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "x" => Some(Self::X),
            "y" => Some(Self::Y),
            "z" => Some(Self::Z),
            _ => None,
        }
    }
}
