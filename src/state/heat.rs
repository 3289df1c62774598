//! Which heaters are on their way to a target, and whether the printer cools down.

use super::StateSettings;
use crate::input::{MAX_SOURCES, SourceSample};
use crate::time::{Span, Time};

/// A heater this far above the ambient temperature, in degrees Celsius, is hot ...
const HOT_ABOVE_FLOOR_C: f32 = 10.0;

/// ... until it is this near.
const COLD_ABOVE_FLOOR_C: f32 = 5.0;

/// What cools loses this many degrees Celsius ...
const FALL_C: f32 = 0.5;

/// ... at least this often. A thick bed whose time constant is an hour still falls so fast 15
/// degrees above the room; a room that is warmer than `temp_floor` does not.
const FALL_WITHIN: Span = Span::from_millis(120_000);

/// Follows the heaters from sample to sample.
#[derive(Clone, Debug, Default)]
pub(super) struct Heat {
    heaters: [SourceSample; MAX_SOURCES],
    heating: [bool; MAX_SOURCES],
    cooling: Cooling,
}

#[derive(Clone, Copy, Debug, Default)]
enum Cooling {
    /// Heaters are, or were a moment ago, in use.
    #[default]
    Armed,
    /// The hottest was at this temperature then.
    Falling { c: f32, since: Time },
    /// Cold, or as cold as it gets; until heaters are used again.
    Done,
}

impl Heat {
    /// Takes a sample of the plan's sources; true when a target rose.
    pub(super) fn sample(
        &mut self,
        sources: &[SourceSample; MAX_SOURCES],
        settings: &StateSettings,
    ) -> bool {
        let mut risen = false;
        for (index, measured) in sources.iter().take(settings.heaters).enumerate() {
            let heater = &mut self.heaters[index];
            let target = measured.target.filter(|c| c.is_finite());
            risen |= target.unwrap_or(0.0) > heater.target.unwrap_or(0.0);
            heater.target = target;
            // A sensor that falls silent keeps its last value.
            heater.temperature = measured
                .temperature
                .filter(|c| c.is_finite())
                .or(heater.temperature);
            self.heating[index] = is_heating(*heater, self.heating[index], settings);
        }
        risen
    }

    /// Judges whether the printer cools, at this moment; `in_use` says that a job is under way.
    pub(super) fn step(&mut self, now: Time, in_use: bool, settings: &StateSettings) {
        if in_use || self.has_target() {
            self.cooling = Cooling::Armed;
            return;
        }
        let Some(hottest) = self.hottest() else {
            return;
        };
        let above_floor_c = hottest - settings.temp_floor_c;
        self.cooling = match self.cooling {
            Cooling::Armed if above_floor_c > HOT_ABOVE_FLOOR_C => Cooling::Falling {
                c: hottest,
                since: now,
            },
            Cooling::Falling { .. } if above_floor_c <= COLD_ABOVE_FLOOR_C => Cooling::Done,
            Cooling::Falling { c, .. } if hottest <= c - FALL_C => Cooling::Falling {
                c: hottest,
                since: now,
            },
            Cooling::Falling { since, .. } if now < since + FALL_WITHIN => self.cooling,
            _ => Cooling::Done,
        };
    }

    /// Whether any heater has a target.
    pub(super) fn has_target(&self) -> bool {
        self.heaters
            .iter()
            .any(|heater| heater.target.is_some_and(|c| c > 0.0))
    }

    /// Whether an extruder has a target.
    pub(super) fn extruder_has_target(&self, settings: &StateSettings) -> bool {
        self.heaters.iter().enumerate().any(|(index, heater)| {
            settings.extruders & (1 << index) != 0 && heater.target.is_some_and(|c| c > 0.0)
        })
    }

    /// Whether any heater is on its way to its target.
    pub(super) fn is_heating(&self) -> bool {
        self.heating.contains(&true)
    }

    /// Until when the printer counts as cooling down, unless it goes on falling.
    pub(super) fn cooling_until(&self) -> Option<Time> {
        match self.cooling {
            Cooling::Falling { since, .. } => Some(since + FALL_WITHIN),
            Cooling::Armed | Cooling::Done => None,
        }
    }

    /// Takes over another list of sources: each new one's index in the old list.
    pub(super) fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        let old = self.clone();
        for (index, from) in from.iter().enumerate() {
            self.heaters[index] = from.map_or_else(Default::default, |from| old.heaters[from]);
            self.heating[index] = from.is_some_and(|from| old.heating[from]);
        }
    }

    fn hottest(&self) -> Option<f32> {
        self.heaters
            .iter()
            .filter_map(|heater| heater.temperature)
            .reduce(f32::max)
    }
}

fn is_heating(heater: SourceSample, was: bool, settings: &StateSettings) -> bool {
    let (Some(target), Some(temperature)) = (heater.target, heater.temperature) else {
        return false;
    };
    let missing = target - temperature;
    // A leave that is wider than the enter would flip at every sample between the two.
    let leave_c = settings.heating_leave_c.min(settings.heating_enter_c);
    target > 0.0
        && if was {
            missing > leave_c
        } else {
            missing > settings.heating_enter_c
        }
}
