//! The plan: what a config says, checked and compiled. Immutable, swapped whole.
//!
//! A plan opens nothing and knows no device; it says which strips there are, what each group shows
//! in which state, and how the state machine is set. `spec` is the only maker of plans.

use crate::effect::EffectPlan;
use crate::layout::{Group, Strip};
use crate::state::State;
pub use crate::state::StateSettings;
use crate::time::Span;
pub use crate::wire::StripType;

/// How a strip is reached: what `driver:` and its companions say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputSpec {
    /// Keeps frames in memory, lights nothing.
    Memory,
    /// WS281x by the SPI device's data line.
    Spi {
        /// Path of the device, for example /dev/spidev0.0.
        device: String,
        /// How long a one-bit stays high.
        strip_type: StripType,
    },
    /// A driver that this version parses and does not build yet; the strip stays dark.
    Absent {
        /// The word in `driver:`.
        driver: String,
        /// What it was to drive: `gpio18`, the name of an LED section, a host.
        place: String,
    },
}

/// One strip with its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripPlan {
    /// Name, length and channel order.
    pub strip: Strip,
    /// How it is reached.
    pub output: OutputSpec,
}

/// What a group shows in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenePart {
    /// In which state.
    pub state: State,
    /// What it shows.
    pub effect: EffectPlan,
    /// How the user wrote it, for the status.
    pub text: String,
    /// Cross-fade into it.
    pub fade: Span,
}

/// What a group shows in a state that it has no line for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmapped {
    /// What it showed before.
    #[default]
    Keep,
    /// Nothing.
    Off,
}

/// One group with what it shows in each state.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPlan {
    /// Name and pixels.
    pub group: Group,
    /// Its brightness, 0.0-1.0.
    pub brightness: f32,
    /// What it shows, at most one part a state.
    pub scenes: Vec<ScenePart>,
    /// What it shows in the other states.
    pub unmapped: Unmapped,
}

impl GroupPlan {
    /// What the group shows in a state; `None` where it has no line for it.
    pub fn scene(&self, state: State) -> Option<&ScenePart> {
        self.scenes.iter().find(|part| part.state == state)
    }
}

/// What a command put on a group, above the scene of its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// What it shows.
    pub effect: EffectPlan,
    /// How the user wrote it, for the status.
    pub text: String,
    /// Cross-fade into it; `None` takes the plan's.
    pub fade: Option<Span>,
    /// How long it shows; `None` until it is cleared.
    pub duration: Option<Span>,
}

/// A whole config, checked and compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// All strips.
    pub strips: Vec<StripPlan>,
    /// All groups, in the order of the config.
    pub groups: Vec<GroupPlan>,
    /// Names of the user's own states; `State::Custom` counts into it.
    pub custom_states: Vec<String>,
    /// Full object names of the temperature sources; at most `MAX_SOURCES`.
    pub sources: Vec<String>,
    /// Brightness of everything, 0.0-1.0.
    pub brightness: f32,
    /// Frames a second while something moves, 1-240.
    pub fps: u16,
    /// Cross-fade where neither the scene nor the command says otherwise.
    pub fade: Span,
    /// The state machine's settings.
    pub states: StateSettings,
    /// Some effect follows the position of the tool head.
    pub wants_position: bool,
    /// Some effect follows the progress of the job.
    pub wants_progress: bool,
}

impl Plan {
    /// The name of a state, also of one of the user's own.
    pub fn state_name(&self, state: State) -> &str {
        state_name(&self.custom_states, state)
    }

    /// The state that a word names, built in or declared by the user.
    pub fn state(&self, word: &str) -> Option<State> {
        named_state(&self.custom_states, word)
    }

    /// The index of the group with a name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|plan| plan.group.name == name)
    }
}

/// The name of a state; `custom` are those of the user's own.
pub(crate) fn state_name(custom: &[String], state: State) -> &str {
    match state {
        State::Custom(index) => custom
            .get(usize::from(index))
            .map_or(state.name(), String::as_str),
        _ => state.name(),
    }
}

/// The state that a word names; `custom` are the names of the user's own.
pub(crate) fn named_state(custom: &[String], word: &str) -> Option<State> {
    State::parse(word).or_else(|| {
        let index = custom.iter().position(|name| name == word)?;
        u8::try_from(index).ok().map(State::Custom)
    })
}
