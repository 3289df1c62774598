//! The state of a group: its source selector, its running effects, and the pixels that it lights.

use super::Shown;
use super::brightness::Brightness;
use super::paint_overlay::PaintOverlay;
use super::plan_change::PlanChange;
use super::reported_colors::ReportedColors;
use super::source_selector::SourceSelector;
use crate::color::Color;
use crate::effect::EffectSpec;
use crate::finish::Frame;
use crate::input::{InputSet, Inputs};
use crate::layer::{Crossfade, DrawResult, StackPlan, StackRun, StartParams};
use crate::layout::{Place, Segment};
use crate::plan::GroupPlan;
use crate::time::{Span, Time};

/// The fallback color of a group whose effect panicked: dim enough for the print to stay visible.
const DIM: Color = Color::rgb(0.1, 0.1, 0.1);

/// `DIM` in config syntax.
const DIM_TEXT: &str = "solid 1a1a1a";

/// How a canvas is written to the strips.
#[derive(Clone, Copy, Debug)]
pub(super) struct PutOptions {
    pub(super) brightness: f32,
    /// Whether it changes with every frame.
    pub(super) is_moving: bool,
    /// Whether painted frames cover it.
    pub(super) is_covered: bool,
}

impl PutOptions {
    /// Options of a canvas that was never written: they differ from all others.
    const NEVER: Self = Self {
        brightness: f32::NAN,
        is_moving: false,
        is_covered: false,
    };
}

/// A group with its running effects.
#[derive(Debug)]
pub(super) struct GroupState {
    pub(super) selector: SourceSelector,
    /// The pixels, in the order of the canvas.
    runs: Vec<Segment>,
    /// The same, one by one.
    places: Vec<Place>,
    /// The strips of the group, each once.
    strips: Vec<usize>,
    running: Crossfade,
    pub(super) brightness: Brightness,
    /// Options of the last write.
    last_put: PutOptions,
    /// Whether the selected effect panicked.
    has_failed: bool,
    pub(super) reported: ReportedColors,
}

impl GroupState {
    pub(super) fn new(group: &GroupPlan) -> Self {
        let places = group.group.places();
        Self {
            selector: SourceSelector::new(),
            running: Crossfade::new(places.len(), group.is_over()),
            brightness: Brightness::new(group.brightness),
            last_put: PutOptions::NEVER,
            runs: group.group.runs(),
            strips: strips(&places),
            places,
            has_failed: false,
            reported: ReportedColors::new(),
        }
    }

    /// Adopts the same group of a new plan. Running effects continue.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &PlanChange<'_>) {
        self.selector.adopt(old, new, change);
        self.brightness.adopt(new.brightness);
        self.last_put = PutOptions::NEVER;
        self.runs = new.group.runs();
        self.places = new.group.places();
        self.strips = strips(&self.places);
        self.running.move_sources(|index| change.new_index(index));
        self.running.resize(self.places.len(), new.is_over());
    }

    /// Fades into the selected effect, unless it is running already.
    pub(super) fn enter(&mut self, now: Time, group: &GroupPlan, params: StartParams) {
        let (effect, fade) = self.selector.effect(group, params.fade);
        let tint = effect.tint();
        self.has_failed = false;
        self.running
            .show(now, effect, StartParams { fade, ..params });
        self.reported.note(now, tint, self.selector.is_picked());
    }

    /// Fades into a new run of the selected effect.
    pub(super) fn restart(&mut self, now: Time, group: &GroupPlan, params: StartParams) {
        let (effect, fade) = self.selector.effect(group, params.fade);
        self.running
            .start(now, effect, StartParams { fade, ..params });
    }

    /// Returns the ring effect that runs here, and its start time.
    pub(super) fn ring<'a>(&'a self, group: &'a GroupPlan) -> Option<(&'a StackPlan, Time)> {
        let (effect, _) = self.selector.effect(group, Span::ZERO);
        Some((effect, self.running.ring_start(effect)?))
    }

    /// Returns the run that is shown; `None` while it fades, is held or is a fallback.
    pub(super) fn run(&self) -> Option<StackRun> {
        self.running.run()
    }

    /// Shows the newest effect as another run of it.
    pub(super) fn resume(&mut self, run: StackRun) {
        self.running.resume(run);
    }

    /// Holds the running effects, or lets them continue.
    pub(super) fn hold(&mut self, is_held: bool) {
        self.running.hold(is_held);
    }

    pub(super) fn draw(
        &mut self,
        now: Time,
        inputs: &Inputs,
        changed_inputs: InputSet,
    ) -> DrawResult {
        self.running.draw(now, inputs, changed_inputs)
    }

    /// Returns the effects that the last frame has drawn.
    pub(super) fn drawn(&self) -> &[&'static EffectSpec] {
        self.running.drawn()
    }

    /// Returns the last drawn colors.
    pub(super) fn canvas(&self) -> &[Color] {
        self.running.canvas()
    }

    /// Returns which part of each pixel the effects cover; `None` for all of it.
    pub(super) fn coverage(&self) -> Option<&[f32]> {
        self.running.coverage()
    }

    /// Returns the options of the last write.
    pub(super) fn put_options(&self) -> PutOptions {
        self.last_put
    }

    /// Notes the options of a write that [`Overlaps`](super::overlaps::Overlaps) does.
    pub(super) fn set_put_options(&mut self, options: PutOptions) {
        self.last_put = options;
    }

    /// Whether an unchanged canvas must be written again because its options changed.
    pub(super) fn differs(&self, options: PutOptions) -> bool {
        let last = self.last_put;
        last.brightness.to_bits() != options.brightness.to_bits()
            || (last.is_moving && !options.is_moving)
            || last.is_covered != options.is_covered
    }

    /// Whether one of its strips was painted since the last frame.
    pub(super) fn is_painted(&self, overlay: &PaintOverlay) -> bool {
        self.strips.iter().any(|strip| overlay.is_dirty(*strip))
    }

    /// Writes the canvas to the strips, with the painted frames on top.
    pub(super) fn put(
        &mut self,
        frames: &mut [Frame],
        overlay: &PaintOverlay,
        options: PutOptions,
    ) {
        self.last_put = options;
        let mut canvas = self.running.canvas();
        for run in &self.runs {
            let (colors, rest) = canvas.split_at(run.pixels().min(canvas.len()));
            canvas = rest;
            if let Some(frame) = frames.get_mut(run.strip) {
                frame.put_run(*run, colors, options.brightness, options.is_moving);
            }
        }
        if options.is_covered {
            self.put_painted(frames, overlay, options.brightness);
        }
    }

    /// Writes the painted pixels over the canvas. They do not move until the next paint.
    fn put_painted(&self, frames: &mut [Frame], overlay: &PaintOverlay, brightness: f32) {
        for place in &self.places {
            let painted = overlay.at(*place);
            if let (Some(color), Some(frame)) = (painted, frames.get_mut(place.strip)) {
                frame.put(place.pixel, color, brightness, false);
            }
        }
    }

    /// Replaces the running effects with a dim light, until something else is selected.
    pub(super) fn replace_with_fallback(&mut self, now: Time, fade: Span) {
        self.running.replace_with_fallback(now, DIM, fade);
        self.has_failed = true;
    }

    /// Returns the color that the group reports, or that of a command that was just set; `None` if
    /// the selection is not known yet.
    pub(super) fn color(&self, group: &GroupPlan) -> Option<Color> {
        if self.selector.is_pending() {
            self.selector.command().map(|it| it.effect.tint())
        } else {
            Some(self.shown(group).tint)
        }
    }

    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let shown = self.selector.shown(group);
        if !self.has_failed {
            return shown;
        }
        Shown {
            text: DIM_TEXT,
            is_thermal: false,
            tint: DIM,
            ..shown
        }
    }
}

fn strips(places: &[Place]) -> Vec<usize> {
    let mut strips = Vec::new();
    for Place { strip, .. } in places {
        // Most pixels are on the strip of the one before.
        if strips.last() != Some(strip) && !strips.contains(strip) {
            strips.push(*strip);
        }
    }
    strips
}
