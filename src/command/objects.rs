//! The fields of the printer objects: `printer.lumen`, and one object for each group and strip.
//!
//! Web interfaces subscribe to every field of every object, so the objects are flat and small, and
//! counters change only every ten seconds.

use super::CallerFacts;
use super::figures::{Figures, rounded_to};
use super::profile::ProfileData;
use crate::color::Color;
use crate::engine::{GroupStatus, Metrics, Status, StripStatus};
use crate::output::health::HealthState;
use crate::renderer::Source;
use crate::text::rounded;
use serde::Serialize;
use std::collections::BTreeMap;

/// How often counters change.
const COUNTS_EVERY_S: f64 = 10.0;
/// All of `printer.lumen` stays below 1 KB; klippy.log has the full texts.
const MAX_WARNINGS: usize = 4;
const MAX_WARNING_CHARS: usize = 100;

/// The data of `lumen/status`.
#[derive(Clone, Debug, Serialize)]
pub struct StatusData {
    #[serde(flatten)]
    pub(super) status: Status,
    pub(super) metrics: Metrics,
    pub(super) performance: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<ProfileData>,
}

/// The fields of all printer objects.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Objects {
    /// `printer.lumen`.
    pub lumen: LumenObject,
    /// `printer["lumen_group NAME"]`.
    pub groups: BTreeMap<String, GroupObject>,
    /// `printer["lumen_strip NAME"]`.
    pub strips: BTreeMap<String, StripObject>,
    /// The groups as LED sections.
    pub lights: BTreeMap<String, LightObject>,
    /// The effects that groups show by command.
    pub picked: Vec<String>,
    /// Whether no command has set a state, an effect or a color, or switched off.
    pub follows_printer: bool,
}

/// The fields of `printer.lumen`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LumenObject {
    version: String,
    state: String,
    states: Vec<String>,
    forced: Option<String>,
    /// Whether test mode is active.
    pub(super) test: bool,
    moving: bool,
    fps: i64,
    brightness: f64,
    groups: Vec<String>,
    strips: Vec<String>,
    dark: Vec<String>,
    pub(super) performance: Figures,
    warnings: Vec<String>,
}

/// The fields of a group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GroupObject {
    effect: String,
    source: &'static str,
    brightness: f64,
    pixels: usize,
}

/// The fields of a strip.
#[derive(Clone, Debug, Serialize)]
pub struct StripObject {
    output: String,
    pixels: usize,
    health: &'static str,
    error: Option<String>,
    failures: u64,
    failures_in_a_row: u32,
    limited: bool,
    retry_in: Option<i64>,
    frames: u64,
    dropped: u64,
    reconnects: u64,
    current_ma: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_hz: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_per_second: Option<i64>,
}

/// The fields of a strip that change with every frame.
#[derive(Clone, Copy, Debug)]
struct Counts {
    frames: u64,
    dropped: u64,
    current_ma: f64,
    rate_hz: Option<f64>,
    bytes_per_second: Option<i64>,
}

/// The fields of a light: one color.
#[derive(Clone, Debug, Serialize)]
pub struct LightObject {
    color_data: Vec<(f64, f64, f64, f64)>,
}

/// The last counts of each strip, with their time.
#[derive(Debug, Default)]
pub(super) struct CountersByStrip(BTreeMap<String, (f64, Counts)>);

impl Objects {
    /// The fields of all objects for a status.
    pub fn new(status: &Status, facts: &CallerFacts) -> Self {
        let by_command = |it: &&GroupStatus| it.source == Source::Command;
        Self {
            lumen: LumenObject::new(status, facts),
            groups: named(&status.groups, |it| (&it.name, GroupObject::new(it))),
            strips: named(&status.strips, |it| (&it.name, StripObject::new(it, facts))),
            lights: named(&status.groups, |it| (&it.name, LightObject::new(it.tint))),
            picked: status
                .groups
                .iter()
                .filter(by_command)
                .map(|it| it.effect.clone())
                .collect(),
            follows_printer: status.forced.is_none()
                && !status.groups.iter().any(|it| by_command(&it)),
        }
    }
}

impl LumenObject {
    fn new(status: &Status, facts: &CallerFacts) -> Self {
        let strips = || status.strips.iter();
        let is_dark = |it: &&StripStatus| {
            matches!(it.health.state, HealthState::Dark | HealthState::Abandoned)
        };
        let warnings = facts.warnings.iter().take(MAX_WARNINGS);
        Self {
            version: facts.version.clone(),
            state: status.state.clone(),
            states: status.states.clone(),
            forced: status.forced.clone(),
            test: false,
            moving: status.moving,
            fps: status.fps.round_ties_even() as i64,
            brightness: rounded_to(rounded(status.brightness), 3),
            groups: status.groups.iter().map(|it| it.name.clone()).collect(),
            strips: strips().map(|it| it.name.clone()).collect(),
            dark: strips().filter(is_dark).map(|it| it.name.clone()).collect(),
            performance: Figures::default(),
            warnings: warnings.map(|it| shortened(it)).collect(),
        }
    }
}

impl GroupObject {
    fn new(group: &GroupStatus) -> Self {
        Self {
            effect: group.effect.clone(),
            source: group.source.name(),
            brightness: rounded_to(rounded(group.brightness), 3),
            pixels: group.pixels,
        }
    }
}

impl StripObject {
    fn new(strip: &StripStatus, facts: &CallerFacts) -> Self {
        let health = &strip.health;
        let rate = facts.rates.get(&strip.name);
        Self {
            output: strip.output.clone(),
            pixels: strip.pixels,
            health: health.state.name(),
            error: health.error.as_ref().map(ToString::to_string),
            failures: health.failures,
            failures_in_a_row: health.failures_in_a_row,
            limited: strip.power.is_limited,
            retry_in: health
                .retry_in
                .map(|it| it.as_secs().round_ties_even() as i64),
            frames: health.frames,
            dropped: health.dropped,
            reconnects: health.reconnects,
            current_ma: f64::from(strip.power.current_ma.round()),
            rate_hz: rate.map(|(rate_hz, _)| rounded_to(*rate_hz, 1)),
            bytes_per_second: rate.map(|(_, bytes_per_s)| bytes_per_s.round_ties_even() as i64),
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            frames: self.frames,
            dropped: self.dropped,
            current_ma: self.current_ma,
            rate_hz: self.rate_hz,
            bytes_per_second: self.bytes_per_second,
        }
    }

    fn set_counts(&mut self, counts: Counts) {
        self.frames = counts.frames;
        self.dropped = counts.dropped;
        self.current_ma = counts.current_ma;
        self.rate_hz = counts.rate_hz;
        self.bytes_per_second = counts.bytes_per_second;
    }
}

/// A strip of which nothing is known.
impl Default for StripObject {
    fn default() -> Self {
        Self {
            output: String::new(),
            pixels: 0,
            health: HealthState::Dark.name(),
            error: None,
            failures: 0,
            failures_in_a_row: 0,
            limited: false,
            retry_in: None,
            frames: 0,
            dropped: 0,
            reconnects: 0,
            current_ma: 0.0,
            rate_hz: None,
            bytes_per_second: None,
        }
    }
}

impl Default for LightObject {
    fn default() -> Self {
        Self::new(Color::BLACK)
    }
}

impl LightObject {
    /// A light with this color.
    pub fn new(color: Color) -> Self {
        let Color { r, g, b, w } = color;
        Self {
            color_data: vec![(rounded(r), rounded(g), rounded(b), rounded(w))],
        }
    }
}

impl CountersByStrip {
    /// Replaces the counts by earlier ones that are still recent.
    pub(super) fn limit(&mut self, strips: &mut BTreeMap<String, StripObject>, now: f64) {
        self.0.retain(|name, _| strips.contains_key(name));
        for (name, strip) in strips {
            match self.0.get(name) {
                Some((at, counts)) if (0.0..COUNTS_EVERY_S).contains(&(now - at)) => {
                    strip.set_counts(*counts);
                }
                _ => {
                    self.0.insert(name.clone(), (now, strip.counts()));
                }
            }
        }
    }
}

fn named<'a, T: 'a, V>(
    items: &'a [T],
    entry: impl Fn(&'a T) -> (&'a String, V),
) -> BTreeMap<String, V> {
    items
        .iter()
        .map(|it| {
            let (name, value) = entry(it);
            (name.clone(), value)
        })
        .collect()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_WARNING_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_WARNING_CHARS - 3).collect();
    start + "..."
}
