//! The frame of one strip: colours in, the bytes of its LEDs out.

use super::color_correction::StripCorrection;
use super::dither::{PIXELS, ROUND, biases};
use super::plan::FinishPlan;
use super::power::LedCurrent;
use super::quantizer::{DutySums, Quantizer};
use crate::color::Color;
use crate::layout::{ColorOrder, Strip};

/// How many pixels are added up in single precision.
const BLOCK: usize = 64;

/// How far a strip is dimmed, and what it may draw then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// What the duty cycles are multiplied by, 0.0-1.0.
    pub(super) scale: f32,
    /// What the strip may draw, in mA.
    pub(super) budget_ma: f64,
}

/// All pixels of one strip at one moment.
#[derive(Clone, Debug)]
pub struct Frame {
    order: ColorOrder,
    correction: StripCorrection,
    draw: LedCurrent,
    dithers: bool,
    duties: Vec<Color>,
    /// Which pixels change at every frame.
    moving: Vec<bool>,
    /// The bytes may have to be others at the next finish.
    is_due: bool,
    /// What the LEDs draw undimmed, beside the idle current; `None` when not known.
    lit_ma: Option<f64>,
    /// The dimming of the last finish.
    scale: f32,
    /// Counts finishes: the place in the pattern of dithering.
    turn: usize,
    quantizer: Quantizer,
    sent_ma: f64,
    bytes: Vec<u8>,
}

impl Frame {
    /// Makes the dark frame of a strip.
    pub(super) fn new(strip: &Strip, plan: &FinishPlan) -> Self {
        let draw = LedCurrent::new(&plan.power, strip.pixels);
        let mut frame = Self {
            order: strip.order,
            correction: StripCorrection::new(plan, strip.order.leds()),
            draw,
            dithers: plan.dither,
            duties: vec![Color::BLACK; strip.pixels],
            moving: vec![false; strip.pixels],
            is_due: false,
            lit_ma: None,
            scale: 1.0,
            turn: 0,
            quantizer: Quantizer::new(strip.format, strip.pixels),
            sent_ma: draw.idle,
            bytes: vec![0; strip.bytes()],
        };
        frame.quantizer.pack(frame.order, &mut frame.bytes);
        frame
    }

    /// Puts a colour, dimmed by `brightness` (0.0-1.0), on a pixel and says whether it changes at
    /// every frame; beyond the strip's end it does nothing.
    #[inline]
    pub fn put(&mut self, pixel: usize, color: Color, brightness: f32, is_moving: bool) {
        let Some((duty, moving)) = self.duties.get_mut(pixel).zip(self.moving.get_mut(pixel))
        else {
            return;
        };
        *duty = self.correction.of(pixel).duty(color.scale(brightness));
        *moving = is_moving & self.dithers;
        self.is_due = true;
        self.lit_ma = None;
    }

    /// What the pixels draw at least, in mA.
    pub(super) fn idle_ma(&self) -> f64 {
        self.draw.idle
    }

    /// What the LEDs would draw undimmed, beside the idle current, in mA.
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
            self.draw.lit_ma(sums.colors, sums.white)
        })
    }

    /// Makes the bytes; whether they will be others at the next frame although nothing is put.
    pub(super) fn finish(&mut self, limit: Limit) -> bool {
        let sweeps = self.scale.to_bits() != limit.scale.to_bits();
        if self.is_due || sweeps || self.sent_ma > limit.budget_ma {
            self.scale = limit.scale;
            let is_trimmed = self.quantize(limit, sweeps);
            self.quantizer.pack(self.order, &mut self.bytes);
            // What sweeps is to be rounded once it rests; what was trimmed may get room again.
            self.is_due = sweeps || is_trimmed;
        }
        sweeps
    }

    /// Takes the LEDs' steps; whether some were taken back for the budget.
    fn quantize(&mut self, limit: Limit, sweeps: bool) -> bool {
        let pattern = biases(self.turn);
        self.turn = self.turn.wrapping_add(1);
        let all_move = sweeps & self.dithers;
        let biases = self.moving.iter().enumerate().map(|(pixel, is_moving)| {
            if is_moving | all_move {
                pattern[pixel % PIXELS]
            } else {
                ROUND
            }
        });
        let sums = self.quantizer.set(&self.duties, limit.scale, biases);
        self.sent_ma = self.idle_ma() + self.draw.lit_ma(sums.colors, sums.white);
        let over_ma = self.sent_ma - limit.budget_ma;
        if over_ma <= 0.0 {
            return false;
        }
        let left_ma = self
            .quantizer
            .trim(&self.duties, limit.scale, &self.draw, over_ma);
        self.sent_ma = limit.budget_ma + left_ma;
        true
    }

    /// What the strip draws by the frame that was finished last, in mA.
    pub fn current_ma(&self) -> f64 {
        self.sent_ma
    }

    /// Whether that frame is dimmed by a limit.
    pub fn is_limited(&self) -> bool {
        self.scale < 1.0
    }

    /// The frame as the strip takes it, in the strip's pixel format and channel order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The frame as red, green, blue, white; white is 0 where the strip has none.
    pub fn rgbw(&self) -> &[[u8; 4]] {
        self.quantizer.rgbw()
    }
}

fn sum(duties: &[Color]) -> DutySums {
    let sum = duties.iter().fold(Color::BLACK, |sum, duty| sum + *duty);
    DutySums {
        colors: f64::from(sum.r) + f64::from(sum.g) + f64::from(sum.b),
        white: f64::from(sum.w),
    }
}
