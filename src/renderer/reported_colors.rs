//! The colors that a group reported to web interfaces, to recognize those that are sent back.
//!
//! Colors that the user picked are not kept: the user may pick them again.

use crate::color::Color;
use crate::time::Time;

/// More colors than states: a long macro may show many of them.
const MAX_COLORS: usize = 32;

/// The colors of one group.
#[derive(Debug)]
pub(super) struct ReportedColors {
    /// The current color; `None` if the user picked it.
    current: Option<Color>,
    /// Earlier colors, each once, the newest first, with the time at which the next one followed.
    earlier: [Option<(Color, Time)>; MAX_COLORS],
}

impl ReportedColors {
    pub(super) fn new() -> Self {
        Self {
            current: None,
            earlier: [None; MAX_COLORS],
        }
    }

    /// Notes the color that the group reports from now on.
    pub(super) fn note(&mut self, now: Time, color: Color, is_picked: bool) {
        let last = std::mem::replace(&mut self.current, (!is_picked).then_some(color));
        let Some(last) = last else {
            return;
        };
        let mut colors = self.earlier.iter();
        let known = colors.position(|it| it.is_some_and(|(color, _)| color == last));
        let oldest = known.unwrap_or(MAX_COLORS - 1);
        self.earlier[..=oldest].rotate_right(1);
        self.earlier[0] = Some((last, now));
    }

    /// Returns the earlier colors that were still reported at `since` or later.
    pub(super) fn earlier_since(&self, since: Time) -> impl Iterator<Item = Color> {
        let earlier = self.earlier.into_iter().flatten();
        let earlier = earlier.take_while(move |(_, until)| *until >= since);
        earlier.map(|(color, _)| color)
    }
}
