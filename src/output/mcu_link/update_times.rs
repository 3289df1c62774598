//! How long updates block the caller, measured on request until a given time.

use std::collections::BTreeMap;

/// The measured times of the parts of each strip, in microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct UpdateTimes {
    until: f64,
    /// The parts by number, each with the name of its strip.
    parts: BTreeMap<usize, (String, Vec<f64>)>,
}

impl UpdateTimes {
    /// Starts a measurement of these parts.
    pub(super) fn start(&mut self, until: f64, parts: impl Iterator<Item = (usize, String)>) {
        self.until = until;
        self.parts = parts
            .map(|(number, strip)| (number, (strip, Vec::new())))
            .collect();
    }

    /// Adds an update that began at `begun`.
    pub(super) fn add(&mut self, part: usize, begun: f64, took_s: f64) {
        if begun < self.until
            && let Some((_, times)) = self.parts.get_mut(&part)
        {
            times.push(took_s * 1e6);
        }
    }

    /// Ends the measurement, whose parts no longer exist, and returns it.
    pub(super) fn ended(&self) -> Self {
        Self {
            until: 0.0,
            parts: self.parts.clone(),
        }
    }

    /// The measured times of the parts of each strip.
    pub(super) fn by_strip(&self) -> BTreeMap<String, Vec<Vec<f64>>> {
        let mut strips: BTreeMap<String, Vec<Vec<f64>>> = BTreeMap::new();
        for (strip, times) in self.parts.values() {
            strips.entry(strip.clone()).or_default().push(times.clone());
        }
        strips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_expires_and_ignores_other_parts() {
        let mut times = UpdateTimes::default();
        times.add(0, 99.0, 1.0);
        assert!(times.by_strip().is_empty());
        times.start(
            105.0,
            [(0, "case".to_owned()), (1, "case".to_owned())].into_iter(),
        );
        times.add(0, 104.999, 10e-6);
        times.add(0, 105.0, 10e-6);
        times.add(2, 100.0, 10e-6);
        assert_eq!(times.by_strip()["case"], [vec![10.0], vec![]]);
        times = times.ended();
        times.add(0, 104.0, 10e-6);
        assert_eq!(times.by_strip()["case"], [vec![10.0], vec![]]);
    }
}
