//! What a simulation shows, as data.

use crate::color::name::hex;
use crate::plan::{Plan, StripPlan};
use crate::renderer::Renderer;
use crate::text::serialize_rounded;
use crate::time::Time;
use serde::Serialize;

/// What is shown and why.
#[derive(Clone, Debug, Serialize)]
pub struct SimulationStatus {
    /// The time in seconds.
    pub time: f64,
    /// Name of the shown state.
    pub state: String,
    /// Names of all active states, highest priority first.
    pub states: Vec<String>,
    /// Name of the forced state.
    pub forced: Option<String>,
    /// Overall brightness, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub brightness: f32,
    /// Full names of the heaters and sensors that the config and the commands follow.
    pub sources: Vec<String>,
    /// All groups, in the order of the plan.
    pub groups: Vec<GroupView>,
    /// All strips, in the order of the plan.
    pub strips: Vec<StripView>,
}

/// What a group shows.
#[derive(Clone, Debug, Serialize)]
pub struct GroupView {
    /// Its name.
    pub name: String,
    /// The effect, as the user wrote it.
    pub effect: String,
    /// Its layers, the highest first.
    pub layers: Vec<String>,
    /// What requested the effect: `state` or `command`.
    pub source: &'static str,
    /// The color that represents the effect, as `RRGGBB`.
    pub color: String,
    /// Its brightness, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub brightness: f32,
}

/// The power that a strip uses.
#[derive(Clone, Debug, Serialize)]
pub struct StripView {
    /// Its name.
    pub name: String,
    /// Current of all its pixels, in mA.
    pub current_ma: f64,
    /// Whether a power limit dims it.
    pub is_limited: bool,
}

impl SimulationStatus {
    pub(super) fn new(now: Time, plan: &Plan, renderer: &Renderer) -> Self {
        let sources = renderer.sources().iter().filter(|it| !it.is_empty());
        let name = |state| plan.state_name(state).to_owned();
        let groups = plan.groups.iter().enumerate();
        let strips = plan.strips.iter().enumerate();
        Self {
            time: now.as_secs(),
            state: name(renderer.state()),
            states: renderer.active().map(name).collect(),
            forced: renderer.forced().map(name),
            brightness: renderer.brightness(None),
            sources: sources.cloned().collect(),
            groups: groups
                .map(|(index, group)| group_view(index, &group.group.name, renderer))
                .collect(),
            strips: strips
                .map(|(index, strip)| strip_view(index, strip, renderer))
                .collect(),
        }
    }
}

fn group_view(index: usize, name: &str, renderer: &Renderer) -> GroupView {
    let shown = renderer.shown(index);
    GroupView {
        name: name.to_owned(),
        effect: shown.text.to_owned(),
        layers: layers(shown.text),
        source: shown.source.name(),
        color: hex(shown.tint),
        brightness: renderer.brightness(Some(index)),
    }
}

fn strip_view(index: usize, strip: &StripPlan, renderer: &Renderer) -> StripView {
    let power = renderer.power(index);
    StripView {
        name: strip.strip.name.clone(),
        current_ma: f64::from(power.current_ma.round()),
        is_limited: power.is_limited,
    }
}

/// Splits the text of a stack, which has its layers in one line.
pub(super) fn layers(text: &str) -> Vec<String> {
    text.split('|').map(|it| it.trim().to_owned()).collect()
}
