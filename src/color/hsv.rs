//! Conversion from hue, saturation and value to a [`Color`].

use super::{Color, clamped};

/// Converts a hue (in turns; wraps around), saturation and value (0.0-1.0) to a color.
///
/// It has no branches and no calls, so that a loop over pixels computes several at once.
#[inline]
pub(crate) fn hsv(hue: f32, saturation: f32, value: f32) -> Color {
    let sextant = fraction(hue) * 6.0;
    let range = value * saturation;
    let channel = |missing: f32| value - range * clamped(missing);
    Color::rgb(
        channel(2.0 - (sextant - 3.0).abs()),
        channel((sextant - 2.0).abs() - 1.0),
        channel((sextant - 4.0).abs() - 1.0),
    )
}

/// Returns the part of a number after its largest whole number. Exact up to two million.
#[inline]
fn fraction(turns: f32) -> f32 {
    // Adding this leaves no bits for a fraction. `floor` calls the C library on x86-64.
    const WHOLE: f32 = 12_582_912.0;
    let nearest = turns + WHOLE - WHOLE;
    let whole = if nearest > turns {
        nearest - 1.0
    } else {
        nearest
    };
    turns - whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(color: Color, expected: Color) -> bool {
        color.distance(expected) < 1e-5
    }

    #[test]
    fn the_primaries_are_a_third_of_a_turn_apart() {
        assert!(near(hsv(0.0, 1.0, 1.0), Color::rgb(1.0, 0.0, 0.0)));
        assert!(near(hsv(1.0 / 3.0, 1.0, 1.0), Color::rgb(0.0, 1.0, 0.0)));
        assert!(near(hsv(2.0 / 3.0, 1.0, 1.0), Color::rgb(0.0, 0.0, 1.0)));
        assert!(near(hsv(1.0 / 12.0, 1.0, 1.0), Color::rgb(1.0, 0.5, 0.0)));
    }

    #[test]
    fn hue_wraps_in_both_directions() {
        assert!(near(hsv(1.25, 1.0, 0.5), hsv(0.25, 1.0, 0.5)));
        assert!(near(hsv(-0.75, 1.0, 0.5), hsv(0.25, 1.0, 0.5)));
    }

    #[test]
    fn without_saturation_the_color_is_gray() {
        assert!(near(hsv(0.4, 0.0, 0.3), Color::rgb(0.3, 0.3, 0.3)));
    }

    #[test]
    fn the_fraction_is_that_of_floor() {
        for step in -200_000..200_000 {
            let turns = step as f32 / 997.0;
            assert_eq!(fraction(turns).to_bits(), (turns - turns.floor()).to_bits());
        }
    }
}
