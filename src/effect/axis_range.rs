//! The range of an axis of the toolhead.

use super::{Context, PlannedInput};
use crate::time::Time;

/// A part of an axis.
#[derive(Debug)]
pub(super) struct AxisRange {
    /// The number of the axis, and the ends of the range in mm.
    axis: Option<(usize, [f32; 2])>,
}

impl AxisRange {
    /// Creates a range with the ends that are set; the others are those of the axis.
    pub(super) fn new(low_mm: Option<f32>, high_mm: Option<f32>, input: PlannedInput) -> Self {
        let axis = match input {
            PlannedInput::Axis { axis, travel_mm } => Some((axis as usize, travel_mm)),
            _ => None,
        };
        Self {
            axis: axis.map(|(axis, [low, high])| {
                (axis, [low_mm.unwrap_or(low), high_mm.unwrap_or(high)])
            }),
        }
    }

    /// Returns the place of the toolhead in the range, 0.0-1.0 if it is inside; `None` while it is
    /// unknown.
    pub(super) fn fraction(&self, cx: &Context<'_>) -> Option<f32> {
        let (axis, [low, high]) = self.axis?;
        let mm = cx.inputs.position(axis)?.at(cx.now)?;
        let length = high - low;
        Some(if length > 0.0 {
            (mm - low) / length
        } else {
            f32::from(u8::from(mm > low))
        })
    }

    /// Returns when the toolhead stops, and the change of the place per second until then.
    pub(super) fn motion(&self, cx: &Context<'_>) -> Option<(Time, f32)> {
        let (axis, [low, high]) = self.axis?;
        let (end, mm_s) = cx.inputs.position(axis)?.motion(cx.now)?;
        Some((end, mm_s / (high - low).max(1.0)))
    }
}

/// Returns an error if both ends are set and the low end is not below the high end.
pub(super) fn range_problem(low_mm: Option<f32>, high_mm: Option<f32>) -> Option<String> {
    let (low, high) = low_mm.zip(high_mm)?;
    (low >= high).then(|| format!("'range_min' ({low}) must be below 'range_max' ({high})"))
}
