//! One group on the stage: what was picked for it, the layers that run, and the pixels they light.

use super::Shown;
use super::change::PlanChange;
use super::level::Level;
use super::paint_overlay::PaintOverlay;
use super::source_selector::SourceSelector;
use crate::color::Color;
use crate::effect::EffectPlan;
use crate::finish::Frame;
use crate::input::{InputSet, Inputs};
use crate::layer::{DrawObserver, Drawn, LayerStack, StartParams};
use crate::layout::Place;
use crate::plan::GroupPlan;
use crate::time::{Span, Time};

/// What a group shows after its effect panicked: little light, so that the print is still seen.
const DIM: Color = Color::rgb(0.1, 0.1, 0.1);

/// How `DIM` is written.
const DIM_TEXT: &str = "solid 1a1a1a";

/// How a canvas comes on the strips.
#[derive(Clone, Copy, Debug)]
pub(super) struct PutOptions {
    pub(super) brightness: f32,
    /// It changes at every frame.
    pub(super) is_moving: bool,
    /// The paint overlay covers it.
    pub(super) is_covered: bool,
}

impl PutOptions {
    /// That of a canvas that was never put: it differs from all.
    const NEVER: Self = Self {
        brightness: f32::NAN,
        is_moving: false,
        is_covered: false,
    };
}

/// One group with its layers.
#[derive(Debug)]
pub(super) struct GroupState {
    pub(super) selector: SourceSelector,
    places: Vec<Place>,
    /// The strips that it is on, each once.
    strips: Vec<usize>,
    stack: LayerStack,
    pub(super) level: Level,
    /// How the canvas was put last.
    last_put: PutOptions,
    /// The effect that was picked panicked.
    has_failed: bool,
}

impl GroupState {
    pub(super) fn new(group: &GroupPlan) -> Self {
        let places = group.group.places();
        Self {
            selector: SourceSelector::new(),
            stack: LayerStack::new(places.len()),
            level: Level::new(group.brightness),
            last_put: PutOptions::NEVER,
            strips: strips(&places),
            places,
            has_failed: false,
        }
    }

    /// Takes the same group of a new plan over; what runs goes on.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &PlanChange<'_>) {
        self.selector.adopt(old, new, change);
        self.level.adopt(new.brightness);
        self.last_put = PutOptions::NEVER;
        self.places = new.group.places();
        self.strips = strips(&self.places);
        self.stack.move_sources(|index| change.place(index));
        self.stack.resize(self.places.len());
    }

    /// Fades into what was picked, unless it runs already.
    pub(super) fn enter(&mut self, now: Time, group: &GroupPlan, params: StartParams) {
        let (effect, fade) = self.selector.effect(group, params.fade);
        self.has_failed = false;
        self.stack.show(now, effect, StartParams { fade, ..params });
    }

    /// Fades into a new run of what was picked.
    pub(super) fn restart(&mut self, now: Time, group: &GroupPlan, params: StartParams) {
        let (effect, fade) = self.selector.effect(group, params.fade);
        self.stack
            .start(now, effect, StartParams { fade, ..params });
    }

    /// The effect of a ring that runs here, and when it began.
    pub(super) fn ring<'a>(&'a self, group: &'a GroupPlan) -> Option<(&'a EffectPlan, Time)> {
        let (effect, _) = self.selector.effect(group, Span::ZERO);
        Some((effect, self.stack.ring_start(effect)?))
    }

    /// Lets what runs stand still, or go on.
    pub(super) fn hold(&mut self, is_held: bool) {
        self.stack.hold(is_held);
    }

    pub(super) fn draw<W: DrawObserver>(
        &mut self,
        now: Time,
        inputs: &Inputs,
        news: InputSet,
        watch: &mut W,
    ) -> Drawn {
        self.stack.draw(now, inputs, news, watch)
    }

    /// Whether the same canvas is to be put anew: with another brightness, because it rests now, or
    /// because pictures cover it now or no longer.
    pub(super) fn differs(&self, options: PutOptions) -> bool {
        let last = self.last_put;
        last.brightness.to_bits() != options.brightness.to_bits()
            || (last.is_moving && !options.is_moving)
            || last.is_covered != options.is_covered
    }

    /// Whether one of its strips was painted.
    pub(super) fn is_painted(&self, overlay: &PaintOverlay) -> bool {
        self.strips.iter().any(|strip| overlay.is_fresh(*strip))
    }

    /// Puts the canvas on the strips, and what is painted there over it.
    pub(super) fn put(
        &mut self,
        frames: &mut [Frame],
        overlay: &PaintOverlay,
        options: PutOptions,
    ) {
        self.last_put = options;
        for (place, color) in self.places.iter().zip(self.stack.canvas()) {
            if let Some(frame) = frames.get_mut(place.strip) {
                let painted = overlay.at(*place).filter(|_| options.is_covered);
                // A picture rests until it is painted anew.
                let is_moving = options.is_moving && painted.is_none();
                let color = painted.unwrap_or(*color);
                frame.put(place.pixel, color, options.brightness, is_moving);
            }
        }
    }

    /// Replaces whatever runs by a dim light, until something else is picked.
    pub(super) fn replace_with_fallback(&mut self, now: Time, fade: Span) {
        self.stack.replace_with_fallback(now, DIM, fade);
        self.has_failed = true;
    }

    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let shown = self.selector.shown(group);
        if !self.has_failed {
            return shown;
        }
        Shown {
            text: DIM_TEXT,
            tint: DIM,
            ..shown
        }
    }
}

fn strips(places: &[Place]) -> Vec<usize> {
    let mut strips: Vec<usize> = places.iter().map(|place| place.strip).collect();
    strips.sort_unstable();
    strips.dedup();
    strips
}
