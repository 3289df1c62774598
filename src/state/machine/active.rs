//! Which states are active: the table of priorities with the condition of each row.

use super::{Life, StateMachine};
use crate::input::Job;
use crate::state::State;
use crate::time::Time;

impl StateMachine {
    /// Lists all active states, highest first.
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
        let error = self.life == Life::Shutdown
            || self.job.has_failed()
            || (self.command_error_until.is_some() && self.life == Life::Ready);
        self.add(error, State::Error);
        self.add(
            self.link_lost || self.life == Life::Gone,
            State::Disconnected,
        );
        self.add(self.life == Life::Starting, State::Startup);
    }

    fn collect_operations(&mut self, now: Time) {
        let missing = self.filament.is_missing() || self.change_waits;
        let in_change = missing || self.operations.has(State::Filament);
        let snapshot = self.snapshot.shows(now);
        // A runout pauses by a command, as a filament change does; that must not hide why.
        let pausing = self.operations.states().next() == Some(State::Paused);
        self.add(in_change && pausing, State::Filament);
        let shows_pause = self.shows_pause(now) && !snapshot;
        for state in self.operations.states() {
            let shows = match state {
                State::Paused => shows_pause,
                State::Snapshot => false,
                _ => true,
            };
            if shows && !self.active.contains(&state) {
                self.active.push(state);
            }
        }
        // These go on after the commands that opened them.
        self.add(self.latest.manual_probe, self.manual);
        self.add(self.latest.bed_screws, State::Leveling);
        self.add(missing, State::Filament);
        self.add(snapshot, State::Snapshot);
    }

    fn collect_job(&mut self, now: Time) {
        let paused = self.job.is(Job::Paused);
        let shows_pause = paused && self.shows_pause(now);
        // A host may pause when nothing is known of a job.
        let has_job = self.latest.job.is_active() || self.stream.is_active();
        let printing = self.job.is(Job::Printing) || (paused && !shows_pause && has_job);
        // What has no extruder, a laser or a plotter, has nothing to wait for.
        let at_work = self.job.has_extruded() || self.settings.extruders == 0;
        let heating = !self.job.is_active() && self.heat.is_heating();
        self.add(shows_pause, State::Paused);
        self.add(self.job.cancelled_until().is_some(), State::Cancelled);
        self.add(printing && at_work, State::Printing);
        self.add((printing && !at_work) || heating, State::Heating);
        self.add(self.job.complete_until().is_some(), State::Complete);
        self.add(self.heat.cooling_until().is_some(), State::Cooldown);
    }

    fn shows_pause(&self, now: Time) -> bool {
        let shows_at = self.pause.shows_at(self.settings.pause_after);
        shows_at.is_some_and(|at| now >= at)
    }

    fn collect_rest(&mut self, now: Time) {
        if self.life != Life::Ready || self.busy || now < self.bored_at() {
            return;
        }
        // An alarm shows above rest, and does not end it.
        if self.active.iter().any(|state| !state.is_alarm()) {
            self.occupied = now;
        }
        let sleeps = now >= self.sleep_at() && !self.heat.has_target();
        self.add(sleeps, State::Sleep);
        self.add(!sleeps, State::Bored);
    }

    fn add(&mut self, holds: bool, state: State) {
        if holds && !self.active.contains(&state) {
            self.active.push(state);
        }
    }
}
