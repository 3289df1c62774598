//! A request while it runs, and its answer.

use super::base64::base64;
use super::effect_list::EffectLists;
use super::objects::StatusData;
use super::profile::ProfileData;
use super::{Asked, CallerFacts, refused};
use crate::engine::{Engine, EngineError, GroupPixels};
use crate::request::Values;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// What a handler returns.
pub(super) type Handled = Result<Answer, EngineError>;

/// What the caller shows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text, for the console.
    Text,
    /// Data, for programs.
    Data,
}

/// The answer to a request. It has only the form that was asked for.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The text for the console; `None` if there is nothing to say.
    pub text: Option<String>,
    /// The data for programs.
    pub data: Data,
    /// What the caller does next.
    pub then: Option<Then>,
}

/// What the caller does after a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// Sample what [`Engine::wants`] returns now.
    Sample,
    /// Start a reload, and answer with its outcome.
    Reload,
    /// Run the doctor, and answer with its findings.
    Doctor,
    /// Measure the updates of the strips that Klipper drives for so many seconds.
    Measure(f64),
}

/// Data for programs.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// No data.
    Empty {},
    /// Status, metrics and figures.
    Status(Box<StatusData>),
    /// The cost of effects and outputs.
    Profile(ProfileData),
    /// All effects and palettes.
    #[serde(serialize_with = "shared")]
    Effects(Arc<EffectLists>),
    /// All color names with their values.
    Colors {
        /// Names and values.
        colors: Pairs,
    },
    /// All commands with their help.
    Commands {
        /// Names and helps.
        commands: Pairs,
    },
    /// Pixels of a strip.
    Frame {
        /// Its name.
        strip: String,
        /// Number of all its pixels.
        pixels: usize,
        /// The first of these pixels; 0 is the first of the strip.
        first: usize,
        /// Red, green, blue and white of each pixel, as base64.
        rgbw: String,
        /// The first pixel of the next answer, if there is one.
        next: Option<usize>,
    },
    /// The pixels of the groups, as many as fit.
    Frames {
        /// The time of the engine in seconds.
        now: f64,
        /// When the frames were drawn.
        drawn: f64,
        /// The groups, in the order of the config.
        groups: Vec<GroupFrame>,
        /// The first pixel of the next answer, counted over all groups, if there is one.
        next: Option<usize>,
    },
    /// The shown state in test mode.
    TestState {
        /// Its name.
        state: String,
        /// All built-in states.
        states: Vec<&'static str>,
        /// Seconds until test mode ends.
        ends_in: i64,
    },
    /// The shown effect in test mode.
    TestEffect {
        /// Name of the group, or `all`.
        group: String,
        /// Name of the effect.
        effect: &'static str,
        /// Its place among all effects.
        index: usize,
        /// Number of effects.
        of: usize,
    },
}

/// Pixels of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupFrame {
    /// Its name.
    pub name: String,
    /// Number of all its pixels.
    pub pixels: usize,
    /// The first of these pixels; 0 is the first of the group.
    pub first: usize,
    /// Red, green, blue and white of each pixel, as base64, in drawing order.
    pub rgbw: String,
}

impl GroupFrame {
    pub(super) fn new(pixels: &GroupPixels) -> Self {
        Self {
            name: pixels.name.clone(),
            pixels: pixels.count,
            first: pixels.first,
            rgbw: base64(&pixels.rgbw),
        }
    }
}

fn shared<S: Serializer>(lists: &Arc<EffectLists>, serializer: S) -> Result<S::Ok, S::Error> {
    (**lists).serialize(serializer)
}

impl Default for Data {
    fn default() -> Self {
        Self::Empty {}
    }
}

/// Names and texts in order.
#[derive(Clone, Debug)]
pub struct Pairs(pub Vec<(String, String)>);

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl Answer {
    /// An answer with a text only.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// An answer with data only.
    pub(super) fn data(data: Data) -> Self {
        Self {
            data,
            ..Self::default()
        }
    }

    /// The same answer, with what the caller does next.
    pub(super) fn then(self, then: Option<Then>) -> Self {
        Self { then, ..self }
    }
}

/// A request while it runs.
pub(super) struct Call<'a> {
    engine: Option<&'a Engine>,
    pub(super) values: Values,
    asked: Asked<'a>,
}

impl<'a> Call<'a> {
    pub(super) fn new(engine: Option<&'a Engine>, values: Values, asked: Asked<'a>) -> Self {
        Self {
            engine,
            values,
            asked,
        }
    }

    /// Returns the engine; an error if none runs.
    pub(super) fn engine(&self) -> Result<&'a Engine, EngineError> {
        self.engine.ok_or_else(not_running)
    }

    /// Returns the engine, if one runs.
    pub(super) fn maybe_engine(&self) -> Option<&'a Engine> {
        self.engine
    }

    pub(super) fn now(&self) -> f64 {
        self.asked.now
    }

    pub(super) fn facts(&self) -> &'a CallerFacts {
        self.asked.facts
    }

    pub(super) fn is_text(&self) -> bool {
        self.asked.form == Form::Text
    }

    /// Answers with a text or with data; computes only what is asked for.
    pub(super) fn answer(
        &self,
        text: impl FnOnce() -> String,
        data: impl FnOnce() -> Data,
    ) -> Answer {
        if self.is_text() {
            Answer::text(text())
        } else {
            Answer::data(data())
        }
    }
}

pub(super) fn not_running() -> EngineError {
    refused("Lumen is not running, see klippy.log")
}
