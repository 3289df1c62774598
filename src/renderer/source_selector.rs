//! Selects what a group shows. In order of priority: the effect of an alarm, a flash, darkness if
//! it is switched off, a command's effect, the effect of the state, the group's policy for states
//! without an effect.

use super::plan_change::PlanChange;
use super::{Shown, Source};
use crate::effect::off::{self, OffSettings};
use crate::effect::{EffectPlan, PlannedInput, thermal};
use crate::layer::{LayerPlan, StackPlan};
use crate::plan::{GroupPlan, Override, Unmapped};
use crate::state::State;
use crate::state::StateMachine;
use crate::time::{Span, Time};

/// The source of a group's light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The scene of the group with this index.
    Scene(usize),
    /// A flash.
    Flash,
    /// Dark, because the group is switched off.
    Off,
    /// A command's effect.
    Command,
    /// Dark, because nothing is configured for the state.
    Dark,
}

/// Selects what one group shows.
#[derive(Debug)]
pub(super) struct SourceSelector {
    command: Option<Box<Override>>,
    /// When the command ends.
    until: Option<Time>,
    /// The flash and when it ends.
    flash: Option<(Box<Override>, Time)>,
    is_off: bool,
    /// The scene of the last state with one, alarms excepted. Used by `keep`.
    kept: Option<usize>,
    /// The same for a series of forced states; `None` while no state is forced.
    kept_forced: Option<usize>,
    /// The last choice; `None` if it must be started again.
    choice: Option<Choice>,
    /// Whether the choice takes priority over painted frames.
    is_urgent: bool,
    /// Whether there is a group below at every pixel.
    is_all_above: bool,
    dark: StackPlan,
    /// Nothing: the groups below shine through.
    nothing: StackPlan,
}

impl SourceSelector {
    pub(super) fn new() -> Self {
        let off = EffectPlan {
            settings: OffSettings::defaults(),
            input: PlannedInput::None,
            ring: None,
        };
        let nothing = LayerPlan {
            opacity: 0.0,
            ..off.clone().into()
        };
        Self {
            command: None,
            until: None,
            flash: None,
            is_off: false,
            kept: None,
            kept_forced: None,
            choice: None,
            is_urgent: false,
            is_all_above: false,
            dark: off.into(),
            nothing: StackPlan::new(nothing, Vec::new()),
        }
    }

    /// Adopts the same group of a new plan.
    pub(super) fn adopt(&mut self, old: &GroupPlan, new: &GroupPlan, change: &PlanChange<'_>) {
        self.kept = self
            .kept
            .and_then(|index| change.state(old.scenes.get(index)?.state))
            .and_then(|state| scene(new, state));
        self.kept_forced = None;
        self.choice = None;
        let Some(effect) = self.command.as_mut().map(|it| &mut it.effect) else {
            return;
        };
        let mut sources = effect.sources();
        if sources.any(|(_, name)| change.source(name).is_none()) {
            // A source of the command's effect is no longer sampled.
            drop(sources);
            self.clear();
            return;
        }
        drop(sources);
        effect.move_sources(|index| change.new_index(index));
    }

    /// Sets a command's effect.
    pub(super) fn set(&mut self, now: Time, command: Box<Override>) {
        self.until = command.duration.map(|duration| now + duration);
        self.command = Some(command);
        self.choice = None;
    }

    /// Removes the command's effect.
    pub(super) fn clear(&mut self) {
        self.command = None;
        self.until = None;
    }

    /// Removes the command's effect if it was picked in a web interface.
    pub(super) fn clear_picked(&mut self) {
        if self.command.as_ref().is_some_and(|it| it.is_picked) {
            self.clear();
        }
    }

    /// Returns the command, even if something else has priority over it.
    pub(super) fn command(&self) -> Option<&Override> {
        self.command.as_deref()
    }

    /// Whether something was set that is not selected yet.
    pub(super) fn is_pending(&self) -> bool {
        self.choice.is_none()
    }

    /// Whether the user picked in a web interface what the group shows, or switched it off.
    pub(super) fn is_picked(&self) -> bool {
        match self.choice {
            Some(Choice::Off) => true,
            Some(Choice::Command) | None => self.command().is_some_and(|it| it.is_picked),
            Some(Choice::Scene(_) | Choice::Flash | Choice::Dark) => false,
        }
    }

    /// Shows a flash until the given time.
    pub(super) fn flash(&mut self, flash: Box<Override>, until: Time) {
        self.flash = Some((flash, until));
        self.choice = None;
    }

    /// Sets whether there is a group below at every pixel.
    pub(super) fn set_all_above(&mut self, is_all_above: bool) {
        self.is_all_above = is_all_above;
    }

    /// Switches the group off or on.
    pub(super) fn switch(&mut self, is_on: bool) {
        self.is_off = !is_on;
    }

    /// Returns when the command or the flash ends, whichever is first.
    pub(super) fn until(&self) -> Option<Time> {
        let flash = self.flash.as_ref().map(|(_, until)| *until);
        [self.until, flash].into_iter().flatten().min()
    }

    /// Selects what the group shows. Returns true if it must be started.
    pub(super) fn choose(&mut self, now: Time, group: &GroupPlan, machine: &StateMachine) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            self.clear();
        }
        self.flash.take_if(|(_, until)| *until <= now);
        let detected = machine.detected();
        let detected_scene = scene(group, detected);
        if !detected.is_alarm() {
            self.kept = detected_scene.or(self.kept);
        }
        self.keep_forced(group, machine.forced());
        let choice = match detected_scene {
            Some(alarm) if detected.is_alarm() => Choice::Scene(alarm),
            _ if self.flash.is_some() => Choice::Flash,
            _ if self.is_off => Choice::Off,
            _ if self.command.is_some() => Choice::Command,
            _ => self.state_choice(group, machine.state()),
        };
        self.is_urgent = match choice {
            Choice::Scene(_) => detected.is_alarm() && detected_scene.is_some(),
            Choice::Flash | Choice::Off => true,
            Choice::Command | Choice::Dark => false,
        };
        self.choice.replace(choice) != Some(choice)
    }

    /// Whether the effect is held: while a snapshot is taken, the effect of printing stays as it
    /// is.
    pub(super) fn is_held(&self, group: &GroupPlan) -> bool {
        let part = |state| scene(group, state).map(|index| &group.scenes[index]);
        let (Some(Choice::Scene(index)), Some(printing)) = (self.choice, part(State::Printing))
        else {
            return false;
        };
        let shown = &group.scenes[index];
        shown.state == State::Snapshot && shown.effect == printing.effect
    }

    /// Whether the choice takes priority over painted frames: an alarm, a flash, or switched off.
    pub(super) fn is_urgent(&self) -> bool {
        self.is_urgent
    }

    /// Whether only the pixels without a group below show the effect: it is the built-in alarm, and
    /// the groups below may have another one.
    pub(super) fn yields(&self, group: &GroupPlan) -> bool {
        self.shows_built_in_alarm(group) && !self.is_all_above
    }

    fn shows_built_in_alarm(&self, group: &GroupPlan) -> bool {
        let Some(Choice::Scene(index)) = self.choice else {
            return false;
        };
        let part = &group.scenes[index];
        part.is_built_in && part.state.is_alarm()
    }

    /// Keeps the scene of a forced state for the next one, as `kept` does for the printer's states.
    fn keep_forced(&mut self, group: &GroupPlan, forced: Option<State>) {
        self.kept_forced = match forced {
            Some(alarm) if alarm.is_alarm() => self.kept_forced,
            Some(state) => scene(group, state).or(self.kept_forced),
            None => None,
        };
    }

    fn state_choice(&self, group: &GroupPlan, state: State) -> Choice {
        let kept = self.kept_forced.or(self.kept);
        let kept = kept.filter(|_| group.unmapped != Unmapped::Off);
        let index = scene(group, state).or(kept);
        index.map_or(Choice::Dark, Choice::Scene)
    }

    /// Returns the selected effect and its fade, which defaults to `fade`.
    pub(super) fn effect<'a>(&'a self, group: &'a GroupPlan, fade: Span) -> (&'a StackPlan, Span) {
        match (self.choice, &self.command) {
            (Some(Choice::Scene(index)), _) => {
                let part = &group.scenes[index];
                let is_hidden = self.is_all_above && self.shows_built_in_alarm(group);
                let effect = if is_hidden {
                    &self.nothing
                } else {
                    &part.effect
                };
                (effect, part.fade)
            }
            (Some(Choice::Command), Some(command)) => {
                (&command.effect, command.fade.unwrap_or(fade))
            }
            (Some(Choice::Flash), _) => self
                .flash
                .as_ref()
                .map_or((&self.dark, fade), |(flash, _)| {
                    (&flash.effect, flash.fade.unwrap_or(fade))
                }),
            (Some(Choice::Dark), _) if group.is_over() => (&self.nothing, fade),
            _ => (&self.dark, fade),
        }
    }

    /// Returns the text and the source of the selected effect.
    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let (text, source) = match (self.choice, &self.command) {
            (Some(Choice::Scene(index)), _) => (&*group.scenes[index].text, Source::State),
            (Some(Choice::Command), Some(command)) => (&*command.text, Source::Command),
            (Some(Choice::Flash), _) => {
                let flash = self.flash.as_ref().map(|(flash, _)| flash.text.as_str());
                (flash.unwrap_or_default(), Source::Command)
            }
            (Some(Choice::Off), _) => (off::SPEC.name, Source::Command),
            _ => (off::SPEC.name, Source::State),
        };
        let (effect, _) = self.effect(group, Span::ZERO);
        Shown {
            text,
            source,
            is_thermal: effect
                .effects()
                .any(|it| it.spec().name == thermal::SPEC.name),
            tint: effect.tint(),
        }
    }
}

/// Returns the index of the group's scene for a state.
fn scene(group: &GroupPlan, state: State) -> Option<usize> {
    group.scenes.iter().position(|part| part.state == state)
}
