//! Conversion from hue, saturation and value to a [`Color`].

use super::Color;

/// Converts a hue (in turns; wraps around), saturation and value (0.0-1.0) to a color.
pub fn hsv(hue: f32, saturation: f32, value: f32) -> Color {
    let sextant = (hue - hue.floor()) * 6.0;
    let channel = |offset: f32| {
        let turned = offset + sextant;
        // Below 12, so one subtraction is the remainder; `%` calls the C library.
        let k = if turned < 6.0 { turned } else { turned - 6.0 };
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    Color::rgb(channel(5.0), channel(3.0), channel(1.0))
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
}
