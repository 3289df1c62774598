//! Collects the active states in the order of the table, and the conditions that the table names.

use super::{KlipperPhase, StateMachine};
use crate::input::Job;
use crate::state::table::Condition;
use crate::state::{STATES, State, StateKind};
use crate::time::Time;

/// The conditions in [`STATES`], in their order. The rest of a row is large and not needed in every
/// frame.
static CONDITIONS: [(State, Condition); conditions_before(STATES.len())] = {
    let mut conditions: [(State, Condition); conditions_before(STATES.len())] =
        [(State::Idle, StateMachine::is_idle); conditions_before(STATES.len())];
    let mut row = 0;
    while row < STATES.len() {
        if let Some(condition) = STATES[row].is_active {
            conditions[conditions_before(row)] = (STATES[row].state, condition);
        }
        row += 1;
    }
    conditions
};

/// The index of the first condition of an operation.
const OPERATIONS: usize = conditions_before(first_row(StateKind::Operation));

/// The index of the first condition of a resting state.
const RESTING: usize = conditions_before(first_row(StateKind::Rest));

const fn conditions_before(end: usize) -> usize {
    let (mut row, mut count) = (0, 0);
    while row < end {
        count += STATES[row].is_active.is_some() as usize;
        row += 1;
    }
    count
}

const fn first_row(kind: StateKind) -> usize {
    let mut row = 0;
    while STATES[row].kind as u8 != kind as u8 {
        row += 1;
    }
    row
}

impl StateMachine {
    /// Collects all active states, highest priority first.
    pub(super) fn collect(&mut self, now: Time) {
        self.active.clear();
        self.add_active(&CONDITIONS[..OPERATIONS], now);
        self.collect_operations(now);
        self.add_active(&CONDITIONS[OPERATIONS..RESTING], now);
        self.begin_rest(now);
        self.add_active(&CONDITIONS[RESTING..], now);
    }

    fn add_active(&mut self, conditions: &[(State, Condition)], now: Time) {
        for (state, is_active) in conditions {
            self.add(is_active(self, now), *state);
        }
    }

    /// Adds the states of running commands, innermost first.
    fn collect_operations(&mut self, now: Time) {
        // A runout and a filament change pause the job by a command, which must not hide the cause.
        let is_pausing = self.operations.states().next() == Some(State::Paused);
        let in_filament_change = self.lacks_filament(now) || self.operations.has(State::Filament);
        self.add(in_filament_change && is_pausing, State::Filament);
        let shows_pause = self.shows_pause(now) && !self.takes_snapshot(now);
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
    }

    fn begin_rest(&mut self, now: Time) {
        // An alarm takes priority over the resting states but does not end them.
        let is_in_use = self.active.iter().any(|state| !state.is_alarm());
        if is_in_use && self.is_at_rest(now) {
            self.not_resting_at = now;
        }
    }

    fn add(&mut self, is_active: bool, state: State) {
        if is_active && !self.active.contains(&state) {
            self.active.push(state);
        }
    }

    fn shows_pause(&self, now: Time) -> bool {
        let shows_at = self.pause.shows_at(self.settings.pause_after);
        shows_at.is_some_and(|at| now >= at)
    }

    fn has_started(&self) -> bool {
        // A machine without an extruder, such as a laser or a plotter, starts at once.
        self.job.has_extruded() || self.settings.extruders == 0
    }

    /// Whether the job prints or is about to, or pauses too briefly to be shown.
    fn has_running_job(&self, now: Time) -> bool {
        // A host can pause while no job is known.
        let has_job = self.latest.job.is_active() || self.stream.is_active();
        let is_short_pause = self.job.is(Job::Paused) && !self.shows_pause(now) && has_job;
        self.job.is(Job::Printing) || is_short_pause
    }

    /// Whether a manual probe, which continues after its command, shows as this state.
    fn probes_as(&self, state: State) -> bool {
        self.latest.manual_probe && self.manual_probe_state == state
    }

    fn is_at_rest(&self, now: Time) -> bool {
        self.klipper == KlipperPhase::Ready && !self.is_busy && now >= self.bored_at()
    }
}

/// The conditions in the table of states.
impl StateMachine {
    pub(in crate::state) fn has_error(&self, _: Time) -> bool {
        let has_failed_command =
            self.command_error_until.is_some() && self.klipper == KlipperPhase::Ready;
        self.klipper == KlipperPhase::Shutdown || self.job.has_failed() || has_failed_command
    }

    pub(in crate::state) fn is_disconnected(&self, _: Time) -> bool {
        self.link_lost || self.klipper == KlipperPhase::PoweredOff
    }

    pub(in crate::state) fn is_starting(&self, _: Time) -> bool {
        self.klipper == KlipperPhase::Starting
    }

    pub(in crate::state) fn is_leveling(&self, _: Time) -> bool {
        self.latest.bed_screws || self.probes_as(State::Leveling)
    }

    pub(in crate::state) fn is_probing(&self, _: Time) -> bool {
        self.probes_as(State::Probing)
    }

    pub(in crate::state) fn is_calibrating(&self, _: Time) -> bool {
        self.probes_as(State::Calibrating)
    }

    pub(in crate::state) fn lacks_filament(&self, _: Time) -> bool {
        self.filament.is_missing() || self.is_change_pending
    }

    pub(in crate::state) fn takes_snapshot(&self, now: Time) -> bool {
        self.timelapse.shows(now)
    }

    pub(in crate::state) fn is_paused(&self, now: Time) -> bool {
        self.job.is(Job::Paused) && self.shows_pause(now)
    }

    pub(in crate::state) fn is_cancelled(&self, _: Time) -> bool {
        self.job.cancelled_until().is_some()
    }

    pub(in crate::state) fn is_printing(&self, now: Time) -> bool {
        self.has_running_job(now) && self.has_started()
    }

    pub(in crate::state) fn is_heating(&self, now: Time) -> bool {
        let is_heater_on = !self.job.is_active() && self.heaters.is_heating();
        is_heater_on || (self.has_running_job(now) && !self.has_started())
    }

    pub(in crate::state) fn is_complete(&self, _: Time) -> bool {
        self.job.complete_until().is_some()
    }

    pub(in crate::state) fn is_cooling(&self, _: Time) -> bool {
        self.heaters.cooling_until().is_some()
    }

    pub(in crate::state) fn is_asleep(&self, now: Time) -> bool {
        self.is_at_rest(now) && now >= self.sleep_at() && !self.heaters.has_target()
    }

    pub(in crate::state) fn is_bored(&self, now: Time) -> bool {
        self.is_at_rest(now) && !self.is_asleep(now)
    }

    pub(in crate::state) fn is_idle(&self, _: Time) -> bool {
        self.active.is_empty()
    }
}
