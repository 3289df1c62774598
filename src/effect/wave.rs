//! Waves that are cheap enough for every pixel.

use super::random::Random;

/// Returns the sine of an angle in turns, with an error below 0.002.
///
/// It is a parabola with a correction, which is several times faster than the exact function.
#[inline]
pub(super) fn sine(turns: f32) -> f32 {
    let x = turns - turns.floor() - 0.5;
    let y = x * (8.0 - 16.0 * x.abs());
    -(y + 0.225 * (y * y.abs() - y))
}

/// Returns the smooth step from 0.0 to 1.0 of `t`, 0.0-1.0.
#[inline]
pub(super) fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// The fractional part of a number of turns that is not negative.
#[inline]
pub(super) fn turn(turns: f64) -> f32 {
    turns.fract() as f32
}

/// Smooth random values along the group, which change smoothly with time.
///
/// It is value noise: random values at points in equal distances, mixed between them. Each point
/// changes at its own times, so that the whole line never stops.
#[derive(Debug)]
pub(super) struct Noise {
    seed: u64,
    /// The values at the points, and the first one's distance from the first pixel, in points.
    points: Vec<f32>,
    offset: f32,
}

impl Noise {
    /// Creates a line of `points` distances.
    pub(super) fn new(seed: u64, points: f32) -> Self {
        // One more on each side: the line is between two points, and it moves.
        let count = points.max(0.0) as usize + 3;
        Self {
            seed,
            points: vec![0.0; count],
            offset: 0.0,
        }
    }

    /// Sets the time, in changes of a point, and how far the line has moved, in points. Neither is
    /// negative.
    pub(super) fn set(&mut self, changes: f64, moved: f64) {
        let first = moved as u64;
        self.offset = turn(moved);
        for (index, value) in self.points.iter_mut().enumerate() {
            let point = Random::for_step(self.seed, first.wrapping_add(index as u64));
            let mut own = point;
            let changes = changes + f64::from(own.unit());
            let step = changes as u64;
            let at = |step: u64| point.for_step_of(step).unit();
            let (before, after) = (at(step), at(step.wrapping_add(1)));
            *value = before + (after - before) * smooth(turn(changes));
        }
    }

    /// Returns the value at a place in points, 0.0-1.0. The place is not negative.
    #[inline]
    pub(super) fn at(&self, place: f32) -> f32 {
        let place = place + self.offset;
        let index = (place as usize).min(self.points.len() - 2);
        let t = smooth((place - index as f32).clamp(0.0, 1.0));
        let (before, after) = (self.points[index], self.points[index + 1]);
        before + (after - before) * t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_close_to_the_exact_one() {
        for step in -300_i16..300 {
            let turns = f32::from(step) / 100.0;
            let exact = (turns * std::f32::consts::TAU).sin();
            assert!((sine(turns) - exact).abs() < 2e-3, "{turns}");
        }
    }

    #[test]
    fn noise_is_smooth_in_place_and_time_and_covers_its_range() {
        let mut noise = Noise::new(7, 10.0);
        let mut all = Vec::new();
        let mut last = Vec::new();
        for frame in 0..2000 {
            noise.set(f64::from(frame) * 0.01, f64::from(frame) * 0.01);
            let line: Vec<f32> = (0..1000)
                .map(|place| noise.at(place as f32 * 0.01))
                .collect();
            let steps = line.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            assert!(steps.fold(0.0, f32::max) < 0.02);
            let changes = line
                .iter()
                .zip(&last)
                .map(|(a, b): (&f32, &f32)| (a - b).abs());
            assert!(changes.fold(0.0, f32::max) < 0.05);
            all.extend(line.iter().copied());
            last = line;
        }
        assert!(all.iter().all(|value| (0.0..=1.0).contains(value)));
        assert!(all.iter().any(|value| *value < 0.1) && all.iter().any(|value| *value > 0.9));
    }
}
