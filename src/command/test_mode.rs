//! Test mode: shows states and effects one after the other, whatever the printer does.
//!
//! The printer's state is tracked meanwhile and shows when test mode ends, by command or by
//! timeout. The states `error` and `disconnected` take priority over test mode.

use super::answer::{Answer, Data};
use super::refused;
use crate::effect::EFFECTS;
use crate::engine::{Engine, EngineError};
use crate::request::Request;
use crate::state::STATES;
use crate::time::Span;

/// LUMEN's test mode was to end after ten minutes, too.
const TIMEOUT_S: f64 = 600.0;

/// The test mode of one printer.
#[derive(Debug, Default)]
pub(super) struct TestMode {
    /// When it ends.
    ends_at: f64,
    /// The shown state, as an index of [`STATES`].
    state: usize,
    /// The last effect shown on each group, as an index of [`EFFECTS`].
    effects: Vec<(String, usize)>,
}

impl TestMode {
    /// Returns whether test mode is active.
    pub(super) fn is_on(&self, now: f64) -> bool {
        now < self.ends_at
    }

    /// Starts with the first state. A duration of 0 means the default.
    pub(super) fn start(
        &mut self,
        engine: &Engine,
        now: f64,
        duration: Option<f64>,
    ) -> Result<Answer, EngineError> {
        self.ends_at = now + length(duration);
        self.state = 0;
        self.effects.clear();
        self.show_state(engine, now)
    }

    /// Shows a state, which may be one of the user's own states.
    pub(super) fn show(
        &mut self,
        engine: &Engine,
        now: f64,
        state: &str,
        duration: Option<f64>,
    ) -> Result<Answer, EngineError> {
        let length = length(duration);
        engine.force(state, Some(Span::from_secs(length)))?;
        self.ends_at = now + length;
        if let Some(index) = STATES.iter().position(|it| it.name == state) {
            self.state = index;
        }
        Ok(self.answer(now, state))
    }

    /// Shows the next state, or the previous one with -1.
    pub(super) fn step_state(
        &mut self,
        engine: &Engine,
        now: f64,
        step: isize,
    ) -> Result<Answer, EngineError> {
        self.check_is_on(now)?;
        self.state = stepped(self.state, step, STATES.len());
        self.show_state(engine, now)
    }

    /// Shows the next effect on a group, or on all groups.
    pub(super) fn step_effect(
        &mut self,
        engine: &Engine,
        now: f64,
        group: Option<String>,
        step: isize,
    ) -> Result<Answer, EngineError> {
        self.check_is_on(now)?;
        let group = group.unwrap_or_else(|| "all".to_owned());
        let of = EFFECTS.len();
        let shown = self.effects.iter().position(|(name, _)| *name == group);
        let last = match shown {
            Some(place) => self.effects[place].1,
            // The first step shows the first effect, or the last one.
            None if step > 0 => of - 1,
            None => 0,
        };
        let index = stepped(last, step, of);
        let effect = EFFECTS[index].name;
        engine.set(&Request {
            group: &group,
            effect,
            duration: Some(Span::from_secs(self.seconds_left(now))),
            ..Request::default()
        })?;
        match shown {
            Some(place) => self.effects[place].1 = index,
            None => self.effects.push((group.clone(), index)),
        }
        Ok(Answer {
            text: Some(format!("{group} shows {effect} ({} of {of})", index + 1)),
            data: Data::TestEffect {
                group,
                effect,
                index,
                of,
            },
            then: None,
        })
    }

    /// Ends test mode; the lights follow the printer again.
    pub(super) fn stop(&mut self, engine: &Engine, now: f64) -> Result<Answer, EngineError> {
        self.check_is_on(now)?;
        self.reset();
        engine.clear(None)?;
        Ok(Answer::text("The lights follow the printer"))
    }

    /// Resets test mode without changing the lights.
    pub(super) fn reset(&mut self) {
        *self = Self {
            state: self.state,
            ..Self::default()
        };
    }

    fn show_state(&self, engine: &Engine, now: f64) -> Result<Answer, EngineError> {
        let state = STATES[self.state].name;
        engine.force(state, Some(Span::from_secs(self.seconds_left(now))))?;
        Ok(self.answer(now, state))
    }

    fn answer(&self, now: f64, state: &str) -> Answer {
        let left = self.seconds_left(now);
        // Without the inaccuracy of the difference.
        let whole = (left - 1e-6).ceil();
        Answer {
            text: Some(format!(
                "The lights show {state} for up to {whole} s; end the test with LUMEN_TEST_STOP"
            )),
            data: Data::TestState {
                state: state.to_owned(),
                states: STATES.iter().map(|it| it.name).collect(),
                ends_in: left.round_ties_even() as i64,
            },
            then: None,
        }
    }

    fn seconds_left(&self, now: f64) -> f64 {
        (self.ends_at - now).max(0.001)
    }

    fn check_is_on(&self, now: f64) -> Result<(), EngineError> {
        if self.is_on(now) {
            return Ok(());
        }
        let problem = "test mode is not active; start it with LUMEN_TEST_START";
        Err(refused(problem))
    }
}

fn length(duration: Option<f64>) -> f64 {
    duration.filter(|it| *it > 0.0).unwrap_or(TIMEOUT_S)
}

fn stepped(index: usize, step: isize, of: usize) -> usize {
    (index + of).saturating_add_signed(step) % of
}
