//! Colors that a whole group shows in turn: each pulse or sweep has the next one.

use crate::color::{Color, Palette};

/// The part of a round in which the color of the last round fades to the next color.
const FADE: f64 = 0.25;

/// The colors of a palette in turn, one for each round. The first round begins with the first
/// color; each other round begins with a fade from the color before.
#[derive(Debug)]
pub(super) struct ColorCycle(Vec<Color>);

impl ColorCycle {
    /// Creates a cycle with each color multiplied by `level`.
    pub(super) fn new(palette: &Palette, level: f32) -> Self {
        let mut colors: Vec<Color> = palette.colors().map(|color| color.scale(level)).collect();
        if colors.is_empty() {
            colors.push(Color::BLACK);
        }
        Self(colors)
    }

    /// Returns the color after a number of rounds, which is not negative.
    pub(super) fn at(&self, rounds: f64) -> Color {
        if !self.is_changing() {
            return self.first();
        }
        let round = rounds as u64;
        let color = |round: u64| self.0[(round % self.0.len() as u64) as usize];
        let t = (rounds.fract() / FADE) as f32;
        match round.checked_sub(1) {
            Some(before) if t < 1.0 => color(before).mix(color(round), t * t * (3.0 - 2.0 * t)),
            _ => color(round),
        }
    }

    /// Returns the first color.
    pub(super) fn first(&self) -> Color {
        self.0[0]
    }

    /// Returns the highest level of any channel of any color.
    pub(super) fn peak(&self) -> f32 {
        self.0.iter().map(|color| color.peak()).fold(0.0, f32::max)
    }

    /// Returns whether there is more than one color.
    pub(super) fn is_changing(&self) -> bool {
        self.0.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);
    const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

    #[test]
    fn each_round_has_the_next_color_after_a_fade() {
        let cycle = ColorCycle::new(&Palette::new(&[RED, BLUE]), 1.0);
        for (rounds, color) in [
            (0.0, RED),
            (0.99, RED),
            (1.25, BLUE),
            (1.99, BLUE),
            (2.25, RED),
            (3.5, BLUE),
        ] {
            assert_eq!(cycle.at(rounds), color, "{rounds}");
        }
        assert!(cycle.at(1.0).distance(RED) < 1e-4, "no jump");
        let halfway = cycle.at(1.125);
        assert!(halfway.r > 0.1 && halfway.b > 0.1, "{halfway:?}");
    }

    #[test]
    fn one_color_never_changes() {
        let cycle = ColorCycle::new(&RED.into(), 0.5);
        assert_eq!(cycle.at(7.1), RED.scale(0.5));
        assert!(!cycle.is_changing());
        assert_eq!(
            ColorCycle::new(&Palette::new(&[]), 1.0).at(1.0),
            Color::BLACK
        );
    }
}
