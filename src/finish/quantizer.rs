//! Quantization: converts duty cycles to the steps that a pixel format can send.

use super::color_correction::Levels;
use super::dither::{Bias, FrameBiases, PIXELS};
use super::power::LedCurrent;
use crate::layout::{ColorOrder, PixelFormat};

/// Steps of one byte.
const BYTE: f32 = 255.0;

/// Steps of the brightness that the LEDs of a pixel share.
const SHARED: f32 = 31.0;

/// Index of the shared brightness in a pixel's steps. These pixels have no white.
const BRIGHTNESS: usize = 3;

/// Adding this to a level puts its whole part at a fixed position of the number, above `FRACTION`
/// bits of fraction. Four such sums take one instruction; checked conversions take several each.
const SHIFT: f32 = (1 << (23 - FRACTION)) as f32;
const FRACTION: u32 = 9;

/// The steps of all LEDs in a frame.
#[derive(Clone, Debug)]
pub(super) struct Quantizer {
    format: PixelFormat,
    pixels: usize,
    /// Red, green, blue, and white or the shared brightness. Whole blocks: the pixels, then dark
    /// ones.
    steps: Vec<PixelSteps>,
    /// Red, green, blue, white in 255ths of full level. Only used if `steps` has another scale.
    shown: Vec<PixelSteps>,
}

/// The steps of a pixel.
type PixelSteps = [u8; 4];

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
        let length = pixels.next_multiple_of(PIXELS);
        let shown = match format {
            PixelFormat::Bytes => 0,
            PixelFormat::SharedBrightness => length,
        };
        Self {
            format,
            pixels,
            steps: vec![[0; 4]; length],
            shown: vec![[0; 4]; shown],
        }
    }

    /// Quantizes the duty cycles of whole blocks, dimmed by `scale`.
    pub(super) fn set(
        &mut self,
        duties: &[Levels],
        is_moving: &[bool],
        scale: f32,
        biases: FrameBiases,
    ) -> DutySums {
        let mut mixed = [[0.0; 4]; PIXELS];
        let blocks = self.steps.as_chunks_mut().0.iter_mut();
        let blocks = blocks.zip(duties.as_chunks().0);
        let blocks = blocks.zip(is_moving.as_chunks().0);
        match self.format {
            PixelFormat::Bytes => {
                for ((steps, duties), is_moving) in blocks {
                    let biases = biases.of(is_moving, &mut mixed);
                    set_bytes(steps, duties, biases, scale);
                }
                let (colors, white) = sums(&self.steps);
                DutySums {
                    colors: f64::from(colors) / f64::from(BYTE),
                    white: f64::from(white) / f64::from(BYTE),
                }
            }
            PixelFormat::SharedBrightness => {
                let mut colors = 0;
                for (((steps, duties), is_moving), shown) in
                    blocks.zip(self.shown.as_chunks_mut().0)
                {
                    let biases = biases.of(is_moving, &mut mixed);
                    colors += set_shared(steps, duties, biases, scale);
                    show_shared(shown, steps);
                }
                DutySums {
                    colors: f64::from(colors) / f64::from(BYTE * SHARED),
                    white: 0.0,
                }
            }
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
        let pixels = self.pixels;
        let stride = stride(pixels);
        let mut over_ma = over_ma;
        for any in [false, true] {
            let mut pixel = 0;
            for _ in 0..pixels {
                if over_ma <= 0.0 {
                    break;
                }
                over_ma -= self.lower(pixel, duties[pixel], (scale, any), current);
                pixel = (pixel + stride) % pixels;
            }
        }
        let shown = self.shown.as_chunks_mut().0.iter_mut();
        for (shown, steps) in shown.zip(self.steps.as_chunks().0) {
            show_shared(shown, steps);
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
    pub(super) fn pack(&self, order: ColorOrder, bytes: &mut [u8]) {
        match (self.format, order.channels()) {
            (PixelFormat::SharedBrightness, [a, b, c, ..]) => {
                pack(&self.steps, [BRIGHTNESS as u8, *a, *b, *c], bytes);
            }
            (PixelFormat::Bytes, [a, b, c]) => pack(&self.steps, [*a, *b, *c], bytes),
            (PixelFormat::Bytes, [a, b, c, d]) => pack(&self.steps, [*a, *b, *c, *d], bytes),
            _ => {}
        }
    }

    /// Returns what the LEDs show as red, green, blue, white in 255ths of full level.
    pub(super) fn rgbw(&self) -> &[[u8; 4]] {
        match self.format {
            PixelFormat::Bytes => &self.steps[..self.pixels],
            PixelFormat::SharedBrightness => &self.shown[..self.pixels],
        }
    }
}

/// Returns the sums of all steps of red, green and blue, and of white.
fn sums(steps: &[PixelSteps]) -> (u32, u32) {
    /// Every second byte, from the first on.
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    /// The sum of this many pixels, two at a time, fits into sixteen bits.
    const PART: usize = 256;
    // Fits: 10,000 pixels of three times 255.
    let (mut colors, mut white) = (0, 0);
    for part in steps.chunks(PART) {
        let (mut red_blue, mut green_white) = (0, 0);
        for pair in part.as_flattened().as_chunks().0 {
            let pair = u64::from_le_bytes(*pair);
            red_blue += pair & EVEN;
            green_white += pair >> 8 & EVEN;
        }
        let lane = |sums: u64, lane: u32| (sums >> (16 * lane) & 0xFFFF) as u32;
        colors += (0..4).map(|it| lane(red_blue, it)).sum::<u32>();
        colors += lane(green_white, 0) + lane(green_white, 2);
        white += lane(green_white, 1) + lane(green_white, 3);
    }
    (colors, white)
}

/// Quantizes the duty cycles of a block to bytes.
fn set_bytes(
    steps: &mut [PixelSteps; PIXELS],
    duties: &[Levels; PIXELS],
    biases: &[Bias; PIXELS],
    scale: f32,
) {
    let factor = scale * BYTE;
    let channels = steps.as_flattened_mut().iter_mut();
    let channels = channels.zip(duties.as_flattened());
    for ((step, duty), bias) in channels.zip(biases.as_flattened()) {
        *step = whole(*duty * factor + *bias) as u8;
    }
}

/// Quantizes the duty cycles of a block with the least shared brightness of each pixel. Returns the
/// sum of all steps times their brightness.
fn set_shared(
    steps: &mut [PixelSteps; PIXELS],
    duties: &[Levels; PIXELS],
    biases: &[Bias; PIXELS],
    scale: f32,
) -> u32 {
    let (mut factors, mut shared) = ([0.0; PIXELS], [0; PIXELS]);
    for ((factor, shared), duty) in factors.iter_mut().zip(&mut shared).zip(duties) {
        *shared = shared_brightness(duty, scale);
        *factor = step_factor(*shared, scale);
    }
    let factors = factors.map(|factor| [factor; 4]);
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

/// Computes what the LEDs of a block show, from their steps and shared brightness.
fn show_shared(shown: &mut [PixelSteps; PIXELS], steps: &[PixelSteps; PIXELS]) {
    let shared = steps.map(|steps| [steps[BRIGHTNESS]; 4]);
    let channels = steps.as_flattened().iter().zip(shared.as_flattened());
    for (shown, (step, shared)) in shown.as_flattened_mut().iter_mut().zip(channels) {
        *shown = ((u16::from(*step) * u16::from(*shared) + 15) / 31) as u8;
    }
    for pixel in shown {
        pixel[BRIGHTNESS] = 0;
    }
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

/// Writes `N` steps of each pixel, in the order of `channels`.
fn pack<const N: usize>(steps: &[PixelSteps], channels: [u8; N], bytes: &mut [u8]) {
    // The mask lets the compiler omit the checks of the bounds.
    let channels = channels.map(|channel| usize::from(channel & 3));
    for (bytes, steps) in bytes.as_chunks_mut::<N>().0.iter_mut().zip(steps) {
        *bytes = channels.map(|channel| steps[channel]);
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
        let mut duties = [[0.0; 4]; PIXELS];
        duties[0] = color.channels();
        quantizer.set(&duties, &[false; PIXELS], 1.0, FrameBiases::new(0, false));
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
    fn the_sums_count_every_step() {
        let steps: Vec<PixelSteps> = (0..528_u32)
            .map(|pixel| [pixel as u8, 255, (pixel / 3) as u8, (pixel * 7) as u8])
            .collect();
        let sum = |led: usize| steps.iter().map(|it| u32::from(it[led])).sum::<u32>();
        assert_eq!(sums(&steps), (sum(0) + sum(1) + sum(2), sum(3)));
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
