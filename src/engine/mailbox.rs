//! The mailbox: every input of the render thread goes through it.
//!
//! A post is one `try_send` into a bounded channel and an unpark; it never waits. Each post carries
//! its time, so a fade begins with the event and not with the next frame. Samples and painted
//! frames are not queued: only the latest counts, and an unchanged one wakes nothing.

use super::clock::Clock;
use super::output_handle::StripOutput;
use super::paint_slots::PaintSlots;
use super::watchdog::ReactorHeartbeat;
use crate::input::Sample;
use crate::plan::Plan;
use crate::request::LightCommand;
use crate::state::Event;
use crate::time::Time;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// Maximum number of waiting posts. The engine drains them every frame, and a printer posts only a
/// few per second.
const CAPACITY: usize = 256;

/// A request to the renderer.
#[derive(Debug)]
pub(crate) enum Post {
    /// An event of the printer.
    Event(Event),
    /// Change the lights as a user requests. It uses one place in the queue, so it reaches all or
    /// none of the groups.
    Lights(LightCommand),
    /// Replace the config.
    Reload(Box<ConfigChange>),
}

impl Post {
    /// Whether the caller can repeat the post later, as for a command. Events cannot be repeated:
    /// if an end were lost, its operation would show forever.
    fn is_repeatable(&self) -> bool {
        matches!(self, Self::Lights(_))
    }
}

/// A plan with its outputs. A reload posts the new one; the old one goes back to the caller, which
/// drops it.
#[derive(Clone, Debug)]
pub(crate) struct ConfigChange {
    pub(crate) plan: Arc<Plan>,
    pub(crate) strip_outputs: Arc<[StripOutput]>,
}

/// A post with its time.
#[derive(Debug)]
pub(crate) struct TimedPost {
    pub(crate) at: Time,
    /// A sample that was waiting when the post was sent. It keeps its order this way: only the
    /// latest sample waits, and the next one may replace it before the posts are drained.
    pub(crate) before: Option<(Time, Sample)>,
    pub(crate) post: Post,
}

/// Why a post was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostError {
    /// The mailbox is full.
    Full,
    /// The engine has ended.
    Closed,
}

#[derive(Debug, Default)]
struct LatestSample {
    at: Time,
    sample: Sample,
    /// Whether the render thread has not taken it yet.
    is_new: bool,
    /// Whether there was a sample since the start or the last reload.
    has_sample: bool,
}

/// The callers' side.
#[derive(Debug)]
pub(crate) struct Mailbox {
    posts: Sender<TimedPost>,
    latest: Mutex<LatestSample>,
    pub(crate) paint: PaintSlots,
    dropped: AtomicU64,
    pub(crate) heartbeat: ReactorHeartbeat,
    stop: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Mailbox {
    pub(crate) fn new() -> (Self, Receiver<TimedPost>) {
        let (posts, receiver) = crossbeam_channel::bounded(CAPACITY);
        let mailbox = Self {
            posts,
            latest: Mutex::default(),
            paint: PaintSlots::default(),
            dropped: AtomicU64::new(0),
            heartbeat: ReactorHeartbeat::default(),
            stop: AtomicBool::new(false),
            thread: OnceLock::new(),
        };
        (mailbox, receiver)
    }

    /// Sets the thread to wake. Until then, posts wake nothing.
    pub(crate) fn set_thread(&self, thread: Thread) {
        // Called once, so `set` cannot fail.
        let _ = self.thread.set(thread);
    }

    pub(crate) fn post(&self, clock: &Clock, post: Post) -> Result<(), PostError> {
        // The thread may hang and never take the post. For a reload, devices are open already.
        if self.is_stopped() {
            return Err(PostError::Closed);
        }
        if post.is_repeatable() && self.posts.len() >= CAPACITY / 2 {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return Err(PostError::Full);
        }
        let at = clock.now();
        let before = self.take_sample();
        let sent = self.posts.try_send(TimedPost { at, before, post });
        sent.map_err(|error| self.refuse(&error))?;
        self.wake();
        Ok(())
    }

    fn refuse(&self, error: &TrySendError<TimedPost>) -> PostError {
        // The sample is lost with the post, so the next one counts even if it is equal.
        self.forget_sample();
        match error {
            TrySendError::Full(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                PostError::Full
            }
            TrySendError::Disconnected(_) => PostError::Closed,
        }
    }

    /// Stores a sample. It counts as a heartbeat.
    pub(crate) fn sample(&self, clock: &Clock, sample: &Sample) {
        let now = clock.now();
        let beat = self.heartbeat.beat(now);
        if self.store_if_changed(now, sample) || beat {
            self.wake();
        }
    }

    /// Stores a sample if it differs from the last; returns whether it did.
    fn store_if_changed(&self, now: Time, sample: &Sample) -> bool {
        let mut latest = self.latest.lock();
        if latest.has_sample && latest.sample == *sample {
            return false;
        }
        *latest = LatestSample {
            at: now,
            sample: *sample,
            is_new: true,
            has_sample: true,
        };
        true
    }

    /// Stores the painted frame of a strip.
    pub(crate) fn paint(&self, strip: &str, rgbw: &[[u8; 4]]) {
        if self.paint.put(strip, rgbw) {
            self.wake();
        }
    }

    pub(crate) fn heartbeat(&self, clock: &Clock) {
        if self.heartbeat.beat(clock.now()) {
            self.wake();
        }
    }

    /// Takes the latest sample, unless it was taken before.
    pub(crate) fn take_sample(&self) -> Option<(Time, Sample)> {
        let mut latest = self.latest.lock();
        std::mem::take(&mut latest.is_new).then_some((latest.at, latest.sample))
    }

    /// Forgets the latest sample, whose sources belong to the old plan.
    pub(crate) fn forget_sample(&self) {
        let mut latest = self.latest.lock();
        latest.is_new = false;
        latest.has_sample = false;
    }

    /// Returns how many posts were refused because the mailbox was full.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Asks the render thread to end.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::ClockKind;
    use super::*;

    fn progress(value: f32) -> Sample {
        Sample {
            progress: Some(value),
            ..Sample::default()
        }
    }

    #[test]
    fn a_full_mailbox_refuses_and_counts() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        for _ in 0..CAPACITY {
            mailbox.post(&clock, Post::Event(Event::Activity)).unwrap();
        }
        let refused = mailbox.post(&clock, Post::Event(Event::Ready));
        assert_eq!((refused, mailbox.dropped()), (Err(PostError::Full), 1));
        posts.recv().unwrap();
        assert_eq!(mailbox.post(&clock, Post::Event(Event::Ready)), Ok(()));
    }

    #[test]
    fn commands_leave_room_for_events() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _posts) = Mailbox::new();
        for _ in 0..CAPACITY / 2 {
            mailbox
                .post(&clock, Post::Lights(LightCommand::Clear(None)))
                .unwrap();
        }
        assert_eq!(
            mailbox.post(&clock, Post::Lights(LightCommand::Clear(None))),
            Err(PostError::Full)
        );
        assert_eq!(mailbox.post(&clock, Post::Event(Event::Ready)), Ok(()));
    }

    #[test]
    fn a_post_to_an_ended_engine_is_refused() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        drop(posts);
        let refused = mailbox.post(&clock, Post::Lights(LightCommand::Clear(None)));
        assert_eq!((refused, mailbox.dropped()), (Err(PostError::Closed), 0));
    }

    #[test]
    fn a_post_to_a_stopping_thread_is_refused() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        mailbox.stop();
        let refused = mailbox.post(&clock, Post::Event(Event::Ready));
        assert_eq!((refused, mailbox.dropped()), (Err(PostError::Closed), 0));
        assert!(posts.is_empty());
    }

    #[test]
    fn a_post_carries_its_time() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        clock.advance_to(Time::from_secs(7.0));
        mailbox
            .post(&clock, Post::Lights(LightCommand::Clear(None)))
            .unwrap();
        assert_eq!(posts.recv().unwrap().at, Time::from_secs(7.0));
    }

    #[test]
    fn only_the_latest_sample_is_taken_and_only_once() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _posts) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox.sample(&clock, &progress(0.2));
        assert_eq!(mailbox.take_sample().unwrap().1, progress(0.2));
        assert!(mailbox.take_sample().is_none());
    }

    #[test]
    fn an_unchanged_sample_is_only_a_heartbeat() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _posts) = Mailbox::new();
        assert!(mailbox.store_if_changed(Time::ZERO, &progress(0.1)));
        mailbox.take_sample();
        mailbox.sample(&clock, &progress(0.1));
        assert!(mailbox.take_sample().is_none());
        assert!(mailbox.store_if_changed(Time::ZERO, &progress(0.2)));
    }

    #[test]
    fn a_post_carries_the_sample_that_was_waiting() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox
            .post(&clock, Post::Lights(LightCommand::Clear(None)))
            .unwrap();
        mailbox.sample(&clock, &progress(0.2));
        mailbox
            .post(&clock, Post::Lights(LightCommand::Clear(None)))
            .unwrap();
        mailbox
            .post(&clock, Post::Lights(LightCommand::Clear(None)))
            .unwrap();
        let before = || posts.recv().unwrap().before.map(|it| it.1);
        assert_eq!(before(), Some(progress(0.1)));
        assert_eq!(before(), Some(progress(0.2)));
        assert_eq!(before(), None);
    }

    #[test]
    fn after_a_reload_the_same_sample_is_new_again() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _posts) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox.forget_sample();
        assert!(mailbox.take_sample().is_none());
        mailbox.sample(&clock, &progress(0.1));
        assert!(mailbox.take_sample().is_some());
    }
}
