//! The range of a temperature: which temperature is empty or cold, and which is full or hot.

use super::{Context, PlannedInput};
use crate::input::SourceState;
use crate::time::Time;

/// The minimum range without a target and `range_max`, so a sensor slightly above the low end does
/// not fill a bar.
const MIN_RANGE_C: f32 = 20.0;

/// A range of temperatures.
///
/// The low end is `range_min`, or `temp_floor` if `range_min` is not set. The high end is the first
/// of these that exists:
///
/// * the target of the heater,
/// * `range_max`,
/// * the highest temperature since the effect started (a cooldown then leads to the low end), at
///   least 20 degrees above the low end.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "the unit is part of a name")]
pub(super) struct TemperatureRange {
    low_c: f32,
    high_c: Option<f32>,
    highest_c: f32,
}

/// A temperature within its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// The place in the range: 0.0 is its low end, 1.0 its high end; it can be outside.
    pub(super) fraction: f32,
    /// When the temperature stops changing, and the change of the fraction per second until then.
    pub(super) motion: Option<(Time, f32)>,
    /// Whether the source is a heater without a target.
    pub(super) is_off: bool,
}

impl TemperatureRange {
    /// Creates a range with the ends that are set.
    pub(super) fn new(low_c: Option<f32>, high_c: Option<f32>, input: PlannedInput) -> Self {
        let floor_c = match input {
            PlannedInput::Source { floor_c, .. } => floor_c,
            _ => 0.0,
        };
        Self {
            low_c: low_c.unwrap_or(floor_c),
            high_c,
            highest_c: f32::MIN,
        }
    }

    /// Returns the temperature at the time of the frame; `None` before the first measurement.
    pub(super) fn read(&mut self, cx: &Context<'_>) -> Option<Reading> {
        let source = cx.source()?;
        let now_c = source.temperature.at(cx.now)?;
        let range_c = self.full_c(source) - self.low_c;
        let fraction = if range_c > 0.0 {
            (now_c - self.low_c) / range_c
        } else {
            f32::from(u8::from(now_c > self.low_c))
        };
        let motion = source.temperature.motion(cx.now);
        Some(Reading {
            fraction,
            motion: motion.map(|(end, per_second)| (end, per_second / range_c.max(1.0))),
            is_off: source.target.is_some_and(|target| target <= 0.0),
        })
    }

    /// Returns the high end.
    fn full_c(&mut self, source: &SourceState) -> f32 {
        // Use the latest measurement, not the eased value: the maximum must not depend on the times
        // of the frames.
        let latest_c = source.temperature.latest().unwrap_or(f32::MIN);
        self.highest_c = self.highest_c.max(latest_c);
        source
            .target
            .filter(|target| *target > 0.0)
            .or(self.high_c)
            .unwrap_or_else(|| self.highest_c.max(self.low_c + MIN_RANGE_C))
    }
}

/// Returns an error if the low end is not below the high end.
pub(super) fn range_problem(
    low_c: Option<f32>,
    high_c: Option<f32>,
    temp_floor_c: f32,
) -> Option<String> {
    let (name, low) = match low_c {
        Some(low) => ("range_min", low),
        None => ("temp_floor", temp_floor_c),
    };
    let high = high_c.filter(|high| low >= *high)?;
    Some(format!(
        "'{name}' ({low}) must be below 'range_max' ({high})"
    ))
}
