//! Finish: colours to bytes. The one way that every colour takes to a strip.
//!
//! In this order: group and global brightness, clamp, extraction of white, white balance, gamma
//! ([`FinishPlan`] says how), power limit, dither or round, channel order. Colours are linear light
//! and so are duty cycles, so brightness and limits are plain factors. Pixels that nobody puts are
//! dark. A limit holds for the bytes themselves: what rounding would draw too much is taken back.
//! A frame in which nothing moves is rounded and stays the same, byte for byte.

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

/// The frames of all strips, and what they may draw.
///
/// ```
/// use lumen::color::Color;
/// use lumen::finish::{Finish, FinishPlan};
/// use lumen::layout::{ColorOrder, PixelFormat, Strip};
/// use lumen::time::Time;
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
    /// For each strip what it may draw and what keeps it to that.
    limits: Vec<Option<(f64, Limiter)>>,
    /// The same for all together.
    total: Option<(f64, Limiter)>,
}

impl Finish {
    /// Makes dark frames; together they may draw `max_current_ma`.
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

    /// The frames of all strips.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frames of all strips, to put colours on.
    pub fn frames_mut(&mut self) -> &mut [Frame] {
        &mut self.frames
    }

    /// Makes the bytes of what was put; says whether they change although nothing more is put.
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

    /// Dims each strip to its own limit, then all to theirs.
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
        let room_ma = *max_ma - idle_ma;
        limiter.step(now, lit_ma, room_ma);
        Some(SharedLimit {
            scale: limiter.scale(),
            room_for_each_ma: room_ma / lit_ma,
        })
    }
}

/// What the limit of all strips leaves to each.
#[derive(Clone, Copy, Debug)]
struct SharedLimit {
    scale: f32,
    /// Of the room beside the idle current, for each mA that would be drawn without this limit.
    room_for_each_ma: f64,
}

impl SharedLimit {
    /// What a strip may draw, in mA, that its own limit dims to `scale`.
    fn share_ma(self, frame: &mut Frame, scale: f32) -> f64 {
        let lit_ma = frame.lit_ma() * f64::from(scale);
        if lit_ma > 0.0 {
            frame.idle_ma() + lit_ma * self.room_for_each_ma
        } else {
            frame.idle_ma()
        }
    }
}

#[cfg(test)]
mod test;
