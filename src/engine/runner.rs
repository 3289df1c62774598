//! The runner: what the render thread does between two waits.
//!
//! A step reads the clock once, drains the mailbox, draws the frame if one is due, hands what
//! changed to the exits and says when it wants to be called again. The thread and the manual clock
//! call the same step. Once everything that was asked for runs, a step allocates nothing.

use super::clock::Clock;
use super::exit::Line;
use super::fault::{Faults, guard};
use super::mailbox::{Change, Letter, Mailbox, Post};
use super::metrics::Meter;
use super::notice::Notices;
use super::pacer::{Lateness, Pacer, Wake};
use super::profile::{Ledger, Stopwatch};
use super::snapshot::{Board, Publisher, Seen};
use super::watchdog::Watchdog;
use crate::input::Sample;
use crate::plan::Plan;
use crate::renderer::Renderer;
use crate::time::Time;
use crossbeam_channel::{Receiver, Sender};
use log::Level;
use parking_lot::Mutex;
use std::sync::Arc;

/// What the caller's side and the render thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) mailbox: Mailbox,
    pub(crate) notices: Arc<Notices>,
    pub(crate) board: Board,
    pub(crate) meter: Mutex<Meter>,
    pub(crate) ledger: Ledger,
    /// The next step panics where no effect is to blame.
    #[cfg(test)]
    pub(crate) trip: std::sync::atomic::AtomicBool,
}

/// The render thread's end of the channels.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) letters: Receiver<Letter>,
    /// What a reload replaced goes back to be dropped on the caller's side.
    pub(crate) replaced: Sender<Box<Change>>,
}

/// A strip as the runner sees it.
#[derive(Debug)]
struct Lane {
    line: Line,
    /// The bytes that were handed over last; `None` before the first frame.
    last: Option<Vec<u8>>,
}

/// How a step went, for the meter.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    drawn: Option<Lateness>,
    written: u64,
    equal: u64,
}

/// Owns the renderer and turns steps into frames.
#[derive(Debug)]
pub(crate) struct Runner {
    shared: Arc<Shared>,
    channels: Channels,
    plan: Arc<Plan>,
    renderer: Renderer,
    lines: Arc<[Line]>,
    lanes: Vec<Lane>,
    pacer: Pacer,
    watchdog: Watchdog,
    publisher: Publisher,
    faults: Faults,
}

impl Runner {
    pub(crate) fn new(shared: Arc<Shared>, channels: Channels, first: Change, seed: u64) -> Self {
        let Change { plan, lines } = first;
        let now = shared.clock.now();
        let publisher = Publisher::new(Change {
            plan: Arc::clone(&plan),
            lines: Arc::clone(&lines),
        });
        let mut runner = Self {
            renderer: Renderer::new(Arc::clone(&plan), seed, now),
            lanes: lines.iter().cloned().map(Lane::new).collect(),
            lines,
            pacer: Pacer::new(plan.fps),
            watchdog: Watchdog::default(),
            publisher,
            faults: Faults::default(),
            shared,
            channels,
            plan,
        };
        runner.publish(now);
        runner
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Does everything that is to be done now; says when to come again.
    pub(crate) fn step(&mut self) -> Wake {
        let now = self.shared.clock.now();
        let mut tally = Tally::default();
        if let Err(panic) = guard(|| self.work(now, &mut tally)) {
            self.recover(now, &panic);
        }
        self.publish(now);
        self.count(now, tally);
        self.next()
    }

    /// Darkens all strips.
    pub(crate) fn rest(&self) {
        let now = self.shared.clock.now();
        for lane in &self.lanes {
            lane.line.exit.stop(now);
        }
    }

    fn work(&mut self, now: Time, tally: &mut Tally) {
        self.drain(now);
        if let Some(late) = self.pacer.begin(now) {
            tally.drawn = Some(late);
            self.draw(now, tally);
        }
    }

    fn drain(&mut self, now: Time) {
        while let Ok(letter) = self.channels.letters.try_recv() {
            if let Some((at, sample)) = &letter.before {
                self.take_sample(now, *at, sample);
            }
            self.publisher.touch();
            self.open(now, letter);
        }
        let sample = self.shared.mailbox.take_sample();
        let link = self.watchdog.look(&self.shared.mailbox.heart, now);
        if self.faults.over() {
            return;
        }
        self.take_pictures(now);
        if let Some((at, sample)) = sample {
            self.take_sample(now, at, &sample);
        }
        if let Some(event) = link {
            self.pacer.hurry(now);
            self.renderer.event(now, event);
        }
    }

    fn take_sample(&mut self, now: Time, at: Time, sample: &Sample) {
        if !self.faults.over() {
            self.pacer.hurry(now);
            self.renderer.sample(at, sample);
        }
    }

    fn take_pictures(&mut self, now: Time) {
        let (renderer, pacer) = (&mut self.renderer, &mut self.pacer);
        let strips = &self.plan.strips;
        self.shared.mailbox.easel.take(|name, rgbw| {
            // After a reload it may be gone.
            if let Some(strip) = strips.iter().position(|it| it.strip.name == name) {
                pacer.hurry(now);
                renderer.paint(strip, rgbw);
            }
        });
    }

    fn open(&mut self, now: Time, letter: Letter) {
        let at = letter.at;
        if let Post::Reload(change) = letter.post {
            return self.reload(now, change);
        }
        if self.faults.over() {
            return;
        }
        self.pacer.hurry(now);
        self.carry_out(at, letter.post);
    }

    fn carry_out(&mut self, at: Time, post: Post) {
        match post {
            Post::Event(event) => self.renderer.event(at, event),
            Post::Set(group, command) => self.renderer.set(at, group, command),
            Post::Force(state, duration) => self.renderer.force(at, state, duration),
            Post::Clear(group) => self.renderer.clear(at, group),
            Post::Dim(group, value, fade) => self.renderer.dim(at, group, value, fade),
            Post::Switch(group, is_on) => self.renderer.switch(at, group, is_on),
            Post::Flash(group, flash) => self.renderer.flash(at, group, flash),
            Post::All(posts) => {
                self.renderer.begin_batch();
                for post in posts {
                    self.carry_out(at, post);
                }
                self.renderer.end_batch(at);
            }
            Post::Reload(_) => {}
        }
    }

    fn reload(&mut self, now: Time, mut change: Box<Change>) {
        let lanes = change.lines.iter().cloned().map(Lane::new).collect();
        let old = std::mem::replace(&mut self.lanes, lanes);
        for lane in &mut self.lanes {
            let same = |it: &&Lane| it.line.is(&lane.line);
            lane.last = old.iter().find(same).and_then(|it| it.last.clone());
        }
        std::mem::swap(&mut self.lines, &mut change.lines);
        let plan = Arc::clone(&change.plan);
        self.plan = Arc::clone(&plan);
        self.pacer.set_fps(plan.fps);
        let replaced = self.renderer.replace(now, plan);
        // Also those of strips that were gone for a while.
        self.shared.mailbox.easel.turn_over();
        change.plan = replaced;
        drop(old);
        if !self.faults.over() {
            self.pacer.hurry(now);
        }
        self.publisher.hurry();
        self.publish(now);
        // The caller has room for more reloads than it can post; what does not fit is freed here.
        let _ = self.channels.replaced.try_send(change);
    }

    fn draw(&mut self, now: Time, tally: &mut Tally) {
        let clock = &self.shared.clock;
        let mut ledger = self.shared.ledger.open(now, &self.plan);
        let motion = match ledger.as_deref_mut() {
            None => self.renderer.render(now),
            Some(table) => {
                let mut watch = Stopwatch::new(clock, table);
                self.renderer.render_watched(now, &mut watch)
            }
        };
        let written = tally.written;
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let bytes = self.renderer.frame(index);
            lane.line.note_power(self.renderer.power(index));
            if lane.last.as_deref() == Some(bytes) {
                tally.equal += 1;
                continue;
            }
            tally.written += 1;
            lane.line.write(now, bytes, self.renderer.rgbw(index));
            let last = lane.last.get_or_insert_default();
            last.clear();
            last.extend_from_slice(bytes);
        }
        if tally.written > written {
            // Once all strips have theirs: what shares a wire goes out together.
            self.lanes.iter().for_each(|lane| lane.line.flush());
        }
        if let Some(mut table) = ledger {
            table.frame(clock.now().since(now));
        }
        self.pacer.end(now, motion);
        self.publisher.touch();
    }

    /// Goes on after a panic: without the effect, or without drawing.
    fn recover(&mut self, now: Time, panic: &str) {
        self.shared.meter.lock().counters.panics += 1;
        self.publisher.touch();
        let group = self.renderer.drawing();
        self.tell(group, panic);
        let quenched = guard(|| group.map(|group| self.renderer.quench(group)));
        if quenched.is_err() {
            self.faults.give_up();
        }
        if self.faults.note(now) {
            self.give_up();
        }
    }

    fn tell(&self, group: Option<usize>, panic: &str) {
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
        self.faults.give_up();
        self.pacer.stop();
        self.rest();
        let text = "lumen: three internal errors within a minute; all strips stay dark until \
                    Klipper restarts";
        self.shared.notices.push(Level::Error, text.to_owned());
    }

    fn publish(&mut self, now: Time) {
        #[cfg(test)]
        assert!(
            !self.shared.trip.load(std::sync::atomic::Ordering::Relaxed),
            "tripped"
        );
        if let Clock::Manual(_) = self.shared.clock {
            self.publisher.hurry();
        }
        let seen = Seen {
            plan: &self.plan,
            lines: &self.lines,
            renderer: &self.renderer,
            moving: self.pacer.is_lively(),
            faulted: self.faults.over(),
        };
        self.publisher.look(&self.shared.board, now, &seen);
    }

    fn count(&self, now: Time, tally: Tally) {
        let render = self.shared.clock.now().since(now);
        let mut meter = self.shared.meter.lock();
        meter.counters.wakeups += 1;
        meter.counters.written += tally.written;
        meter.counters.equal += tally.equal;
        if let Some(late) = tally.drawn {
            meter.counters.late += late.skipped;
            meter.frame(now, late.span, render, self.pacer.is_lively());
        }
        meter.cpu = self.shared.clock.cpu();
    }

    fn next(&self) -> Wake {
        let chores = [
            Watchdog::deadline(&self.shared.mailbox.heart),
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

impl Lane {
    fn new(line: Line) -> Self {
        Self { line, last: None }
    }
}
