//! Tests of the state machine: from events and samples to the state that the lights show.

mod day;
mod faults;
mod heat;
mod jobs;
mod operations;
mod rest;
mod settling;
mod table;
mod traces;

use lumen::{
    Event, FilamentSample, Job, Operation, Sample, Span, State, StateMachine, StateSettings, Time,
};

fn seconds(seconds: f64) -> Span {
    Span::from_secs(seconds)
}

fn settings() -> StateSettings {
    StateSettings {
        temp_floor_c: 25.0,
        heating_enter_c: 5.0,
        heating_leave_c: 2.0,
        bored_after: seconds(300.0),
        sleep_after: seconds(600.0),
        complete_for: seconds(200.0),
        cancelled_for: seconds(5.0),
        command_error_for: seconds(3.0),
        pause_after: seconds(3.0),
        heaters: 2,
        extruders: 1,
    }
}

const NOZZLE: usize = 0;
const BED: usize = 1;

/// An action on a printer.
type Action = fn(&mut Printer);

/// A simulated printer: the state machine, the time, and the current sample.
struct Printer {
    machine: StateMachine,
    now: Time,
    sample: Sample,
    operations: u32,
}

impl Printer {
    /// A printer that has just been switched on.
    fn starting(settings: StateSettings) -> Self {
        let mut sample = Sample {
            filament: FilamentSample::from_sensors(&[(true, true)]),
            ..Sample::default()
        };
        for source in &mut sample.sources[..2] {
            source.temperature = Some(22.0);
            source.target = Some(0.0);
        }
        Self {
            machine: StateMachine::new(settings, Time::ZERO),
            now: Time::ZERO,
            sample,
            operations: 0,
        }
    }

    /// A printer that is ready and cold.
    fn ready_with(settings: StateSettings) -> Self {
        let mut printer = Self::starting(settings);
        printer.event(Event::Ready);
        printer.measure(|_| {});
        printer
    }

    fn ready() -> Self {
        Self::ready_with(settings())
    }

    fn event(&mut self, event: Event) -> State {
        self.machine.event(self.now, event).state
    }

    fn begin(&mut self, state: State) -> Operation {
        self.operations += 1;
        let operation = Operation(self.operations);
        self.event(Event::Begin(operation, state));
        operation
    }

    fn end(&mut self, operation: Operation) -> State {
        self.event(Event::End(operation))
    }

    fn measure(&mut self, change: impl FnOnce(&mut Sample)) -> State {
        change(&mut self.sample);
        self.machine.sample(self.now, &self.sample).state
    }

    fn job(&mut self, job: Job) -> State {
        self.measure(|sample| sample.job = job)
    }

    fn heater(&mut self, heater: usize, temperature: f32, target: f32) -> State {
        self.measure(|sample| {
            sample.sources[heater].temperature = Some(temperature);
            sample.sources[heater].target = Some(target);
        })
    }

    /// Starts a job that extrudes with a hot nozzle.
    fn print(&mut self) -> State {
        self.measure(|sample| {
            sample.job = Job::Printing;
            sample.has_extruded = true;
            sample.sources[NOZZLE].temperature = Some(210.0);
            sample.sources[NOZZLE].target = Some(210.0);
        })
    }

    /// Inserts filament into the sensor or removes it.
    fn filament(&mut self, is_present: bool) -> State {
        self.measure(|sample| sample.filament = FilamentSample::from_sensors(&[(true, is_present)]))
    }

    /// Advances the time without events or samples.
    fn wait(&mut self, secs: f64) -> State {
        self.now += seconds(secs);
        self.machine.step(self.now).state
    }

    /// Cools the nozzle down by 1 degree every 10 s.
    fn cool_down_to(&mut self, temperature: f32) -> State {
        let mut state = self.machine.state();
        while let Some(c) = self.sample.sources[NOZZLE].temperature
            && c > temperature
        {
            self.wait(10.0);
            state = self.heater(NOZZLE, c - 1.0, 0.0);
        }
        state
    }

    fn state(&self) -> State {
        self.machine.state()
    }

    fn active(&self) -> Vec<State> {
        self.machine.active().collect()
    }
}
