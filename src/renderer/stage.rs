//! One group on the stage: what was picked for it, the layers that run, and the pixels they light.

use super::Shown;
use super::change::Change;
use super::level::Level;
use super::pick::Pick;
use super::picture::Pictures;
use crate::color::Color;
use crate::effect::EffectPlan;
use crate::finish::Frame;
use crate::input::{InputSet, Inputs};
use crate::layer::{Drawn, Launch, Pile, Watch};
use crate::layout::Place;
use crate::plan::GroupPlan;
use crate::time::{Span, Time};

/// What a group shows after its effect panicked: little light, so that the print is still seen.
const DIM: Color = Color::rgb(0.1, 0.1, 0.1);

/// How `DIM` is written.
const DIM_TEXT: &str = "solid 1a1a1a";

/// How a canvas comes on the strips.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) brightness: f32,
    /// It changes at every frame.
    pub(super) is_moving: bool,
    /// Pictures cover it.
    pub(super) is_covered: bool,
}

impl Look {
    /// That of a canvas that was never put: it differs from all.
    const NEVER: Self = Self {
        brightness: f32::NAN,
        is_moving: false,
        is_covered: false,
    };
}

/// One group with its layers.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) pick: Pick,
    places: Vec<Place>,
    /// The strips that it is on, each once.
    strips: Vec<usize>,
    pile: Pile,
    pub(super) level: Level,
    /// How the canvas was put last.
    put_as: Look,
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
            put_as: Look::NEVER,
            strips: strips(&places),
            places,
            quenched: false,
        }
    }

    /// Takes the same group of a new plan over; what runs goes on.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &Change<'_>) {
        self.pick.adopt(old, new, change);
        self.level.adopt(new.brightness);
        self.put_as = Look::NEVER;
        self.places = new.group.places();
        self.strips = strips(&self.places);
        self.pile.move_sources(|index| change.place(index));
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

    /// Lets what runs stand still, or go on.
    pub(super) fn hold(&mut self, is_held: bool) {
        self.pile.hold(is_held);
    }

    pub(super) fn draw<W: Watch>(
        &mut self,
        now: Time,
        inputs: &Inputs,
        news: InputSet,
        watch: &mut W,
    ) -> Drawn {
        self.pile.draw(now, inputs, news, watch)
    }

    /// Whether the same canvas is to be put anew: with another brightness, because it rests now, or
    /// because pictures cover it now or no longer.
    pub(super) fn differs(&self, look: Look) -> bool {
        let last = self.put_as;
        last.brightness.to_bits() != look.brightness.to_bits()
            || (last.is_moving && !look.is_moving)
            || last.is_covered != look.is_covered
    }

    /// Whether one of its strips was painted.
    pub(super) fn is_painted(&self, pictures: &Pictures) -> bool {
        self.strips.iter().any(|strip| pictures.is_fresh(*strip))
    }

    /// Puts the canvas on the strips, and what is painted there over it.
    pub(super) fn put(&mut self, frames: &mut [Frame], pictures: &Pictures, look: Look) {
        self.put_as = look;
        for (place, color) in self.places.iter().zip(self.pile.canvas()) {
            if let Some(frame) = frames.get_mut(place.strip) {
                let painted = pictures.at(*place).filter(|_| look.is_covered);
                // A picture rests until it is painted anew.
                let is_moving = look.is_moving && painted.is_none();
                let color = painted.unwrap_or(*color);
                frame.put(place.pixel, color, look.brightness, is_moving);
            }
        }
    }

    /// Replaces whatever runs by a dim light, until something else is picked.
    pub(super) fn replace_with_fallback(&mut self, now: Time, fade: Span) {
        self.pile.replace_with_fallback(now, DIM, fade);
        self.quenched = true;
    }

    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let shown = self.pick.shown(group);
        if !self.quenched {
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
