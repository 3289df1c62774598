//! Tests of dithering and power limits, from the scene to the bytes.

use super::{Bench, RED, bed, group, of, part, plan, segment, solid};
use lumen::{AnySettings, Color, EffectPlan, Motion, Plan, Power, PulseSettings, State};
use std::sync::Arc;

/// Sixteen pixels with effects for idle and heating.
fn sixteen(idle: EffectPlan, heating: EffectPlan) -> Plan {
    let scenes = vec![
        part(State::Idle, idle, "idle"),
        part(State::Heating, heating, "heating"),
    ];
    plan(vec![group("case", &[segment(0, 0, 15)], scenes)])
}

/// White uses 784 mA on 16 pixels; 200 mA are allowed. Dark red when heating.
fn limited() -> Plan {
    let mut plan = sixteen(solid(Color::WHITE), solid(RED.scale(0.2)));
    plan.strips[0].finish.power.max_current_ma = Some(200.0);
    plan
}

#[test]
fn a_slow_pulse_at_low_brightness_moves_in_fractions_of_a_step() {
    let breath = of(AnySettings::new(PulseSettings {
        colors: Color::WHITE.into(),
        palette: None,
        speed_hz: 0.05,
        min_brightness: 0.0,
        max_brightness: 0.02,
    }));
    let mut plan = sixteen(breath, solid(RED));
    plan.strips[0].finish.dither = true;
    let mut bench = Bench::ready(plan);
    let mut averages = Vec::new();
    for _ in 0..100 {
        let mut sum = 0_u32;
        for _ in 0..4 {
            bench.wait(1.0 / 60.0);
            assert_eq!(bench.renderer.render(bench.now), Motion::Moving);
            let bytes = bench.renderer.frame(0).iter();
            sum += bytes.map(|byte| u32::from(*byte)).sum::<u32>();
        }
        averages.push(f64::from(sum) / (4.0 * 48.0));
    }
    // The light rises by 5 steps in 10 s. Consecutive averages of four frames differ by less than a
    // tenth of a step.
    let jumps = averages.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    assert!(jumps.fold(0.0, f64::max) < 0.1, "{averages:?}");
    assert!(averages.last() > Some(&2.0));
}

#[test]
fn a_limit_dims_the_scene_and_is_reported() {
    let bench = Bench::ready(limited());
    let power = bench.renderer.power(0);
    assert!(power.is_limited);
    assert!((195.0..=200.0).contains(&power.current_ma), "{power:?}");
    // (200 - 16) / (16 * 48) of 255.
    assert!(
        bench
            .pixels()
            .as_flattened()
            .iter()
            .all(|byte| (60..=62).contains(byte))
    );
    assert_eq!(bench.renderer.power(9), Power::default());
}

#[test]
fn light_that_rises_after_a_limit_is_moving_until_full() {
    let mut bench = Bench::ready(limited());
    bench.sample(&bed(22.0, 60.0));
    bench.wait(1.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Moving);
    assert!(bench.renderer.power(0).is_limited);
    bench.wait(3.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Still);
    assert_eq!(bench.pixel(), [51, 0, 0]);
    assert!(!bench.renderer.power(0).is_limited);
}

#[test]
fn a_new_limit_applies_from_the_next_frame_on() {
    let mut free = limited();
    free.strips[0].finish.power.max_current_ma = None;
    let mut bench = Bench::ready(free.clone());
    assert_eq!(bench.pixel(), [255, 255, 255]);
    let mut all = free;
    all.max_current_ma = Some(100.0);
    bench.renderer.replace(bench.now, Arc::new(all));
    bench.renderer.render(bench.now);
    assert!(bench.renderer.power(0).current_ma <= 100.0);
}
