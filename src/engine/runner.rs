//! The runner: the work of the render thread between two waits.
//!
//! A step reads the clock once, drains the mailbox, renders the frame if one is due, writes changed
//! strips to the outputs and returns when it needs to run again. The render thread and the manual
//! clock call the same step. In steady state a step does not allocate.

use super::clock::Clock;
use super::debug_log::DebugLogWriter;
use super::mailbox::{ConfigChange, Mailbox, Post, TimedPost};
use super::metrics::Meter;
use super::notice::Notices;
use super::output_handle::StripOutput;
use super::pacer::{Lateness, Pacer, Wake};
use super::panic_guard::{PanicCounter, guard};
use super::profile::{ProfileSlot, ProfileTable};
use super::status_snapshot::{Publisher, SnapshotCell, SnapshotSource};
use super::watchdog::Watchdog;
use crate::effect::Motion;
use crate::input::Sample;
use crate::plan::{Plan, Priority};
use crate::renderer::Renderer;
use crate::time::{Span, Time};
use crossbeam_channel::{Receiver, Sender};
use log::Level;
use parking_lot::Mutex;
use std::sync::Arc;

/// How often the processor time is read while an effect moves. Reading it is a system call, which
/// costs as much as a frame of 150 pixels.
const CPU_INTERVAL: Span = Span::from_millis(100);

/// State shared by the callers and the render thread.
#[derive(Debug)]
pub(crate) struct EngineShared {
    pub(crate) clock: Clock,
    pub(crate) mailbox: Mailbox,
    pub(crate) notices: Arc<Notices>,
    pub(crate) snapshot: SnapshotCell,
    pub(crate) meter: Mutex<Meter>,
    pub(crate) profile: ProfileSlot,
    /// Makes the next step panic outside of any effect.
    #[cfg(test)]
    pub(crate) should_panic: std::sync::atomic::AtomicBool,
}

/// The render thread's end of the channels.
#[derive(Debug)]
pub(crate) struct RunnerChannels {
    pub(crate) posts: Receiver<TimedPost>,
    /// Returns replaced configs to the caller's side, which drops them.
    pub(crate) replaced: Sender<Box<ConfigChange>>,
}

/// The runner's state of a strip.
#[derive(Debug)]
struct StripState {
    strip_output: StripOutput,
    /// The last bytes written; `None` before the first frame.
    last: Option<Vec<u8>>,
}

/// Counts of one step, for the meter.
#[derive(Clone, Copy, Debug, Default)]
struct StepStats {
    drawn: Option<Lateness>,
    written: u64,
    equal: u64,
}

/// Owns the renderer and runs the steps.
#[derive(Debug)]
pub(crate) struct Runner {
    shared: Arc<EngineShared>,
    channels: RunnerChannels,
    plan: Arc<Plan>,
    renderer: Renderer,
    strip_outputs: Arc<[StripOutput]>,
    strips: Vec<StripState>,
    pacer: Pacer,
    watchdog: Watchdog,
    publisher: Publisher,
    debug_log: DebugLogWriter,
    panics: PanicCounter,
    /// When the processor time was last read.
    cpu_read: Time,
}

impl Runner {
    pub(crate) fn new(
        shared: Arc<EngineShared>,
        channels: RunnerChannels,
        first: ConfigChange,
        seed: u64,
    ) -> Self {
        let ConfigChange {
            plan,
            strip_outputs,
        } = first;
        let now = shared.clock.now();
        let publisher = Publisher::new(ConfigChange {
            plan: Arc::clone(&plan),
            strip_outputs: Arc::clone(&strip_outputs),
        });
        let mut runner = Self {
            renderer: Renderer::new(Arc::clone(&plan), seed, now),
            strips: strip_outputs.iter().cloned().map(StripState::new).collect(),
            strip_outputs,
            pacer: Pacer::new(plan.fps),
            watchdog: Watchdog::default(),
            publisher,
            debug_log: DebugLogWriter::default(),
            panics: PanicCounter::default(),
            cpu_read: now,
            shared,
            channels,
            plan,
        };
        runner.publish(now);
        runner
    }

    pub(crate) fn shared(&self) -> Arc<EngineShared> {
        Arc::clone(&self.shared)
    }

    /// Returns the priority that the config asks for.
    pub(crate) fn priority(&self) -> Priority {
        self.plan.priority
    }

    /// Does all pending work. Returns when to run again.
    pub(crate) fn step(&mut self) -> Wake {
        let now = self.shared.clock.now();
        let mut stats = StepStats::default();
        if let Err(panic) = guard(|| self.work(now, &mut stats)) {
            self.recover(now, &panic);
        }
        self.publish(now);
        self.record_stats(now, stats);
        self.next_wake()
    }

    /// Blanks all strips.
    pub(crate) fn blank(&self) {
        let now = self.shared.clock.now();
        for strip in &self.strips {
            strip.strip_output.output.stop(now);
        }
    }

    fn work(&mut self, now: Time, stats: &mut StepStats) {
        self.drain(now);
        if let Some(late) = self.pacer.begin(now) {
            stats.drawn = Some(late);
            self.draw(now, stats);
        }
    }

    fn drain(&mut self, now: Time) {
        while let Ok(post) = self.channels.posts.try_recv() {
            if let Some((at, sample)) = &post.before {
                self.take_sample(now, *at, sample);
            }
            self.publisher.mark_stale();
            self.handle_post(now, post);
        }
        let sample = self.shared.mailbox.take_sample();
        let link = self.watchdog.check(&self.shared.mailbox.heartbeat, now);
        if self.panics.has_given_up() {
            return;
        }
        self.take_painted_frames(now);
        if let Some((at, sample)) = sample {
            self.take_sample(now, at, &sample);
        }
        if let Some(event) = link {
            self.pacer.request_frame(now);
            self.renderer.event(now, event);
        }
    }

    fn take_sample(&mut self, now: Time, at: Time, sample: &Sample) {
        if !self.panics.has_given_up() {
            self.pacer.request_frame(now);
            self.renderer.sample(at, sample);
            let (sources, notices) = (self.renderer.sources(), &self.shared.notices);
            self.debug_log.sample(at, sample, sources, notices);
        }
    }

    fn take_painted_frames(&mut self, now: Time) {
        let (renderer, pacer) = (&mut self.renderer, &mut self.pacer);
        let strips = &self.plan.strips;
        self.shared.mailbox.paint.take(|name, rgbw| {
            // A reload may have removed the strip.
            if let Some(strip) = strips.iter().position(|it| it.strip.name == name) {
                pacer.request_frame(now);
                renderer.paint(strip, rgbw);
            }
        });
    }

    fn handle_post(&mut self, now: Time, post: TimedPost) {
        let at = post.at;
        if let Post::Reload(change) = post.post {
            return self.reload(now, change);
        }
        if self.panics.has_given_up() {
            return;
        }
        self.pacer.request_frame(now);
        self.apply(at, post.post);
    }

    fn apply(&mut self, at: Time, post: Post) {
        match post {
            Post::Event(event) => self.renderer.event(at, event),
            Post::Lights(command) => command.apply(&mut self.renderer, at),
            Post::Reload(_) => {}
        }
    }

    fn reload(&mut self, now: Time, mut change: Box<ConfigChange>) {
        let strips = change
            .strip_outputs
            .iter()
            .cloned()
            .map(StripState::new)
            .collect();
        let old = std::mem::replace(&mut self.strips, strips);
        for strip in &mut self.strips {
            let is_same = |it: &&StripState| it.strip_output.is(&strip.strip_output);
            strip.last = old.iter().find(is_same).and_then(|it| it.last.clone());
        }
        std::mem::swap(&mut self.strip_outputs, &mut change.strip_outputs);
        let plan = Arc::clone(&change.plan);
        self.plan = Arc::clone(&plan);
        self.pacer.set_fps(plan.fps);
        let replaced = self.renderer.replace(now, plan);
        // Repaints also the strips that were removed for a while.
        self.shared.mailbox.paint.mark_all_dirty();
        change.plan = replaced;
        drop(old);
        if !self.panics.has_given_up() {
            self.pacer.request_frame(now);
        }
        self.publisher.publish_soon();
        self.publish(now);
        // The channel holds more reloads than can be pending. If it is full, the config is freed
        // here.
        let _ = self.channels.replaced.try_send(change);
    }

    fn draw(&mut self, now: Time, stats: &mut StepStats) {
        let clock = &self.shared.clock;
        let mut profile = self.shared.profile.open(now, &self.plan);
        let motion = match profile.as_deref_mut() {
            None => self.renderer.render(now),
            Some(table) => render_measured(&mut self.renderer, now, clock, table),
        };
        let written = stats.written;
        for (index, strip) in self.strips.iter_mut().enumerate() {
            let bytes = self.renderer.frame(index);
            strip.strip_output.note_power(self.renderer.power(index));
            if strip.last.as_deref() == Some(bytes) {
                stats.equal += 1;
                continue;
            }
            stats.written += 1;
            strip
                .strip_output
                .submit(now, bytes, self.renderer.rgbw(index));
            let last = strip.last.get_or_insert_default();
            last.clear();
            last.extend_from_slice(bytes);
        }
        if stats.written > written {
            // After all strips are written, so that strips on one output are sent together.
            self.strips
                .iter()
                .for_each(|strip| strip.strip_output.flush());
        }
        if let Some(mut table) = profile {
            table.frame(clock.now().since(now));
        }
        self.pacer.end(now, motion);
        self.publisher.mark_stale();
    }

    /// Recovers from a panic: replaces the effect, or stops drawing.
    fn recover(&mut self, now: Time, panic: &str) {
        self.shared.meter.lock().counters.panics += 1;
        self.publisher.mark_stale();
        let group = self.renderer.drawing();
        self.report_panic(group, panic);
        let replaced = guard(|| group.map(|group| self.renderer.replace_with_fallback(group)));
        if replaced.is_err() {
            self.panics.give_up();
        }
        if self.panics.record(now) {
            self.give_up();
        }
    }

    fn report_panic(&self, group: Option<usize>, panic: &str) {
        let text = match group.and_then(|index| self.plan.groups.get(index).zip(Some(index))) {
            Some((plan, index)) => format!(
                "lumen: group '{}': effect '{}' has an internal error ({panic}); the group shows \
                 a dim light until its state changes",
                plan.group.name,
                self.renderer.shown(index).text,
            ),
            None => format!("lumen: internal error ({panic})"),
        };
        self.shared.notices.push(Level::Error, text);
    }

    fn give_up(&mut self) {
        self.panics.give_up();
        self.pacer.stop();
        self.blank();
        let text = "lumen: three internal errors within a minute; all strips stay dark until \
                    Klipper restarts";
        self.shared.notices.push(Level::Error, text.to_owned());
    }

    fn publish(&mut self, now: Time) {
        #[cfg(test)]
        assert!(
            !self
                .shared
                .should_panic
                .load(std::sync::atomic::Ordering::Relaxed),
            "panic requested by a test"
        );
        if let Clock::Manual(_) = self.shared.clock {
            self.publisher.publish_soon();
        }
        let source = SnapshotSource {
            plan: &self.plan,
            strip_outputs: &self.strip_outputs,
            renderer: &self.renderer,
            is_moving: self.pacer.is_moving(),
            is_faulted: self.panics.has_given_up(),
        };
        if self.publisher.publish(&self.shared.snapshot, now, &source) {
            let notices = &self.shared.notices;
            self.debug_log.scene(&self.plan, &self.renderer, notices);
        }
    }

    fn record_stats(&mut self, now: Time, stats: StepStats) {
        let render = self.shared.clock.now().since(now);
        let is_due = now.since(self.cpu_read) >= CPU_INTERVAL || !self.pacer.is_moving();
        let cpu = is_due.then(|| self.shared.clock.cpu());
        if is_due {
            self.cpu_read = now;
        }
        let mut meter = self.shared.meter.lock();
        meter.counters.wakeups += 1;
        meter.counters.written += stats.written;
        meter.counters.equal += stats.equal;
        if let Some(late) = stats.drawn {
            meter.counters.late += late.skipped;
            meter.frame(now, late.span, render, self.pacer.is_moving());
        }
        meter.cpu = cpu.unwrap_or(meter.cpu);
    }

    fn next_wake(&self) -> Wake {
        let chores = [
            Watchdog::deadline(&self.shared.mailbox.heartbeat),
            self.publisher.deadline(),
        ];
        let chore = chores.into_iter().flatten().min().unwrap_or(Time::MAX);
        match self.pacer.due() {
            Some(due) if due <= chore => Wake::Frame(due),
            _ if chore == Time::MAX => Wake::Post,
            _ => Wake::Chore(chore),
        }
    }
}

#[cfg(test)]
impl Runner {
    pub(super) fn renderer(&mut self) -> &mut Renderer {
        &mut self.renderer
    }
}

/// Renders a frame and measures the time of each group.
fn render_measured(
    renderer: &mut Renderer,
    now: Time,
    clock: &Clock,
    table: &mut ProfileTable,
) -> Motion {
    let mut motion = renderer.begin_frame(now);
    for group in 0..table.group_count() {
        let since = clock.now();
        motion = motion.min(renderer.draw_group(group));
        let span = clock.now().since(since);
        table.group(group, renderer.drawn(group), span);
    }
    let since = clock.now();
    let motion = renderer.end_frame(motion);
    table.finish(clock.now().since(since));
    motion
}

impl StripState {
    fn new(strip_output: StripOutput) -> Self {
        Self {
            strip_output,
            last: None,
        }
    }
}
