//! Mixing of colors in Oklab, a color space in which equal steps look equally large.
//!
//! The matrix is that of Björn Ottosson, "A perceptual color space for image processing" (2020,
//! bottosson.github.io/posts/oklab), for linear sRGB. Oklab's own axes are linear combinations of
//! the cube roots of the cone responses, so mixing the cube roots gives the same colors, and its
//! second matrix is not needed. The white LED is mixed by its cube root too, like a gray.

use super::Color;

/// Responses of the three cones to red, green and blue.
const CONES: [[f32; 3]; 3] = [
    [0.412_221_46, 0.536_332_55, 0.051_445_995],
    [0.211_903_5, 0.680_699_5, 0.107_396_96],
    [0.088_302_46, 0.281_718_85, 0.629_978_7],
];

/// The inverse of [`CONES`].
const LIGHT: [[f32; 3]; 3] = [
    [4.076_741_7, -3.307_711_6, 0.230_969_94],
    [-1.268_438, 2.609_757_4, -0.341_319_4],
    [-0.004_196_086_3, -0.703_418_6, 1.707_614_7],
];

/// A color as cube roots of the cone responses and of the white LED.
#[derive(Clone, Copy, Debug)]
pub(super) struct PerceivedColor([f32; 4]);

impl From<Color> for PerceivedColor {
    fn from(color: Color) -> Self {
        let [l, m, s] = product(&CONES, [color.r, color.g, color.b]);
        Self([l, m, s, color.w].map(f32::cbrt))
    }
}

impl PerceivedColor {
    /// Mixes two colors: `self` at `t` = 0.0, `other` at 1.0. Mixed colors that no LED can show are
    /// clamped.
    pub(super) fn mix(self, other: Self, t: f32) -> Color {
        let mut mixed = self.0;
        for (from, to) in mixed.iter_mut().zip(other.0) {
            let root = *from + (to - *from) * t;
            *from = root * root * root;
        }
        let [l, m, s, w] = mixed;
        let [r, g, b] = product(&LIGHT, [l, m, s]);
        Color::rgbw(r, g, b, w).clamp()
    }
}

fn product(matrix: &[[f32; 3]; 3], [x, y, z]: [f32; 3]) -> [f32; 3] {
    matrix.map(|[a, b, c]| a * x + b * y + c * z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mix(from: Color, to: Color, t: f32) -> Color {
        from.mix(to, t)
    }

    /// The lightness of Oklab: its first axis.
    fn oklab_lightness(color: Color) -> f32 {
        let [l, m, s, _] = PerceivedColor::from(color).0;
        0.210_454_25 * l + 0.793_617_8 * m - 0.004_072_047 * s
    }

    fn any_color() -> impl Strategy<Value = Color> {
        let level = || 0.0f32..=1.0;
        (level(), level(), level(), level()).prop_map(|(r, g, b, w)| Color::rgbw(r, g, b, w))
    }

    #[test]
    fn halfway_from_black_to_white_is_an_eighth_of_the_light() {
        let gray = mix(Color::BLACK, Color::WHITE, 0.5);
        assert!(
            gray.distance(Color::rgb(0.125, 0.125, 0.125)) < 1e-5,
            "{gray:?}"
        );
        let white_led = mix(Color::BLACK, Color::rgbw(0.0, 0.0, 0.0, 1.0), 0.5);
        assert!(white_led.distance(Color::rgbw(0.0, 0.0, 0.0, 0.125)) < 1e-5);
    }

    #[test]
    fn the_mix_of_blue_and_yellow_is_the_published_one() {
        // Oklab of the two, by the reference implementation: (0.452, -0.032, -0.312) and
        // (0.968, -0.071, 0.199). Their mean is (0.710, -0.052, -0.057).
        let mean = mix(Color::rgb(0.0, 0.0, 1.0), Color::rgb(1.0, 1.0, 0.0), 0.5);
        assert!((oklab_lightness(mean) - 0.710).abs() < 2e-3, "{mean:?}");
        assert!(
            mean.b > mean.g && mean.g > mean.r,
            "a bluish gray: {mean:?}"
        );
    }

    proptest! {
        #[test]
        fn a_mix_is_in_range_and_begins_and_ends_at_its_colors(
            from in any_color(), to in any_color(), t in 0.0f32..=1.0,
        ) {
            let mixed = mix(from, to, t);
            for channel in [mixed.r, mixed.g, mixed.b, mixed.w] {
                prop_assert!((0.0..=1.0).contains(&channel), "{mixed:?}");
            }
            prop_assert!(mix(from, to, 0.0).distance(from) < 1e-4);
            prop_assert!(mix(from, to, 1.0).distance(to) < 1e-4);
        }

        #[test]
        fn grays_mix_to_grays_whose_lightness_rises_evenly(
            low in 0.0f32..=1.0, high in 0.0f32..=1.0, t in 0.0f32..=1.0,
        ) {
            let gray = |level: f32| Color::rgb(level, level, level);
            let mixed = mix(gray(low), gray(high), t);
            prop_assert!((mixed.r - mixed.g).abs() < 1e-4 && (mixed.g - mixed.b).abs() < 1e-4);
            let even = low.cbrt() + (high.cbrt() - low.cbrt()) * t;
            prop_assert!((oklab_lightness(mixed) - even).abs() < 1e-3);
        }
    }
}
