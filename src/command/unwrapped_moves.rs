//! Homing and probing outside a command that shows as a state, detected by Klipper's events.
//!
//! Probing takes several samples and homing several axes, with other moves in between. The
//! operation ends a second after the last homing or probing move, or when a command begins.

use crate::engine::{Engine, EngineError};
use crate::input::Trigger;
use crate::state::{Event, Operation};

/// Delay after the last move, in seconds.
const END_DELAY_S: f64 = 1.0;

const HOMING: &str = "homing";
const PROBING: &str = "probing";
/// Klipper's name for an endstop that probes. Other names are rails, which have their own event, or
/// steppers of other plug-ins.
const PROBE: &str = "probe";

/// The operation in progress, if any. Times are in seconds of the caller's clock.
#[derive(Debug, Default)]
pub(super) struct UnwrappedMoves {
    /// How many commands run that show as a state.
    command_count: usize,
    current: Option<UnwrappedMove>,
}

#[derive(Debug)]
struct UnwrappedMove {
    state: &'static str,
    operation: Operation,
    /// When the operation ends; `None` while a move is in progress.
    ends_at: Option<f64>,
}

impl UnwrappedMoves {
    /// Begins a command. Ends the operation, whose delay would end the command's state otherwise.
    pub(super) fn begin_command(
        &mut self,
        engine: &Engine,
        state: &str,
    ) -> Result<Operation, EngineError> {
        self.end(engine)?;
        let operation = engine.begin(state)?;
        self.command_count += 1;
        Ok(operation)
    }

    /// Notes the end of a command.
    pub(super) fn command_ended(&mut self) {
        self.command_count = self.command_count.saturating_sub(1);
    }

    /// Handles one of Klipper's events `homing:EVENT`. `endstops` are the names of the endstops
    /// that the move uses.
    pub(super) fn event(
        &mut self,
        engine: &Engine,
        event: &str,
        endstops: &[String],
        now: f64,
    ) -> Result<(), EngineError> {
        match event {
            "home_rails_begin" => self.begin(engine, HOMING)?,
            "homing_move_begin" if endstops.iter().any(|name| name == PROBE) => {
                self.begin(engine, PROBING)?;
            }
            "home_rails_end" => self.pause(now, None),
            "homing_move_end" => {
                self.pause(now, Some(PROBING));
                let trigger = Trigger::from_names(&endstops.join(","));
                engine.event(Event::Trigger(trigger))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends the operation if its delay has passed.
    pub(super) fn update(&mut self, engine: &Engine, now: f64) -> Result<(), EngineError> {
        let ends_at = self.current.as_ref().and_then(|it| it.ends_at);
        if ends_at.is_some_and(|ends_at| now >= ends_at) {
            self.end(engine)?;
        }
        Ok(())
    }

    /// Ends the operation, if any is in progress.
    pub(super) fn end(&mut self, engine: &Engine) -> Result<(), EngineError> {
        match self.current.take() {
            Some(current) => engine.end(current.operation),
            None => Ok(()),
        }
    }

    fn begin(&mut self, engine: &Engine, state: &'static str) -> Result<(), EngineError> {
        if self.command_count > 0 {
            return Ok(());
        }
        if let Some(current) = self.current.as_mut().filter(|it| it.state == state) {
            current.ends_at = None;
            return Ok(());
        }
        self.end(engine)?;
        self.current = Some(UnwrappedMove {
            state,
            operation: engine.begin(state)?,
            ends_at: None,
        });
        Ok(())
    }

    fn pause(&mut self, now: f64, only: Option<&str>) {
        if let Some(current) = &mut self.current
            && only.is_none_or(|state| state == current.state)
        {
            current.ends_at = Some(now + END_DELAY_S);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ClockKind, Options};
    use crate::spec::{RawConfig, compile};
    use crate::state::Event;
    use crate::time::Span;

    struct Fixture {
        engine: Engine,
        moves: UnwrappedMoves,
    }

    impl Fixture {
        fn new() -> Self {
            let options = Options {
                clock: ClockKind::Manual,
                ..Options::default()
            };
            let config = compile(&RawConfig::default(), None).unwrap();
            let engine = Engine::start(config, options).unwrap();
            engine.event(Event::Ready).unwrap();
            let moves = UnwrappedMoves::default();
            Self { engine, moves }
        }

        fn event(&mut self, event: &str, endstops: &[&str], now: f64) {
            let endstops: Vec<String> = endstops.iter().map(|it| (*it).to_owned()).collect();
            self.moves
                .event(&self.engine, event, &endstops, now)
                .unwrap();
        }

        fn state(&mut self, now: f64) -> String {
            self.moves.update(&self.engine, now).unwrap();
            self.engine.heartbeat();
            self.engine.advance(Span::from_millis(20)).unwrap();
            self.engine.status().state
        }
    }

    #[test]
    fn homing_ends_a_second_after_its_last_rail() {
        let mut fixture = Fixture::new();
        for now in [0.0, 0.9] {
            fixture.event("home_rails_begin", &[], now);
            fixture.event("homing_move_begin", &["stepper_x"], now);
            fixture.event("homing_move_end", &["stepper_x"], now);
            fixture.event("home_rails_end", &[], now);
        }
        assert_eq!(fixture.state(1.8), "homing");
        assert_eq!(fixture.state(1.9), "idle");
    }

    #[test]
    fn only_a_move_with_the_probe_is_probing() {
        let mut fixture = Fixture::new();
        fixture.event("homing_move_begin", &["stepper_z"], 0.0);
        assert_eq!(fixture.state(0.0), "idle");
        fixture.event("homing_move_begin", &["probe"], 1.0);
        assert_eq!(fixture.state(9.0), "probing");
        fixture.event("homing_move_end", &["probe"], 9.0);
        assert_eq!(fixture.state(9.9), "probing");
        assert_eq!(fixture.state(10.0), "idle");
    }

    #[test]
    fn a_command_ends_and_replaces_them() {
        let mut fixture = Fixture::new();
        fixture.event("homing_move_begin", &["probe"], 0.0);
        let command = fixture.moves.begin_command(&fixture.engine, "meshing");
        fixture.event("homing_move_begin", &["probe"], 1.0);
        assert_eq!(fixture.state(9.0), "meshing");
        fixture.engine.end(command.unwrap()).unwrap();
        fixture.moves.command_ended();
        assert_eq!(fixture.state(9.0), "idle");
        fixture.event("home_rails_begin", &[], 9.0);
        assert_eq!(fixture.state(9.0), "homing");
        fixture.moves.end(&fixture.engine).unwrap();
        assert_eq!(fixture.state(9.0), "idle");
    }
}
