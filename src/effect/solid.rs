//! Solid: one colour on all pixels.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;

/// One colour on every pixel. One pixel shows it too; `direction: reverse` changes nothing; nothing
/// moves at any frame rate.
#[derive(Debug)]
pub(super) struct Solid {
    color: Color,
}

impl Solid {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            color: settings.base_color,
        }
    }
}

impl Effect for Solid {
    fn draw(&mut self, canvas: &mut [Color], _: &Context<'_>) -> Motion {
        canvas.fill(self.color);
        Motion::Still
    }
}
