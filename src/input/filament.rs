//! The filament sensors of a sample.

/// The maximum number of filament sensors.
pub(crate) const MAX_FILAMENT_SENSORS: usize = 32;

/// The states of the filament sensors. Bit n is sensor n in the list of the extra.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilamentSample {
    /// The sensors that are enabled.
    pub enabled: u32,
    /// The sensors that detect filament.
    pub detected: u32,
}

impl FilamentSample {
    /// Creates a sample from pairs of (is enabled, detects filament), one per sensor.
    ///
    /// Sensors beyond `MAX_FILAMENT_SENSORS` are ignored.
    pub fn from_sensors(sensors: &[(bool, bool)]) -> Self {
        let mut sample = Self::default();
        for (bit, (enabled, detected)) in sensors.iter().take(MAX_FILAMENT_SENSORS).enumerate() {
            sample.enabled |= u32::from(*enabled) << bit;
            sample.detected |= u32::from(*detected) << bit;
        }
        sample
    }
}
