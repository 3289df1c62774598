//! The commands of users: effects and colors on groups, brightness, switches, flashes, forced
//! states and painted frames.

use super::Renderer;
use crate::color::Color;
use crate::input::MAX_SOURCES;
use crate::layer::StackPlan;
use crate::plan::Override;
use crate::state::State;
use crate::time::{Span, Time};

/// Mainsail sends a color back 0.5 s after it changed; the rest is for a slow network, and for
/// samples of the G-code queue, which are taken at least once a second.
const ECHO_DELAY: Span = Span::from_millis(2500);

impl Renderer {
    /// Shows an effect on a group, above the effect of its state. An unknown group is ignored.
    pub fn set(&mut self, now: Time, group: usize, command: Box<Override>) {
        let now = self.advance_to(now);
        self.machine.note_activity(now);
        self.store_sources(&command.effect);
        if let Some(group_state) = self.groups.get_mut(group) {
            group_state.selector.set(now, command);
        }
        self.update_unless_batch(now);
    }

    /// Shows a color that was picked for a group in a web interface, and switches the group on
    /// unless the color is black.
    ///
    /// A color that the group reports, or has reported since shortly before the running command
    /// began, changes nothing: Mainsail sends each new white level back once a light's dialog was
    /// opened, and Klipper keeps that back while a command runs.
    pub fn pick(&mut self, now: Time, group: usize, command: Box<Override>) {
        let (Some(group_state), Some(plan)) =
            (self.groups.get_mut(group), self.plan.groups.get(group))
        else {
            return;
        };
        let picked = plan.light.reported(command.effect.tint());
        let is_sent_back = |it: Color| is_echo(picked, plan.light.reported(it));
        let busy_since = self.busy_since.unwrap_or(Time::MAX);
        let since = if group_state.selector.is_picked() {
            // The user may switch a light off and on again quickly.
            busy_since
        } else {
            busy_since.min(now) - ECHO_DELAY
        };
        // Mainsail never sends black back.
        let is_earlier =
            picked != Color::BLACK && group_state.reported.earlier_since(since).any(is_sent_back);
        if is_earlier || group_state.color(plan).is_some_and(is_sent_back) {
            return;
        }
        if picked != Color::BLACK {
            group_state.selector.switch(true);
        }
        self.set(now, group, command);
    }

    /// Fades the brightness of a group, or of everything, to a value of 0.0-1.0. It holds until the
    /// next call.
    pub fn dim(&mut self, now: Time, group: Option<usize>, value: f32, fade: Option<Span>) {
        let now = self.advance_to(now);
        self.machine.note_activity(now);
        let brightness = match group {
            None => Some(&mut self.brightness),
            Some(group) => self
                .groups
                .get_mut(group)
                .map(|group_state| &mut group_state.brightness),
        };
        if let Some(brightness) = brightness {
            brightness.set(now, value.clamp(0.0, 1.0), fade.unwrap_or(self.plan.fade));
        }
    }

    /// Switches a group, or all groups, off or on. Alarms and flashes still show.
    pub fn switch(&mut self, now: Time, group: Option<usize>, is_on: bool) {
        let now = self.advance_to(now);
        self.machine.note_activity(now);
        for (index, group_state) in self.groups.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                group_state.selector.switch(is_on);
            }
        }
        if group.is_none() {
            self.overlay.switch(is_on);
        }
        self.update_unless_batch(now);
    }

    /// Flashes a group for the duration of the override, then shows what it showed before.
    pub fn flash(&mut self, now: Time, group: usize, flash: Box<Override>) {
        let now = self.advance_to(now);
        let until = now + flash.duration.unwrap_or_default();
        if let Some(group_state) = self.groups.get_mut(group) {
            group_state.selector.flash(flash, until);
        }
        self.update_unless_batch(now);
    }

    /// Shows a state regardless of the printer, for a time or until it is cleared. Alarms still
    /// show.
    pub fn force(&mut self, now: Time, state: State, duration: Option<Span>) {
        let now = self.advance_to(now);
        self.machine.force(now, state, duration);
        self.update_groups(now);
    }

    /// Removes what commands put on a group. Without a group, clears all groups and the forced
    /// state.
    pub fn clear(&mut self, now: Time, group: Option<usize>) {
        let now = self.advance_to(now);
        self.machine.note_activity(now);
        for (index, group_state) in self.groups.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                group_state.selector.clear();
            }
        }
        if group.is_none() {
            self.machine.release(now);
        }
        self.update_unless_batch(now);
    }

    /// Removes what was picked for a group in a web interface. Without a group, for all groups.
    pub fn clear_picked(&mut self, now: Time, group: Option<usize>) {
        let now = self.advance_to(now);
        self.machine.note_activity(now);
        for (index, group_state) in self.groups.iter_mut().enumerate() {
            if group.is_none_or(|group| group == index) {
                group_state.selector.clear_picked();
            }
        }
        self.update_unless_batch(now);
    }

    /// Paints a strip from its first pixel on, one color per pixel as red, green, blue and white.
    /// Pixels that are not black cover what the groups show, except for alarms, flashes and groups
    /// that are switched off. An unknown strip is ignored.
    pub fn paint(&mut self, strip: usize, rgbw: &[[u8; 4]]) {
        self.overlay.paint(strip, rgbw);
    }

    /// Begins a batch of commands. Nothing changes before [`Renderer::end_batch`].
    pub fn begin_batch(&mut self) {
        self.in_batch = true;
    }

    /// Ends a batch of commands. Each group then changes at most once.
    pub fn end_batch(&mut self, now: Time) {
        self.in_batch = false;
        let now = self.advance_to(now);
        self.update_groups(now);
    }

    fn update_unless_batch(&mut self, now: Time) {
        if !self.in_batch {
            self.update_groups(now);
        }
    }

    /// Stores the sources of a command's effects, which the plan may lack.
    fn store_sources(&mut self, effect: &StackPlan) {
        for (index, name) in effect.sources().filter(|(index, _)| *index < MAX_SOURCES) {
            if self.sources.len() <= index {
                self.sources.resize(index + 1, String::new());
            }
            if self.sources[index] != name {
                // The samples of the name that had this index no longer apply.
                self.inputs.forget_source(index);
                name.clone_into(&mut self.sources[index]);
            }
        }
    }
}

/// Whether a picked color is the reported one sent back: in steps of 1/255, rounded twice.
fn is_echo(picked: Color, reported: Color) -> bool {
    const TOLERANCE: f32 = 0.006;
    let channels = |color: Color| [color.r, color.g, color.b, color.w];
    let pairs = channels(picked).into_iter().zip(channels(reported));
    let mut distances = pairs.map(|(a, b)| (a - b).abs());
    distances.all(|distance| distance <= TOLERANCE)
}
