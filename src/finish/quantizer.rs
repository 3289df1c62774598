//! Quantization: converts duty cycles to the steps that a pixel format can send.

use super::dither::Bias;
use super::power::LedCurrent;
use crate::color::Color;
use crate::layout::{ColorOrder, PixelFormat};

/// Steps of one byte.
const BYTE: f32 = 255.0;

/// Steps of the brightness that the LEDs of a pixel share.
const SHARED: f32 = 31.0;

/// Index of the shared brightness in a pixel's steps. These pixels have no white.
const BRIGHTNESS: usize = 3;

/// Bytes of a pixel with a shared brightness.
const SHARED_BYTES: usize = 4;

/// The steps of all LEDs in a frame.
#[derive(Clone, Debug)]
pub(super) struct Quantizer {
    format: PixelFormat,
    /// Red, green, blue, and white or the shared brightness.
    steps: Vec<[u8; 4]>,
    /// Red, green, blue, white in 255ths of full level. Only used if `steps` has another scale.
    shown: Vec<[u8; 4]>,
}

/// Sums of the duty cycles of all LEDs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DutySums {
    /// Sum of red, green and blue.
    pub(super) colors: f64,
    /// Sum of white.
    pub(super) white: f64,
}

impl Quantizer {
    pub(super) fn new(format: PixelFormat, pixels: usize) -> Self {
        let shown = match format {
            PixelFormat::Bytes => 0,
            PixelFormat::SharedBrightness => pixels,
        };
        Self {
            format,
            steps: vec![[0; 4]; pixels],
            shown: vec![[0; 4]; shown],
        }
    }

    /// Quantizes duty cycles, dimmed by `scale`. Each pixel rounds with its bias.
    pub(super) fn set(
        &mut self,
        duties: &[Color],
        scale: f32,
        biases: impl Iterator<Item = Bias>,
    ) -> DutySums {
        let pixels = self.steps.iter_mut().zip(duties).zip(biases);
        // Fits: 10,000 pixels of 255 times 31.
        let mut sums = [0_u32; 4];
        let full = match self.format {
            PixelFormat::Bytes => {
                let factor = scale * BYTE;
                for ((steps, duty), bias) in pixels {
                    let levels = quantized(*duty, factor, bias);
                    *steps = levels.map(|level| level as u8);
                    (0..4).for_each(|led| sums[led] += levels[led]);
                }
                BYTE
            }
            PixelFormat::SharedBrightness => {
                for ((steps, duty), bias) in pixels {
                    let shared = shared_brightness(*duty, scale);
                    let levels = quantized(*duty, step_factor(shared, scale), bias);
                    *steps = levels.map(|level| level as u8);
                    steps[BRIGHTNESS] = shared;
                    (0..3).for_each(|led| sums[led] += levels[led] * u32::from(shared));
                }
                BYTE * SHARED
            }
        };
        let [r, g, b, w] = sums.map(|sum| f64::from(sum) / f64::from(full));
        DutySums {
            colors: r + g + b,
            white: w,
        }
    }

    /// Lowers steps, one per LED, until the excess current of `over_ma` is gone. LEDs that were
    /// rounded up come first; that is enough except for the final rounding of the sums. Returns the
    /// remaining excess.
    pub(super) fn trim(
        &mut self,
        duties: &[Color],
        scale: f32,
        current: &LedCurrent,
        over_ma: f64,
    ) -> f64 {
        let pixels = self.steps.len();
        let stride = stride(pixels);
        let mut over_ma = over_ma;
        for any in [false, true] {
            let mut pixel = 0;
            for _ in 0..pixels {
                if over_ma <= 0.0 {
                    return over_ma;
                }
                over_ma -= self.lower(pixel, duties[pixel], (scale, any), current);
                pixel = (pixel + stride) % pixels;
            }
        }
        over_ma
    }

    /// Lowers each LED of a pixel that was rounded up, or each lit LED if `any`. Returns the
    /// current saved, in mA.
    fn lower(
        &mut self,
        pixel: usize,
        duty: Color,
        (scale, any): (f32, bool),
        current: &LedCurrent,
    ) -> f64 {
        let steps = &mut self.steps[pixel];
        let (leds, factor, step) = match self.format {
            PixelFormat::Bytes => (4, scale * BYTE, f64::from(BYTE).recip()),
            PixelFormat::SharedBrightness => {
                let shared = steps[BRIGHTNESS];
                let step = f64::from(shared) / f64::from(BYTE * SHARED);
                (3, step_factor(shared, scale), step)
            }
        };
        let mut saved = 0.0;
        let exact = [duty.r, duty.g, duty.b, duty.w];
        for (led, (level, duty)) in steps.iter_mut().zip(exact).take(leds).enumerate() {
            if *level > 0 && (any || f32::from(*level) > duty * factor) {
                *level -= 1;
                saved += if led == 3 {
                    current.lit_ma(0.0, step)
                } else {
                    current.lit_ma(step, 0.0)
                };
            }
        }
        saved
    }

    /// Writes the steps in the strip's byte format.
    pub(super) fn pack(&mut self, order: ColorOrder, bytes: &mut [u8]) {
        match self.format {
            PixelFormat::Bytes => pack_bytes(&self.steps, order, bytes),
            PixelFormat::SharedBrightness => self.pack_shared(order, bytes),
        }
    }

    fn pack_shared(&mut self, order: ColorOrder, bytes: &mut [u8]) {
        let pixels = bytes.chunks_exact_mut(SHARED_BYTES).zip(&self.steps);
        for ((bytes, steps), shown) in pixels.zip(&mut self.shown) {
            let shared = steps[BRIGHTNESS];
            bytes[0] = shared;
            for (byte, channel) in bytes[1..].iter_mut().zip(order.channels()) {
                *byte = steps[usize::from(*channel)];
            }
            let of_full = |step: u8| ((u32::from(step) * u32::from(shared) + 15) / 31) as u8;
            let [r, g, b, _] = steps.map(of_full);
            *shown = [r, g, b, 0];
        }
    }

    /// Returns what the LEDs show as red, green, blue, white in 255ths of full level.
    pub(super) fn rgbw(&self) -> &[[u8; 4]] {
        match self.format {
            PixelFormat::Bytes => &self.steps,
            PixelFormat::SharedBrightness => &self.shown,
        }
    }
}

/// Quantizes duty cycles of 0.0-1.0.
fn quantized(duty: Color, factor: f32, bias: Bias) -> [u32; 4] {
    // Adding SHIFT puts the integer part at a fixed position, above 9 bits of fraction. Four such
    // sums take one instruction each; checked conversions would take 3 ns per pixel.
    const SHIFT: f32 = (1 << (23 - FRACTION)) as f32;
    const FRACTION: u32 = 9;
    let duty = [duty.r, duty.g, duty.b, duty.w];
    let mut levels = [0; 4];
    for led in 0..4 {
        let level = duty[led] * factor + bias[led] + SHIFT;
        levels[led] = level.to_bits() >> FRACTION & 0xFF;
    }
    levels
}

/// Returns the least of 31 brightnesses that the brightest LED needs. The smaller it is, the finer
/// the steps of the LEDs.
fn shared_brightness(duty: Color, scale: f32) -> u8 {
    let peak = duty.r.max(duty.g).max(duty.b);
    (peak * scale * SHARED).ceil() as u8
}

/// Returns the factor from duty cycles to steps at a shared brightness.
fn step_factor(shared: u8, scale: f32) -> f32 {
    scale * BYTE * SHARED / f32::from(shared.max(1))
}

fn pack_bytes(steps: &[[u8; 4]], order: ColorOrder, bytes: &mut [u8]) {
    // Known lengths let the compiler unroll both loops, which saves 1 ns per pixel.
    match *order.channels() {
        [a, b, c] => {
            for (bytes, steps) in bytes.as_chunks_mut::<3>().0.iter_mut().zip(steps) {
                *bytes = [a, b, c].map(|channel| steps[usize::from(channel & 3)]);
            }
        }
        [a, b, c, d] => {
            for (bytes, steps) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(steps) {
                *bytes = [a, b, c, d].map(|channel| steps[usize::from(channel & 3)]);
            }
        }
        _ => {}
    }
}

/// Returns a step that visits each pixel once and spreads evenly from the start: close to the
/// golden section of the length, and coprime with it.
fn stride(pixels: usize) -> usize {
    let golden = pixels * 89 / 144;
    (golden.max(1)..=pixels.max(1))
        .find(|step| gcd(*step, pixels) == 1)
        .unwrap_or(1)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::dither::ROUND;
    use super::*;

    fn with_shared_brightness(color: Color) -> [u8; 4] {
        let mut quantizer = Quantizer::new(PixelFormat::SharedBrightness, 1);
        quantizer.set(&[color], 1.0, [ROUND].into_iter());
        let mut bytes = [0; 4];
        quantizer.pack(ColorOrder::RGB, &mut bytes);
        bytes
    }

    #[test]
    fn a_pixel_has_the_least_shared_brightness_it_needs() {
        let of = with_shared_brightness;
        assert_eq!(of(Color::BLACK), [0, 0, 0, 0]);
        assert_eq!(of(Color::WHITE), [31, 255, 255, 255]);
        assert_eq!(of(Color::rgb(0.5, 0.25, 0.0)), [16, 247, 124, 0]);
        // An eighth of a step of a byte still has its own step.
        let dim = Color::rgb(1.0 / (255.0 * 31.0), 4.0 / (255.0 * 31.0), 0.0);
        assert_eq!(of(dim), [1, 1, 4, 0]);
    }

    #[test]
    fn a_stride_visits_every_pixel() {
        for pixels in 1..300 {
            let stride = stride(pixels);
            let mut visited = vec![false; pixels];
            (0..pixels).for_each(|step| visited[step * stride % pixels] = true);
            assert!(visited.into_iter().all(|it| it), "{pixels}: {stride}");
        }
    }
}
