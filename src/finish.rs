//! Finish: converts colors to bytes. Every color goes to its strip this way.
//!
//! The steps, in order: group and overall brightness, clamp, white extraction, white balance, gamma
//! (see [`FinishPlan`]), power limit, dithering or rounding, channel order. Colors are linear light
//! and so are duty cycles, so brightness and limits are plain factors. Pixels that are never
//! written are dark. A limit holds for the final bytes: excess current from rounding is trimmed. A
//! still frame is rounded and stays the same, byte for byte.

mod color_correction;
mod dither;
mod frame;
mod plan;
mod power;
mod quantizer;

use crate::effect::Motion;
use crate::layout::Strip;
use crate::time::Time;
pub use frame::Frame;
use frame::Limit;
pub use plan::{FinishPlan, PowerPlan, White};
use power::Limiter;

/// The frames of all strips, with their power limits.
///
/// ```
/// use lumen::{Color, ColorOrder, Finish, FinishPlan, PixelFormat, Strip, Time};
///
/// let strip = Strip {
///     name: "case".into(),
///     pixels: 2,
///     order: ColorOrder::GRB,
///     format: PixelFormat::Bytes,
/// };
/// let mut finish = Finish::new([(&strip, &FinishPlan::default())], None);
/// finish.frames_mut()[0].put(1, Color::rgb(1.0, 0.5, 0.0), 0.5, false);
/// finish.run(Time::ZERO);
/// assert_eq!(finish.frames()[0].bytes(), [0, 0, 0, 64, 128, 0]);
/// ```
#[derive(Debug)]
pub struct Finish {
    frames: Vec<Frame>,
    /// The limit of each strip in mA, and its limiter.
    limits: Vec<Option<(f64, Limiter)>>,
    /// The limit of all strips together.
    total: Option<(f64, Limiter)>,
}

impl Finish {
    /// Creates dark frames. Together they may use `max_current_ma`.
    pub fn new<'a>(
        strips: impl IntoIterator<Item = (&'a Strip, &'a FinishPlan)>,
        max_current_ma: Option<f32>,
    ) -> Self {
        let limited = |max_ma: Option<f32>| Some((f64::from(max_ma?), Limiter::new()));
        let (frames, limits) = strips
            .into_iter()
            .map(|(strip, plan)| {
                let limit = limited(plan.power.max_current_ma);
                (Frame::new(strip, plan), limit)
            })
            .unzip();
        Self {
            frames,
            limits,
            total: limited(max_current_ma),
        }
    }

    /// Returns the frames of all strips.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Returns the frames of all strips, to write colors to.
    pub fn frames_mut(&mut self) -> &mut [Frame] {
        &mut self.frames
    }

    /// Converts all written colors to bytes. Returns whether the bytes change without further
    /// writes.
    pub fn run(&mut self, now: Time) -> Motion {
        let shared_limit = self.shared_limit(now);
        let mut is_moving = self.total.is_some_and(|(_, limiter)| limiter.is_moving());
        for (frame, limit) in self.frames.iter_mut().zip(&self.limits) {
            let (max_ma, scale) = limit.map_or((f64::INFINITY, 1.0), |(max_ma, limiter)| {
                is_moving |= limiter.is_moving();
                (max_ma, limiter.scale())
            });
            let share_ma = shared_limit.map_or(f64::INFINITY, |it| it.share_ma(frame, scale));
            is_moving |= frame.finish(Limit {
                scale: scale * shared_limit.map_or(1.0, |it| it.scale),
                budget_ma: max_ma.min(share_ma),
            });
        }
        if is_moving {
            Motion::Moving
        } else {
            Motion::Still
        }
    }

    /// Updates the limiter of each strip, then the one of all strips.
    fn shared_limit(&mut self, now: Time) -> Option<SharedLimit> {
        let (mut idle_ma, mut lit_ma) = (0.0, 0.0);
        for (frame, limit) in self.frames.iter_mut().zip(&mut self.limits) {
            if let Some((max_ma, limiter)) = limit {
                limiter.step(now, frame.lit_ma(), *max_ma - frame.idle_ma());
            }
            if self.total.is_some() {
                let scale = limit.map_or(1.0, |(_, limiter)| limiter.scale());
                idle_ma += frame.idle_ma();
                lit_ma += frame.lit_ma() * f64::from(scale);
            }
        }
        let (max_ma, limiter) = self.total.as_mut()?;
        let available_ma = *max_ma - idle_ma;
        limiter.step(now, lit_ma, available_ma);
        Some(SharedLimit {
            scale: limiter.scale(),
            available_per_ma: available_ma / lit_ma,
        })
    }
}

/// How the overall limit divides the current among the strips.
#[derive(Clone, Copy, Debug)]
struct SharedLimit {
    scale: f32,
    /// Current available above idle, per mA that would be used without this limit.
    available_per_ma: f64,
}

impl SharedLimit {
    /// Returns the current, in mA, that a strip may use. Its own limit dims it to `scale`.
    fn share_ma(self, frame: &mut Frame, scale: f32) -> f64 {
        let lit_ma = frame.lit_ma() * f64::from(scale);
        if lit_ma > 0.0 {
            frame.idle_ma() + lit_ma * self.available_per_ma
        } else {
            frame.idle_ma()
        }
    }
}

#[cfg(test)]
mod test;
