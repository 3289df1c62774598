//! Off: all pixels dark.

use super::{Context, Effect, Motion};
use crate::color::Color;

/// Darkness. One pixel is dark too; `direction: reverse` changes nothing; nothing moves at any frame
/// rate.
#[derive(Debug)]
pub(super) struct Off;

impl Effect for Off {
    fn draw(&mut self, canvas: &mut [Color], _: &Context<'_>) -> Motion {
        canvas.fill(Color::BLACK);
        Motion::Still
    }
}
