//! The mailbox: how anything reaches the render thread.
//!
//! A post is one `try_send` into a bounded channel and an unpark; it never waits. Posts carry the
//! moment at which they were made, so that a fade begins with the event and not with the frame
//! that sees it. Samples and pictures do not queue: the latest counts, and one that says nothing
//! new wakes nobody.

use super::clock::Clock;
use super::output_handle::StripOutput;
use super::paint::PaintSlots;
use super::watchdog::Heartbeat;
use crate::input::Sample;
use crate::plan::{Override, Plan};
use crate::state::{Event, State};
use crate::time::{Span, Time};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// How many posts wait at most. The engine drains at least every frame, and a printer posts a few
/// in a second.
const CAPACITY: usize = 256;

/// Something that the renderer is to do.
#[derive(Debug)]
pub(crate) enum Post {
    /// Something happened to the printer.
    Event(Event),
    /// A command puts an effect on a group.
    Set(usize, Box<Override>),
    /// A web interface picks a color for a group.
    Pick(usize, Box<Override>),
    /// A command takes back what web interfaces picked for a group, or for all.
    ClearPicked(Option<usize>),
    /// A command forces a state.
    Force(State, Option<Span>),
    /// A command takes back what commands put on a group, or on all.
    Clear(Option<usize>),
    /// A command fades the brightness of a group, or of everything.
    Dim(Option<usize>, f32, Option<Span>),
    /// A command switches a group, or all, off or on.
    Switch(Option<usize>, bool),
    /// A command lets a group call for attention.
    Flash(usize, Box<Override>),
    /// A command for several groups, which takes one place: it reaches all of them or none.
    All(Vec<Post>),
    /// Another config is taken over.
    Reload(Box<ConfigChange>),
}

impl Post {
    /// Whether it comes from a command, which can be told to come again. What happened to the
    /// printer cannot: an end that is lost would leave its operation shown for ever.
    fn can_wait(&self) -> bool {
        !matches!(self, Self::Event(_) | Self::Reload(_))
    }
}

/// A plan with its lines: what a reload brings; after it, what it replaced, on the way back to be
/// dropped by the caller.
#[derive(Clone, Debug)]
pub(crate) struct ConfigChange {
    pub(crate) plan: Arc<Plan>,
    pub(crate) strip_outputs: Arc<[StripOutput]>,
}

/// A post with the moment at which it was made.
#[derive(Debug)]
pub(crate) struct TimedPost {
    pub(crate) at: Time,
    /// What was measured before it, and not taken yet: in its order, for what comes after it is
    /// measured soon, and only the latest sample waits.
    pub(crate) before: Option<(Time, Sample)>,
    pub(crate) post: Post,
}

/// Why a post did not go.
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
    /// It has not been taken yet.
    fresh: bool,
    /// There was one since the start or the last reload.
    known: bool,
}

/// The callers' side.
#[derive(Debug)]
pub(crate) struct Mailbox {
    posts: Sender<TimedPost>,
    latest: Mutex<LatestSample>,
    pub(crate) paint: PaintSlots,
    dropped: AtomicU64,
    pub(crate) heartbeat: Heartbeat,
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
            heartbeat: Heartbeat::default(),
            stop: AtomicBool::new(false),
            thread: OnceLock::new(),
        };
        (mailbox, receiver)
    }

    /// Names the thread that is to be woken; without one nobody is.
    pub(crate) fn wakes(&self, thread: Thread) {
        // There is one start, and it comes here once.
        let _ = self.thread.set(thread);
    }

    pub(crate) fn post(&self, clock: &Clock, post: Post) -> Result<(), PostError> {
        // Also where the thread hangs and would take it: a reload has opened devices.
        if self.is_stopped() {
            return Err(PostError::Closed);
        }
        if post.can_wait() && self.posts.len() >= CAPACITY / 2 {
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
        // The next sample counts, whether it says something new or not.
        self.forget_sample();
        match error {
            TrySendError::Full(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                PostError::Full
            }
            TrySendError::Disconnected(_) => PostError::Closed,
        }
    }

    /// Hands over a sample, which is a beat too.
    pub(crate) fn sample(&self, clock: &Clock, sample: &Sample) {
        let now = clock.now();
        let beat = self.heartbeat.beat(now);
        if self.keep(now, sample) || beat {
            self.wake();
        }
    }

    /// Keeps a sample that says something new.
    fn keep(&self, now: Time, sample: &Sample) -> bool {
        let mut latest = self.latest.lock();
        if latest.known && latest.sample == *sample {
            return false;
        }
        *latest = LatestSample {
            at: now,
            sample: *sample,
            fresh: true,
            known: true,
        };
        true
    }

    /// Hands over the picture of a strip.
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

    /// Takes the latest sample, if it was not taken before.
    pub(crate) fn take_sample(&self) -> Option<(Time, Sample)> {
        let mut latest = self.latest.lock();
        std::mem::take(&mut latest.fresh).then_some((latest.at, latest.sample))
    }

    /// Forgets the latest sample: its sources are those of another plan.
    pub(crate) fn forget_sample(&self) {
        let mut latest = self.latest.lock();
        latest.fresh = false;
        latest.known = false;
    }

    /// How many posts were refused because the mailbox was full.
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
    fn commands_leave_room_for_what_happens() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _letters) = Mailbox::new();
        for _ in 0..CAPACITY / 2 {
            mailbox.post(&clock, Post::Clear(None)).unwrap();
        }
        assert_eq!(
            mailbox.post(&clock, Post::Clear(None)),
            Err(PostError::Full)
        );
        assert_eq!(mailbox.post(&clock, Post::Event(Event::Ready)), Ok(()));
    }

    #[test]
    fn nothing_goes_to_an_engine_that_has_ended() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        drop(posts);
        let refused = mailbox.post(&clock, Post::Clear(None));
        assert_eq!((refused, mailbox.dropped()), (Err(PostError::Closed), 0));
    }

    #[test]
    fn nothing_waits_for_a_thread_that_was_asked_to_end() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        mailbox.stop();
        let refused = mailbox.post(&clock, Post::Event(Event::Ready));
        assert_eq!((refused, mailbox.dropped()), (Err(PostError::Closed), 0));
        assert!(posts.is_empty());
    }

    #[test]
    fn a_post_says_when_it_was_made() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        clock.advance_to(Time::from_secs(7.0));
        mailbox.post(&clock, Post::Clear(None)).unwrap();
        assert_eq!(posts.recv().unwrap().at, Time::from_secs(7.0));
    }

    #[test]
    fn of_several_samples_the_latest_counts_once() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _letters) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox.sample(&clock, &progress(0.2));
        assert_eq!(mailbox.take_sample().unwrap().1, progress(0.2));
        assert!(mailbox.take_sample().is_none());
    }

    #[test]
    fn a_sample_that_says_nothing_new_is_only_a_beat() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _letters) = Mailbox::new();
        assert!(mailbox.keep(Time::ZERO, &progress(0.1)));
        mailbox.take_sample();
        mailbox.sample(&clock, &progress(0.1));
        assert!(mailbox.take_sample().is_none());
        assert!(mailbox.keep(Time::ZERO, &progress(0.2)));
    }

    #[test]
    fn what_was_measured_before_a_post_goes_with_it() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, posts) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox.post(&clock, Post::Clear(None)).unwrap();
        mailbox.sample(&clock, &progress(0.2));
        mailbox.post(&clock, Post::Clear(None)).unwrap();
        mailbox.post(&clock, Post::Clear(None)).unwrap();
        let before = || posts.recv().unwrap().before.map(|it| it.1);
        assert_eq!(before(), Some(progress(0.1)));
        assert_eq!(before(), Some(progress(0.2)));
        assert_eq!(before(), None);
    }

    #[test]
    fn after_a_reload_the_same_sample_is_new_again() {
        let clock = Clock::new(ClockKind::Manual);
        let (mailbox, _letters) = Mailbox::new();
        mailbox.sample(&clock, &progress(0.1));
        mailbox.forget_sample();
        assert!(mailbox.take_sample().is_none());
        mailbox.sample(&clock, &progress(0.1));
        assert!(mailbox.take_sample().is_some());
    }
}
