//! The snapshot: one consistent copy of what is shown and why, for the outside.
//!
//! The render thread fills a view of its own and swaps it in; a reader takes a reference under a
//! lock held for nanoseconds and reads at leisure. The two views take turns, so publishing
//! allocates only when a reader still holds the older one or a text outgrows its place.

use super::mailbox::ConfigChange;
use super::output_handle::StripOutput;
use crate::color::Color;
use crate::plan::Plan;
use crate::renderer::{Renderer, Source};
use crate::state::State;
use crate::time::{Span, Time};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// A view is published at most this often: what reads it does so once a second.
const PERIOD: Span = Span::from_millis(250);

/// What the renderer showed at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) plan: Arc<Plan>,
    /// The strips' ways out; they belong to the plan.
    pub(crate) strip_outputs: Arc<[StripOutput]>,
    pub(crate) state: State,
    pub(crate) active: Vec<State>,
    pub(crate) forced: Option<State>,
    pub(crate) moving: bool,
    /// What each group shows.
    pub(crate) shown: Vec<GroupView>,
    /// Brightness of everything.
    pub(crate) brightness: f32,
    /// Drawing has been given up.
    pub(crate) faulted: bool,
}

/// What a group shows.
#[derive(Clone, Debug)]
pub(crate) struct GroupView {
    /// The effect, as the user wrote it.
    pub(crate) text: String,
    pub(crate) source: Source,
    /// It follows from the effect.
    pub(crate) tint: Color,
    pub(crate) brightness: f32,
}

impl GroupView {
    const NONE: Self = Self {
        text: String::new(),
        source: Source::State,
        tint: Color::BLACK,
        brightness: 1.0,
    };
}

impl Snapshot {
    fn new(first: ConfigChange) -> Self {
        Self {
            plan: first.plan,
            strip_outputs: first.strip_outputs,
            state: State::Startup,
            active: Vec::new(),
            forced: None,
            moving: false,
            shown: Vec::new(),
            brightness: 1.0,
            faulted: false,
        }
    }

    fn copy_from(&mut self, source: &SnapshotSource<'_>) {
        self.plan = Arc::clone(source.plan);
        self.strip_outputs = Arc::clone(source.strip_outputs);
        self.state = source.renderer.state();
        self.active.clear();
        self.active.extend(source.renderer.active());
        self.forced = source.renderer.forced();
        self.moving = source.moving;
        self.faulted = source.faulted;
        let groups = source.plan.groups.len();
        self.shown.resize(groups, GroupView::NONE);
        self.brightness = source.renderer.brightness(None);
        for (index, group) in self.shown.iter_mut().enumerate() {
            let shown = source.renderer.shown(index);
            group.text.clear();
            group.text.push_str(shown.text);
            group.source = shown.source;
            group.tint = shown.tint;
            group.brightness = source.renderer.brightness(Some(index));
        }
    }

    fn equals(&self, source: &SnapshotSource<'_>) -> bool {
        let renderer = source.renderer;
        Arc::ptr_eq(&self.plan, source.plan)
            && self.shown.len() == source.plan.groups.len()
            && (self.state, self.forced) == (renderer.state(), renderer.forced())
            && (self.moving, self.faulted) == (source.moving, source.faulted)
            && self.brightness.to_bits() == renderer.brightness(None).to_bits()
            && renderer.active().eq(self.active.iter().copied())
            && self.shown.iter().enumerate().all(|(index, mine)| {
                let shown = renderer.shown(index);
                let brightness = renderer.brightness(Some(index));
                (mine.text.as_str(), mine.source) == (shown.text, shown.source)
                    && mine.brightness.to_bits() == brightness.to_bits()
            })
    }
}

/// What a view is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotSource<'a> {
    pub(crate) plan: &'a Arc<Plan>,
    pub(crate) strip_outputs: &'a Arc<[StripOutput]>,
    pub(crate) renderer: &'a Renderer,
    pub(crate) moving: bool,
    pub(crate) faulted: bool,
}

/// Where the newest view hangs.
#[derive(Debug)]
pub(crate) struct SnapshotCell {
    view: Mutex<Arc<Snapshot>>,
    /// Counts the views that were hung up.
    revision: AtomicU32,
    /// No view will ever follow, and nothing is drawn.
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

    /// Says that drawing has ended before its time.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.revision.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Another number whenever another view hangs; wraps round.
    pub(crate) fn revision(&self) -> u32 {
        // ORDER: with the release in `look`, whoever reads a new number then reads its view.
        self.revision.load(Ordering::Acquire)
    }

    /// The newest view.
    pub(crate) fn view(&self) -> Arc<Snapshot> {
        Arc::clone(&self.view.lock())
    }
}

/// Hangs up new views, not too often.
#[derive(Debug)]
pub(crate) struct Publisher {
    next: Arc<Snapshot>,
    /// When a view may be published again.
    open: Time,
    /// Something may have changed since the last view.
    stale: bool,
}

impl Publisher {
    pub(crate) fn new(first: ConfigChange) -> Self {
        Self {
            next: Arc::new(Snapshot::new(first)),
            open: Time::ZERO,
            stale: true,
        }
    }

    /// Says that something may have changed.
    pub(crate) fn mark_stale(&mut self) {
        self.stale = true;
    }

    /// Lets the next look publish, whenever the last was.
    pub(crate) fn publish_soon(&mut self) {
        self.stale = true;
        self.open = Time::ZERO;
    }

    /// When to look again; `None` when nothing can have changed.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.stale.then_some(self.open)
    }

    /// Publishes what is seen if it differs from the newest view and it is time.
    pub(crate) fn publish(
        &mut self,
        snapshot: &SnapshotCell,
        now: Time,
        source: &SnapshotSource<'_>,
    ) {
        if !self.stale || now < self.open {
            return;
        }
        self.stale = false;
        if snapshot.view().equals(source) {
            return;
        }
        self.open = now + PERIOD;
        // A copy is made only when somebody still reads it.
        Arc::make_mut(&mut self.next).copy_from(source);
        std::mem::swap(&mut *snapshot.view.lock(), &mut self.next);
        // ORDER: after the swap, or a reader would keep the old view under the new number.
        snapshot.revision.fetch_add(1, Ordering::Release);
        // Whoever frees an old plan, it is not the render thread.
        if let Some(next) = Arc::get_mut(&mut self.next) {
            next.plan = Arc::clone(source.plan);
            next.strip_outputs = Arc::clone(source.strip_outputs);
        }
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
                moving: false,
                faulted: false,
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
    fn a_change_is_published_at_once_and_the_next_a_quarter_second_later() {
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
    fn what_has_not_changed_is_not_published() {
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
    fn each_published_view_has_a_number_of_its_own() {
        let mut fixture = Fixture::new();
        fixture.publish(0);
        let before = fixture.snapshot.revision();
        fixture.event(1000, Event::Ready);
        fixture.publish(1000);
        assert_ne!(fixture.snapshot.revision(), before);
    }

    #[test]
    fn a_view_that_is_being_read_does_not_change() {
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
    fn two_views_take_turns() {
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
