//! Fixed steps of a simulation, counted from the start of its effect.
//!
//! What evolves in steps of its own looks the same at every frame rate; what is drawn lies between
//! the last step and the next.

/// Counts steps as time passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    done: u64,
    /// More steps at once than this are not taken: a gap is jumped over.
    most: u64,
}

/// What is due at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Due {
    /// Steps to take now.
    pub(super) steps: u64,
    /// How far the moment lies between the last step and the next, 0.0-1.0.
    pub(super) fraction: f32,
}

impl Steps {
    pub(super) const fn new(most: u64) -> Self {
        Self { done: 0, most }
    }

    /// The steps due at `elapsed_s` seconds at `rate_hz` steps a second.
    pub(super) fn due(&mut self, elapsed_s: f64, rate_hz: f64) -> Due {
        let exact = elapsed_s * rate_hz;
        let whole = exact as u64;
        let steps = whole.saturating_sub(self.done).min(self.most);
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
    fn every_step_is_taken_once_whatever_the_frame_rate() {
        for frames in [30, 60, 120] {
            let mut steps = Steps::new(100);
            let taken: u64 = (0..=frames)
                .map(|frame| steps.due(f64::from(frame) / f64::from(frames), 10.0).steps)
                .sum();
            assert_eq!(taken, 10, "{frames} fps");
        }
    }

    #[test]
    fn a_long_gap_is_jumped_over() {
        let mut steps = Steps::new(100);
        assert_eq!(steps.due(1e6, 60.0).steps, 100);
        assert_eq!(steps.due(1e6, 60.0).steps, 0);
    }
}
