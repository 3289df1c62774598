//! The snapshot: one consistent copy of what is shown and why, for the outside.
//!
//! The render thread fills a view of its own and swaps it in; a reader takes a reference under a
//! lock held for nanoseconds and reads at leisure. The two views take turns, so publishing
//! allocates only when a reader still holds the older one or a text outgrows its place.

use super::exit::Line;
use super::mailbox::Change;
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
pub(crate) struct View {
    pub(crate) plan: Arc<Plan>,
    /// The strips' ways out; they belong to the plan.
    pub(crate) lines: Arc<[Line]>,
    pub(crate) state: State,
    pub(crate) active: Vec<State>,
    pub(crate) forced: Option<State>,
    pub(crate) moving: bool,
    /// What each group shows.
    pub(crate) shown: Vec<Look>,
    /// Brightness of everything.
    pub(crate) brightness: f32,
    /// Drawing has been given up.
    pub(crate) faulted: bool,
}

/// What a group shows.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// The effect, as the user wrote it.
    pub(crate) text: String,
    pub(crate) source: Source,
    /// It follows from the effect.
    pub(crate) tint: Color,
    pub(crate) brightness: f32,
}

impl Look {
    const NONE: Self = Self {
        text: String::new(),
        source: Source::State,
        tint: Color::BLACK,
        brightness: 1.0,
    };
}

impl View {
    fn new(first: Change) -> Self {
        Self {
            plan: first.plan,
            lines: first.lines,
            state: State::Startup,
            active: Vec::new(),
            forced: None,
            moving: false,
            shown: Vec::new(),
            brightness: 1.0,
            faulted: false,
        }
    }

    fn fill(&mut self, seen: &Seen<'_>) {
        self.plan = Arc::clone(seen.plan);
        self.lines = Arc::clone(seen.lines);
        self.state = seen.renderer.state();
        self.active.clear();
        self.active.extend(seen.renderer.active());
        self.forced = seen.renderer.forced();
        self.moving = seen.moving;
        self.faulted = seen.faulted;
        let groups = seen.plan.groups.len();
        self.shown.resize(groups, Look::NONE);
        self.brightness = seen.renderer.brightness(None);
        for (index, look) in self.shown.iter_mut().enumerate() {
            let shown = seen.renderer.shown(index);
            look.text.clear();
            look.text.push_str(shown.text);
            look.source = shown.source;
            look.tint = shown.tint;
            look.brightness = seen.renderer.brightness(Some(index));
        }
    }

    fn is(&self, seen: &Seen<'_>) -> bool {
        let renderer = seen.renderer;
        Arc::ptr_eq(&self.plan, seen.plan)
            && self.shown.len() == seen.plan.groups.len()
            && (self.state, self.forced) == (renderer.state(), renderer.forced())
            && (self.moving, self.faulted) == (seen.moving, seen.faulted)
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
pub(crate) struct Seen<'a> {
    pub(crate) plan: &'a Arc<Plan>,
    pub(crate) lines: &'a Arc<[Line]>,
    pub(crate) renderer: &'a Renderer,
    pub(crate) moving: bool,
    pub(crate) faulted: bool,
}

/// Where the newest view hangs.
#[derive(Debug)]
pub(crate) struct Board {
    view: Mutex<Arc<View>>,
    /// Counts the views that were hung up.
    revision: AtomicU32,
    /// No view will ever follow, and nothing is drawn.
    ended: AtomicBool,
}

impl Board {
    pub(crate) fn new(first: Change) -> Self {
        Self {
            view: Mutex::new(Arc::new(View::new(first))),
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
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.lock())
    }
}

/// Hangs up new views, not too often.
#[derive(Debug)]
pub(crate) struct Publisher {
    next: Arc<View>,
    /// When a view may be published again.
    open: Time,
    /// Something may have changed since the last view.
    stale: bool,
}

impl Publisher {
    pub(crate) fn new(first: Change) -> Self {
        Self {
            next: Arc::new(View::new(first)),
            open: Time::ZERO,
            stale: true,
        }
    }

    /// Says that something may have changed.
    pub(crate) fn touch(&mut self) {
        self.stale = true;
    }

    /// Lets the next look publish, whenever the last was.
    pub(crate) fn hurry(&mut self) {
        self.stale = true;
        self.open = Time::ZERO;
    }

    /// When to look again; `None` when nothing can have changed.
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.stale.then_some(self.open)
    }

    /// Publishes what is seen if it differs from the newest view and it is time.
    pub(crate) fn look(&mut self, board: &Board, now: Time, seen: &Seen<'_>) {
        if !self.stale || now < self.open {
            return;
        }
        self.stale = false;
        if board.view().is(seen) {
            return;
        }
        self.open = now + PERIOD;
        // A copy is made only when somebody still reads it.
        Arc::make_mut(&mut self.next).fill(seen);
        std::mem::swap(&mut *board.view.lock(), &mut self.next);
        // ORDER: after the swap, or a reader would keep the old view under the new number.
        board.revision.fetch_add(1, Ordering::Release);
        // Whoever frees an old plan, it is not the render thread.
        if let Some(next) = Arc::get_mut(&mut self.next) {
            next.plan = Arc::clone(seen.plan);
            next.lines = Arc::clone(seen.lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{RawConfig, compile};
    use crate::state::{Event, Shutdown};

    struct Desk {
        first: Change,
        renderer: Renderer,
        board: Board,
        publisher: Publisher,
    }

    impl Desk {
        fn new() -> Self {
            let plan = Arc::new(compile(&RawConfig::default(), None).unwrap().plan);
            let first = Change {
                plan: Arc::clone(&plan),
                lines: Arc::new([]),
            };
            Self {
                renderer: Renderer::new(plan, 0, Time::ZERO),
                board: Board::new(first.clone()),
                publisher: Publisher::new(first.clone()),
                first,
            }
        }

        fn look(&mut self, millis: u64) -> State {
            let seen = Seen {
                plan: &self.first.plan,
                lines: &self.first.lines,
                renderer: &self.renderer,
                moving: false,
                faulted: false,
            };
            let now = Time::ZERO + Span::from_millis(millis);
            self.publisher.look(&self.board, now, &seen);
            self.board.view().state
        }

        fn event(&mut self, millis: u64, event: Event) {
            self.renderer
                .event(Time::ZERO + Span::from_millis(millis), event);
            self.publisher.touch();
        }
    }

    #[test]
    fn a_change_is_published_at_once_and_the_next_a_quarter_second_later() {
        let mut desk = Desk::new();
        assert_eq!(desk.look(0), State::Startup);
        desk.event(1000, Event::Ready);
        assert_eq!(desk.look(1000), State::Idle);
        desk.event(1100, Event::Shutdown(Shutdown::Fault));
        assert_eq!(desk.look(1100), State::Idle);
        let deadline = desk.publisher.deadline();
        assert_eq!(deadline, Some(Time::ZERO + Span::from_millis(1250)));
        assert_eq!(desk.look(1250), State::Error);
    }

    #[test]
    fn what_has_not_changed_is_not_published() {
        let mut desk = Desk::new();
        desk.look(0);
        let before = desk.board.view();
        desk.publisher.touch();
        let revision = desk.board.revision();
        desk.look(1000);
        assert!(Arc::ptr_eq(&before, &desk.board.view()));
        assert_eq!(desk.board.revision(), revision);
        assert_eq!(desk.publisher.deadline(), None);
    }

    #[test]
    fn each_published_view_has_a_number_of_its_own() {
        let mut desk = Desk::new();
        desk.look(0);
        let before = desk.board.revision();
        desk.event(1000, Event::Ready);
        desk.look(1000);
        assert_ne!(desk.board.revision(), before);
    }

    #[test]
    fn a_view_that_is_being_read_does_not_change() {
        let mut desk = Desk::new();
        desk.look(0);
        let read = desk.board.view();
        desk.event(1000, Event::Ready);
        desk.look(1000);
        desk.event(2000, Event::Shutdown(Shutdown::Fault));
        assert_eq!(desk.look(2000), State::Error);
        assert_eq!(read.state, State::Startup);
    }

    #[test]
    fn two_views_take_turns() {
        let mut desk = Desk::new();
        desk.look(0);
        let places = [
            Arc::as_ptr(&desk.board.view()),
            Arc::as_ptr(&desk.publisher.next),
        ];
        desk.event(1000, Event::Ready);
        desk.look(1000);
        desk.event(2000, Event::Shutdown(Shutdown::Fault));
        desk.look(2000);
        assert_eq!(Arc::as_ptr(&desk.board.view()), places[0]);
        assert_eq!(Arc::as_ptr(&desk.publisher.next), places[1]);
    }
}
