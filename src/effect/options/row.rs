//! The rows of option tables, with the types of their values.

use super::{Axis, MAX_COUNT, OptionKind, OptionSpec, OptionValue};
use crate::color::{Color, Palette, PaletteNames};
use crate::input::Endstop;
use std::marker::PhantomData;

/// A row of an option table: an option with the type of its value.
#[derive(Debug)]
pub(crate) struct OptionRow<T> {
    /// The option.
    pub spec: OptionSpec,
    value: PhantomData<fn() -> T>,
}

impl<T> OptionRow<T> {
    const fn new(name: &'static str, kind: OptionKind, default: &'static str) -> Self {
        Self {
            spec: OptionSpec::new(name, kind, default, ""),
            value: PhantomData,
        }
    }

    /// Sets the short name.
    pub(in crate::effect) const fn short(mut self, short: &'static str) -> Self {
        self.spec.short = short;
        self
    }

    /// Sets the unit.
    pub(in crate::effect) const fn unit(mut self, unit: &'static str) -> Self {
        self.spec.unit = unit;
        self
    }

    /// Sets the default, as written in a config.
    pub(in crate::effect) const fn default(mut self, default: &'static str) -> Self {
        self.spec.default = default;
        self
    }

    /// Sets the description.
    pub(in crate::effect) const fn help(mut self, help: &'static str) -> Self {
        self.spec.help = help;
        self
    }

    /// Sets the options that this one replaces.
    pub(in crate::effect) const fn replaces(mut self, names: &'static [&'static str]) -> Self {
        self.spec.replaces = names;
        self
    }
}

impl<T: OptionValue> OptionRow<T> {
    /// Parses a value.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name.
    pub(crate) fn parse(&self, text: &str, palettes: &PaletteNames) -> Result<T, String> {
        self.spec.parse(text, palettes)
    }

    /// Returns the default.
    pub(crate) fn default_value(&self) -> T {
        self.spec.default_value()
    }
}

/// An option with a number.
pub(in crate::effect) const fn number(
    name: &'static str,
    kind: OptionKind,
    default: &'static str,
) -> OptionRow<f32> {
    OptionRow::new(name, kind, default)
}

/// An option with a number that is unset by default.
pub(in crate::effect) const fn unset_number(
    name: &'static str,
    kind: OptionKind,
) -> OptionRow<Option<f32>> {
    OptionRow::new(name, kind, "")
}

/// An option with a number of pixels, from `least` on.
pub(in crate::effect) const fn pixels(
    name: &'static str,
    least: u32,
    default: &'static str,
) -> OptionRow<u32> {
    OptionRow::new(name, OptionKind::Count(least, MAX_COUNT), default).unit("pixels")
}

/// An option with a number of pixels that is unset by default.
pub(in crate::effect) const fn unset_pixels(
    name: &'static str,
    least: u32,
) -> OptionRow<Option<u32>> {
    OptionRow::new(name, OptionKind::Count(least, MAX_COUNT), "").unit("pixels")
}

/// An option with a whole number.
pub(in crate::effect) const fn count(
    name: &'static str,
    limits: (u32, u32),
    default: &'static str,
) -> OptionRow<u32> {
    OptionRow::new(name, OptionKind::Count(limits.0, limits.1), default)
}

/// An option with a whole number that is unset by default.
pub(in crate::effect) const fn unset_count(
    name: &'static str,
    limits: (u32, u32),
) -> OptionRow<Option<u32>> {
    OptionRow::new(name, OptionKind::Count(limits.0, limits.1), "")
}

/// An option that is `yes` or `no`.
pub(in crate::effect) const fn flag(name: &'static str, default: &'static str) -> OptionRow<bool> {
    OptionRow::new(name, OptionKind::Bool, default)
}

/// An option with one of two words; the value is whether it is the second one.
pub(in crate::effect) const fn either(
    name: &'static str,
    words: &'static [&'static str],
    default: &'static str,
) -> OptionRow<bool> {
    OptionRow::new(name, OptionKind::Choice(words), default)
}

/// An option with a color.
pub(in crate::effect) const fn color(
    name: &'static str,
    default: &'static str,
) -> OptionRow<Color> {
    OptionRow::new(name, OptionKind::Color, default)
}

/// An option with a color that is unset by default.
pub(in crate::effect) const fn unset_color(name: &'static str) -> OptionRow<Option<Color>> {
    OptionRow::new(name, OptionKind::Color, "")
}

/// An option with a palette.
pub(in crate::effect) const fn palette(
    name: &'static str,
    default: &'static str,
) -> OptionRow<Palette> {
    OptionRow::new(name, OptionKind::Palette, default)
}

/// An option with one or more colors.
pub(in crate::effect) const fn colors(
    name: &'static str,
    default: &'static str,
) -> OptionRow<Palette> {
    OptionRow::new(name, OptionKind::Colors, default)
}

/// An option with a palette that is unset by default.
pub(in crate::effect) const fn unset_palette(name: &'static str) -> OptionRow<Option<Palette>> {
    OptionRow::new(name, OptionKind::Palette, "")
}

/// An option with an axis, or `none`.
pub(in crate::effect) const fn axis(name: &'static str) -> OptionRow<Option<Axis>> {
    OptionRow::new(name, OptionKind::Axis, "none")
}

/// An option with the name of a heater or temperature sensor.
pub(in crate::effect) const fn source(
    name: &'static str,
    default: &'static str,
) -> OptionRow<String> {
    OptionRow::new(name, OptionKind::Source, default)
}

/// An option with the name of a heater or temperature sensor that is unset by default.
pub(in crate::effect) const fn unset_source(name: &'static str) -> OptionRow<Option<String>> {
    OptionRow::new(name, OptionKind::Source, "")
}

/// An option with names of endstops that is unset by default.
pub(in crate::effect) const fn endstops(name: &'static str) -> OptionRow<Option<Vec<Endstop>>> {
    OptionRow::new(name, OptionKind::Endstops, "")
}

/// An option with an axis.
pub(in crate::effect) const fn one_axis(
    name: &'static str,
    default: &'static str,
) -> OptionRow<Axis> {
    OptionRow::new(name, OptionKind::OneAxis, default)
}
