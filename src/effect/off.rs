//! `off`: all pixels off.

use super::{Context, Effect, Motion};
use crate::color::Color;

/// Switches every pixel off.
#[derive(Debug)]
pub(super) struct Off;

impl Effect for Off {
    fn draw(&mut self, canvas: &mut [Color], _: &Context<'_>) -> Motion {
        canvas.fill(Color::BLACK);
        Motion::Still
    }
}
