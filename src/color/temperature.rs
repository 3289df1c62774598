//! The color of a black body at a temperature, as on the package of a light bulb: `2700K`.

use super::Color;

/// The lowest and the highest temperature in kelvin: a glowing coal, and a clear blue sky.
pub(super) const RANGE_K: (f32, f32) = (1_000.0, 40_000.0);

/// The second radiation constant in nm K (CODATA 2018).
const C2_NM_K: f32 = 1.438_776_9e7;

/// The visible spectrum in nm. With steps of 5 nm each channel is within 0.0002 of steps of 1 nm.
const SPECTRUM_NM: std::ops::RangeInclusive<u16> = 380..=780;
const STEP_NM: usize = 5;

/// A lobe of a color matching function: height, peak in nm, and the widths below and above the
/// peak in nm. The lobes are the multi-lobe fit of Wyman, Sloan and Shirley, "Simple Analytic
/// Approximations to the CIE XYZ Color Matching Functions", JCGT 2 (2013).
type Lobe = (f32, f32, f32, f32);
const X_LOBES: &[Lobe] = &[
    (1.056, 599.8, 37.9, 31.0),
    (0.362, 442.0, 16.0, 26.7),
    (-0.065, 501.1, 20.4, 26.2),
];
const Y_LOBES: &[Lobe] = &[(0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1)];
const Z_LOBES: &[Lobe] = &[(1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8)];

/// From CIE XYZ to linear red, green and blue of IEC 61966-2-1 (sRGB).
const RGB_OF_XYZ: [[f32; 3]; 3] = [
    [3.2406, -1.5372, -0.4986],
    [-0.9689, 1.8758, 0.0415],
    [0.0557, -0.2040, 1.0570],
];

/// Returns the color of a black body at `kelvin`, which is clamped to [`RANGE_K`]. Its brightest
/// channel is 1.0.
pub(super) fn black_body(kelvin: f32) -> Color {
    let kelvin = kelvin.clamp(RANGE_K.0, RANGE_K.1);
    let mut xyz = [0.0; 3];
    for nm in SPECTRUM_NM.step_by(STEP_NM) {
        let nm = f32::from(nm);
        // Planck's law without its constant factor, relative to 560 nm to stay within an f32.
        let radiance = (560.0 / nm).powi(5) * ((C2_NM_K / (560.0 * kelvin)).exp_m1())
            / (C2_NM_K / (nm * kelvin)).exp_m1();
        for (sum, lobes) in xyz.iter_mut().zip([X_LOBES, Y_LOBES, Z_LOBES]) {
            *sum += radiance * lobes.iter().map(|lobe| height(*lobe, nm)).sum::<f32>();
        }
    }
    let [x, y, z] = xyz;
    // Deep reds are outside of what three LEDs can show.
    let [r, g, b] = RGB_OF_XYZ.map(|[of_x, of_y, of_z]| (of_x * x + of_y * y + of_z * z).max(0.0));
    let peak = r.max(g).max(b);
    Color::rgb(r / peak, g / peak, b / peak)
}

/// Returns the height of a lobe at a wavelength.
fn height((height, peak, below, above): Lobe, nm: f32) -> f32 {
    let width = if nm < peak { below } else { above };
    let distance = (nm - peak) / width;
    height * (-0.5 * distance * distance).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the CIE chromaticity of a color (the inverse matrix of IEC 61966-2-1).
    fn chromaticity(color: Color) -> (f32, f32) {
        let row = |[r, g, b]: [f32; 3]| r * color.r + g * color.g + b * color.b;
        let [x, y, z] = [
            row([0.4124, 0.3576, 0.1805]),
            row([0.2126, 0.7152, 0.0722]),
            row([0.0193, 0.1192, 0.9505]),
        ];
        (x / (x + y + z), y / (x + y + z))
    }

    #[test]
    fn the_chromaticity_of_a_black_body_is_the_published_one() {
        // CIE illuminant A, and Wyszecki and Stiles, "Color Science" (1982).
        for (kelvin, x, y) in [
            (2856.0, 0.4476, 0.4075),
            (4000.0, 0.3805, 0.3768),
            (6500.0, 0.3135, 0.3237),
            (10_000.0, 0.2807, 0.2884),
        ] {
            let (own_x, own_y) = chromaticity(black_body(kelvin));
            let error = (own_x - x).hypot(own_y - y);
            assert!(error < 0.003, "{kelvin} K: {own_x}, {own_y}");
        }
    }

    #[test]
    fn warm_light_is_red_and_cold_light_is_blue_and_each_is_at_full_brightness() {
        let mut last = black_body(RANGE_K.0);
        for step in 1..=390 {
            let color = black_body(RANGE_K.0 + step as f32 * 100.0);
            assert!((color.peak() - 1.0).abs() < 1e-6, "{color:?}");
            assert!(color.r <= last.r && color.b >= last.b, "{color:?}");
            last = color;
        }
        assert!(black_body(1_900.0).b < 0.01 && black_body(12_000.0).r < 0.6);
    }

    #[test]
    fn a_temperature_out_of_range_is_clamped() {
        assert_eq!(black_body(1.0), black_body(1_000.0));
        assert_eq!(black_body(f32::MAX), black_body(40_000.0));
    }
}
