//! Palettes: the colors that an effect shows, in order.

use super::Color;

/// One or more colors, in the order in which an effect shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette(Vec<Color>);

impl Palette {
    /// Returns the first color, which an effect shows if it shows only one.
    pub fn first(&self) -> Color {
        self.0.first().copied().unwrap_or(Color::BLACK)
    }
}

impl From<Color> for Palette {
    fn from(color: Color) -> Self {
        Self(vec![color])
    }
}

impl Default for Palette {
    /// Creates the palette of white.
    fn default() -> Self {
        Color::WHITE.into()
    }
}
