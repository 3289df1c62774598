//! Which states are active: the table of priorities with the condition of each row.

use super::{Life, Machine};
use crate::input::Job;
use crate::state::State;
use crate::time::Time;

impl Machine {
    /// Lists all active states, highest first.
    pub(super) fn collect(&mut self, now: Time) {
        self.active.clear();
        self.collect_faults();
        self.collect_operations();
        self.collect_job();
        self.collect_rest(now);
        if self.active.is_empty() {
            self.active.push(State::Idle);
        }
    }

    fn collect_faults(&mut self) {
        let error = self.life == Life::Shutdown
            || self.job.is(Job::Error)
            || (self.command_error_until.is_some() && self.life == Life::Ready);
        self.add(error, State::Error);
        self.add(self.link_lost, State::Disconnected);
        self.add(self.life == Life::Starting, State::Startup);
    }

    fn collect_operations(&mut self) {
        let missing = self.latest.filament_missing && self.job.is_active();
        // A runout pauses by a command; that command must not hide why.
        let pausing = self.operations.states().next() == Some(State::Paused);
        self.add(missing && pausing, State::Filament);
        for state in self.operations.states() {
            if !self.active.contains(&state) {
                self.active.push(state);
            }
        }
        // A manual probe goes on after the command that opened it.
        self.add(self.latest.manual_probe, State::Probing);
        self.add(missing, State::Filament);
    }

    fn collect_job(&mut self) {
        let printing = self.job.is(Job::Printing);
        let extruded = self.job.has_extruded();
        let heating = !self.job.is_active() && self.heat.is_heating();
        self.add(self.job.is(Job::Paused), State::Paused);
        self.add(self.job.cancelled_until().is_some(), State::Cancelled);
        self.add(printing && extruded, State::Printing);
        self.add((printing && !extruded) || heating, State::Heating);
        self.add(self.job.complete_until().is_some(), State::Complete);
        self.add(self.heat.cooling_until().is_some(), State::Cooldown);
    }

    fn collect_rest(&mut self, now: Time) {
        if self.life != Life::Ready || self.busy || now < self.bored_at() {
            return;
        }
        if !self.active.is_empty() {
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
