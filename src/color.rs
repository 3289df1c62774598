//! Colors in linear light: red, green, blue and white from 0.0 to 1.0, as duty cycles of the LEDs.
//!
//! A WS281x LED emits light in proportion to its byte, so colors can be added, dimmed and averaged
//! in linear light only, and a power limit is a sum over it. LUMEN's named colors were picked by
//! eye on real strips as duty cycles; with the same values they look the same here.
//!
//! The eye does not respond linearly. [`Color::fade`] and [`lightness`] follow perceived
//! brightness, [`Color::lerp`] follows light. Clamping, rounding and channel order are left to
//! `finish`.

pub(crate) mod hsv;
pub(crate) mod list;
pub(crate) mod name;
mod notation;
mod oklab;
mod palette;
pub(crate) mod palette_names;
mod temperature;

use oklab::PerceivedColor;
pub use palette::{Palette, PaletteStop, PaletteTable};
pub use palette_names::PaletteNames;

/// A color in linear light; each channel 0.0-1.0. White is the fourth LED of an RGBW pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Color {
    /// Red, 0.0-1.0.
    pub r: f32,
    /// Green, 0.0-1.0.
    pub g: f32,
    /// Blue, 0.0-1.0.
    pub b: f32,
    /// White, 0.0-1.0; ignored by three-channel strips.
    pub w: f32,
}

impl Color {
    /// All channels off.
    pub const BLACK: Self = Self::rgb(0.0, 0.0, 0.0);
    /// Red, green and blue full on, the white LED off.
    pub const WHITE: Self = Self::rgb(1.0, 1.0, 1.0);

    /// Creates a color from three channels, with the white LED off.
    pub const fn rgb(r: f32, g: f32, b: f32) -> Self {
        Self { r, g, b, w: 0.0 }
    }

    /// Creates a color from four channels.
    pub const fn rgbw(r: f32, g: f32, b: f32, w: f32) -> Self {
        Self { r, g, b, w }
    }

    /// Multiplies every channel by `level` (0.0-1.0 dims).
    #[must_use]
    pub fn scale(self, level: f32) -> Self {
        self.map(|channel| channel * level)
    }

    /// Mixes two colors in linear light: `self` at `t` = 0.0, `other` at 1.0.
    #[must_use]
    pub fn lerp(self, other: Self, t: f32) -> Self {
        self.zip(other, |from, to| from + (to - from) * t)
    }

    /// Mixes two colors so that a fade looks even: `self` at `t` = 0.0, `other` at 1.0.
    ///
    /// It interpolates square roots. Gamma 2 is within 5 % of CIE lightness and costs a
    /// multiplication instead of the power function of gamma 2.2.
    #[inline]
    #[must_use]
    pub fn fade(self, other: Self, t: f32) -> Self {
        self.zip(other, |from, to| fade_level(from, to, t))
    }

    /// Mixes two colors in Oklab, so that the colors between them look like equal steps: `self` at
    /// `t` = 0.0, `other` at 1.0. Unlike [`Color::fade`] the mix of two bright colors stays bright.
    #[must_use]
    pub fn mix(self, other: Self, t: f32) -> Self {
        PerceivedColor::from(self).mix(other.into(), t)
    }

    /// Returns red, green, blue and white.
    #[inline]
    pub(crate) fn channels(self) -> [f32; 4] {
        [self.r, self.g, self.b, self.w]
    }

    /// Returns the value of the brightest channel.
    pub fn peak(self) -> f32 {
        self.r.max(self.g).max(self.b).max(self.w)
    }

    /// Limits each channel to 0.0-1.0; NaN becomes 0.0.
    #[must_use]
    pub fn clamp(self) -> Self {
        self.map(clamped)
    }

    /// Returns the largest difference between two colors in any channel.
    pub fn distance(self, other: Self) -> f32 {
        self.zip(other, |a, b| (a - b).abs()).peak()
    }

    #[inline]
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Self::rgbw(f(self.r), f(self.g), f(self.b), f(self.w))
    }

    #[inline]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self::rgbw(
            f(self.r, other.r),
            f(self.g, other.g),
            f(self.b, other.b),
            f(self.w, other.w),
        )
    }
}

impl std::ops::Add for Color {
    type Output = Self;

    /// Adds the light of both colors; a channel of the sum can exceed 1.0.
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

/// Limits a channel to 0.0-1.0; NaN becomes 0.0.
///
/// `f32::clamp` keeps NaN. Each comparison is one instruction, also for several channels at once.
#[inline]
pub(crate) fn clamped(channel: f32) -> f32 {
    let channel = if channel > 0.0 { channel } else { 0.0 };
    if channel < 1.0 { channel } else { 1.0 }
}

/// Mixes two levels so that a fade looks even; see [`Color::fade`].
#[inline]
pub(crate) fn fade_level(from: f32, to: f32, t: f32) -> f32 {
    // One instruction, also for several channels at once.
    let positive = |level: f32| if level > 0.0 { level } else { 0.0 };
    let from_root = positive(from).sqrt();
    let root = from_root + (positive(to).sqrt() - from_root) * t;
    root * root
}

/// Returns the duty cycle (0.0-1.0) for a perceived brightness `level` (0.0-1.0).
///
/// It uses gamma 2; see [`Color::fade`].
pub(crate) fn lightness(level: f32) -> f32 {
    let level = level.max(0.0);
    level * level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fade_starts_and_ends_at_its_colors() {
        let from = Color::rgbw(0.2, 0.0, 1.0, 0.5);
        let to = Color::rgbw(1.0, 0.5, 0.0, 0.0);
        assert!(from.fade(to, 0.0).distance(from) < 1e-6);
        assert!(from.fade(to, 1.0).distance(to) < 1e-6);
    }

    #[test]
    fn a_fade_to_white_is_darker_halfway_than_a_linear_mix() {
        let half = Color::BLACK.fade(Color::WHITE, 0.5);
        assert!((half.r - 0.25).abs() < 1e-6);
        assert!((Color::BLACK.lerp(Color::WHITE, 0.5).r - 0.5).abs() < 1e-6);
    }

    #[test]
    fn clamping_limits_each_channel_and_replaces_nan() {
        let color = Color::rgbw(-0.5, 1.5, f32::NAN, 0.5).clamp();
        assert_eq!(color, Color::rgbw(0.0, 1.0, 0.0, 0.5));
    }

    #[test]
    fn scaling_by_zero_gives_black() {
        assert_eq!(Color::WHITE.scale(0.0), Color::BLACK);
    }
}
