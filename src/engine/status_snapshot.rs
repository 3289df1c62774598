//! The status snapshot: a consistent copy of what is shown and why, for readers outside the render
//! thread.
//!
//! The render thread fills its own copy and swaps it in. A reader clones an `Arc` under a lock that
//! is held for nanoseconds. Two snapshots alternate, so publishing allocates only if a reader still
//! holds the older one or a text outgrows its buffer.

use super::mailbox::ConfigChange;
use super::output_handle::StripOutput;
use super::status::GroupStatus;
use crate::plan::Plan;
use crate::renderer::Renderer;
use crate::state::State;
use crate::time::{Span, Time};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Minimum time between two snapshots. Readers usually poll once a second.
const PERIOD: Span = Span::from_millis(250);

/// What the renderer showed at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) plan: Arc<Plan>,
    /// The outputs of the plan's strips.
    pub(crate) strip_outputs: Arc<[StripOutput]>,
    pub(crate) state: State,
    pub(crate) active: Vec<State>,
    pub(crate) forced: Option<State>,
    pub(crate) is_moving: bool,
    /// What each group shows.
    pub(crate) groups: Vec<GroupStatus>,
    /// Overall brightness.
    pub(crate) brightness: f32,
    /// Whether drawing was stopped after too many panics.
    pub(crate) is_faulted: bool,
}

impl Snapshot {
    fn new(first: ConfigChange) -> Self {
        Self {
            plan: first.plan,
            strip_outputs: first.strip_outputs,
            state: State::Startup,
            active: Vec::new(),
            forced: None,
            is_moving: false,
            groups: Vec::new(),
            brightness: 1.0,
            is_faulted: false,
        }
    }

    fn copy_from(&mut self, source: &SnapshotSource<'_>) {
        self.plan = Arc::clone(source.plan);
        self.strip_outputs = Arc::clone(source.strip_outputs);
        self.state = source.renderer.state();
        self.active.clear();
        self.active.extend(source.renderer.active());
        self.forced = source.renderer.forced();
        self.is_moving = source.is_moving;
        self.is_faulted = source.is_faulted;
        self.brightness = source.renderer.brightness(None);
        self.groups
            .resize_with(source.plan.groups.len(), GroupStatus::default);
        let groups = self.groups.iter_mut().zip(&source.plan.groups);
        for (index, (group, plan)) in groups.enumerate() {
            let shown = source.renderer.shown(index);
            group.name.clone_from(&plan.group.name);
            group.effect.clear();
            group.effect.push_str(shown.text);
            group.source = shown.source;
            group.tint = plan.light.reported(shown.tint);
            group.pixels = plan.group.pixels();
            group.brightness = source.renderer.brightness(Some(index));
            group.run = source.renderer.run(index);
        }
    }

    fn equals(&self, source: &SnapshotSource<'_>) -> bool {
        let renderer = source.renderer;
        Arc::ptr_eq(&self.plan, source.plan)
            && self.groups.len() == source.plan.groups.len()
            && (self.state, self.forced) == (renderer.state(), renderer.forced())
            && (self.is_moving, self.is_faulted) == (source.is_moving, source.is_faulted)
            && self.brightness.to_bits() == renderer.brightness(None).to_bits()
            && renderer.active().eq(self.active.iter().copied())
            && self.groups.iter().enumerate().all(|(index, mine)| {
                // The color is derived from the effect, and the rest from the plan.
                let shown = renderer.shown(index);
                let brightness = renderer.brightness(Some(index));
                (mine.effect.as_str(), mine.source) == (shown.text, shown.source)
                    && mine.brightness.to_bits() == brightness.to_bits()
                    && mine.run == renderer.run(index)
            })
    }
}

/// The data that a snapshot is copied from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotSource<'a> {
    pub(crate) plan: &'a Arc<Plan>,
    pub(crate) strip_outputs: &'a Arc<[StripOutput]>,
    pub(crate) renderer: &'a Renderer,
    pub(crate) is_moving: bool,
    pub(crate) is_faulted: bool,
}

/// Holds the newest snapshot.
#[derive(Debug)]
pub(crate) struct SnapshotCell {
    view: Mutex<Arc<Snapshot>>,
    /// Number of published snapshots.
    revision: AtomicU32,
    /// Whether the render thread has ended after a panic. No snapshot follows.
    ended: AtomicBool,
}

impl SnapshotCell {
    pub(crate) fn new(first: ConfigChange) -> Self {
        Self {
            view: Mutex::new(Arc::new(Snapshot::new(first))),
            revision: AtomicU32::new(0),
            ended: AtomicBool::new(false),
        }
    }

    /// Marks that the render thread has ended.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.revision.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Returns a number that changes with each snapshot. Wraps around.
    pub(crate) fn revision(&self) -> u32 {
        // ORDER: with the Release in `publish`, a reader that sees the new number also sees its
        // snapshot.
        self.revision.load(Ordering::Acquire)
    }

    /// Returns the newest snapshot.
    pub(crate) fn view(&self) -> Arc<Snapshot> {
        Arc::clone(&self.view.lock())
    }
}

/// Publishes snapshots, at most every [`PERIOD`].
#[derive(Debug)]
pub(crate) struct Publisher {
    next: Arc<Snapshot>,
    /// The earliest time of the next snapshot.
    open_at: Time,
    /// Whether something may have changed since the last snapshot.
    is_stale: bool,
}

impl Publisher {
    pub(crate) fn new(first: ConfigChange) -> Self {
        Self {
            next: Arc::new(Snapshot::new(first)),
            open_at: Time::ZERO,
            is_stale: true,
        }
    }

    /// Marks that something may have changed.
    pub(crate) fn mark_stale(&mut self) {
        self.is_stale = true;
    }

    /// Makes the next `publish` run, regardless of [`PERIOD`].
    pub(crate) fn publish_soon(&mut self) {
        self.is_stale = true;
        self.open_at = Time::ZERO;
    }

    /// Returns when to publish next; `None` if nothing can have changed.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.is_stale.then_some(self.open_at)
    }

    /// Publishes a snapshot if it differs from the newest one and [`PERIOD`] has passed. Returns
    /// whether it did.
    pub(crate) fn publish(
        &mut self,
        snapshot: &SnapshotCell,
        now: Time,
        source: &SnapshotSource<'_>,
    ) -> bool {
        if !self.is_stale || now < self.open_at {
            return false;
        }
        self.is_stale = false;
        if snapshot.view().equals(source) {
            return false;
        }
        self.open_at = now + PERIOD;
        // Clones only if a reader still holds it.
        Arc::make_mut(&mut self.next).copy_from(source);
        std::mem::swap(&mut *snapshot.view.lock(), &mut self.next);
        // ORDER: after the swap. Otherwise a reader could keep the old snapshot under the new
        // number.
        snapshot.revision.fetch_add(1, Ordering::Release);
        // Drops the old plan's reference, so that the render thread is not the one that frees it.
        if let Some(next) = Arc::get_mut(&mut self.next) {
            next.plan = Arc::clone(source.plan);
            next.strip_outputs = Arc::clone(source.strip_outputs);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{RawConfig, compile};
    use crate::state::{Event, Shutdown};

    struct Fixture {
        first: ConfigChange,
        renderer: Renderer,
        snapshot: SnapshotCell,
        publisher: Publisher,
    }

    impl Fixture {
        fn new() -> Self {
            let plan = Arc::new(compile(&RawConfig::default(), None).unwrap().plan);
            let first = ConfigChange {
                plan: Arc::clone(&plan),
                strip_outputs: Arc::new([]),
            };
            Self {
                renderer: Renderer::new(plan, 0, Time::ZERO),
                snapshot: SnapshotCell::new(first.clone()),
                publisher: Publisher::new(first.clone()),
                first,
            }
        }

        fn publish(&mut self, millis: u64) -> State {
            let source = SnapshotSource {
                plan: &self.first.plan,
                strip_outputs: &self.first.strip_outputs,
                renderer: &self.renderer,
                is_moving: false,
                is_faulted: false,
            };
            let now = Time::ZERO + Span::from_millis(millis);
            self.publisher.publish(&self.snapshot, now, &source);
            self.snapshot.view().state
        }

        fn event(&mut self, millis: u64, event: Event) {
            self.renderer
                .event(Time::ZERO + Span::from_millis(millis), event);
            self.publisher.mark_stale();
        }
    }

    #[test]
    fn a_change_is_published_at_once_and_the_next_250_ms_later() {
        let mut fixture = Fixture::new();
        assert_eq!(fixture.publish(0), State::Startup);
        fixture.event(1000, Event::Ready);
        assert_eq!(fixture.publish(1000), State::Idle);
        fixture.event(1100, Event::Shutdown(Shutdown::Fault));
        assert_eq!(fixture.publish(1100), State::Idle);
        let deadline = fixture.publisher.deadline();
        assert_eq!(deadline, Some(Time::ZERO + Span::from_millis(1250)));
        assert_eq!(fixture.publish(1250), State::Error);
    }

    #[test]
    fn an_unchanged_snapshot_is_not_published() {
        let mut fixture = Fixture::new();
        fixture.publish(0);
        let before = fixture.snapshot.view();
        fixture.publisher.mark_stale();
        let revision = fixture.snapshot.revision();
        fixture.publish(1000);
        assert!(Arc::ptr_eq(&before, &fixture.snapshot.view()));
        assert_eq!(fixture.snapshot.revision(), revision);
        assert_eq!(fixture.publisher.deadline(), None);
    }

    #[test]
    fn each_snapshot_changes_the_revision() {
        let mut fixture = Fixture::new();
        fixture.publish(0);
        let before = fixture.snapshot.revision();
        fixture.event(1000, Event::Ready);
        fixture.publish(1000);
        assert_ne!(fixture.snapshot.revision(), before);
    }

    #[test]
    fn a_snapshot_does_not_change_while_it_is_read() {
        let mut fixture = Fixture::new();
        fixture.publish(0);
        let read = fixture.snapshot.view();
        fixture.event(1000, Event::Ready);
        fixture.publish(1000);
        fixture.event(2000, Event::Shutdown(Shutdown::Fault));
        assert_eq!(fixture.publish(2000), State::Error);
        assert_eq!(read.state, State::Startup);
    }

    #[test]
    fn two_snapshots_alternate() {
        let mut fixture = Fixture::new();
        fixture.publish(0);
        let places = [
            Arc::as_ptr(&fixture.snapshot.view()),
            Arc::as_ptr(&fixture.publisher.next),
        ];
        fixture.event(1000, Event::Ready);
        fixture.publish(1000);
        fixture.event(2000, Event::Shutdown(Shutdown::Fault));
        fixture.publish(2000);
        assert_eq!(Arc::as_ptr(&fixture.snapshot.view()), places[0]);
        assert_eq!(Arc::as_ptr(&fixture.publisher.next), places[1]);
    }
}
