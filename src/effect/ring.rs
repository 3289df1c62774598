//! `chase N`: a hunt round a ring of groups.
//!
//! Every group of the ring runs the whole hunt by itself, from the same seed and the same start, and
//! draws its own part; so the groups agree without talking to each other.

use super::chase::{Pair, alternate, colors};
use super::options::Settings;
use super::random::Random;
use super::steps::Steps;
use super::{Context, Effect, Motion, RingPlace};
use crate::color::Color;

/// Steps of the hunt a second; what is drawn lies between two of them.
const STEPS_HZ: f64 = 60.0;
const STEP_S: f32 = 1.0 / STEPS_HZ as f32;

/// The hunted runs at this part of the hunter's speed, or nobody would ever be caught.
const PREY_SPEED: f32 = 0.8;

/// How long a runner takes to reach another speed, in seconds: it turns in a bow, not in a corner.
const INERTIA_S: f32 = 0.1;

/// The hunted doubles back at most this often, in seconds, with this chance.
const TURN_AFTER_S: f32 = 2.0;
const TURN_CHANCE: f32 = 0.3;

/// Who was caught hunts after this many times the way of its own length, so that no hunt is like the
/// last one.
const HEAD_START: (f32, f32) = (2.0, 6.0);

/// The hunter looks round for the shorter way this often, in seconds; at every step it would tremble
/// where both ways are as long.
const STEER_AFTER_S: f32 = 0.5;

/// The time until the roles swap varies by this much, in seconds. It runs anew when they met, and
/// waits while they are near.
const SWAP_JITTER_S: f32 = 2.0;

/// A gap of more steps than this (a computer that slept) is jumped over.
const MAX_CATCH_UP: u64 = 4096;

/// A ring shorter than this has no room to run.
const MIN_PIXELS: usize = 4;

/// Lets one segment hunt another round a ring of groups. The hunter takes the shorter way; the hunted
/// flees and sometimes doubles back; near each other both hurry. When they meet they rest, then the
/// hunted hunts; now and then they swap roles of their own accord.
///
/// A ring of fewer than four pixels shows the two colours in turn; `direction: reverse` turns a
/// group's part of the ring round; the speed does not depend on the frame rate.
#[derive(Debug)]
pub(super) struct Ring {
    colors: [Color; 2],
    place: RingPlace,
    speed_px_s: f64,
    hunt: Hunt,
    steps: Steps,
}

impl Ring {
    pub(super) fn new(settings: &Settings, place: RingPlace) -> Self {
        Self {
            colors: colors(settings),
            place,
            speed_px_s: f64::from(settings.speed),
            hunt: Hunt::new(settings, place),
            steps: Steps::new(MAX_CATCH_UP),
        }
    }
}

impl Effect for Ring {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if self.place.pixels < MIN_PIXELS {
            return alternate(canvas, self.colors, cx.elapsed_s(), self.speed_px_s);
        }
        let due = self.steps.due(cx.elapsed_s(), STEPS_HZ);
        for _ in 0..due.steps {
            self.hunt.step();
        }
        let pair = Pair {
            colors: self.colors,
            centers: self.hunt.between(due.fraction),
            size_px: self.hunt.size_px,
            ring_px: self.place.pixels as f32,
        };
        pair.draw(canvas, self.place.first as f32);
        Motion::Moving
    }
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
struct Chaser {
    px: f32,
    before_px: f32,
    /// +1.0 or -1.0: where it wants to go.
    heading: f32,
    /// Where it goes; negative towards the start.
    speed_px_s: f32,
}

/// The hunt, one step after another.
#[derive(Debug)]
struct Hunt {
    random: Random,
    ring_px: f32,
    speed_px_s: f32,
    size_px: f32,
    near_px: f32,
    hurry: f32,
    swap_s: f32,
    pause_s: f32,
    runners: [Chaser; 2],
    hunter: usize,
    rest_s: f32,
    /// The hunter waits this long, so that what it caught gets away.
    head_start_s: f32,
    steer_s: f32,
    turn_s: f32,
    until_swap_s: f32,
}

impl Hunt {
    fn new(settings: &Settings, place: RingPlace) -> Self {
        let ring_px = place.pixels as f32;
        let runner = |px: f32| Chaser {
            px,
            before_px: px,
            heading: 1.0,
            speed_px_s: 0.0,
        };
        let mut hunt = Self {
            random: Random::new(place.seed),
            ring_px,
            speed_px_s: settings.speed,
            // On a short ring two long segments would touch wherever they are.
            size_px: (settings.chase_size as f32).min(ring_px / 4.0),
            near_px: settings.chase_proximity_threshold * ring_px,
            hurry: settings.chase_accel_factor,
            swap_s: settings.chase_role_swap_interval,
            pause_s: settings.chase_collision_pause,
            runners: [runner(0.0), runner(ring_px / 2.0)],
            hunter: 0,
            rest_s: 0.0,
            head_start_s: 0.0,
            steer_s: 0.0,
            turn_s: TURN_AFTER_S,
            until_swap_s: 0.0,
        };
        hunt.plan_swap();
        hunt
    }

    fn step(&mut self) {
        for runner in &mut self.runners {
            runner.before_px = runner.px;
        }
        if self.rest_s > 0.0 {
            self.rest_s -= STEP_S;
            return;
        }
        let is_near = self.way().abs() < self.near_px;
        self.swap_in_time(is_near);
        let way = self.way();
        self.steer(way);
        self.run_away(way);
        self.run(is_near);
        self.meet();
    }

    /// The shorter way from the hunter to the hunted in pixels, negative towards the start.
    fn way(&self) -> f32 {
        let way = self.runners[1 - self.hunter].px - self.runners[self.hunter].px;
        let half = self.ring_px / 2.0;
        (way + half).rem_euclid(self.ring_px) - half
    }

    fn plan_swap(&mut self) {
        let jitter_s = self.random.within(-SWAP_JITTER_S, SWAP_JITTER_S);
        self.until_swap_s = (self.swap_s + jitter_s).max(STEP_S);
    }

    fn swap_in_time(&mut self, is_near: bool) {
        self.until_swap_s -= STEP_S;
        if self.until_swap_s <= 0.0 && !is_near {
            self.swap();
            self.head_start_s = 0.0;
        }
    }

    fn swap(&mut self) {
        self.hunter = 1 - self.hunter;
        self.steer_s = 0.0;
        self.plan_swap();
    }

    fn steer(&mut self, way: f32) {
        self.steer_s -= STEP_S;
        if self.steer_s <= 0.0 {
            self.steer_s = STEER_AFTER_S;
            self.runners[self.hunter].heading = way.signum();
        }
    }

    fn run_away(&mut self, way: f32) {
        let is_near = way.abs() < self.near_px;
        self.turn_s -= STEP_S;
        let prey = 1 - self.hunter;
        if is_near {
            self.runners[prey].heading = way.signum();
        } else if self.turn_s <= 0.0 {
            self.turn_s = TURN_AFTER_S;
            // Only with room to run: it would turn again at once.
            if self.random.unit() < TURN_CHANCE && way.abs() > 2.0 * self.near_px {
                self.runners[prey].heading = -self.runners[prey].heading;
            }
        }
    }

    fn run(&mut self, is_near: bool) {
        let hurry = if is_near { self.hurry } else { 1.0 };
        // More than this in a step would be no running any more.
        let quick_px_s = (self.speed_px_s * hurry).min(self.ring_px / (4.0 * STEP_S));
        let waits = self.head_start_s > 0.0;
        self.head_start_s -= STEP_S;
        for (index, runner) in self.runners.iter_mut().enumerate() {
            let pace = match (index == self.hunter, waits) {
                (true, true) => 0.0,
                (true, false) => 1.0,
                (false, _) => PREY_SPEED,
            };
            let wanted_px_s = runner.heading * quick_px_s * pace;
            runner.speed_px_s += (wanted_px_s - runner.speed_px_s) * (STEP_S / INERTIA_S);
            runner.px = (runner.px + runner.speed_px_s * STEP_S).rem_euclid(self.ring_px);
        }
    }

    fn meet(&mut self) {
        if self.head_start_s > 0.0 || self.way().abs() >= self.size_px {
            return;
        }
        self.swap();
        self.rest_s = self.pause_s;
        let lengths = self.random.within(HEAD_START.0, HEAD_START.1);
        self.head_start_s = lengths * self.size_px / self.speed_px_s;
        for runner in &mut self.runners {
            runner.speed_px_s = 0.0;
        }
        let away = self.way().signum();
        self.runners[1 - self.hunter].heading = away;
    }

    /// Where the two are between the last step and the next.
    fn between(&self, fraction: f32) -> [f32; 2] {
        let half = self.ring_px / 2.0;
        self.runners.map(|runner| {
            let stride = (runner.px - runner.before_px + half).rem_euclid(self.ring_px) - half;
            (runner.before_px + stride * fraction).rem_euclid(self.ring_px)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, plan};
    use super::super::{EffectKind, EffectPlan, build};
    use super::*;
    use crate::input::Inputs;

    fn member(first: usize) -> EffectPlan {
        EffectPlan {
            ring: Some(RingPlace {
                first,
                pixels: 60,
                seed: 7,
            }),
            ..plan(EffectKind::Chase, "speed=20 max=1.0")
        }
    }

    fn hunt() -> Hunt {
        let place = member(0).ring.unwrap();
        Hunt::new(&member(0).settings, place)
    }

    #[test]
    fn members_draw_parts_of_one_hunt() {
        let inputs = Inputs::default();
        let mut whole = (build(&member(0), 1), [Color::BLACK; 60]);
        let mut part = (build(&member(20), 2), [Color::BLACK; 20]);
        for frame in 0..600 {
            let cx = Context {
                now: at(f64::from(frame) / 60.0),
                start: at(0.0),
                inputs: &inputs,
            };
            whole.0.draw(&mut whole.1, &cx);
            part.0.draw(&mut part.1, &cx);
            assert_eq!(whole.1[20..40], part.1);
        }
    }

    #[test]
    fn the_hunted_is_caught_and_then_hunts() {
        let mut hunt = hunt();
        let mut hunters = Vec::new();
        for _ in 0..60 * 60 {
            hunt.step();
            hunters.push((hunt.hunter, hunt.rest_s > 0.0));
        }
        assert!(hunters.iter().any(|(_, rests)| *rests), "they meet");
        assert!(hunters.iter().any(|(hunter, _)| *hunter == 0));
        assert!(hunters.iter().any(|(hunter, _)| *hunter == 1));
    }

    #[test]
    fn nobody_turns_and_turns_again_at_once() {
        let mut hunt = hunt();
        let mut turned = [-60, -60];
        for step in 0..60 * 120 {
            let before = hunt.runners;
            hunt.step();
            for (index, runner) in hunt.runners.iter().enumerate() {
                if (runner.heading - before[index].heading).abs() > 0.0 {
                    let after_s = f64::from(step - turned[index]) / STEPS_HZ;
                    assert!(after_s > 0.3, "{index} after {after_s} s");
                    turned[index] = step;
                }
            }
        }
    }

    #[test]
    fn a_speed_beyond_all_reason_still_shows_colors() {
        let mut plan = member(0);
        plan.settings.speed = f32::MAX;
        plan.settings.chase_accel_factor = f32::MAX;
        let mut canvas = [Color::BLACK; 60];
        let mut effect = build(&plan, 1);
        let inputs = Inputs::default();
        for second in 0..10 {
            let cx = Context {
                now: at(f64::from(second)),
                start: at(0.0),
                inputs: &inputs,
            };
            effect.draw(&mut canvas, &cx);
            assert!(
                canvas
                    .iter()
                    .all(|color| (0.0..=1.0).contains(&color.peak()))
            );
        }
    }

    #[test]
    fn nobody_jumps() {
        let mut hunt = hunt();
        for _ in 0..60 * 60 {
            hunt.step();
            for (after, before) in hunt.between(1.0).iter().zip(hunt.between(0.0)) {
                let stride = (after - before).abs();
                assert!(stride.min(60.0 - stride) <= 20.0 * 1.5 / 60.0 + 1e-3);
            }
        }
    }
}
