//! A small seeded random number generator.
//!
//! It is `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA
//! 2014). The same seed gives the same numbers on every machine.

/// A stream of random numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Creates an independent stream for one step of an effect, without computing the steps before
    /// it.
    pub(super) fn for_step(seed: u64, step: u64) -> Self {
        Self(Self(seed ^ step.wrapping_mul(0xd1b5_4a32_d192_ed03)).next())
    }

    /// Creates an independent stream for one step, from this stream as it is now.
    pub(super) fn for_step_of(self, step: u64) -> Self {
        Self::for_step(self.0, step)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0.0 (inclusive) to 1.0 (exclusive).
    pub(super) fn unit(&mut self) -> f32 {
        // An f32 holds 24 bits exactly.
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Returns a number from `low` (inclusive) to `high` (exclusive).
    pub(super) fn within(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Returns an integer from 0 (inclusive) to `limit` (exclusive). `limit` must be above 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_matches_the_published_generator() {
        // The first outputs of the reference implementation for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_in_their_range_and_cover_it() {
        let mut random = Random::new(1);
        let units: Vec<f32> = (0..1000).map(|_| random.unit()).collect();
        assert!(units.iter().all(|u| (0.0..1.0).contains(u)));
        let mean: f32 = units.iter().sum::<f32>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.05, "{mean}");
        let mut seen = [false; 6];
        (0..200).for_each(|_| seen[random.below(6)] = true);
        assert_eq!(seen, [true; 6]);
    }
}
