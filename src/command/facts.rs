//! What only the caller of a request knows.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What only the caller of a request knows. Which requests need it is in the table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallerFacts {
    /// The version of Lumen.
    pub version: String,
    /// The current warnings.
    pub warnings: Vec<String>,
    /// Updates and bytes per second of the strips that Klipper drives, by name.
    pub rates: BTreeMap<String, (f64, f64)>,
    /// How long calls have blocked Klipper's reactor.
    pub reactor: ReactorFacts,
    /// Lines sent to the console since the start.
    pub console_sends: u64,
    /// Bytes sent to each MCU since its strips were set up.
    pub mcu_bytes: BTreeMap<String, f64>,
    /// Durations in µs of the updates since the last [`Then::Measure`](super::Then::Measure), for
    /// each part of the strips that Klipper drives, by strip.
    pub update_times: BTreeMap<String, Vec<Vec<f64>>>,
    /// What web interfaces show.
    pub web: WebFacts,
}

/// How long calls have blocked Klipper's reactor.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReactorFacts {
    /// Blocked time in milliseconds per second.
    pub share_ms_per_s: f64,
    /// Total in seconds.
    pub held_s: f64,
    /// The longest call since the last update of the figures, in ms.
    pub hold_ms_max: f64,
    /// 99.9 % of these calls took at most so long.
    pub hold_ms_p999: f64,
    /// The longest call since Klipper was ready, in ms.
    pub total_hold_ms_max: f64,
    /// 99.9 % of these calls took at most so long.
    pub total_hold_ms_p999: f64,
    /// The same without the time that other programs used the CPU.
    pub own_hold_ms_max: f64,
    /// 99.9 % of these calls took at most so long.
    pub own_hold_ms_p999: f64,
}

/// The name of a strip, its first pixel and the number of pixels.
pub type Chain = (String, usize, usize);

/// What web interfaces show of Lumen besides its own objects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebFacts {
    /// The effects that are shown as buttons.
    pub effects: Vec<String>,
    /// The groups that are shown as lights.
    pub lights: Vec<String>,
    /// Klipper's LED sections, with the strips on each.
    pub chains: Vec<(String, Vec<Chain>)>,
}
