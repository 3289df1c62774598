//! Tracks which heaters are heating up, and whether the printer is cooling down.

use super::StateSettings;
use crate::input::{MAX_SOURCES, SourceSample};
use crate::time::{Span, Time};

/// A cooldown starts with a heater this far above the ambient temperature, in degrees Celsius.
const HOT_ABOVE_FLOOR_C: f32 = 10.0;

/// A cooldown ends when all heaters are this close to the ambient temperature, in degrees Celsius.
const COLD_ABOVE_FLOOR_C: f32 = 5.0;

/// A cooldown also ends when the temperature does not fall by this many degrees Celsius within
/// [`FALL_WITHIN`].
const FALL_C: f32 = 0.5;

/// The maximum time for a fall by [`FALL_C`]. A thick bed with a time constant of one hour still
/// falls that fast at 15 degrees above the room temperature. In a room warmer than `temp_floor` the
/// temperature stops falling.
const FALL_WITHIN: Span = Span::from_millis(120_000);

const _: () = assert!(
    MAX_SOURCES <= u32::BITS as usize,
    "a set of heaters is a `u32`"
);

/// Tracks the heaters.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaterWatch {
    heaters: [SourceSample; MAX_SOURCES],
    /// The heaters that are heating up; bit n is heater n.
    heating: u32,
    /// The heaters that have a target.
    targeted: u32,
    /// The highest temperature.
    hottest: Option<f32>,
    cooling: Cooling,
}

#[derive(Clone, Copy, Debug, Default)]
enum Cooling {
    /// The heaters are in use or have just been switched off.
    #[default]
    Armed,
    /// Cooling down: the hottest heater had temperature `c` at time `since`.
    Falling { c: f32, since: Time },
    /// Cold, or no longer falling, until the heaters are used again.
    Done,
}

impl HeaterWatch {
    /// Processes a sample of the sources; returns whether a target has risen.
    pub(super) fn sample(
        &mut self,
        sources: &[SourceSample; MAX_SOURCES],
        settings: &StateSettings,
    ) -> bool {
        let mut has_risen = false;
        for (index, measured) in sources.iter().take(settings.heaters).enumerate() {
            let heater = &mut self.heaters[index];
            let target = measured.target.filter(|c| c.is_finite());
            has_risen |= target.unwrap_or(0.0) > heater.target.unwrap_or(0.0);
            heater.target = target;
            // A sensor without a reading keeps its last value.
            heater.temperature = measured
                .temperature
                .filter(|c| c.is_finite())
                .or(heater.temperature);
            let was_heating = self.heating & (1 << index) != 0;
            let is_heating = is_heating(*heater, was_heating, settings);
            self.heating = self.heating & !(1 << index) | u32::from(is_heating) << index;
        }
        self.summarize();
        has_risen
    }

    /// Updates the cooldown; `in_use` is whether a job is active.
    pub(super) fn step(&mut self, now: Time, in_use: bool, settings: &StateSettings) {
        if in_use || self.has_target() {
            self.cooling = Cooling::Armed;
            return;
        }
        let Some(hottest) = self.hottest else {
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

    /// Returns whether any heater has a target.
    pub(super) fn has_target(&self) -> bool {
        self.targeted != 0
    }

    /// Returns whether an extruder has a target.
    pub(super) fn extruder_has_target(&self, settings: &StateSettings) -> bool {
        self.targeted & settings.extruders != 0
    }

    /// Returns whether any heater is heating up.
    pub(super) fn is_heating(&self) -> bool {
        self.heating != 0
    }

    /// Returns when the cooldown ends if the temperature does not fall further.
    pub(super) fn cooling_until(&self) -> Option<Time> {
        match self.cooling {
            Cooling::Falling { since, .. } => Some(since + FALL_WITHIN),
            Cooling::Armed | Cooling::Done => None,
        }
    }

    /// Reorders the sources; `from` holds the old index of each new source.
    pub(super) fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        let old = self.clone();
        self.heating = 0;
        for (index, from) in from.iter().enumerate() {
            self.heaters[index] = from.map_or_else(Default::default, |from| old.heaters[from]);
            let is_heating = from.is_some_and(|from| old.heating & (1 << from) != 0);
            self.heating |= u32::from(is_heating) << index;
        }
        self.summarize();
    }

    /// Stores what every frame needs to know about the heaters.
    fn summarize(&mut self) {
        let has_target = |heater: &SourceSample| heater.target.is_some_and(|c| c > 0.0);
        let bits = self.heaters.iter().enumerate();
        self.targeted = bits.fold(0, |bits, (index, heater)| {
            bits | u32::from(has_target(heater)) << index
        });
        let temperatures = self.heaters.iter().filter_map(|heater| heater.temperature);
        self.hottest = temperatures.reduce(f32::max);
    }
}

fn is_heating(heater: SourceSample, was_heating: bool, settings: &StateSettings) -> bool {
    let (Some(target), Some(temperature)) = (heater.target, heater.temperature) else {
        return false;
    };
    let below_target = target - temperature;
    // If the leave threshold were wider than the enter threshold, the result would toggle between
    // them.
    let leave_c = settings.heating_leave_c.min(settings.heating_enter_c);
    target > 0.0
        && if was_heating {
            below_target > leave_c
        } else {
            below_target > settings.heating_enter_c
        }
}
