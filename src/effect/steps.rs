//! Fixed simulation steps, counted from the start of the effect.
//!
//! A simulation in fixed steps looks the same at every frame rate. Each frame interpolates between
//! the last two steps.

/// Counts steps as time passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    done: u64,
    /// The maximum number of steps per call; the rest of a longer gap is skipped.
    max_per_call: u64,
}

/// The result of [`Steps::due`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Due {
    /// Number of steps to run now.
    pub(super) steps: u64,
    /// Time since the last step as a fraction of the step interval, 0.0-1.0.
    pub(super) fraction: f32,
}

impl Steps {
    pub(super) const fn new(max_per_call: u64) -> Self {
        Self {
            done: 0,
            max_per_call,
        }
    }

    /// Returns the steps that are due `elapsed_s` seconds after the start, at `rate_hz` steps per
    /// second.
    pub(super) fn due(&mut self, elapsed_s: f64, rate_hz: f64) -> Due {
        let exact = elapsed_s * rate_hz;
        let whole = exact as u64;
        let steps = whole.saturating_sub(self.done).min(self.max_per_call);
        self.done = self.done.max(whole);
        Due {
            steps,
            fraction: exact.fract() as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_once_at_every_frame_rate() {
        for frames in [30, 60, 120] {
            let mut steps = Steps::new(100);
            let taken: u64 = (0..=frames)
                .map(|frame| steps.due(f64::from(frame) / f64::from(frames), 10.0).steps)
                .sum();
            assert_eq!(taken, 10, "{frames} fps");
        }
    }

    #[test]
    fn a_long_gap_is_skipped() {
        let mut steps = Steps::new(100);
        assert_eq!(steps.due(1e6, 60.0).steps, 100);
        assert_eq!(steps.due(1e6, 60.0).steps, 0);
    }
}
