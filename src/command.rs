//! The requests of users and programs: G-code commands, endpoints and the commands of web
//! interfaces.
//!
//! One table has the name, the help, the parameters and the handler of each request. A handler
//! reads its parameters, calls the engine and answers at once, without the toolhead, the G-code
//! queue or the idle timeout. What only the caller knows, such as its warnings, arrives with the
//! request ([`CallerFacts`]), and what only the caller can do leaves with the answer ([`Then`]).

mod answer;
mod base64;
mod console;
mod effect_list;
mod facts;
mod figures;
mod handlers;
mod holds;
mod messages;
mod neopixel;
mod objects;
mod operations;
mod profile;
mod replies;
mod report;
mod table;
mod test_mode;
mod throttle;
mod tracked_commands;
mod unwrapped_moves;
mod web;

pub use answer::{Answer, Data, Form, GroupFrame, Then};
pub use console::Console;
pub use effect_list::EffectLists;
pub use facts::{CallerFacts, Chain, ReactorFacts, WebFacts};
pub use figures::Figures;
pub use holds::Holds;
pub use messages::{Delivery, Messages};
pub use neopixel::{NeopixelChains, NeopixelCommand, neopixel_command, pin_refused};
pub use objects::{GroupObject, LightObject, Objects, StripObject};
pub use replies::{Replies, Reply, Summary};
pub use table::{OLD_REQUESTS, REQUESTS, RequestKind, RequestSpec, WEB_REQUESTS, find, requests};
pub use tracked_commands::{tracked_commands, untracked_commands};
pub use web::unknown_name;

use crate::engine::{Engine, EngineError};
use crate::request::{Given, Values};
use crate::state::Operation;
use answer::{Call, not_running};
use effect_list::EffectCache;
use figures::Performance;
use objects::CountersByStrip;
use operations::MacroOperations;
use parking_lot::Mutex;
use profile::ProfileMemory;
use std::sync::Arc;
use test_mode::TestMode;
use unwrapped_moves::UnwrappedMoves;

/// The requests to one engine, and what they remember.
#[derive(Debug)]
pub struct Session {
    engine: Arc<Engine>,
    memory: Mutex<SessionMemory>,
}

/// What requests remember. Times are in seconds of the caller's clock.
#[derive(Debug, Default)]
struct SessionMemory {
    test_mode: TestMode,
    operations: MacroOperations,
    moves: UnwrappedMoves,
    effects: EffectCache,
    performance: Performance,
    profile: ProfileMemory,
    counters: CountersByStrip,
}

/// How a request is made.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The time of the caller's clock in seconds.
    pub now: f64,
    /// Whether the caller shows a text or data.
    pub form: Form,
    /// What only the caller knows.
    pub facts: &'a CallerFacts,
}

impl Session {
    /// Creates a session of an engine.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            memory: Mutex::default(),
        }
    }

    /// Answers a request. `given` are the names and values of its parameters, `count` of them.
    ///
    /// # Errors
    /// When the request is invalid, or the engine is busy or closed.
    pub fn request(
        &self,
        request: &RequestSpec,
        count: usize,
        given: impl Iterator<Item = (Given, Given)>,
        asked: Asked<'_>,
    ) -> Result<Answer, EngineError> {
        let values = Values::new(count, given, request.parameters)?;
        let call = Call::new(Some(&self.engine), values, asked);
        request.run(call, &mut self.memory.lock())
    }

    /// Begins a command of Klipper that shows as `state`.
    ///
    /// # Errors
    /// When no command shows as this state, or the engine is busy or closed.
    pub fn begin_command(&self, state: &str) -> Result<Operation, EngineError> {
        let mut memory = self.memory.lock();
        memory.moves.begin_command(&self.engine, state)
    }

    /// Ends a command that was begun with [`Session::begin_command`]. Operations that macros report
    /// within it continue if it succeeded; `None` leaves them alone.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn end_command(
        &self,
        operation: Operation,
        is_ok: Option<bool>,
    ) -> Result<(), EngineError> {
        let mut memory = self.memory.lock();
        memory.moves.command_ended();
        self.engine.end(operation)?;
        match is_ok {
            Some(is_ok) => memory.operations.command_ended(&self.engine, is_ok),
            None => Ok(()),
        }
    }

    /// Handles Klipper's events of homing and probing moves, which show as a state outside commands
    /// that do. `endstops` are the names of the endstops of the move.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn move_event(
        &self,
        event: &str,
        endstops: &[String],
        now: f64,
    ) -> Result<(), EngineError> {
        let mut memory = self.memory.lock();
        memory.moves.event(&self.engine, event, endstops, now)
    }

    /// Ends homing or probing outside commands: now, or with `now` if its delay has passed.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn end_move(&self, now: Option<f64>) -> Result<(), EngineError> {
        let mut memory = self.memory.lock();
        match now {
            Some(now) => memory.moves.update(&self.engine, now),
            None => memory.moves.end(&self.engine),
        }
    }

    /// Returns the fields of all printer objects.
    pub fn objects(&self, now: f64, facts: &CallerFacts) -> Objects {
        let mut memory = self.memory.lock();
        let memory = &mut *memory;
        let mut objects = Objects::new(&self.engine.status(), facts);
        objects.lumen.test = memory.test_mode.is_on(now);
        objects.lumen.performance = memory.performance.figures().clone();
        memory.counters.limit(&mut objects.strips, now);
        objects
    }

    /// Returns whether the performance figures are out of date.
    pub fn are_figures_due(&self, now: f64) -> bool {
        self.memory.lock().performance.is_due(now)
    }

    /// Updates the performance figures.
    pub fn update_figures(&self, now: f64, facts: &CallerFacts) {
        let strips = self.engine.status().strips.into_iter();
        let current_ma = strips
            .map(|it| f64::from(it.power.current_ma.round()))
            .sum();
        let metrics = self.engine.metrics();
        let mut memory = self.memory.lock();
        memory.performance.update(now, &metrics, current_ma, facts);
    }

    /// Returns the line for Klipper's statistics. `held_s` is how long the reactor was blocked.
    pub fn statistics(&self, held_s: f64) -> String {
        self.memory.lock().performance.line(held_s)
    }
}

/// Answers a request while no engine runs.
///
/// # Errors
/// When the request is invalid or needs the engine.
pub fn request_without_engine(
    request: &RequestSpec,
    count: usize,
    given: impl Iterator<Item = (Given, Given)>,
    form: Form,
) -> Result<Answer, EngineError> {
    if form == Form::Text {
        // A command's answer would be of no use.
        return Err(not_running());
    }
    let values = Values::new(count, given, request.parameters)?;
    let asked = Asked {
        now: 0.0,
        form,
        facts: &CallerFacts::default(),
    };
    request.run(
        Call::new(None, values, asked),
        &mut SessionMemory::default(),
    )
}

fn refused(problem: impl Into<String>) -> EngineError {
    EngineError::Request(problem.into())
}
