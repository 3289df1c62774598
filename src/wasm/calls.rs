//! Converts the arguments and answers of calls.

use crate::color::name::{NAMES, hex};
use crate::request::{LIGHT_REQUESTS, LightRequestSpec};
use crate::simulation::{
    Checked, ConfigText, GroupRun, PlanView, Problem, SimulatedEvent, SimulatedSample, Simulation,
    SimulationError,
};
use crate::spec::catalog::{
    BlendEntry, EffectEntry, OptionEntry, PaletteEntry, PictureEntry, SectionEntry, StateEntry,
    catalog,
};
use serde::{Deserialize, Serialize, Serializer};

/// Limit of the arguments of a call: that of a config, with room for its form as JSON.
const INPUT_BYTES: usize = 3 * crate::limits::FILE_BYTES;

/// The simulation with the buffers of its calls.
#[derive(Debug, Default)]
pub(super) struct Core {
    simulation: Simulation,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// A problem for the user.
type Refused = String;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum CallResult<T> {
    Ok(T),
    Error(Refused),
}

/// Everything that is the same for all configs.
#[derive(Serialize)]
struct Tables {
    sections: Vec<SectionEntry>,
    states: Vec<StateEntry>,
    effects: Vec<EffectEntry>,
    effect_options: Vec<OptionEntry>,
    layer_options: Vec<OptionEntry>,
    pictures: Vec<PictureEntry>,
    palettes: Vec<PaletteEntry>,
    blends: Vec<BlendEntry>,
    #[serde(serialize_with = "colors")]
    colors: (),
    commands: Vec<CommandEntry>,
}

/// A command for the lights.
#[derive(Serialize)]
struct CommandEntry {
    name: String,
    help: &'static str,
    parameters: Vec<&'static str>,
}

impl CommandEntry {
    fn new(request: &LightRequestSpec) -> Self {
        Self {
            name: request.gcode(),
            help: request.help,
            parameters: request.parameters.iter().map(|it| it.name).collect(),
        }
    }
}

#[derive(Serialize)]
struct CheckedView<'a> {
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanView<'a>>,
}

impl<'a> CheckedView<'a> {
    fn new(checked: &'a Checked) -> Self {
        Self {
            problems: &checked.problems,
            plan: checked.compiled.as_ref().map(PlanView::new),
        }
    }
}

impl Core {
    /// Returns the input buffer with a length; empty if the length exceeds the limit.
    pub(super) fn input(&mut self, length: usize) -> &mut [u8] {
        self.input.clear();
        if length <= INPUT_BYTES {
            self.input.resize(length, 0);
        }
        &mut self.input
    }

    /// Returns the answer of the last call, as JSON, or the bytes of a frame.
    pub(super) fn output(&self) -> &[u8] {
        &self.output
    }

    pub(super) fn tables(&mut self) {
        let catalog = catalog();
        self.answer(Ok(Tables {
            sections: catalog.sections,
            states: catalog.states,
            effects: catalog.effects,
            effect_options: catalog.effect_options,
            layer_options: catalog.layer_options,
            pictures: catalog.pictures,
            palettes: catalog.palettes,
            blends: catalog.blends,
            colors: (),
            commands: LIGHT_REQUESTS.into_iter().map(CommandEntry::new).collect(),
        }));
    }

    pub(super) fn check(&mut self) {
        match self.argument::<ConfigText>() {
            Ok(config) => self.answer(Ok(CheckedView::new(&config.check()))),
            Err(error) => self.refuse(&error),
        }
    }

    pub(super) fn load(&mut self) {
        match self.argument::<ConfigText>() {
            Ok(config) => {
                let checked = config.check();
                self.answer(Ok(CheckedView::new(&checked)));
                if let Some(compiled) = checked.compiled {
                    self.simulation.load(compiled);
                }
            }
            Err(error) => self.refuse(&error),
        }
    }

    pub(super) fn restart(&mut self, seed: f64) {
        self.simulation.restart(seed as u64);
        self.answer(Ok(()));
    }

    pub(super) fn event(&mut self, seconds: f64) {
        let event = self.argument::<SimulatedEvent>();
        self.finish(|it| it.event(seconds, &event?));
    }

    pub(super) fn sample(&mut self, seconds: f64) {
        let sample = self.argument::<SimulatedSample>();
        self.finish(|it| it.sample(seconds, &sample?));
    }

    pub(super) fn command(&mut self, seconds: f64) {
        let line = self.argument::<String>();
        self.finish(|it| it.command(seconds, &line?));
    }

    pub(super) fn resume(&mut self, seconds: f64) {
        let run = self.argument::<GroupRun>();
        self.finish(|it| it.resume(seconds, &run?));
    }

    /// Returns the time of the next change; NaN if there is an error, which is the answer then.
    pub(super) fn render(&mut self, seconds: f64) -> f64 {
        match self.simulation.render(seconds) {
            Ok(next) => next,
            Err(error) => {
                self.refuse(&error);
                f64::NAN
            }
        }
    }

    /// Puts the pixels of a strip into the output. Returns whether there is such a strip; the
    /// answer is the error if not.
    pub(super) fn pixels(&mut self, strip: usize) -> bool {
        put(&mut self.output, self.simulation.pixels(strip))
    }

    /// As `pixels`, for the bytes of the frame.
    pub(super) fn bytes(&mut self, strip: usize) -> bool {
        put(&mut self.output, self.simulation.bytes(strip))
    }

    /// As `pixels`, for the levels of the LEDs.
    pub(super) fn levels(&mut self, strip: usize) -> bool {
        put(&mut self.output, self.simulation.levels(strip))
    }

    pub(super) fn status(&mut self) {
        match self.simulation.status() {
            Ok(status) => self.answer(Ok(status)),
            Err(error) => self.refuse(&error),
        }
    }

    fn argument<T: for<'a> Deserialize<'a>>(&self) -> Result<T, SimulationError> {
        serde_json::from_slice(&self.input).map_err(|error| SimulationError::argument(&error))
    }

    fn finish(&mut self, call: impl FnOnce(&mut Simulation) -> Result<(), SimulationError>) {
        match call(&mut self.simulation) {
            Ok(()) => self.answer(Ok(())),
            Err(error) => self.refuse(&error),
        }
    }

    fn refuse(&mut self, error: &SimulationError) {
        self.answer::<()>(Err(error.to_string()));
    }

    fn answer<T: Serialize>(&mut self, outcome: Result<T, Refused>) {
        write(&mut self.output, outcome);
    }
}

fn put(output: &mut Vec<u8>, bytes: Result<&[u8], SimulationError>) -> bool {
    match bytes {
        Ok(bytes) => {
            output.clear();
            output.extend_from_slice(bytes);
            true
        }
        Err(error) => {
            write::<()>(output, Err(error.to_string()));
            false
        }
    }
}

fn write<T: Serialize>(output: &mut Vec<u8>, outcome: Result<T, Refused>) {
    let outcome = match outcome {
        Ok(value) => CallResult::Ok(value),
        Err(problem) => CallResult::Error(problem),
    };
    output.clear();
    // A vector takes everything, and texts, numbers and lists always serialize.
    let _ = serde_json::to_writer(output, &outcome);
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn colors<S: Serializer>(_: &(), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(NAMES.iter().map(|&(name, color)| (name, hex(color))))
}
