//! Derives the active states: the table of priorities with the condition of each state.

use super::{KlipperPhase, StateMachine};
use crate::input::Job;
use crate::state::State;
use crate::time::Time;

impl StateMachine {
    /// Collects all active states, highest priority first.
    pub(super) fn collect(&mut self, now: Time) {
        self.active.clear();
        self.collect_faults();
        self.collect_operations(now);
        self.collect_job(now);
        self.collect_rest(now);
        if self.active.is_empty() {
            self.active.push(State::Idle);
        }
    }

    fn collect_faults(&mut self) {
        let error = self.klipper == KlipperPhase::Shutdown
            || self.job.has_failed()
            || (self.command_error_until.is_some() && self.klipper == KlipperPhase::Ready);
        self.add(error, State::Error);
        self.add(
            self.link_lost || self.klipper == KlipperPhase::PoweredOff,
            State::Disconnected,
        );
        self.add(self.klipper == KlipperPhase::Starting, State::Startup);
    }

    fn collect_operations(&mut self, now: Time) {
        let is_missing = self.filament.is_missing() || self.is_change_pending;
        let in_filament_change = is_missing || self.operations.has(State::Filament);
        let is_snapshot = self.timelapse.shows(now);
        // A runout and a filament change pause the job by a command, which must not hide the cause.
        let is_pausing = self.operations.states().next() == Some(State::Paused);
        self.add(in_filament_change && is_pausing, State::Filament);
        let shows_pause = self.shows_pause(now) && !is_snapshot;
        for state in self.operations.states() {
            let is_shown = match state {
                State::Paused => shows_pause,
                State::Snapshot => false,
                _ => true,
            };
            if is_shown && !self.active.contains(&state) {
                self.active.push(state);
            }
        }
        // These continue after the commands that started them.
        self.add(self.latest.manual_probe, self.manual_probe_state);
        self.add(self.latest.bed_screws, State::Leveling);
        self.add(is_missing, State::Filament);
        self.add(is_snapshot, State::Snapshot);
    }

    fn collect_job(&mut self, now: Time) {
        let is_paused = self.job.is(Job::Paused);
        let shows_pause = is_paused && self.shows_pause(now);
        // A host can pause while no job is known.
        let has_job = self.latest.job.is_active() || self.stream.is_active();
        let is_printing = self.job.is(Job::Printing) || (is_paused && !shows_pause && has_job);
        // A machine without an extruder, such as a laser or a plotter, starts at once.
        let has_started = self.job.has_extruded() || self.settings.extruders == 0;
        let is_heating = !self.job.is_active() && self.heaters.is_heating();
        self.add(shows_pause, State::Paused);
        self.add(self.job.cancelled_until().is_some(), State::Cancelled);
        self.add(is_printing && has_started, State::Printing);
        self.add((is_printing && !has_started) || is_heating, State::Heating);
        self.add(self.job.complete_until().is_some(), State::Complete);
        self.add(self.heaters.cooling_until().is_some(), State::Cooldown);
    }

    fn shows_pause(&self, now: Time) -> bool {
        let shows_at = self.pause.shows_at(self.settings.pause_after);
        shows_at.is_some_and(|at| now >= at)
    }

    fn collect_rest(&mut self, now: Time) {
        if self.klipper != KlipperPhase::Ready || self.is_busy || now < self.bored_at() {
            return;
        }
        // An alarm takes priority over the resting states but does not end them.
        if self.active.iter().any(|state| !state.is_alarm()) {
            self.not_resting_at = now;
        }
        let is_asleep = now >= self.sleep_at() && !self.heaters.has_target();
        self.add(is_asleep, State::Sleep);
        self.add(!is_asleep, State::Bored);
    }

    fn add(&mut self, is_active: bool, state: State) {
        if is_active && !self.active.contains(&state) {
            self.active.push(state);
        }
    }
}
