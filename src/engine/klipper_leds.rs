//! Strips that Klipper drives: LEDs on an MCU and lamps. The Klippy extra takes their frames from
//! here.

use super::{Engine, EngineError};
use crate::output::klipper_slot::KlipperSlot;
use crate::plan::driver::SentBy;
use crate::plan::{OutputPlan, Plan, StripPlan};
use crate::text::shown;
use std::sync::Arc;

/// A strip that Klipper drives.
#[derive(Clone, Debug, PartialEq)]
pub struct HostStrip {
    /// Its name.
    pub name: String,
    /// Its name in messages: `'case'`, or `'sb' of group 'toolhead'`.
    pub label: String,
    /// Number of pixels.
    pub pixels: usize,
    /// Its Klipper object: `Leds` or `Lamp`.
    pub output: OutputPlan,
    /// Indices of the pixels that belong to a group, in order.
    pub drawn: Vec<usize>,
}

impl Engine {
    /// Returns the strips that Klipper drives.
    pub fn host_strips(&self) -> Vec<HostStrip> {
        self.live().map_or_else(Vec::new, |inner| {
            let (plan, strip_outputs) = {
                let config = inner.config.lock();
                (config.running().plan, Arc::clone(config.outputs.strips()))
            };
            host_strips(&plan, |strip| {
                strip_outputs[strip].output.sink().klipper_slot().is_some()
            })
        })
    }

    /// Returns the slot with the newest frame of a strip that Klipper drives; `None` after
    /// [`Engine::close`].
    ///
    /// # Errors
    /// When Klipper does not drive the strip.
    pub fn host_slot(&self, strip: &str) -> Result<Option<Arc<KlipperSlot>>, EngineError> {
        let Some(inner) = self.live() else {
            return Ok(None);
        };
        let strip_output = inner.config.lock().outputs.strip(strip)?.clone();
        let slot = strip_output.output.sink().klipper_slot().ok_or_else(|| {
            EngineError::Request(format!("strip '{}' is not driven by klippy", shown(strip)))
        })?;
        Ok(Some(Arc::clone(slot)))
    }
}

/// Lists the strips of a plan that Klipper drives. `is_driven` can exclude some by their index.
pub(super) fn host_strips(plan: &Plan, is_driven: impl Fn(usize) -> bool) -> Vec<HostStrip> {
    let is_host = |strip: &StripPlan| strip.output.driver().sent_by == SentBy::Klipper;
    let mut drawn: Vec<Option<Vec<bool>>> = plan
        .strips
        .iter()
        .enumerate()
        .map(|(index, strip)| {
            (is_host(strip) && is_driven(index)).then(|| vec![false; strip.strip.pixels])
        })
        .collect();
    for place in plan.groups.iter().flat_map(|it| it.group.places()) {
        if let Some(pixels) = &mut drawn[place.strip] {
            pixels[place.pixel] = true;
        }
    }
    let strips = plan.strips.iter().zip(drawn);
    strips
        .filter_map(|(strip, pixels)| {
            Some(HostStrip {
                name: strip.strip.name.clone(),
                label: strip.label(),
                pixels: strip.strip.pixels,
                output: strip.output.clone(),
                drawn: pixels?
                    .iter()
                    .enumerate()
                    .filter_map(|(pixel, drawn)| drawn.then_some(pixel))
                    .collect(),
            })
        })
        .collect()
}
