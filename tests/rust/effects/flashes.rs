//! Flashing effects and the built-in scenes are safe for people with photosensitive epilepsy.

use super::{EffectRun, at, plan, plan_of};
use lumen::{Color, EffectPlan, STATES, find_effect};

/// Returns the mean of the brightest channel of all pixels.
fn mean_level(canvas: &[Color]) -> f32 {
    canvas.iter().map(|color| color.peak()).sum::<f32>() / canvas.len() as f32
}

/// Returns the largest number of flashes in any second of the first `seconds`.
///
/// A flash is a rise of the light of the group by a tenth of full light or more and a fall of the
/// same size, to a level below 0.8, as WCAG 2.3.1 defines it for luminance. The brightest channel
/// counts here, which is never less. Three flashes a second are three in every second, although
/// the fourth one begins after exactly one second.
fn flashes_per_second(plan: &EffectPlan, pixels: usize, seconds: u32) -> usize {
    const STEP: f32 = 0.1;
    const DARK: f32 = 0.8;
    const SECOND: f64 = 0.98;
    let mut run = EffectRun::new(plan, pixels);
    // The lowest level since the last rise, and the highest since the last fall.
    let (mut low, mut high, mut is_rising) = (0.0_f32, 0.0_f32, false);
    let mut rises: Vec<f64> = Vec::new();
    for frame in 0..seconds * 120 {
        let now = at(f64::from(frame) / 120.0);
        run.feed(now);
        run.draw(now);
        let level = mean_level(&run.canvas);
        (low, high) = (low.min(level), high.max(level));
        if !is_rising && level - low >= STEP && low < DARK {
            rises.push(now.as_secs());
            (is_rising, high) = (true, level);
        } else if is_rising && high - level >= STEP && level < DARK {
            (is_rising, low) = (false, level);
        }
    }
    let within = |start: &f64| {
        rises
            .iter()
            .filter(|it| (*start..*start + SECOND).contains(*it))
            .count()
    };
    rises.iter().map(within).max().unwrap_or(0)
}

/// More flashes in one second can cause seizures (WCAG 2.3.1).
const MOST_FLASHES: usize = 3;

#[test]
fn flashing_effects_flash_at_most_three_times_a_second_at_their_defaults() {
    for name in [
        "strobe",
        "blink",
        "lightning",
        "disco",
        "heartbeat",
        "candle",
        "twinkle",
        "flash",
    ] {
        for pixels in [1, 12, 60, 300] {
            let plan = plan(find_effect(name).unwrap(), &[]);
            let count = flashes_per_second(&plan, pixels, 60);
            assert!(count <= MOST_FLASHES, "{name} on {pixels} pixels: {count}");
        }
    }
    // The counter counts, and a faster speed can be written.
    let fast = plan(find_effect("strobe").unwrap(), &[("speed", "8".to_owned())]);
    assert!(flashes_per_second(&fast, 3, 3) >= 7);
}

#[test]
fn the_built_in_scenes_flash_at_most_three_times_a_second() {
    for spec in STATES {
        let plan = plan_of(spec.effect);
        for pixels in [1, 3, 12, 60, 300] {
            let count = flashes_per_second(&plan, pixels, 20);
            assert!(
                count <= MOST_FLASHES,
                "{} on {pixels} pixels: {count}",
                spec.name
            );
        }
    }
}
