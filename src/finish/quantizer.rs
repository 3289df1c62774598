//! Quantization: from duty cycles to the steps that a pixel format can send.

use super::dither::Bias;
use super::power::LedCurrent;
use crate::color::Color;
use crate::layout::{ColorOrder, PixelFormat};

/// Steps of one byte.
const BYTE: f32 = 255.0;

/// Steps of the brightness that all LEDs of an APA102 pixel share.
const SHARED: f32 = 31.0;

/// Bytes of an APA102 pixel, and the bits that begin it.
const APA102_BYTES: usize = 4;
const APA102_HEAD: u8 = 0xE0;

/// Place of the shared brightness in a pixel's steps: such pixels have no white.
const BRIGHTNESS: usize = 3;

/// The LEDs' steps of one frame.
#[derive(Clone, Debug)]
pub(super) struct Quantizer {
    format: PixelFormat,
    /// Red, green, blue, and white or the shared brightness.
    steps: Vec<[u8; 4]>,
    /// Red, green, blue, white in 255ths of full, where the steps are not that.
    shown: Vec<[u8; 4]>,
}

/// The duty cycles of all LEDs, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DutySums {
    /// Of red, green and blue.
    pub(super) colors: f64,
    /// Of white.
    pub(super) white: f64,
}

impl Quantizer {
    pub(super) fn new(format: PixelFormat, pixels: usize) -> Self {
        let shown = match format {
            PixelFormat::Bytes => 0,
            PixelFormat::Apa102 => pixels,
        };
        Self {
            format,
            steps: vec![[0; 4]; pixels],
            shown: vec![[0; 4]; shown],
        }
    }

    /// Takes the steps of duty cycles, dimmed by `scale`; each pixel rounds as its bias says.
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
                    let quantizer = quantized(*duty, factor, bias);
                    *steps = quantizer.map(|level| level as u8);
                    (0..4).for_each(|led| sums[led] += quantizer[led]);
                }
                BYTE
            }
            PixelFormat::Apa102 => {
                for ((steps, duty), bias) in pixels {
                    let shared = shared_brightness(*duty, scale);
                    let quantizer = quantized(*duty, factor_of(shared, scale), bias);
                    *steps = quantizer.map(|level| level as u8);
                    steps[BRIGHTNESS] = shared;
                    (0..3).for_each(|led| sums[led] += quantizer[led] * u32::from(shared));
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

    /// Takes steps back, one from a LED, until LEDs that draw `over_ma` too much draw no more than
    /// they may; first those that were rounded up, which is enough but for the last rounding of
    /// the sums. Returns by how much they are over now.
    pub(super) fn trim(
        &mut self,
        duties: &[Color],
        scale: f32,
        draw: &LedCurrent,
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
                over_ma -= self.lower(pixel, duties[pixel], (scale, any), draw);
                pixel = (pixel + stride) % pixels;
            }
        }
        over_ma
    }

    /// Takes a step from each LED of a pixel that was rounded up, or from `any` that is lit;
    /// returns what that saves, in mA.
    fn lower(
        &mut self,
        pixel: usize,
        duty: Color,
        (scale, any): (f32, bool),
        draw: &LedCurrent,
    ) -> f64 {
        let steps = &mut self.steps[pixel];
        let (leds, factor, step) = match self.format {
            PixelFormat::Bytes => (4, scale * BYTE, f64::from(BYTE).recip()),
            PixelFormat::Apa102 => {
                let shared = steps[BRIGHTNESS];
                let step = f64::from(shared) / f64::from(BYTE * SHARED);
                (3, factor_of(shared, scale), step)
            }
        };
        let mut saved = 0.0;
        let exact = [duty.r, duty.g, duty.b, duty.w];
        for (led, (level, duty)) in steps.iter_mut().zip(exact).take(leds).enumerate() {
            if *level > 0 && (any || f32::from(*level) > duty * factor) {
                *level -= 1;
                saved += if led == 3 {
                    draw.lit_ma(0.0, step)
                } else {
                    draw.lit_ma(step, 0.0)
                };
            }
        }
        saved
    }

    /// Writes the steps as the strip takes them.
    pub(super) fn pack(&mut self, order: ColorOrder, bytes: &mut [u8]) {
        match self.format {
            PixelFormat::Bytes => pack_bytes(&self.steps, order, bytes),
            PixelFormat::Apa102 => self.pack_apa102(order, bytes),
        }
    }

    fn pack_apa102(&mut self, order: ColorOrder, bytes: &mut [u8]) {
        let pixels = bytes.chunks_exact_mut(APA102_BYTES).zip(&self.steps);
        for ((bytes, steps), shown) in pixels.zip(&mut self.shown) {
            let shared = steps[BRIGHTNESS];
            bytes[0] = APA102_HEAD | shared;
            for (byte, channel) in bytes[1..].iter_mut().zip(order.channels()) {
                *byte = steps[usize::from(*channel)];
            }
            let of_full = |step: u8| ((u32::from(step) * u32::from(shared) + 15) / 31) as u8;
            let [r, g, b, _] = steps.map(of_full);
            *shown = [r, g, b, 0];
        }
    }

    /// What the LEDs show as red, green, blue, white in 255ths of full.
    pub(super) fn rgbw(&self) -> &[[u8; 4]] {
        match self.format {
            PixelFormat::Bytes => &self.steps,
            PixelFormat::Apa102 => &self.shown,
        }
    }
}

/// The steps of duty cycles that are 0.0-1.0.
fn quantized(duty: Color, factor: f32, bias: Bias) -> [u32; 4] {
    // What is added leaves the whole part in known bits, and a fraction of 9 below them; four such
    // sums are one instruction each, where conversions with their checks take 3 ns a pixel.
    const SHIFT: f32 = (1 << (23 - FRACTION)) as f32;
    const FRACTION: u32 = 9;
    let duty = [duty.r, duty.g, duty.b, duty.w];
    let mut quantizer = [0; 4];
    for led in 0..4 {
        let level = duty[led] * factor + bias[led] + SHIFT;
        quantizer[led] = level.to_bits() >> FRACTION & 0xFF;
    }
    quantizer
}

/// The least of 31 brightnesses that holds the brightest LED: the finer the steps below it.
fn shared_brightness(duty: Color, scale: f32) -> u8 {
    let peak = duty.r.max(duty.g).max(duty.b);
    (peak * scale * SHARED).ceil() as u8
}

/// What duty cycles are multiplied by to give steps beneath a shared brightness.
fn factor_of(shared: u8, scale: f32) -> f32 {
    scale * BYTE * SHARED / f32::from(shared.max(1))
}

fn pack_bytes(steps: &[[u8; 4]], order: ColorOrder, bytes: &mut [u8]) {
    // Known lengths let the compiler unroll both: 1 ns a pixel less.
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

/// A step through all pixels that comes to each once and spreads evenly from the first on: near
/// the golden section of the strip, and without a common divisor with its length.
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

    fn apa102(color: Color) -> [u8; 4] {
        let mut quantizer = Quantizer::new(PixelFormat::Apa102, 1);
        quantizer.set(&[color], 1.0, [ROUND].into_iter());
        let mut bytes = [0; 4];
        quantizer.pack(ColorOrder::RGB, &mut bytes);
        bytes
    }

    #[test]
    fn an_apa102_pixel_takes_the_least_brightness_that_holds_it() {
        assert_eq!(apa102(Color::BLACK), [0xE0, 0, 0, 0]);
        assert_eq!(apa102(Color::WHITE), [0xFF, 255, 255, 255]);
        assert_eq!(apa102(Color::rgb(0.5, 0.25, 0.0)), [0xF0, 247, 124, 0]);
        // An eighth of a step of a byte is a step of its own.
        let dim = Color::rgb(1.0 / (255.0 * 31.0), 4.0 / (255.0 * 31.0), 0.0);
        assert_eq!(apa102(dim), [0xE1, 1, 4, 0]);
    }

    #[test]
    fn a_strides_walk_comes_to_every_pixel() {
        for pixels in 1..300 {
            let stride = stride(pixels);
            let mut seen = vec![false; pixels];
            (0..pixels).for_each(|step| seen[step * stride % pixels] = true);
            assert!(seen.into_iter().all(|it| it), "{pixels}: {stride}");
        }
    }
}
