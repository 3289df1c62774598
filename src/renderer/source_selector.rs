//! The pick among what a group could show: an alarm's scene, a flash, darkness because it is switched
//! off, what a command put on it, the scene of the state, or what its policy for other states says;
//! in this order.

use super::change::PlanChange;
use super::{Shown, Source};
use crate::effect::options::Settings;
use crate::effect::{EffectKind, EffectPlan};
use crate::plan::{GroupPlan, Override, Unmapped};
use crate::state::State;
use crate::state::machine::StateMachine;
use crate::time::{Span, Time};

/// Where a group's light comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The part of the group's scenes with this index.
    Scene(usize),
    /// What calls for attention.
    Flash,
    /// Nothing, for it is switched off.
    Off,
    /// What a command put on it.
    Command,
    /// Nothing.
    Dark,
}

/// What one group shows, and why.
#[derive(Debug)]
pub(super) struct SourceSelector {
    command: Option<Box<Override>>,
    /// When the command's time is over.
    until: Option<Time>,
    /// What calls for attention, and until when.
    flash: Option<(Box<Override>, Time)>,
    is_off: bool,
    /// The scene of the last state that had one, alarms excepted: what `keep` keeps.
    kept: Option<usize>,
    /// The same for the states that were forced one after the other, while one is forced.
    kept_forced: Option<usize>,
    /// What was picked last; `None` when it must be entered anew.
    choice: Option<Choice>,
    /// It goes before what is painted.
    is_urgent: bool,
    dark: EffectPlan,
}

impl SourceSelector {
    pub(super) fn new() -> Self {
        Self {
            command: None,
            until: None,
            flash: None,
            is_off: false,
            kept: None,
            kept_forced: None,
            choice: None,
            is_urgent: false,
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

    /// Takes the same group of a new plan over.
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
        if effect.source.is_some() {
            effect.source = change.source(&effect.settings.temp_source);
            if effect.source.is_none() {
                // Nobody measures it any more.
                self.clear();
            }
        }
    }

    /// Takes a command's effect.
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

    /// Takes the command's effect back if it was picked in a web interface.
    pub(super) fn clear_picked(&mut self) {
        if self.command.as_ref().is_some_and(|it| it.is_picked) {
            self.clear();
        }
    }

    /// Whether it shows what a command put on it.
    pub(super) fn is_commanded(&self) -> bool {
        // `None` stands for a command that has just come.
        matches!(self.choice, Some(Choice::Command) | None)
    }

    /// Calls for attention until then.
    pub(super) fn flash(&mut self, flash: Box<Override>, until: Time) {
        self.flash = Some((flash, until));
        self.choice = None;
    }

    /// Switches the group off or on.
    pub(super) fn switch(&mut self, is_on: bool) {
        self.is_off = !is_on;
    }

    /// When the command's time, or that of a flash, is over.
    pub(super) fn until(&self) -> Option<Time> {
        let flash = self.flash.as_ref().map(|(_, until)| *until);
        [self.until, flash].into_iter().flatten().min()
    }

    /// Picks what the group shows; true when that is to be entered.
    pub(super) fn choose(&mut self, now: Time, group: &GroupPlan, machine: &StateMachine) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            self.clear();
        }
        self.flash.take_if(|(_, until)| *until <= now);
        let detected = machine.detected();
        let own = scene(group, detected);
        if !detected.is_alarm() {
            self.kept = own.or(self.kept);
        }
        self.keep_forced(group, machine.forced());
        let choice = match own {
            Some(alarm) if detected.is_alarm() => Choice::Scene(alarm),
            _ if self.flash.is_some() => Choice::Flash,
            _ if self.is_off => Choice::Off,
            _ if self.command.is_some() => Choice::Command,
            _ => self.of_state(group, machine.state()),
        };
        self.is_urgent = match choice {
            Choice::Scene(_) => detected.is_alarm() && own.is_some(),
            Choice::Flash | Choice::Off => true,
            Choice::Command | Choice::Dark => false,
        };
        self.choice.replace(choice) != Some(choice)
    }

    /// Whether it stands still: the scene of printing, which shows the job for a picture of it.
    pub(super) fn is_held(&self, group: &GroupPlan) -> bool {
        let part = |state| scene(group, state).map(|index| &group.scenes[index]);
        let (Some(Choice::Scene(index)), Some(printing)) = (self.choice, part(State::Printing))
        else {
            return false;
        };
        let shown = &group.scenes[index];
        shown.state == State::Snapshot && shown.effect == printing.effect
    }

    /// Whether it goes before what is painted on the group's pixels: an alarm, a flash, being off.
    pub(super) fn is_urgent(&self) -> bool {
        self.is_urgent
    }

    /// Keeps what a forced state shows for the next one, as the printer's own states would.
    fn keep_forced(&mut self, group: &GroupPlan, forced: Option<State>) {
        self.kept_forced = match forced {
            Some(alarm) if alarm.is_alarm() => self.kept_forced,
            Some(state) => scene(group, state).or(self.kept_forced),
            None => None,
        };
    }

    fn of_state(&self, group: &GroupPlan, state: State) -> Choice {
        let kept = self.kept_forced.or(self.kept);
        let kept = kept.filter(|_| group.unmapped != Unmapped::Off);
        let index = scene(group, state).or(kept);
        index.map_or(Choice::Dark, Choice::Scene)
    }

    /// The effect that was picked, and the fade into it; `fade` where nobody says otherwise.
    pub(super) fn effect<'a>(&'a self, group: &'a GroupPlan, fade: Span) -> (&'a EffectPlan, Span) {
        match (self.choice, &self.command) {
            (Some(Choice::Scene(index)), _) => {
                let part = &group.scenes[index];
                (&part.effect, part.fade)
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
            _ => (&self.dark, fade),
        }
    }

    /// What was picked, in words.
    pub(super) fn shown<'a>(&'a self, group: &'a GroupPlan) -> Shown<'a> {
        let (text, source) = match (self.choice, &self.command) {
            (Some(Choice::Scene(index)), _) => (&*group.scenes[index].text, Source::State),
            (Some(Choice::Command), Some(command)) => (&*command.text, Source::Command),
            (Some(Choice::Flash), _) => {
                let flash = self.flash.as_ref().map(|(flash, _)| flash.text.as_str());
                (flash.unwrap_or_default(), Source::Command)
            }
            (Some(Choice::Off), _) => (EffectKind::Off.name(), Source::Command),
            _ => (EffectKind::Off.name(), Source::State),
        };
        let (effect, _) = self.effect(group, Span::ZERO);
        Shown {
            text,
            source,
            tint: effect.tint(),
        }
    }
}

/// The index of the part that a group shows in a state.
fn scene(group: &GroupPlan, state: State) -> Option<usize> {
    group.scenes.iter().position(|part| part.state == state)
}
