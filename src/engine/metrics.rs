//! Metrics: counters and timing of the engine.
//!
//! Counting does not allocate. Each second has its own slot with histograms of lateness, render
//! time and period. A report adds up the last 1, 10 and 60 full seconds.

use crate::time::histogram::Histogram;
pub use crate::time::histogram::Spread;
use crate::time::{Span, Time};
use serde::Serialize;

/// Number of seconds kept, equal to the longest window.
const SLOTS: usize = 60;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Counters since the engine's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Frames rendered, each for all strips.
    pub frames: u64,
    /// Frames written to outputs, counted per strip.
    pub written: u64,
    /// Frames not written because they equaled the last, counted per strip.
    pub equal: u64,
    /// Frames skipped because an earlier one was late.
    pub late: u64,
    /// How often the engine's threads woke up.
    pub wakeups: u64,
    /// Panics caught.
    pub panics: u64,
}

/// Timing within a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Window {
    /// Frames per second.
    pub fps: f64,
    /// Lateness of the frames.
    #[serde(rename = "late_ms")]
    pub late: Spread,
    /// Time to render a frame and write it to all outputs.
    #[serde(rename = "render_ms")]
    pub render: Spread,
    /// Time from one frame to the next, while something moved.
    #[serde(rename = "period_ms")]
    pub period: Spread,
}

/// The measurements of one second.
#[derive(Clone, Debug)]
struct OneSecond {
    second: u64,
    frames: u32,
    late: Histogram,
    render: Histogram,
    period: Histogram,
}

/// Counters and histograms. The render thread updates them; readers copy them under a lock.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    pub(crate) counters: Counters,
    /// Processor time of the render thread; up to 0.1 s old while an effect moves.
    pub(crate) cpu: Span,
    /// Time of the last frame, if the next follows it directly.
    last: Option<Time>,
    slots: Box<[OneSecond]>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let slot = OneSecond {
            second: 0,
            frames: 0,
            late: Histogram::default(),
            render: Histogram::default(),
            period: Histogram::default(),
        };
        Self {
            counters: Counters::default(),
            cpu: Span::ZERO,
            last: None,
            // One more than the longest window, for the current second.
            slots: vec![slot; SLOTS + 1].into_boxed_slice(),
        }
    }

    /// Adds a frame that began at `now`, `late` after it was due, and took `render`. `is_moving`
    /// says whether the next frame follows directly.
    pub(crate) fn frame(&mut self, now: Time, late: Span, render: Span, is_moving: bool) {
        self.counters.frames += 1;
        let second = now.as_nanos() / NANOS_PER_SECOND;
        let index = second as usize % self.slots.len();
        let slot = &mut self.slots[index];
        if slot.second != second {
            slot.second = second;
            slot.frames = 0;
            slot.late.clear();
            slot.render.clear();
            slot.period.clear();
        }
        if let Some(last) = self.last {
            slot.period.add(now.since(last));
        }
        self.last = is_moving.then_some(now);
        slot.frames += 1;
        slot.late.add(late);
        slot.render.add(render);
    }

    /// Returns the timing of the last `seconds` full seconds, or of as many as there were.
    pub(crate) fn window(&self, now: Time, seconds: u64) -> Window {
        let running = now.as_nanos() / NANOS_PER_SECOND;
        let first = running.saturating_sub(seconds);
        let mut frames = 0;
        let mut late = Histogram::default();
        let (mut render, mut period) = (Histogram::default(), Histogram::default());
        for slot in &self.slots {
            if (first..running).contains(&slot.second) {
                frames += slot.frames;
                late.merge(&slot.late);
                render.merge(&slot.render);
                period.merge(&slot.period);
            }
        }
        Window {
            fps: f64::from(frames) / (running - first).max(1) as f64,
            late: late.spread(),
            render: render.spread(),
            period: period.spread(),
        }
    }

    /// Returns the number of frames in the last full second.
    pub(crate) fn fps(&self, now: Time) -> f64 {
        let running = now.as_nanos() / NANOS_PER_SECOND;
        let Some(second) = running.checked_sub(1) else {
            return 0.0;
        };
        let slot = &self.slots[second as usize % self.slots.len()];
        if slot.second == second {
            f64::from(slot.frames)
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(meter: &mut Meter, from_s: u64, to_s: u64, fps: u64) {
        for second in from_s..to_s {
            for frame in 0..fps {
                let now = Time::from_nanos(second * NANOS_PER_SECOND + frame * 1_000_000);
                meter.frame(
                    now,
                    Span::from_nanos(100_000),
                    Span::from_nanos(30_000),
                    true,
                );
            }
        }
    }

    fn at(seconds: f64) -> Time {
        Time::from_secs(seconds)
    }

    #[test]
    fn windows_cover_full_seconds() {
        let mut meter = Meter::new();
        run(&mut meter, 0, 100, 60);
        run(&mut meter, 100, 105, 30);
        run(&mut meter, 105, 106, 7);
        assert!((meter.window(at(105.5), 1).fps - 30.0).abs() < 1e-9);
        assert!((meter.window(at(105.5), 10).fps - 45.0).abs() < 1e-9);
        assert!((meter.window(at(105.5), 60).fps - 57.5).abs() < 1e-9);
        assert!((meter.fps(at(105.5)) - 30.0).abs() < 1e-9);
    }

    #[test]
    fn the_rate_of_a_new_engine_uses_only_the_seconds_since_its_start() {
        let mut meter = Meter::new();
        run(&mut meter, 0, 3, 60);
        assert!((meter.window(at(3.2), 60).fps - 60.0).abs() < 1e-9);
        assert_eq!(meter.window(at(0.5), 1), Window::default());
    }

    #[test]
    fn a_still_engine_has_a_rate_of_zero() {
        let mut meter = Meter::new();
        run(&mut meter, 0, 3, 60);
        assert!(meter.fps(at(4.5)).abs() < 1e-9);
        assert!(meter.window(at(200.0), 60).fps.abs() < 1e-9);
    }

    #[test]
    fn periods_count_only_consecutive_frames() {
        let mut meter = Meter::new();
        let none = Span::ZERO;
        for (seconds, is_moving) in [
            (0.0, true),
            (0.02, true),
            (0.06, false),
            (0.9, true),
            (0.91, false),
        ] {
            meter.frame(at(seconds), none, none, is_moving);
        }
        let period = meter.window(at(1.0), 1).period;
        assert!((period.max_ms - 40.0).abs() < 1e-6);
        assert!((period.avg_ms - 70.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn lateness_and_render_time_are_separate() {
        let mut meter = Meter::new();
        run(&mut meter, 0, 1, 60);
        let window = meter.window(at(1.0), 1);
        assert!((window.late.max_ms - 0.1).abs() < 1e-9);
        assert!((window.render.avg_ms - 0.03).abs() < 1e-9);
    }
}
