//! The frame of one strip: takes colors and produces the bytes of its LEDs.

use super::color_correction::{Levels, StripCorrection};
use super::dither::{FrameBiases, PIXELS};
use super::plan::FinishPlan;
use super::power::LedCurrent;
use super::quantizer::{DutySums, Quantizer};
use crate::color::Color;
use crate::layout::{ColorOrder, Segment, Strip};

/// Number of pixels that are added up in single precision.
const BLOCK: usize = 64;

/// The dimming and the current limit of a strip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// Factor of the duty cycles, 0.0-1.0.
    pub(super) scale: f32,
    /// Maximum current of the strip, in mA.
    pub(super) budget_ma: f64,
}

/// All pixels of a strip in one frame.
#[derive(Clone, Debug)]
pub struct Frame {
    order: ColorOrder,
    correction: StripCorrection,
    current: LedCurrent,
    is_dithered: bool,
    pixels: usize,
    /// The duty cycles, in whole blocks: those of the pixels, then dark ones.
    duties: Vec<Levels>,
    /// Whether each of them changes with every frame. Beyond the end, as the last pixel.
    moving: Vec<bool>,
    /// Whether the next finish must compute the bytes again.
    is_due: bool,
    /// Current of the lit LEDs undimmed, above idle, in mA; `None` if unknown.
    lit_ma: Option<f64>,
    /// The dimming of the last finish.
    scale: f32,
    /// Number of finishes: the position in the dither pattern.
    finish_count: usize,
    quantizer: Quantizer,
    sent_ma: f64,
    bytes: Vec<u8>,
}

impl Frame {
    /// Creates the dark frame of a strip.
    pub(super) fn new(strip: &Strip, plan: &FinishPlan) -> Self {
        let current = LedCurrent::new(&plan.power, strip.pixels);
        let length = strip.pixels.next_multiple_of(PIXELS);
        let mut frame = Self {
            order: strip.order,
            correction: StripCorrection::new(plan, strip.order.leds()),
            current,
            is_dithered: plan.dither,
            pixels: strip.pixels,
            duties: vec![[0.0; 4]; length],
            moving: vec![false; length],
            is_due: false,
            lit_ma: None,
            scale: 1.0,
            finish_count: 0,
            quantizer: Quantizer::new(strip.format, strip.pixels),
            sent_ma: current.idle,
            bytes: vec![0; strip.bytes()],
        };
        frame.quantizer.pack(frame.order, &mut frame.bytes);
        frame
    }

    /// Writes a color to a pixel, dimmed by `brightness` (0.0-1.0). `is_moving` says whether it
    /// changes with every frame. A pixel beyond the end of the strip is ignored.
    pub fn put(&mut self, pixel: usize, color: Color, brightness: f32, is_moving: bool) {
        self.put_colors(pixel, [color].iter(), brightness, is_moving);
    }

    /// Writes the colors of a segment of the strip, like [`Frame::put`] for each of its pixels.
    pub fn put_run(&mut self, run: Segment, colors: &[Color], brightness: f32, is_moving: bool) {
        let colors = &colors[..colors.len().min(run.pixels())];
        if run.first <= run.last {
            self.put_colors(run.first, colors.iter(), brightness, is_moving);
        } else {
            let first = run.first + 1 - colors.len();
            self.put_colors(first, colors.iter().rev(), brightness, is_moving);
        }
    }

    /// Writes colors to consecutive pixels, from `first` on.
    fn put_colors<'a>(
        &mut self,
        first: usize,
        colors: impl ExactSizeIterator<Item = &'a Color>,
        brightness: f32,
        is_moving: bool,
    ) {
        let end = first.saturating_add(colors.len()).min(self.pixels);
        let Some(duties) = self.duties.get_mut(first..end) else {
            return;
        };
        for (duty, color) in duties.iter_mut().zip(colors) {
            *duty = color.channels();
        }
        self.correction.correct(first, brightness, duties);
        let is_last = end == self.pixels;
        let moving_end = if is_last { self.moving.len() } else { end };
        self.moving[first..moving_end].fill(is_moving & self.is_dithered);
        self.is_due = true;
        self.lit_ma = None;
    }

    /// Returns the minimum current of the pixels, in mA.
    pub(super) fn idle_ma(&self) -> f64 {
        self.current.idle
    }

    /// Returns the current of the lit LEDs undimmed, above idle, in mA.
    pub(super) fn lit_ma(&mut self) -> f64 {
        *self.lit_ma.get_or_insert_with(|| {
            let sums =
                self.duties
                    .chunks(BLOCK)
                    .map(sum)
                    .fold(DutySums::default(), |all, block| DutySums {
                        colors: all.colors + block.colors,
                        white: all.white + block.white,
                    });
            self.current.lit_ma(sums.colors, sums.white)
        })
    }

    /// Computes the bytes. Returns whether they will change in the next frame without further
    /// writes.
    pub(super) fn finish(&mut self, limit: Limit) -> bool {
        let is_fading = self.scale.to_bits() != limit.scale.to_bits();
        if self.is_due || is_fading || self.sent_ma > limit.budget_ma {
            self.scale = limit.scale;
            let is_trimmed = self.quantize(limit, is_fading);
            self.quantizer.pack(self.order, &mut self.bytes);
            // After a change of dimming, a still frame must be rounded. After trimming, there may
            // be room again.
            self.is_due = is_fading || is_trimmed;
        }
        is_fading
    }

    /// Quantizes the duty cycles. Returns whether steps were trimmed for the current limit.
    fn quantize(&mut self, limit: Limit, is_fading: bool) -> bool {
        let all_moving = is_fading & self.is_dithered;
        let biases = FrameBiases::new(self.finish_count, all_moving);
        self.finish_count = self.finish_count.wrapping_add(1);
        let (duties, moving) = (&self.duties, &self.moving);
        let sums = self.quantizer.set(duties, moving, limit.scale, biases);
        self.sent_ma = self.idle_ma() + self.current.lit_ma(sums.colors, sums.white);
        let over_ma = self.sent_ma - limit.budget_ma;
        if over_ma <= 0.0 {
            return false;
        }
        let remaining_ma = self
            .quantizer
            .trim(&self.duties, limit.scale, &self.current, over_ma);
        self.sent_ma = limit.budget_ma + remaining_ma;
        true
    }

    /// Returns the current that the last finished frame uses, in mA.
    pub fn current_ma(&self) -> f64 {
        self.sent_ma
    }

    /// Whether a power limit dims the last finished frame.
    pub fn is_limited(&self) -> bool {
        self.scale < 1.0
    }

    /// Returns the bytes for the strip, in its pixel format and channel order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the frame as red, green, blue, white. White is 0 if the strip has none.
    pub fn rgbw(&self) -> &[[u8; 4]] {
        self.quantizer.rgbw()
    }
}

fn sum(duties: &[Levels]) -> DutySums {
    let mut sums = [0.0_f32; 4];
    for duty in duties {
        for led in 0..4 {
            sums[led] += duty[led];
        }
    }
    let [r, g, b, w] = sums.map(f64::from);
    DutySums {
        colors: r + g + b,
        white: w,
    }
}
