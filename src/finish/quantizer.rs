//! Quantization: converts duty cycles to the steps that a pixel format can send.

use super::color_correction::Levels;
use super::dither::{Bias, FrameBiases, PIXELS, ROUNDED};
use super::power::LedCurrent;
use crate::layout::{ColorOrder, PixelFormat};

/// Steps of one byte.
const BYTE: f32 = 255.0;

/// Steps of the brightness that the LEDs of a pixel share.
const SHARED: f32 = 31.0;

/// Index of the shared brightness in a pixel's steps. These pixels have no white.
const BRIGHTNESS: usize = 3;

/// Bytes of a pixel with a shared brightness.
const SHARED_BYTES: usize = 4;

/// Adding this to a level puts its whole part at a fixed position of the number, above `FRACTION`
/// bits of fraction. Four such sums take one instruction; checked conversions take several each.
const SHIFT: f32 = (1 << (23 - FRACTION)) as f32;
const FRACTION: u32 = 9;

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
        duties: &[Levels],
        scale: f32,
        biases: FrameBiases<'_>,
    ) -> DutySums {
        let mut mixed = ROUNDED;
        let blocks = self.steps.chunks_mut(PIXELS).zip(duties.chunks(PIXELS));
        // Fits: 10,000 pixels of 255 times 31.
        let (mut colors, mut white) = (0, 0);
        for (block, (steps, duties)) in blocks.enumerate() {
            let biases = biases.block(block, &mut mixed);
            match self.format {
                PixelFormat::Bytes => {
                    set_bytes(steps, duties, biases, scale);
                    let block_white = steps.iter().map(|it| u32::from(it[3])).sum::<u32>();
                    colors += sum(steps.as_flattened()) - block_white;
                    white += block_white;
                }
                PixelFormat::SharedBrightness => {
                    colors += set_shared(steps, duties, biases, scale);
                }
            }
        }
        let full = match self.format {
            PixelFormat::Bytes => BYTE,
            PixelFormat::SharedBrightness => BYTE * SHARED,
        };
        DutySums {
            colors: f64::from(colors) / f64::from(full),
            white: f64::from(white) / f64::from(full),
        }
    }

    /// Lowers steps, one per LED, until the excess current of `over_ma` is gone. LEDs that were
    /// rounded up come first; that is enough except for the final rounding of the sums. Returns the
    /// remaining excess.
    pub(super) fn trim(
        &mut self,
        duties: &[Levels],
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
        duty: Levels,
        (scale, any): (f32, bool),
        current: &LedCurrent,
    ) -> f64 {
        let steps = &mut self.steps[pixel];
        let (leds, factor, step) = match self.format {
            PixelFormat::Bytes => (4, scale * BYTE, f64::from(BYTE).recip()),
            PixelFormat::SharedBrightness => {
                let shared = steps[BRIGHTNESS];
                let step = f64::from(shared) / f64::from(BYTE * SHARED);
                (3, step_factor(u32::from(shared), scale), step)
            }
        };
        let mut saved = 0.0;
        for (led, (level, duty)) in steps.iter_mut().zip(duty).take(leds).enumerate() {
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
        let [a, b, c] = [0, 1, 2].map(|place| usize::from(order.channels()[place] & 3));
        let bytes = bytes.as_chunks_mut::<SHARED_BYTES>().0;
        for (bytes, steps) in bytes.iter_mut().zip(&self.steps) {
            *bytes = [steps[BRIGHTNESS], steps[a], steps[b], steps[c]];
        }
        for (shown, steps) in self.shown.iter_mut().zip(&self.steps) {
            let shared = u16::from(steps[BRIGHTNESS]);
            let of_full = |step: u8| ((u16::from(step) * shared + 15) / 31) as u8;
            *shown = [of_full(steps[0]), of_full(steps[1]), of_full(steps[2]), 0];
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

fn sum(steps: &[u8]) -> u32 {
    steps.iter().map(|it| u32::from(*it)).sum()
}

/// Quantizes the duty cycles of up to sixteen pixels to bytes.
fn set_bytes(steps: &mut [[u8; 4]], duties: &[Levels], biases: &[Bias; PIXELS], scale: f32) {
    let factor = scale * BYTE;
    let channels = steps.as_flattened_mut().iter_mut();
    let channels = channels.zip(duties.as_flattened());
    for ((step, duty), bias) in channels.zip(biases.as_flattened()) {
        *step = whole(*duty * factor + *bias) as u8;
    }
}

/// Quantizes the duty cycles of up to sixteen pixels with the least shared brightness each. Returns
/// the sum of all steps times their brightness.
fn set_shared(
    steps: &mut [[u8; 4]],
    duties: &[Levels],
    biases: &[Bias; PIXELS],
    scale: f32,
) -> u32 {
    let mut factors = [[0.0; 4]; PIXELS];
    let mut shared = [0; PIXELS];
    for ((factors, shared), duty) in factors.iter_mut().zip(&mut shared).zip(duties) {
        *shared = shared_brightness(duty, scale);
        *factors = [step_factor(*shared, scale); 4];
    }
    let channels = steps.as_flattened_mut().iter_mut();
    let channels = channels.zip(duties.as_flattened());
    let biases = biases.as_flattened().iter().zip(factors.as_flattened());
    for ((step, duty), (bias, factor)) in channels.zip(biases) {
        *step = whole(*duty * *factor + *bias) as u8;
    }
    let mut sum = 0;
    for (steps, shared) in steps.iter_mut().zip(shared) {
        let [r, g, b, _] = steps.map(u32::from);
        sum += (r + g + b) * shared;
        steps[BRIGHTNESS] = shared as u8;
    }
    sum
}

/// Returns the whole part of a level below 512.
#[inline]
fn whole(level: f32) -> u32 {
    (level + SHIFT).to_bits() >> FRACTION & 0x1FF
}

/// Returns the least of 31 brightnesses that the brightest LED needs. The smaller it is, the finer
/// the steps of the LEDs.
#[inline]
fn shared_brightness(duty: &Levels, scale: f32) -> u32 {
    let greater = |a: f32, b: f32| if a > b { a } else { b };
    let peak = greater(greater(duty[0], duty[1]), duty[2]) * scale * SHARED;
    // `ceil` calls the C library on x86-64.
    let whole = whole(peak);
    whole + u32::from(peak > whole as f32)
}

/// Returns the factor from duty cycles to steps at a shared brightness.
#[inline]
fn step_factor(shared: u32, scale: f32) -> f32 {
    scale * BYTE * SHARED / shared.max(1) as f32
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
    use super::*;
    use crate::color::Color;

    fn with_shared_brightness(color: Color) -> [u8; 4] {
        let mut quantizer = Quantizer::new(PixelFormat::SharedBrightness, 1);
        quantizer.set(
            &[color.channels()],
            1.0,
            FrameBiases::new(0, &[false], false),
        );
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
