//! `solid`: one static color.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;

/// Shows `base_color` on every pixel.
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
