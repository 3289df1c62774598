//! `chase N`: a chase around a ring of groups.
//!
//! Each group of the ring simulates the whole chase with the same seed and start time, and draws
//! its own part. So the groups stay in sync without sharing data.

use super::chase::{ChaseSettings, SegmentPair, alternate};
use super::random::Random;
use super::steps::Steps;
use super::{Canvas, Context, Effect, Motion, RingPlace, rows};
use crate::color::PaletteTable;

/// Simulation steps per second; frames interpolate between two steps.
const STEPS_HZ: f64 = 60.0;
const STEP_S: f32 = 1.0 / STEPS_HZ as f32;

/// Speed of the evader relative to the chaser; it must be below 1.0 for the chaser to catch it.
const EVADER_SPEED: f32 = 0.8;

/// Time constant of speed changes in seconds; segments turn around smoothly.
const INERTIA_S: f32 = 0.1;

/// The evader reverses at most once per interval (in seconds), with this probability.
const TURN_INTERVAL_S: f32 = 2.0;
const TURN_PROBABILITY: f32 = 0.3;

/// Range of the evader's head start after a collision, in multiples of its own length. The head
/// start is random, so no two chases are alike.
const HEAD_START: (f32, f32) = (2.0, 6.0);

/// Interval in seconds at which the chaser picks the shorter direction. Picking it at every step
/// would make the chaser jitter when both directions are equally long.
const STEER_INTERVAL_S: f32 = 0.5;

/// Random variation of the role swap interval in seconds. The interval restarts after a collision,
/// and a swap waits while the two segments are close.
const SWAP_JITTER_S: f32 = 2.0;

/// The maximum number of steps per frame; the rest of a longer gap (a suspended computer) is
/// skipped.
const MAX_CATCH_UP: u64 = 4096;

/// The minimum length of a ring for a chase.
const MIN_PIXELS: usize = 4;

/// One segment, the chaser, chases another, the evader, around a ring of groups.
///
/// The chaser takes the shorter direction. The evader flees and sometimes reverses. Both speed up
/// when they are close. After a collision both pause and swap roles; they also swap roles at random
/// intervals. A ring of fewer than four pixels alternates between the two colors. `direction:
/// reverse` mirrors the group's part of the ring.
#[derive(Debug)]
pub(super) struct Ring {
    colors: [PaletteTable; 2],
    place: RingPlace,
    speed_px_s: f64,
    chase: RingChase,
    steps: Steps,
}

impl Ring {
    pub(super) fn new(settings: &ChaseSettings, place: RingPlace) -> Self {
        Self {
            colors: settings.colors(),
            place,
            speed_px_s: rows::speed_px_s(settings.speed_px_s, place.pixels as f64),
            chase: RingChase::new(settings, place),
            steps: Steps::new(MAX_CATCH_UP),
        }
    }
}

impl Effect for Ring {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        if self.place.pixels < MIN_PIXELS {
            return alternate(canvas, &self.colors, cx.elapsed_s(), self.speed_px_s);
        }
        let due = self.steps.due(cx.elapsed_s(), STEPS_HZ);
        for _ in 0..due.steps {
            self.chase.step();
        }
        let pair = SegmentPair {
            colors: &self.colors,
            centers: self.chase.centers_at(due.fraction),
            size_px: self.chase.size_px,
            ring_px: self.place.pixels as f32,
        };
        pair.draw(canvas, self.place.first as f32);
        Motion::Moving
    }
}

/// Position and motion of one segment.
#[derive(Clone, Copy, Debug)]
struct ChaseSegment {
    px: f32,
    /// Position before the last step.
    previous_px: f32,
    /// Intended direction: +1.0, or -1.0 toward the start.
    heading: f32,
    /// Current velocity; negative toward the start.
    speed_px_s: f32,
}

/// The simulation of the chase.
#[derive(Debug)]
struct RingChase {
    random: Random,
    ring_px: f32,
    speed_px_s: f32,
    size_px: f32,
    near_px: f32,
    near_speed_factor: f32,
    swap_interval_s: f32,
    collision_pause_s: f32,
    segments: [ChaseSegment; 2],
    chaser: usize,
    pause_left_s: f32,
    /// Remaining time that the chaser waits for the evader to get away.
    head_start_left_s: f32,
    steer_in_s: f32,
    turn_in_s: f32,
    swap_in_s: f32,
}

impl RingChase {
    fn new(settings: &ChaseSettings, place: RingPlace) -> Self {
        let ring_px = place.pixels as f32;
        let segment = |px: f32| ChaseSegment {
            px,
            previous_px: px,
            heading: 1.0,
            speed_px_s: 0.0,
        };
        let mut chase = Self {
            random: Random::new(place.seed),
            ring_px,
            speed_px_s: rows::speed_px_s(settings.speed_px_s, place.pixels as f64) as f32,
            // On a short ring, two longer segments would always touch.
            size_px: settings.size_px(place.pixels).min(ring_px / 4.0),
            near_px: settings.proximity_threshold * ring_px,
            near_speed_factor: settings.accel_factor,
            swap_interval_s: settings.role_swap_interval_s,
            collision_pause_s: settings.collision_pause_s,
            segments: [segment(0.0), segment(ring_px / 2.0)],
            chaser: 0,
            pause_left_s: 0.0,
            head_start_left_s: 0.0,
            steer_in_s: 0.0,
            turn_in_s: TURN_INTERVAL_S,
            swap_in_s: 0.0,
        };
        chase.schedule_swap();
        chase
    }

    fn step(&mut self) {
        for segment in &mut self.segments {
            segment.previous_px = segment.px;
        }
        if self.pause_left_s > 0.0 {
            self.pause_left_s -= STEP_S;
            return;
        }
        let is_near = self.distance().abs() < self.near_px;
        self.swap_when_due(is_near);
        let distance = self.distance();
        self.steer_chaser(distance);
        self.steer_evader(distance);
        self.advance(is_near);
        self.handle_collision();
    }

    /// Returns the shorter distance from the chaser to the evader in pixels; negative toward the
    /// start.
    fn distance(&self) -> f32 {
        let distance = self.segments[1 - self.chaser].px - self.segments[self.chaser].px;
        let half = self.ring_px / 2.0;
        (distance + half).rem_euclid(self.ring_px) - half
    }

    fn schedule_swap(&mut self) {
        let jitter_s = self.random.within(-SWAP_JITTER_S, SWAP_JITTER_S);
        self.swap_in_s = (self.swap_interval_s + jitter_s).max(STEP_S);
    }

    fn swap_when_due(&mut self, is_near: bool) {
        self.swap_in_s -= STEP_S;
        if self.swap_in_s <= 0.0 && !is_near {
            self.swap();
            self.head_start_left_s = 0.0;
        }
    }

    fn swap(&mut self) {
        self.chaser = 1 - self.chaser;
        self.steer_in_s = 0.0;
        self.schedule_swap();
    }

    fn steer_chaser(&mut self, distance: f32) {
        self.steer_in_s -= STEP_S;
        if self.steer_in_s <= 0.0 {
            self.steer_in_s = STEER_INTERVAL_S;
            self.segments[self.chaser].heading = distance.signum();
        }
    }

    fn steer_evader(&mut self, distance: f32) {
        let is_near = distance.abs() < self.near_px;
        self.turn_in_s -= STEP_S;
        let evader = 1 - self.chaser;
        if is_near {
            self.segments[evader].heading = distance.signum();
        } else if self.turn_in_s <= 0.0 {
            self.turn_in_s = TURN_INTERVAL_S;
            // Only with enough room: otherwise it would turn back at once.
            if self.random.unit() < TURN_PROBABILITY && distance.abs() > 2.0 * self.near_px {
                self.segments[evader].heading = -self.segments[evader].heading;
            }
        }
    }

    fn advance(&mut self, is_near: bool) {
        let factor = if is_near { self.near_speed_factor } else { 1.0 };
        // A larger step would look like a jump.
        let max_px_s = (self.speed_px_s * factor).min(self.ring_px / (4.0 * STEP_S));
        let is_waiting = self.head_start_left_s > 0.0;
        self.head_start_left_s -= STEP_S;
        for (index, segment) in self.segments.iter_mut().enumerate() {
            let ratio = match (index == self.chaser, is_waiting) {
                (true, true) => 0.0,
                (true, false) => 1.0,
                (false, _) => EVADER_SPEED,
            };
            let target_px_s = segment.heading * max_px_s * ratio;
            segment.speed_px_s += (target_px_s - segment.speed_px_s) * (STEP_S / INERTIA_S);
            segment.px = (segment.px + segment.speed_px_s * STEP_S).rem_euclid(self.ring_px);
        }
    }

    fn handle_collision(&mut self) {
        if self.head_start_left_s > 0.0 || self.distance().abs() >= self.size_px {
            return;
        }
        self.swap();
        self.pause_left_s = self.collision_pause_s;
        let lengths = self.random.within(HEAD_START.0, HEAD_START.1);
        self.head_start_left_s = lengths * self.size_px / self.speed_px_s;
        for segment in &mut self.segments {
            segment.speed_px_s = 0.0;
        }
        let away = self.distance().signum();
        self.segments[1 - self.chaser].heading = away;
    }

    /// Returns the centers of the two segments between the last two steps.
    fn centers_at(&self, fraction: f32) -> [f32; 2] {
        let half = self.ring_px / 2.0;
        self.segments.map(|segment| {
            let step_px = (segment.px - segment.previous_px + half).rem_euclid(self.ring_px) - half;
            (segment.previous_px + step_px * fraction).rem_euclid(self.ring_px)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{context, plan};
    use super::super::{EffectPlan, chase};
    use super::*;
    use crate::color::{Color, PaletteNames};
    use crate::input::Inputs;

    fn member(first: usize) -> EffectPlan {
        EffectPlan {
            ring: Some(RingPlace {
                first,
                pixels: 60,
                seed: 7,
            }),
            ..plan(&chase::SPEC, "speed=20 max=1.0")
        }
    }

    fn chase() -> RingChase {
        let place = member(0).ring.unwrap();
        RingChase::new(member(0).settings.of().unwrap(), place)
    }

    #[test]
    fn groups_of_a_ring_draw_parts_of_one_chase() {
        let inputs = Inputs::default();
        let mut whole = (member(0).build(1, 60), [Color::BLACK; 60]);
        let mut part = (member(20).build(2, 20), [Color::BLACK; 20]);
        for frame in 0..600 {
            let cx = context(f64::from(frame) / 60.0, &inputs);
            whole.0.draw(&mut Canvas::new(&mut whole.1), &cx);
            part.0.draw(&mut Canvas::new(&mut part.1), &cx);
            assert_eq!(whole.1[20..40], part.1);
        }
    }

    #[test]
    fn the_evader_is_caught_and_then_chases() {
        let mut chase = chase();
        let mut steps = Vec::new();
        for _ in 0..60 * 60 {
            chase.step();
            steps.push((chase.chaser, chase.pause_left_s > 0.0));
        }
        assert!(steps.iter().any(|(_, pauses)| *pauses), "a collision");
        assert!(steps.iter().any(|(chaser, _)| *chaser == 0));
        assert!(steps.iter().any(|(chaser, _)| *chaser == 1));
    }

    #[test]
    fn no_segment_reverses_twice_in_a_row() {
        let mut chase = chase();
        let mut turned = [-60, -60];
        for step in 0..60 * 120 {
            let before = chase.segments;
            chase.step();
            for (index, segment) in chase.segments.iter().enumerate() {
                if (segment.heading - before[index].heading).abs() > 0.0 {
                    let after_s = f64::from(step - turned[index]) / STEPS_HZ;
                    assert!(after_s > 0.3, "{index} after {after_s} s");
                    turned[index] = step;
                }
            }
        }
    }

    #[test]
    fn an_extreme_speed_still_gives_valid_colors() {
        let mut plan = member(0);
        let max = f32::MAX.to_string();
        let palettes = PaletteNames::default();
        plan.settings.store("speed", &max, &palettes).unwrap();
        plan.settings
            .store("chase_accel_factor", &max, &palettes)
            .unwrap();
        let mut canvas = [Color::BLACK; 60];
        let mut effect = plan.build(1, 60);
        let inputs = Inputs::default();
        for second in 0..10 {
            let cx = context(f64::from(second), &inputs);
            effect.draw(&mut Canvas::new(&mut canvas), &cx);
            assert!(
                canvas
                    .iter()
                    .all(|color| (0.0..=1.0).contains(&color.peak()))
            );
        }
    }

    #[test]
    fn no_segment_jumps() {
        let mut chase = chase();
        for _ in 0..60 * 60 {
            chase.step();
            for (after, before) in chase.centers_at(1.0).iter().zip(chase.centers_at(0.0)) {
                let stride = (after - before).abs();
                assert!(stride.min(60.0 - stride) <= 20.0 * 1.5 / 60.0 + 1e-3);
            }
        }
    }
}
