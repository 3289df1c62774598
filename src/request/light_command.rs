//! Commands for the lights, as the renderer takes them.

use crate::plan::Override;
use crate::renderer::Renderer;
use crate::state::{Event, State};
use crate::time::{Span, Time};

/// A command for the lights, with the indices of groups.
#[derive(Debug)]
pub(crate) enum LightCommand {
    /// Show an effect on a group.
    Set(usize, Box<Override>),
    /// Show a color that was picked in a web interface on a group.
    Pick(usize, Box<Override>),
    /// Clear what was picked in web interfaces for a group, or for all groups.
    ClearPicked(Option<usize>),
    /// Force a state.
    Force(State, Option<Span>),
    /// Clear what commands put on a group, or on all groups.
    Clear(Option<usize>),
    /// Fade the brightness of a group, or of everything.
    Dim(Option<usize>, f32, Option<Span>),
    /// Switch a group, or all groups, off or on.
    Switch(Option<usize>, bool),
    /// Flash a group.
    Flash(usize, Box<Override>),
    /// Note that the lights are used.
    Wake,
    /// A command for several groups, which reaches all or none of them.
    Batch(Vec<LightCommand>),
}

impl LightCommand {
    /// Combines several commands into one.
    pub(super) fn all(commands: impl Iterator<Item = Self>) -> Self {
        let mut commands: Vec<Self> = commands.collect();
        match commands.len() {
            1 => commands.remove(0),
            _ => Self::Batch(commands),
        }
    }

    /// Applies the command.
    pub(crate) fn apply(self, renderer: &mut Renderer, at: Time) {
        match self {
            Self::Set(group, command) => renderer.set(at, group, command),
            Self::Pick(group, command) => renderer.pick(at, group, command),
            Self::ClearPicked(group) => renderer.clear_picked(at, group),
            Self::Force(state, duration) => renderer.force(at, state, duration),
            Self::Clear(group) => renderer.clear(at, group),
            Self::Dim(group, value, fade) => renderer.dim(at, group, value, fade),
            Self::Switch(group, is_on) => renderer.switch(at, group, is_on),
            Self::Flash(group, flash) => renderer.flash(at, group, flash),
            Self::Wake => renderer.event(at, Event::Activity),
            Self::Batch(commands) => {
                renderer.begin_batch();
                for command in commands {
                    command.apply(renderer, at);
                }
                renderer.end_batch(at);
            }
        }
    }
}
