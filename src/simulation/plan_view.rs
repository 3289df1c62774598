//! A compiled config as data: its strips, groups and states.

use super::status::layers;
use crate::layout::Segment;
use crate::plan::{GroupPlan, Plan, ScenePart, StripPlan, Unmapped};
use crate::spec::{Compiled, EffectOffer, PaletteOffer};
use crate::text::serialize_rounded;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A compiled config.
#[derive(Debug, Serialize)]
pub struct PlanView<'a> {
    /// All strips. Their index is the number of the strip.
    pub strips: Vec<StripEntry<'a>>,
    /// All groups, in the order of the config.
    pub groups: Vec<GroupEntry<'a>>,
    /// Names of the custom states.
    pub custom_states: &'a [String],
    /// Full names of the heaters and sensors that are used, heaters first.
    pub sources: &'a [String],
    /// Full names of the filament sensors that are followed.
    pub filament_sensors: &'a [String],
    /// Whether an effect follows the position of the toolhead.
    pub wants_position: bool,
    /// Whether an effect follows the progress of the job.
    pub wants_progress: bool,
    /// Frames per second while an effect moves.
    pub fps: u16,
    /// Maximum current of all strips together in mA, if the config sets one.
    pub max_current_ma: Option<f32>,
    /// The effects that the config adds or changes.
    pub effects: &'a [EffectOffer],
    /// The palettes that the config adds.
    pub palettes: &'a [PaletteOffer],
    /// The macros that show as a state, by the name of the state.
    pub macros: &'a BTreeMap<String, Vec<String>>,
}

/// A strip.
#[derive(Debug, Serialize)]
pub struct StripEntry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Number of pixels.
    pub count: usize,
    /// Order of the channels: `GRB` or `GRBW`, for example.
    pub order: String,
    /// Whether it has white LEDs.
    pub has_white: bool,
    /// Maximum current in mA, if the config sets one.
    pub max_current_ma: Option<f32>,
}

/// A group.
#[derive(Debug, Serialize)]
pub struct GroupEntry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its pixels in drawing order.
    pub pixels: Vec<PixelRange<'a>>,
    /// Number of pixels.
    pub count: usize,
    /// Brightness, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub brightness: f32,
    /// Names of the groups that it covers.
    pub over: Vec<&'a str>,
    /// What it shows in states that are not in `states`: `default`, `keep` or `off`.
    pub unmapped: &'static str,
    /// What it shows, by the name of the state.
    #[serde(serialize_with = "scenes")]
    pub states: Vec<(&'a str, SceneEntry<'a>)>,
}

/// A range of pixels, backward if `first` is above `last`. Numbers start at 0.
#[derive(Debug, Serialize)]
pub struct PixelRange<'a> {
    /// Name of the strip.
    pub strip: &'a str,
    /// First pixel.
    pub first: usize,
    /// Last pixel.
    pub last: usize,
}

/// What a group shows in a state.
#[derive(Debug, Serialize)]
pub struct SceneEntry<'a> {
    /// The effect, as the user wrote it.
    pub effect: &'a str,
    /// Its layers, the highest first.
    pub layers: Vec<String>,
    /// Duration of the cross-fade into it, in seconds.
    pub fade: f64,
    /// Whether the config has no effect for the state.
    pub is_built_in: bool,
}

impl<'a> PlanView<'a> {
    /// Creates the view of a config.
    pub fn new(compiled: &'a Compiled) -> Self {
        let plan = &compiled.plan;
        Self {
            strips: plan.strips.iter().map(strip_entry).collect(),
            groups: plan.groups.iter().map(|it| group_entry(plan, it)).collect(),
            custom_states: &plan.custom_states,
            sources: &plan.sources,
            filament_sensors: &compiled.filament_sensors,
            wants_position: plan.wants_position,
            wants_progress: plan.wants_progress,
            fps: plan.fps,
            max_current_ma: plan.max_current_ma,
            effects: &compiled.offer.effects,
            palettes: &compiled.offer.palettes,
            macros: &compiled.commands,
        }
    }
}

fn strip_entry(plan: &StripPlan) -> StripEntry<'_> {
    StripEntry {
        name: &plan.strip.name,
        count: plan.strip.pixels,
        order: plan.strip.order.to_string(),
        has_white: plan.strip.order.has_white(),
        max_current_ma: plan.finish.power.max_current_ma,
    }
}

fn group_entry<'a>(plan: &'a Plan, group: &'a GroupPlan) -> GroupEntry<'a> {
    let name = |index: &usize| Some(plan.groups.get(*index)?.group.name.as_str());
    let range = |segment: Segment| PixelRange {
        strip: &plan.strips[segment.strip].strip.name,
        first: segment.first,
        last: segment.last,
    };
    let scene = |part: &'a ScenePart| {
        let entry = SceneEntry {
            effect: &part.text,
            layers: layers(&part.text),
            fade: part.fade.as_secs(),
            is_built_in: part.is_built_in,
        };
        (plan.state_name(part.state), entry)
    };
    GroupEntry {
        name: &group.group.name,
        pixels: group.group.runs().into_iter().map(range).collect(),
        count: group.group.pixels(),
        brightness: group.brightness,
        over: group.over.iter().filter_map(name).collect(),
        unmapped: match group.unmapped {
            Unmapped::Default => "default",
            Unmapped::Keep => "keep",
            Unmapped::Off => "off",
        },
        states: group.scenes.iter().map(scene).collect(),
    }
}

fn scenes<S: Serializer>(
    scenes: &[(&str, SceneEntry<'_>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(scenes.iter().map(|(state, scene)| (state, scene)))
}
