//! Options of effects: the rows of their tables, and the types of their values.
//!
//! An effect declares its options with [`effect_settings!`]: one row and one typed field each. The
//! parser, the generated documents, `klipper-lumen effects` and the endpoints read the rows. A text
//! is parsed once, into the field. Rows that several effects share are in [`rows`](super::rows).

mod axis;
mod row;

use crate::color::{Color, Palette, PaletteNames, name};
use crate::input::Endstop;
use crate::text::{ConvertCase, parse_number, parse_precise, shown, write_number};
use crate::time::Span;
pub use axis::Axis;
pub(crate) use row::OptionRow;
pub(super) use row::{
    axis, color, colors, count, either, endstops, flag, number, one_axis, palette, pixels, source,
    unset_color, unset_count, unset_number, unset_palette, unset_pixels, unset_source,
};

/// The upper limit of pixel counts; no strip has as many pixels.
pub(super) const MAX_COUNT: u32 = 10_000;

/// The maximum number of endstops in a list.
const MAX_ENDSTOPS: usize = 32;

/// One option of an effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionSpec {
    /// Name in `[lumen_effect]` and as `name=value` after an effect.
    pub name: &'static str,
    /// A shorter name for use after an effect; empty if the option has none.
    pub short: &'static str,
    /// Type of the value and its limits.
    pub kind: OptionKind,
    /// Unit, for display; empty if the value has none.
    pub unit: &'static str,
    /// Default as written in a config; empty if the option is unset by default.
    pub default: &'static str,
    /// Description: one sentence, without the default.
    pub help: &'static str,
    /// The options that have no effect if this one is set. They cannot be written together.
    pub replaces: &'static [&'static str],
}

impl OptionSpec {
    /// Creates an option that replaces no others.
    pub(crate) const fn new(
        name: &'static str,
        kind: OptionKind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            short: "",
            kind,
            unit: "",
            default,
            help,
            replaces: &[],
        }
    }

    /// Sets the unit.
    pub(crate) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }
}

/// The type of an option's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A number above the limit.
    Above(f32),
    /// A number in this inclusive range.
    Within(f32, f32),
    /// Any number.
    Number,
    /// A whole number in this inclusive range.
    Count(u32, u32),
    /// A color in any notation.
    Color,
    /// One or more colors in any notation, or the name of a palette.
    Colors,
    /// The name of a palette, or colors.
    Palette,
    /// `none`, `x`, `y` or `z`.
    Axis,
    /// `x`, `y` or `z`.
    OneAxis,
    /// The name of a heater or temperature sensor.
    Source,
    /// The names of endstops.
    Endstops,
    /// `yes` or `no`.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A pixel of the group, or a range of them.
    Pixels,
}

/// The type of an option's value, which is parsed from text.
pub(crate) trait OptionValue: Default {
    /// Parses a value.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name: `must be above 0, got -1`.
    fn parse(kind: OptionKind, text: &str, palettes: &PaletteNames) -> Result<Self, String>;
}

/// Declares the settings of an effect: a struct whose fields are the values of its options, each
/// with the row of its option.
///
/// ```text
/// effect_settings! {
///     /// Settings of `pulse`.
///     pub struct PulseSettings {
///         color: Color = rows::COLOR,
///         speed_hz: f32 = rows::SPEED_HZ.default("0.5"),
///     }
/// }
/// ```
macro_rules! effect_settings {
    (
        $(#[$attribute:meta])*
        $vis:vis struct $settings:ident {
            $($field:ident: $value:ty = $row:expr,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each field is an option, described by its row")]
        $vis struct $settings {
            $(pub $field: $value,)*
        }

        impl $settings {
            /// The options, in the order of the documentation.
            pub(crate) const OPTIONS: &'static [$crate::effect::options::OptionSpec] = &[
                $({
                    const ROW: $crate::effect::options::OptionRow<$value> = $row;
                    ROW.spec
                },)*
            ];

            /// Returns the defaults.
            pub(crate) fn defaults() -> $crate::effect::settings::AnySettings {
                let rows = &mut Self::OPTIONS.iter();
                let settings = Self {
                    $($field: rows.next().map_or_else(
                        <$value>::default,
                        $crate::effect::options::OptionSpec::default_value,
                    ),)*
                };
                let _ = rows;
                $crate::effect::settings::AnySettings::new(settings)
            }
        }

        impl $crate::effect::settings::StoreOption for $settings {
            fn store(
                &mut self,
                name: &str,
                text: &str,
                palettes: &$crate::color::PaletteNames,
            ) -> Result<(), String> {
                let rows = &mut Self::OPTIONS.iter();
                $(
                    if let Some(row) = rows.next() {
                        row.store(&mut self.$field, name, text, palettes)?;
                    }
                )*
                let _ = (rows, name, text, palettes);
                Ok(())
            }
        }
    };
}
pub(super) use effect_settings;

// Not in `OptionRow`, and never inlined: there are some hundred options, and a dozen types.
impl OptionSpec {
    fn parse<T: OptionValue>(&self, text: &str, palettes: &PaletteNames) -> Result<T, String> {
        T::parse(self.kind, text.trim(), palettes)
    }

    #[inline(never)]
    pub(super) fn default_value<T: OptionValue>(&self) -> T {
        if self.default.is_empty() {
            return T::default();
        }
        // Every default in a table is valid; a test checks that.
        let palettes = PaletteNames::default();
        self.parse(self.default, &palettes).unwrap_or_default()
    }

    /// Stores the value of the option with this name in `value`, if it is that of this option.
    #[inline(never)]
    pub(super) fn store<T: OptionValue>(
        &self,
        value: &mut T,
        name: &str,
        text: &str,
        palettes: &PaletteNames,
    ) -> Result<(), String> {
        if self.name == name {
            *value = self.parse(text, palettes)?;
        } else if self.replaces.contains(&name) {
            *value = self.default_value();
        }
        Ok(())
    }
}

impl OptionValue for f32 {
    fn parse(kind: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        kind.number(text)
    }
}

impl OptionValue for Option<f32> {
    fn parse(kind: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        kind.number(text).map(Some)
    }
}

impl OptionValue for u32 {
    fn parse(kind: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        kind.count(text)
    }
}

impl OptionValue for Option<u32> {
    fn parse(kind: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        kind.count(text).map(Some)
    }
}

impl OptionValue for bool {
    fn parse(kind: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        let word = text.lowercase();
        if let OptionKind::Choice(words) = kind {
            let found = words.iter().position(|known| *known == word);
            return found.map(|index| index > 0).ok_or_else(|| {
                let words = words.join(" or ");
                format!("must be {words}, got '{}'", shown(text))
            });
        }
        match word.as_str() {
            "1" | "yes" | "true" | "on" => Ok(true),
            "0" | "no" | "false" | "off" => Ok(false),
            _ => Err(format!("must be yes or no, got '{}'", shown(text))),
        }
    }
}

impl OptionValue for Option<Color> {
    fn parse(kind: OptionKind, text: &str, palettes: &PaletteNames) -> Result<Self, String> {
        Color::parse(kind, text, palettes).map(Some)
    }
}

impl OptionValue for Color {
    fn parse(_: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        name::parse(text).map_err(|error| error.to_string())
    }
}

impl OptionValue for Palette {
    fn parse(kind: OptionKind, text: &str, palettes: &PaletteNames) -> Result<Self, String> {
        match kind {
            OptionKind::Palette => palettes.parse_palette(text),
            _ => palettes.parse(text),
        }
    }
}

impl OptionValue for Option<Palette> {
    fn parse(kind: OptionKind, text: &str, palettes: &PaletteNames) -> Result<Self, String> {
        Palette::parse(kind, text, palettes).map(Some)
    }
}

impl OptionValue for String {
    /// Parses the name of a source.
    ///
    /// # Errors
    /// When there is none.
    fn parse(_: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        if text.is_empty() {
            return Err("must name a heater or a temperature sensor".to_owned());
        }
        Ok(text.to_owned())
    }
}

impl OptionValue for Option<String> {
    fn parse(kind: OptionKind, text: &str, palettes: &PaletteNames) -> Result<Self, String> {
        String::parse(kind, text, palettes).map(Some)
    }
}

impl OptionValue for Option<Vec<Endstop>> {
    /// Parses the names of endstops.
    ///
    /// # Errors
    /// When there are none, or too many.
    fn parse(_: OptionKind, text: &str, _: &PaletteNames) -> Result<Self, String> {
        let names = text.split(',').filter(|name| !name.trim().is_empty());
        let endstops: Vec<_> = names.take(MAX_ENDSTOPS + 1).map(Endstop::new).collect();
        match endstops.len() {
            0 => Err("must name an endstop, as in 'x, y, probe'".to_owned()),
            1..=MAX_ENDSTOPS => Ok(Some(endstops)),
            _ => Err(format!("must name at most {MAX_ENDSTOPS} endstops")),
        }
    }
}

impl OptionKind {
    /// Whether the value is a list of colors.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Colors | Self::Palette)
    }

    /// Parses a number within the limits.
    ///
    /// # Errors
    /// Describes the problem: `must be above 0, got -1`.
    pub fn number(self, text: &str) -> Result<f32, String> {
        self.check(parse_number(text), text)
    }

    /// Parses a duration in seconds within the limits. It is read in full precision, so 0.4 s is
    /// exactly 400 ms.
    ///
    /// # Errors
    /// As for [`OptionKind::number`].
    pub fn span(self, text: &str) -> Result<Span, String> {
        let seconds = parse_precise(text);
        self.check(seconds.map(|seconds| seconds as f32), text)?;
        Ok(Span::from_secs(seconds.unwrap_or_default()))
    }

    fn check(self, value: Option<f32>, text: &str) -> Result<f32, String> {
        let value = value.filter(|value| value.is_finite()).ok_or_else(|| {
            let is_share = matches!(self, Self::Within(low, high) if low >= 0.0 && high <= 1.0);
            let hint = write_number(text, is_share);
            format!("must be a number, got '{}'{hint}", shown(text))
        })?;
        match self {
            Self::Above(limit) if value <= limit => {
                Err(format!("must be above {limit}, got {}", shown(text)))
            }
            Self::Within(low, high) if !(low..=high).contains(&value) => {
                Err(format!("must be from {low} to {high}, got {}", shown(text)))
            }
            _ => Ok(value),
        }
    }

    /// Parses a whole number within the limits.
    ///
    /// # Errors
    /// Describes the problem: `must be a whole number from 1 to 9, got 0`.
    pub fn count(self, text: &str) -> Result<u32, String> {
        let (low, high) = match self {
            Self::Count(low, high) => (low, high),
            _ => (0, MAX_COUNT),
        };
        text.parse()
            .ok()
            .filter(|value| (low..=high).contains(value))
            .ok_or_else(|| {
                format!(
                    "must be a whole number from {low} to {high}, got {}{}",
                    shown(text),
                    write_number(text, false)
                )
            })
    }
}
