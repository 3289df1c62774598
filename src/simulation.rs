//! Runs a config without a printer: config text, events, samples, commands and time in; problems,
//! frames and a status out.
//!
//! It is what the WebAssembly module exports, and has no clock, thread or device. Values cross as
//! serializable structs. Times are in seconds since the start or the last restart and never go
//! back: an earlier time counts as the latest one.

mod check;
mod event;
mod gcode;
mod plan_view;
mod resume;
mod sample;
mod screen;
mod status;

pub use check::{Checked, ConfigText, Problem, Severity};
pub use event::SimulatedEvent;
pub use plan_view::PlanView;
pub use resume::GroupRun;
pub use sample::{ObjectReading, SimulatedSample};
pub use status::{GroupView, SimulationStatus, StripView};

use crate::effect::Motion;
use crate::plan::Plan;
use crate::renderer::Renderer;
use crate::request::{LIGHT_REQUESTS, LightRequestSpec, LightResolver, RequestError, Values};
use crate::spec::{Compiled, EffectResolver};
use crate::state::State;
use crate::text::shown;
use crate::time::Time;
use gcode::GcodeLine;
use screen::Screen;
use std::fmt;
use std::sync::Arc;

/// Why a simulation rejects a call. The message is for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulationError(String);

impl SimulationError {
    /// An argument that cannot be read.
    pub fn argument(error: &dyn fmt::Display) -> Self {
        Self(format!("invalid argument: {error}"))
    }
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SimulationError {}

impl From<RequestError> for SimulationError {
    fn from(error: RequestError) -> Self {
        Self(error.into_text())
    }
}

fn refused(problem: impl Into<String>) -> SimulationError {
    SimulationError(problem.into())
}

/// A config that runs without a printer.
///
/// ```
/// use lumen::{ConfigText, Simulation};
///
/// let config = "[lumen]
/// [lumen_group case]
/// driver: memory
/// on_startup: solid red
/// ";
/// let mut simulation = Simulation::default();
/// let checked = ConfigText::one(config).check();
/// assert_eq!(checked.problems, []);
/// checked.compiled.map(|it| simulation.load(it));
/// simulation.render(0.0)?;
/// simulation.render(1.0)?;
/// assert_eq!(simulation.pixels(0)?, [255, 0, 0]);
/// # Ok::<(), lumen::SimulationError>(())
/// ```
#[derive(Debug, Default)]
pub struct Simulation {
    running: Option<RunningConfig>,
    seed: u64,
    screen: Screen,
}

/// The config that runs.
#[derive(Debug)]
struct RunningConfig {
    lights: LightResolver,
    /// Resolves effects as the config has it, without what commands have added.
    effect_resolver: EffectResolver,
    filament_sensors: Vec<String>,
    renderer: Renderer,
    now: Time,
}

impl RunningConfig {
    fn new(config: Compiled, seed: u64) -> Self {
        let effect_resolver = config.effect_resolver.clone();
        let lights = LightResolver::new(config.plan, config.effect_resolver);
        Self {
            renderer: Renderer::new(Arc::clone(lights.plan()), seed, Time::ZERO),
            lights,
            effect_resolver,
            filament_sensors: config.filament_sensors,
            now: Time::ZERO,
        }
    }

    /// Replaces the config, as a reload does.
    fn replace(&mut self, config: Compiled) {
        self.effect_resolver = config.effect_resolver.clone();
        let mut lights = LightResolver::new(config.plan, config.effect_resolver);
        self.lights.prepare(&mut lights);
        lights.succeed(&mut self.lights);
        self.renderer.replace(self.now, Arc::clone(lights.plan()));
        self.lights = lights;
        self.filament_sensors = config.filament_sensors;
    }

    fn restart(&mut self, seed: u64) {
        self.now = Time::ZERO;
        self.lights.forget_commands(self.effect_resolver.clone());
        self.renderer = Renderer::new(Arc::clone(self.lights.plan()), seed, self.now);
    }
}

impl Simulation {
    /// Runs a config. What ran continues with it, as after a reload.
    pub fn load(&mut self, config: Compiled) {
        match &mut self.running {
            Some(running) => running.replace(config),
            None => self.running = Some(RunningConfig::new(config, self.seed)),
        }
    }

    /// Starts the running config again at time 0. All random numbers derive from `seed`.
    pub fn restart(&mut self, seed: u64) {
        self.seed = seed;
        if let Some(running) = &mut self.running {
            running.restart(seed);
        }
    }

    /// Handles an event of the printer.
    ///
    /// # Errors
    /// When no config runs, or the time or the event is invalid.
    pub fn event(&mut self, seconds: f64, event: &SimulatedEvent) -> Result<(), SimulationError> {
        let (running, now) = self.at(seconds)?;
        let event = event.resolve(running.lights.plan())?;
        running.renderer.event(now, event);
        Ok(())
    }

    /// Handles a sample of the printer.
    ///
    /// # Errors
    /// When no config runs, or the time is invalid.
    pub fn sample(
        &mut self,
        seconds: f64,
        sample: &SimulatedSample,
    ) -> Result<(), SimulationError> {
        let (running, now) = self.at(seconds)?;
        let sensors = &running.filament_sensors;
        let sample = sample.resolve(running.renderer.sources(), sensors)?;
        running.renderer.sample(now, &sample);
        Ok(())
    }

    /// Runs a command for the lights, such as `LUMEN_SET GROUP=case EFFECT="pulse red"`.
    ///
    /// # Errors
    /// When no config runs, the time is invalid, or the command is unknown or refused.
    pub fn command(&mut self, seconds: f64, line: &str) -> Result<(), SimulationError> {
        let (running, now) = self.at(seconds)?;
        let line = GcodeLine::parse(line)?;
        let Some(spec) = LIGHT_REQUESTS.iter().find(|it| it.gcode() == line.name) else {
            let names = LIGHT_REQUESTS.map(LightRequestSpec::gcode);
            return Err(refused(format!(
                "unknown command '{}' (commands: {})",
                shown(&line.name),
                names.join(", ")
            )));
        };
        let count = line.parameters.len();
        let mut values = Values::new(count, line.given(), spec.parameters)?;
        let request = spec.read(&mut values)?;
        let command = running.lights.resolve(&request);
        let command = command.map_err(|error| request.explain(&values, error))?;
        command.apply(&mut running.renderer, now);
        Ok(())
    }

    /// Renders all frames. Returns when they will next change if nothing happens until then: the
    /// same time if every frame differs, infinity if none will.
    ///
    /// # Errors
    /// When no config runs, or the time is invalid.
    pub fn render(&mut self, seconds: f64) -> Result<f64, SimulationError> {
        let (running, now) = self.at(seconds)?;
        Ok(match running.renderer.render(now) {
            Motion::Moving => now.as_secs(),
            Motion::Until(then) => then.as_secs(),
            Motion::Still => f64::INFINITY,
        })
    }

    /// Returns the last frame of a strip as its LEDs receive it: in its channel order and format.
    ///
    /// # Errors
    /// When no config runs, or it has no such strip.
    pub fn bytes(&self, strip: usize) -> Result<&[u8], SimulationError> {
        let running = self.running()?;
        check_strip(running.lights.plan(), strip)?;
        Ok(running.renderer.frame(strip))
    }

    /// Returns the last frame of a strip as red, green, blue and white: the levels of its LEDs, as
    /// `lumen/preview` has them.
    ///
    /// # Errors
    /// When no config runs, or it has no such strip.
    pub fn levels(&self, strip: usize) -> Result<&[u8], SimulationError> {
        let running = self.running()?;
        check_strip(running.lights.plan(), strip)?;
        Ok(running.renderer.rgbw(strip).as_flattened())
    }

    /// Returns the last frame of a strip for a screen: red, green and blue in sRGB, three bytes a
    /// pixel.
    ///
    /// # Errors
    /// When no config runs, or it has no such strip.
    pub fn pixels(&mut self, strip: usize) -> Result<&[u8], SimulationError> {
        let running = self.running.as_ref().ok_or_else(nothing_runs)?;
        let plan = running.lights.plan();
        check_strip(plan, strip)?;
        let rgbw = running.renderer.rgbw(strip);
        let finish = &plan.strips[strip].finish;
        Ok(self.screen.convert(rgbw, finish))
    }

    /// Returns what is shown and why.
    ///
    /// # Errors
    /// When no config runs.
    pub fn status(&self) -> Result<SimulationStatus, SimulationError> {
        let running = self.running()?;
        Ok(SimulationStatus::new(
            running.now,
            running.lights.plan(),
            &running.renderer,
        ))
    }

    fn running(&self) -> Result<&RunningConfig, SimulationError> {
        self.running.as_ref().ok_or_else(nothing_runs)
    }

    /// Returns what runs, and the time as that of its renderer.
    fn at(&mut self, seconds: f64) -> Result<(&mut RunningConfig, Time), SimulationError> {
        let running = self.running.as_mut().ok_or_else(nothing_runs)?;
        if !seconds.is_finite() || seconds < 0.0 {
            let problem = format!("the time must be a number of seconds from 0, got {seconds}");
            return Err(refused(problem));
        }
        let now = running.now.max(Time::from_secs(seconds));
        running.now = now;
        Ok((running, now))
    }
}

fn nothing_runs() -> SimulationError {
    refused("no config runs; load one without errors first")
}

fn check_strip(plan: &Plan, strip: usize) -> Result<(), SimulationError> {
    let count = plan.strips.len();
    if strip < count {
        return Ok(());
    }
    Err(refused(format!("unknown strip {strip}; there are {count}")))
}

fn state_named(plan: &Plan, name: &str) -> Result<State, SimulationError> {
    plan.state(name)
        .ok_or_else(|| refused(format!("unknown state '{}'", shown(name))))
}
