//! What one group shows: the choice between alarm, command and state, and the layers it leads to.

use super::change::Change;
use super::{Shown, Source};
use crate::color::Color;
use crate::effect::options::Settings;
use crate::effect::{EffectKind, EffectPlan};
use crate::finish::Frame;
use crate::input::Inputs;
use crate::layer::{Drawn, Launch, Pile};
use crate::layout::Place;
use crate::plan::{GroupPlan, Override, ScenePart, Unmapped};
use crate::state::State;
use crate::state::machine::Machine;
use crate::time::{Span, Time};

/// What a group shows after its effect panicked: little light, so that the print is still seen.
const DIM: Color = Color::rgb(0.1, 0.1, 0.1);

/// How `DIM` is written.
const DIM_TEXT: &str = "solid 1a1a1a";

/// Where a group's light comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The part of the group's scenes with this index.
    Scene(usize),
    /// What a command put on it.
    Command,
    /// Nothing.
    Dark,
}

/// One group with what a command put on it and the layers that run.
#[derive(Debug)]
pub(super) struct Stage {
    places: Vec<Place>,
    pile: Pile,
    command: Option<Box<Override>>,
    /// When the command's time is over.
    until: Option<Time>,
    /// The scene of the last state that had one, alarms excepted: what `keep` keeps.
    kept: Option<usize>,
    /// What was entered last; `None` when it must be entered anew.
    choice: Option<Choice>,
    /// The effect of the choice panicked.
    quenched: bool,
    dark: EffectPlan,
}

impl Stage {
    pub(super) fn new(plan: &GroupPlan) -> Self {
        let places = plan.group.places();
        Self {
            pile: Pile::new(places.len()),
            places,
            command: None,
            until: None,
            kept: None,
            choice: None,
            quenched: false,
            dark: EffectPlan {
                kind: EffectKind::Off,
                settings: Settings::defaults(EffectKind::Off),
                source: None,
                ring: None,
                travel_mm: [0.0; 2],
                floor_c: 0.0,
            },
        }
    }

    /// Takes the same group of a new plan over; what runs goes on.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &Change<'_>) {
        self.places = new.group.places();
        self.pile.resize(self.places.len());
        self.kept = self
            .kept
            .and_then(|index| change.state(old.scenes.get(index)?.state))
            .and_then(|state| scene(new, state));
        self.choice = None;
        let source = self
            .command
            .as_mut()
            .and_then(|it| it.effect.source.as_mut());
        if let Some(source) = source {
            match change.source(*source) {
                Some(index) => *source = index,
                // Nobody measures it any more.
                None => self.clear(),
            }
        }
    }

    /// Puts a command's effect on the group.
    pub(super) fn set(&mut self, now: Time, command: Box<Override>) {
        self.until = command.duration.map(|duration| now + duration);
        self.command = Some(command);
        self.choice = None;
    }

    /// Takes the command's effect back.
    pub(super) fn clear(&mut self) {
        self.command = None;
        self.until = None;
    }

    /// When the command's time is over.
    pub(super) fn until(&self) -> Option<Time> {
        self.until
    }

    /// Decides what the group shows; true when that is to be entered.
    pub(super) fn choose(&mut self, now: Time, plan: &GroupPlan, machine: &Machine) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            self.clear();
        }
        let detected = machine.detected();
        let own = scene(plan, detected);
        if !detected.is_alarm() {
            self.kept = own.or(self.kept);
        }
        let choice = match own {
            Some(alarm) if detected.is_alarm() => Choice::Scene(alarm),
            _ if self.command.is_some() => Choice::Command,
            _ => self.of_state(plan, machine.state()),
        };
        self.choice.replace(choice) != Some(choice)
    }

    fn of_state(&self, plan: &GroupPlan, state: State) -> Choice {
        match (scene(plan, state), plan.unmapped, self.kept) {
            (Some(index), ..) | (None, Unmapped::Keep, Some(index)) => Choice::Scene(index),
            (None, Unmapped::Keep, None) | (None, Unmapped::Off, _) => Choice::Dark,
        }
    }

    /// The effect of the choice and the fade into it.
    pub(super) fn effect<'a>(&'a self, group: &'a GroupPlan, fade: Span) -> (&'a EffectPlan, Span) {
        match (self.part(group), self.chosen_command()) {
            (Some(part), _) => (&part.effect, part.fade),
            (None, Some(command)) => (&command.effect, command.fade.unwrap_or(fade)),
            (None, None) => (&self.dark, fade),
        }
    }

    /// Starts what was chosen.
    pub(super) fn enter(&mut self, now: Time, group: &GroupPlan, launch: Launch) {
        self.quenched = false;
        let Self {
            pile,
            command,
            choice,
            dark,
            ..
        } = self;
        let effect = match choice {
            Some(Choice::Scene(index)) => group.scenes.get(*index).map(|part| &part.effect),
            Some(Choice::Command) => command.as_deref().map(|command| &command.effect),
            Some(Choice::Dark) | None => None,
        };
        pile.show(now, effect.unwrap_or(dark), launch);
    }

    /// When a member of the same ring began.
    pub(super) fn ring_start(&self, plan: &EffectPlan) -> Option<Time> {
        self.pile.ring_start(plan)
    }

    pub(super) fn draw(&mut self, now: Time, inputs: &Inputs, fresh: bool) -> Drawn {
        self.pile.draw(now, inputs, fresh)
    }

    /// Puts the canvas on the strips.
    pub(super) fn put(&self, frames: &mut [Frame], brightness: f32) {
        for (place, color) in self.places.iter().zip(self.pile.canvas()) {
            if let Some(frame) = frames.get_mut(place.strip) {
                frame.put(place.pixel, *color, brightness);
            }
        }
    }

    /// Replaces whatever runs by a dim light, until something else is chosen.
    pub(super) fn quench(&mut self, now: Time, fade: Span) {
        self.pile.quench(now, DIM, fade);
        self.quenched = true;
    }

    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let command = self.chosen_command();
        let text = match (self.part(group), command) {
            _ if self.quenched => DIM_TEXT,
            (Some(part), _) => &part.text,
            (None, Some(command)) => &command.text,
            (None, None) => EffectKind::Off.name(),
        };
        let source = if command.is_some() {
            Source::Command
        } else {
            Source::State
        };
        Shown { text, source }
    }

    fn part<'a>(&self, group: &'a GroupPlan) -> Option<&'a ScenePart> {
        match self.choice {
            Some(Choice::Scene(index)) => group.scenes.get(index),
            _ => None,
        }
    }

    fn chosen_command(&self) -> Option<&Override> {
        self.command
            .as_deref()
            .filter(|_| self.choice == Some(Choice::Command))
    }
}

/// The index of the part that a group shows in a state.
fn scene(plan: &GroupPlan, state: State) -> Option<usize> {
    plan.scenes.iter().position(|part| part.state == state)
}
