//! Pacing: decides when the next frame is due. The only place that sleeps.
//!
//! Frames lie on a computed grid: frame k is due k/fps after the start, so the rate is exact and
//! does not drift. A late frame replaces the frames it missed; they are counted but not made up
//! for. All strips share the grid.

use super::clock::Clock;
use crate::effect::Motion;
use crate::time::{Span, Time};
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::ClockId;
use std::time::Duration;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// Waits up to this long are uninterruptible sleeps to an absolute time. Longer waits can be woken
/// by a post. The limit is a bit more than a frame at 60 fps. Measured on an x86 VM: both are 0.11
/// ms late in the median; at p99 the sleep is 0.15 ms late and the park at 30 fps 0.2 ms.
const MAX_SLEEP: Span = Span::from_millis(20);

/// Minimum time between frames. A post requests a frame at once, but not closer to the last frame
/// than this. So a slow `gpio_fps` does not delay events, and a flood of posts does not cause a
/// flood of frames.
const MIN_FRAME_GAP: Span = Span::from_nanos(16_666_667);

/// A scene counts as moving if it changes at least this often.
const MOVING_WITHIN: Span = Span::from_millis(1000);

/// The times at which frames may be due.
#[derive(Clone, Copy, Debug)]
struct FrameGrid {
    fps: u16,
}

impl FrameGrid {
    /// Returns the number of the first frame at or after `time`.
    fn number(self, time: Time) -> u64 {
        let frames = u128::from(time.as_nanos()) * u128::from(self.fps);
        frames.div_ceil(NANOS_PER_SECOND) as u64
    }

    fn time(self, number: u64) -> Time {
        let nanos = u128::from(number) * NANOS_PER_SECOND / u128::from(self.fps);
        Time::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn at_or_after(self, time: Time) -> Time {
        self.time(self.number(time))
    }

    fn after(self, time: Time) -> Time {
        self.at_or_after(time + Span::from_nanos(1))
    }

    /// Counts the frames that are due after `from` and up to `to`.
    fn between(self, from: Time, to: Time) -> u64 {
        let tick = Span::from_nanos(1);
        self.number(to + tick)
            .saturating_sub(self.number(from + tick))
    }
}

/// How late a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lateness {
    /// Time since the frame was due.
    pub(crate) span: Span,
    /// Frames that became due in between and are not drawn.
    pub(crate) skipped: u64,
}

/// Decides when the next frame is due.
#[derive(Debug)]
pub(crate) struct Pacer {
    grid: FrameGrid,
    due: Option<Time>,
    last: Option<Time>,
    /// Whether the last frame reported that every following frame differs.
    is_moving_scene: bool,
}

impl Pacer {
    /// Creates a pacer whose first frame is due at once. `fps` is 1-240.
    pub(crate) fn new(fps: u16) -> Self {
        Self {
            grid: FrameGrid { fps: fps.max(1) },
            due: Some(Time::ZERO),
            last: None,
            is_moving_scene: false,
        }
    }

    /// Sets the frame rate, from the next frame on.
    pub(crate) fn set_fps(&mut self, fps: u16) {
        self.grid = FrameGrid { fps: fps.max(1) };
    }

    /// Returns when the next frame is due, if nothing is posted before.
    pub(crate) fn due(&self) -> Option<Time> {
        self.due
    }

    /// Whether the next change is due within a second of the last frame.
    pub(crate) fn is_moving(&self) -> bool {
        let soon = self.last.map(|last| last + MOVING_WITHIN);
        self.due
            .is_some_and(|due| soon.is_none_or(|soon| due <= soon))
    }

    /// Begins a frame if one is due.
    pub(crate) fn begin(&mut self, now: Time) -> Option<Lateness> {
        let due = self.due.filter(|due| *due <= now)?;
        let skipped = if self.is_moving_scene {
            self.grid.between(due, now)
        } else {
            0
        };
        self.last = Some(now);
        // `end` corrects this. If the frame panics, it is tried again at the next frame time.
        self.due = Some(self.grid.after(now));
        Some(Lateness {
            span: now.since(due),
            skipped,
        })
    }

    /// Ends the frame that began at `now`.
    pub(crate) fn end(&mut self, now: Time, motion: Motion) {
        self.is_moving_scene = motion == Motion::Moving;
        let next = self.grid.after(now);
        self.due = match motion {
            Motion::Still => None,
            Motion::Until(then) => Some(self.grid.at_or_after(then).max(next)),
            Motion::Moving => Some(next),
        };
    }

    /// Requests a frame at once, because something was posted.
    pub(crate) fn request_frame(&mut self, now: Time) {
        let soonest = self.last.map_or(now, |last| now.max(last + MIN_FRAME_GAP));
        self.due = Some(self.due.map_or(soonest, |due| due.min(soonest)));
    }

    /// Stops drawing.
    pub(crate) fn stop(&mut self) {
        self.due = None;
        self.is_moving_scene = false;
    }
}

/// What the render thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// A frame.
    Frame(Time),
    /// A task that needs no precise timing.
    Chore(Time),
    /// A post.
    Post,
}

impl Wake {
    /// Returns the latest time to wake.
    pub(crate) fn time(self) -> Time {
        match self {
            Self::Frame(time) | Self::Chore(time) => time,
            Self::Post => Time::MAX,
        }
    }
}

/// Waits. A post ends every wait except a sleep of at most [`MAX_SLEEP`] before a frame.
pub(crate) fn wait(clock: &Clock, wake: Wake) {
    let left = wake.time().since(clock.now());
    match wake {
        Wake::Post => std::thread::park(),
        Wake::Frame(time) if left <= MAX_SLEEP => sleep_until(clock, time),
        Wake::Frame(_) | Wake::Chore(_) => {
            std::thread::park_timeout(Duration::from_nanos(left.as_nanos()));
        }
    }
}

fn sleep_until(clock: &Clock, until: Time) {
    let Some(until) = clock.absolute(until) else {
        return;
    };
    // A signal may interrupt the sleep. The frame is then not due yet and the loop waits again.
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &until);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: f64) -> Time {
        Time::from_secs(millis / 1000.0)
    }

    #[test]
    fn the_grid_does_not_drift_within_an_hour() {
        let grid = FrameGrid { fps: 60 };
        let mut time = Time::from_secs(3600.0);
        assert_eq!(grid.at_or_after(time), time);
        for _ in 0..60 {
            time = grid.after(time);
        }
        assert_eq!(time, Time::from_secs(3601.0));
    }

    #[test]
    fn every_rate_has_a_frame_at_every_full_second() {
        for fps in 1..=240 {
            let grid = FrameGrid { fps };
            let hour = Time::from_secs(3600.0);
            assert_eq!(grid.at_or_after(hour), hour, "{fps}");
            assert_eq!(grid.between(Time::ZERO, hour), 3600 * u64::from(fps));
        }
    }

    #[test]
    fn a_moving_scene_gets_every_frame() {
        let mut pacer = Pacer::new(100);
        for number in 0..10 {
            let now = Time::from_nanos(number * 10_000_000);
            assert_eq!(pacer.due(), Some(now));
            let late = pacer.begin(now).unwrap();
            assert_eq!((late.span, late.skipped), (Span::ZERO, 0));
            pacer.end(now, Motion::Moving);
        }
    }

    #[test]
    fn missed_frames_are_counted_and_not_made_up_for() {
        let mut pacer = Pacer::new(100);
        pacer.begin(ms(0.0)).unwrap();
        pacer.end(ms(0.0), Motion::Moving);
        let late = pacer.begin(ms(35.0)).unwrap();
        assert_eq!((late.span, late.skipped), (Span::from_millis(25), 2));
        pacer.end(ms(35.0), Motion::Moving);
        assert_eq!(pacer.due(), Some(ms(40.0)));
    }

    #[test]
    fn a_slow_effect_is_drawn_at_the_next_grid_time() {
        let mut pacer = Pacer::new(100);
        pacer.begin(ms(0.0)).unwrap();
        pacer.end(ms(0.0), Motion::Until(ms(123.0)));
        assert_eq!(pacer.due(), Some(ms(130.0)));
        pacer.end(ms(0.0), Motion::Until(ms(0.0)));
        assert_eq!(pacer.due(), Some(ms(10.0)));
        // Late, but no frame was skipped.
        pacer.end(ms(0.0), Motion::Until(ms(20.0)));
        assert_eq!(pacer.begin(ms(50.0)).unwrap().skipped, 0);
    }

    #[test]
    fn a_still_scene_is_drawn_again_only_after_a_post() {
        let mut pacer = Pacer::new(60);
        pacer.begin(ms(0.0)).unwrap();
        pacer.end(ms(0.0), Motion::Still);
        assert_eq!(pacer.due(), None);
        assert_eq!(pacer.begin(ms(999.0)), None);
        pacer.request_frame(ms(1003.0));
        assert_eq!(pacer.due(), Some(ms(1003.0)));
    }

    #[test]
    fn a_scene_that_changes_within_a_second_is_moving() {
        for (motion, is_moving) in [
            (Motion::Moving, true),
            (Motion::Until(ms(600.0)), true),
            (Motion::Until(ms(1600.0)), false),
            (Motion::Still, false),
        ] {
            let mut pacer = Pacer::new(60);
            pacer.begin(ms(100.0)).unwrap();
            pacer.end(ms(100.0), motion);
            assert_eq!(pacer.is_moving(), is_moving, "{motion:?}");
        }
    }

    #[test]
    fn a_low_rate_does_not_delay_events_and_many_events_do_not_flood() {
        let mut pacer = Pacer::new(1);
        pacer.begin(ms(0.0)).unwrap();
        pacer.end(ms(0.0), Motion::Moving);
        pacer.request_frame(ms(5.0));
        assert_eq!(pacer.due(), Some(Time::ZERO + MIN_FRAME_GAP));
        pacer.request_frame(ms(6.0));
        assert_eq!(pacer.due(), Some(Time::ZERO + MIN_FRAME_GAP));
    }

    #[test]
    fn a_post_between_two_frames_of_a_moving_scene_waits_for_the_next() {
        let mut pacer = Pacer::new(60);
        let first = Time::from_nanos(16_700_000);
        pacer.begin(first).unwrap();
        pacer.end(first, Motion::Moving);
        pacer.request_frame(ms(20.0));
        assert_eq!(pacer.due(), Some(Time::from_nanos(33_333_333)));
    }

    #[test]
    fn an_unfinished_frame_is_tried_again_at_the_next_frame_time() {
        let mut pacer = Pacer::new(100);
        pacer.begin(ms(0.0)).unwrap();
        assert_eq!(pacer.due(), Some(ms(10.0)));
    }

    #[test]
    fn a_wait_for_a_past_time_returns_at_once() {
        let clock = Clock::new(super::super::clock::ClockKind::Real);
        wait(&clock, Wake::Frame(Time::ZERO));
        wait(&clock, Wake::Chore(Time::ZERO));
        let soon = clock.now() + Span::from_millis(1);
        wait(&clock, Wake::Frame(soon));
        assert!(clock.now() >= soon);
    }
}
