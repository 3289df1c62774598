//! The typed values of options, and the macro that declares the options of a section.
//!
//! A section is read once, into the struct that [`section_options!`] declares: one row and one
//! typed field for each option. An option that is unset or invalid has its default.

use super::{SectionOption, ValueKind};
use crate::effect::options::OptionKind;
use crate::plan::driver::{DRIVERS, DriverSpec};
use crate::plan::{Priority, StripType, Unmapped};
use crate::spec::DebugLog;
use crate::spec::section::{choice, yes_or_no};
use crate::text::shown;
use crate::time::Span;

/// The options of a section type.
pub(in crate::spec) trait SectionValues<'a> {
    /// Returns the defaults.
    fn defaults() -> Self;

    /// Parses and stores an option; `None` if the section does not have it.
    fn store(&mut self, name: &'a str, text: &'a str) -> Option<Result<(), String>>;
}

/// A value that is parsed from the text of an option.
pub(in crate::spec) trait ParseOption<'a>: Sized {
    /// Parses a value.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name: `must be above 0, got -1`.
    fn parse(kind: ValueKind, text: &'a str) -> Result<Self, String>;
}

/// The value of an option that may be unset.
pub(in crate::spec) trait OptionValue<'a>: Sized {
    /// Returns the value if the option is not set.
    fn unset(row: &SectionOption) -> Self;

    /// Parses and stores the value. `state` is the name of the state in the option's name.
    ///
    /// # Errors
    /// As for [`ParseOption::parse`]; the value is then unchanged.
    fn store(&mut self, kind: ValueKind, state: &'a str, text: &'a str) -> Result<(), String>;
}

/// Declares the options of a section: a struct whose fields are their values, each with the row of
/// its option. `with FIELD: STRUCT` adds the options of another struct.
macro_rules! section_options {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $options:ident<$life:lifetime> {
            $($field:ident: $value:ty = $row:expr,)*
        }
        $(with $part:ident: $part_options:ident)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visibility struct $options<$life> {
            $(pub(in crate::spec) $field: $value,)*
            $(pub(in crate::spec) $part: $part_options<$life>,)?
            _text: std::marker::PhantomData<&$life str>,
        }

        impl $options<'_> {
            /// The rows of the options, in the order of the documentation.
            pub(super) const ROWS: &'static [$crate::spec::options::SectionOption] = &[$($row),*];
        }

        impl<$life> $crate::spec::options::SectionValues<$life> for $options<$life> {
            fn defaults() -> Self {
                let rows = &mut Self::ROWS.iter();
                Self {
                    $($field: $crate::spec::options::values::unset(rows.next()),)*
                    $($part: $part_options::defaults(),)?
                    _text: std::marker::PhantomData,
                }
            }

            fn store(&mut self, name: &$life str, text: &$life str) -> Option<Result<(), String>> {
                let mut rows = Self::ROWS.iter();
                $(
                    let stored = rows.next()?.store(&mut self.$field, name, text);
                    if stored.is_some() {
                        return stored;
                    }
                )*
                $(return self.$part.store(name, text);)?
                #[allow(unreachable_code, reason = "a section without a part ends here")]
                None
            }
        }
    };
}
pub(super) use section_options;

/// Returns the value of an option that is not set.
#[inline(never)]
pub(super) fn unset<'a, T: OptionValue<'a>>(row: Option<&SectionOption>) -> T {
    T::unset(row.unwrap_or(&NO_OPTION))
}

/// The macro has as many rows as fields, so this one is never used.
const NO_OPTION: SectionOption = super::option("", ValueKind::Text, "", "");

impl SectionOption {
    /// Stores the value of the option with this name in `value`; `None` if it is another option.
    #[inline(never)]
    pub(super) fn store<'a, T: OptionValue<'a>>(
        &self,
        value: &mut T,
        name: &'a str,
        text: &'a str,
    ) -> Option<Result<(), String>> {
        let state = self.state_in(name)?;
        Some(value.store(self.kind, state, text))
    }
}

/// Joins tables.
pub(super) const fn join<const N: usize>(tables: &[&[SectionOption]]) -> [SectionOption; N] {
    let mut joined = [super::option("", ValueKind::Text, "", ""); N];
    let (mut table, mut count) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            joined[count] = tables[table][row];
            row += 1;
            count += 1;
        }
        table += 1;
    }
    joined
}

impl<'a, T: ParseOption<'a> + Default> OptionValue<'a> for T {
    /// A test checks that every default in the tables is valid.
    fn unset(row: &SectionOption) -> Self {
        if row.default.is_empty() {
            return Self::default();
        }
        Self::parse(row.kind, row.default).unwrap_or_default()
    }

    fn store(&mut self, kind: ValueKind, _: &'a str, text: &'a str) -> Result<(), String> {
        *self = Self::parse(kind, text)?;
        Ok(())
    }
}

impl<'a, T: ParseOption<'a>> OptionValue<'a> for Option<T> {
    /// A default in the table is only a description: the value follows from other options.
    fn unset(_: &SectionOption) -> Self {
        None
    }

    fn store(&mut self, kind: ValueKind, _: &'a str, text: &'a str) -> Result<(), String> {
        *self = Some(T::parse(kind, text)?);
        Ok(())
    }
}

/// The options of a family, such as `on_STATE`: the name of the state and the text of each.
#[derive(Clone, Debug, Default)]
pub(in crate::spec) struct OfStates<'a>(pub(in crate::spec) Vec<(&'a str, &'a str)>);

impl<'a> OptionValue<'a> for OfStates<'a> {
    fn unset(_: &SectionOption) -> Self {
        Self::default()
    }

    fn store(&mut self, _: ValueKind, state: &'a str, text: &'a str) -> Result<(), String> {
        self.0.push((state, text));
        Ok(())
    }
}

/// The direction of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::spec) enum Direction {
    #[default]
    Standard,
    Reverse,
}

/// What white LEDs show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::spec) enum WhiteMode {
    /// The white part of every color.
    #[default]
    Extract,
    /// Only the white of colors that have one.
    Off,
}

/// The value of an obsolete option, which is checked and has no effect.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::spec) struct Unused;

/// Implements [`ParseOption`]: how each type is parsed.
macro_rules! parse_options {
    ($($value:ty: |$kind:pat_param, $text:ident| $parse:expr;)*) => {
        $(
            impl<'a> ParseOption<'a> for $value {
                fn parse($kind: ValueKind, $text: &'a str) -> Result<Self, String> {
                    $parse
                }
            }
        )*
    };
}

parse_options! {
    f32: |kind, text| kind.limits().number(text);
    Span: |kind, text| kind.limits().span(text);
    usize: |kind, text| kind.limits().count(text).map(|count| count as usize);
    u32: |kind, text| kind.limits().count(text);
    u16: |kind, text| kind.limits().count(text).map(|count| count as u16);
    u8: |kind, text| kind.limits().count(text).map(|count| count as u8);
    bool: |_, text| {
        yes_or_no(text).ok_or_else(|| format!("must be True or False, got '{}'", shown(text)))
    };
    &'a str: |_, text| Ok(text);
    &'static DriverSpec: |kind, text| {
        let name = kind.choice(text)?;
        let driver = DRIVERS.into_iter().find(|driver| driver.name == name);
        driver.ok_or_else(String::new)
    };
    StripType: |kind, text| Ok(match kind.choice(text)? {
        "sk6812" => Self::Sk6812,
        _ => Self::Ws281x,
    });
    Unmapped: |kind, text| Ok(match kind.choice(text)? {
        "off" => Self::Off,
        "keep" => Self::Keep,
        _ => Self::Default,
    });
    Priority: |kind, text| Ok(match kind.choice(text)? {
        "realtime" => Self::Realtime,
        _ => Self::Normal,
    });
    DebugLog: |kind, text| Ok(match kind.choice(text)? {
        // LUMEN used true, false and console.
        "log" | "true" => Self::Log,
        "console" => Self::Console,
        _ => Self::Off,
    });
    Direction: |kind, text| Ok(match kind.choice(text)? {
        "reverse" => Self::Reverse,
        _ => Self::Standard,
    });
    WhiteMode: |kind, text| Ok(match kind.choice(text)? {
        "off" => Self::Off,
        _ => Self::Extract,
    });
    Unused: |kind, text| {
        match kind {
            ValueKind::Number(limits) => limits.number(text).map(|_| Self),
            ValueKind::Bool => bool::parse(kind, text).map(|_| Self),
            _ => Ok(Self),
        }
    };
}

impl ValueKind {
    /// Returns the limits of a number.
    fn limits(self) -> OptionKind {
        match self {
            Self::Number(limits) | Self::Count(limits) => limits,
            _ => OptionKind::Number,
        }
    }

    /// Returns one of the words, as the table spells it.
    fn choice(self, text: &str) -> Result<&'static str, String> {
        match self {
            Self::Choice(words) => choice(text, words),
            _ => choice(text, &[]),
        }
    }
}
