//! What users ask for: effects and colors on groups, brightness, switches, flashes, forced states and
//! pictures.

use super::Renderer;
use crate::color::Color;
use crate::effect::EffectPlan;
use crate::input::MAX_SOURCES;
use crate::plan::Override;
use crate::state::State;
use crate::time::{Span, Time};

impl Renderer {
    /// Puts an effect on a group, above the scene of the state; a group that is not there is
    /// ignored.
    pub fn set(&mut self, now: Time, group: usize, command: Box<Override>) {
        let now = self.pass(now);
        self.machine.note_activity(now);
        self.note_source(&command.effect);
        if let Some(state_of) = self.stages.get_mut(group) {
            state_of.selector.set(now, command);
        }
        self.settle_unless_batch(now);
    }

    /// Shows a color that was picked for a group in a web interface, and switches the group on
    /// unless the color is black. A color that the light reports already, without a command, changes
    /// nothing: web interfaces send back what they read once their dialog is open.
    pub fn pick(&mut self, now: Time, group: usize, command: Box<Override>) {
        let (Some(state_of), Some(plan)) =
            (self.stages.get_mut(group), self.plan.groups.get(group))
        else {
            return;
        };
        let picked = plan.light.reported(command.effect.tint());
        let shown = plan.light.reported(state_of.shown(plan).tint);
        if !state_of.selector.is_commanded() && is_echo(picked, shown) {
            return;
        }
        if picked != Color::BLACK {
            state_of.selector.switch(true);
        }
        self.set(now, group, command);
    }

    /// Fades the brightness of a group, or of everything, to a value of 0.0-1.0; it holds until
    /// another is set.
    pub fn dim(&mut self, now: Time, group: Option<usize>, value: f32, fade: Option<Span>) {
        let now = self.pass(now);
        self.machine.note_activity(now);
        let level = match group {
            None => Some(&mut self.level),
            Some(group) => self
                .stages
                .get_mut(group)
                .map(|state_of| &mut state_of.level),
        };
        if let Some(level) = level {
            level.set(now, value.clamp(0.0, 1.0), fade.unwrap_or(self.plan.fade));
        }
    }

    /// Switches a group, or all, off or on again; alarms and flashes show in any case.
    pub fn switch(&mut self, now: Time, group: Option<usize>, is_on: bool) {
        let now = self.pass(now);
        self.machine.note_activity(now);
        for (index, state_of) in self.stages.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                state_of.selector.switch(is_on);
            }
        }
        if group.is_none() {
            self.overlay.switch(is_on);
        }
        self.settle_unless_batch(now);
    }

    /// Calls for attention on a group for as long as the override says, then goes on as before.
    pub fn flash(&mut self, now: Time, group: usize, flash: Box<Override>) {
        let now = self.pass(now);
        let until = now + flash.duration.unwrap_or_default();
        if let Some(state_of) = self.stages.get_mut(group) {
            state_of.selector.flash(flash, until);
        }
        self.settle_unless_batch(now);
    }

    /// Shows a state whatever the printer does, alarms excepted, for a time or until it is cleared.
    pub fn force(&mut self, now: Time, state: State, duration: Option<Span>) {
        let now = self.pass(now);
        self.machine.force(now, state, duration);
        self.settle(now);
    }

    /// Takes back what commands put on a group; without a group, on all, and the forced state.
    pub fn clear(&mut self, now: Time, group: Option<usize>) {
        let now = self.pass(now);
        self.machine.note_activity(now);
        for (index, state_of) in self.stages.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                state_of.selector.clear();
            }
        }
        if group.is_none() {
            self.machine.release(now);
        }
        self.settle_unless_batch(now);
    }

    /// Takes back what was picked for a group in a web interface; without a group, for all.
    pub fn clear_picked(&mut self, now: Time, group: Option<usize>) {
        let now = self.pass(now);
        self.machine.note_activity(now);
        for (index, state_of) in self.stages.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                state_of.selector.clear_picked();
            }
        }
        self.settle_unless_batch(now);
    }

    /// Paints a strip from its first pixel, one color a pixel as red, green, blue and white. What is
    /// not black shows above what groups show there, but not above alarms, flashes and being off;
    /// a strip that is not there is ignored.
    pub fn paint(&mut self, strip: usize, rgbw: &[[u8; 4]]) {
        self.overlay.paint(strip, rgbw);
    }

    /// Begins commands that belong together; nothing is entered before [`Renderer::end_batch`].
    pub fn begin_batch(&mut self) {
        self.in_batch = true;
    }

    /// Ends commands that belong together: every group enters once what it should show.
    pub fn end_batch(&mut self, now: Time) {
        self.in_batch = false;
        let now = self.pass(now);
        self.settle(now);
    }

    fn settle_unless_batch(&mut self, now: Time) {
        if !self.in_batch {
            self.settle(now);
        }
    }

    /// Notes the source that a command's effect follows; the plan may not have it.
    fn note_source(&mut self, effect: &EffectPlan) {
        let Some(index) = effect.source.filter(|index| *index < MAX_SOURCES) else {
            return;
        };
        let name = &effect.settings.temp_source;
        if self.sources.len() <= index {
            self.sources.resize(index + 1, String::new());
        }
        if self.sources[index] != *name {
            // What had its place was measured in vain.
            self.inputs.forget_source(index);
            self.sources[index].clone_from(name);
        }
    }
}

/// Whether a picked color is the reported one, as it comes back: in steps of 1/255, rounded twice.
fn is_echo(picked: Color, reported: Color) -> bool {
    const TOLERANCE: f32 = 0.006;
    let channels = |color: Color| [color.r, color.g, color.b, color.w];
    let pairs = channels(picked).into_iter().zip(channels(reported));
    let mut distances = pairs.map(|(a, b)| (a - b).abs());
    distances.all(|distance| distance <= TOLERANCE)
}
