//! One group on the stage: what was picked for it, the layers that run, and the pixels they light.

use super::Shown;
use super::change::Change;
use super::level::Level;
use super::pick::Pick;
use crate::color::Color;
use crate::effect::EffectPlan;
use crate::finish::Frame;
use crate::input::Inputs;
use crate::layer::{Drawn, Launch, Pile};
use crate::layout::Place;
use crate::plan::GroupPlan;
use crate::time::{Span, Time};

/// What a group shows after its effect panicked: little light, so that the print is still seen.
const DIM: Color = Color::rgb(0.1, 0.1, 0.1);

/// How `DIM` is written.
const DIM_TEXT: &str = "solid 1a1a1a";

/// One group with its layers.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) pick: Pick,
    places: Vec<Place>,
    pile: Pile,
    pub(super) level: Level,
    /// The brightness that the canvas was put with last, and whether it was moving.
    put_at: (f32, bool),
    /// The effect that was picked panicked.
    quenched: bool,
}

impl Stage {
    pub(super) fn new(group: &GroupPlan) -> Self {
        let places = group.group.places();
        Self {
            pick: Pick::new(),
            pile: Pile::new(places.len()),
            level: Level::new(group.brightness),
            put_at: (f32::NAN, false),
            places,
            quenched: false,
        }
    }

    /// Takes the same group of a new plan over; what runs goes on.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &Change<'_>) {
        self.pick.adopt(old, new, change);
        self.level.adopt(new.brightness);
        self.put_at = (f32::NAN, false);
        self.places = new.group.places();
        self.pile.resize(self.places.len());
    }

    /// Fades into what was picked, unless it runs already.
    pub(super) fn enter(&mut self, now: Time, group: &GroupPlan, launch: Launch) {
        let (effect, fade) = self.pick.effect(group, launch.fade);
        self.quenched = false;
        self.pile.show(now, effect, Launch { fade, ..launch });
    }

    /// Fades into a new run of what was picked.
    pub(super) fn restart(&mut self, now: Time, group: &GroupPlan, launch: Launch) {
        let (effect, fade) = self.pick.effect(group, launch.fade);
        self.pile.start(now, effect, Launch { fade, ..launch });
    }

    /// The effect of a ring that runs here, and when it began.
    pub(super) fn ring<'a>(&'a self, group: &'a GroupPlan) -> Option<(&'a EffectPlan, Time)> {
        let (effect, _) = self.pick.effect(group, Span::ZERO);
        Some((effect, self.pile.ring_start(effect)?))
    }

    pub(super) fn draw(&mut self, now: Time, inputs: &Inputs, fresh: bool) -> Drawn {
        self.pile.draw(now, inputs, fresh)
    }

    /// Whether the same canvas is to be put anew: with another brightness, or because it rests now.
    pub(super) fn differs(&self, brightness: f32, is_moving: bool) -> bool {
        let (put_at, was_moving) = self.put_at;
        // Not a number before the first time: it differs from all.
        put_at.to_bits() != brightness.to_bits() || (was_moving && !is_moving)
    }

    /// Puts the canvas on the strips.
    pub(super) fn put(&mut self, frames: &mut [Frame], brightness: f32, is_moving: bool) {
        self.put_at = (brightness, is_moving);
        for (place, color) in self.places.iter().zip(self.pile.canvas()) {
            if let Some(frame) = frames.get_mut(place.strip) {
                frame.put(place.pixel, *color, brightness, is_moving);
            }
        }
    }

    /// Replaces whatever runs by a dim light, until something else is picked.
    pub(super) fn quench(&mut self, now: Time, fade: Span) {
        self.pile.quench(now, DIM, fade);
        self.quenched = true;
    }

    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let shown = self.pick.shown(group);
        let text = if self.quenched { DIM_TEXT } else { shown.text };
        Shown { text, ..shown }
    }
}
