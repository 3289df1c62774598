//! Tests of power limits: frames use as much as the limit allows, but never more.

use super::{any_color, any_plan, any_strip, at, drawn_ma, fill, strip, unchanged};
use lumen::{Color, Finish, FinishPlan, Frame, Motion, PixelFormat, PowerPlan, Strip};
use proptest::prelude::*;

/// A write before a frame: strip, colors, first pixel, whether they move.
type Write = (usize, Vec<Color>, usize, bool);

fn any_write() -> impl Strategy<Value = Write> {
    let colors = prop_oneof![
        2 => prop::collection::vec(any_color(), 1..40),
        1 => any_color().prop_map(|color| vec![color; 40]),
        1 => Just(vec![Color::rgbw(1.0, 1.0, 1.0, 1.0); 40]),
        1 => Just(vec![Color::BLACK; 40]),
    ];
    (0..3_usize, colors, 0..40_usize, any::<bool>())
}

fn write(finish: &mut Finish, (strip, colors, first, is_moving): &Write) {
    if let Some(frame) = finish.frames_mut().get_mut(*strip) {
        for (step, color) in colors.iter().enumerate() {
            frame.put(first + step, *color, 1.0, *is_moving);
        }
    }
}

/// Whether a current is within a limit. The current of dark pixels cannot be reduced.
fn is_within(drawn_ma: f64, max_ma: f32, idle_ma: f64) -> bool {
    drawn_ma <= f64::from(max_ma).max(idle_ma) + 1e-6
}

fn idle_ma((strip, plan): &(Strip, FinishPlan)) -> f64 {
    f64::from(plan.power.idle_current_ma) * strip.pixels as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_frame_exceeds_the_limit_of_a_strip_or_of_all(
        strips in prop::collection::vec((any_strip(), any_plan()), 1..4),
        total in prop::option::of(0.0..1500.0_f32),
        writes in prop::collection::vec(any_write(), 1..30),
    ) {
        let mut finish = Finish::new(strips.iter().map(|(strip, plan)| (strip, plan)), total);
        for (frame, next) in writes.iter().enumerate() {
            write(&mut finish, next);
            finish.run(at(frame as u64));
            let mut all_ma = 0.0;
            for (both, frame) in strips.iter().zip(finish.frames()) {
                let drawn = drawn_ma(&both.0, &both.1, frame.bytes());
                all_ma += drawn;
                prop_assert!((drawn - frame.current_ma()).abs() < 1e-3);
                if let Some(max) = both.1.power.max_current_ma {
                    prop_assert!(is_within(drawn, max, idle_ma(both)), "{drawn} of {max}");
                }
            }
            if let Some(max) = total {
                let idle = strips.iter().map(idle_ma).sum();
                prop_assert!(is_within(all_ma, max, idle), "{all_ma} of {max} for all");
            }
        }
    }

    #[test]
    fn an_unreached_limit_changes_no_byte(
        plan in any_plan(), writes in prop::collection::vec(any_write(), 1..10),
    ) {
        let strip = strip("GRB", PixelFormat::Bytes, 10);
        let mut free = plan.clone();
        free.power.max_current_ma = None;
        let mut wide = plan;
        wide.power.max_current_ma = Some(1e5);
        let mut finish = [
            Finish::new([(&strip, &free)], None),
            Finish::new([(&strip, &wide)], Some(1e5)),
        ];
        for (frame, next) in writes.iter().enumerate() {
            let [free, wide] = finish.each_mut().map(|finish| {
                write(finish, next);
                finish.run(at(frame as u64));
                finish.frames()[0].bytes().to_vec()
            });
            prop_assert_eq!(free, wide);
        }
    }
}

/// 30 pixels of 49 mA each with a limit of 500 mA.
fn limited() -> (Strip, FinishPlan) {
    let plan = FinishPlan {
        power: PowerPlan {
            max_current_ma: Some(500.0),
            ..PowerPlan::default()
        },
        ..unchanged()
    };
    (strip("GRB", PixelFormat::Bytes, 30), plan)
}

#[test]
fn sudden_white_uses_the_whole_limit_and_is_reported() {
    let (strip, plan) = limited();
    let mut finish = Finish::new([(&strip, &plan)], None);
    fill(&mut finish, 0, 30, Color::WHITE, false);
    finish.run(at(0));
    let frame = &finish.frames()[0];
    assert!(frame.is_limited());
    assert!((499.0..=500.0).contains(&frame.current_ma()));
    // (500 - 30) / (30 * 48) of 255 is 83.2, so pixels are at most one step apart.
    assert!(frame.bytes().iter().all(|byte| (82..=84).contains(byte)));
}

#[test]
fn light_rises_in_small_steps_and_then_is_still() {
    let (strip, plan) = limited();
    let mut finish = Finish::new([(&strip, &plan)], None);
    fill(&mut finish, 0, 30, Color::WHITE, false);
    assert_eq!(finish.run(at(0)), Motion::Moving);
    assert_eq!(finish.run(at(1)), Motion::Still);
    fill(&mut finish, 0, 30, Color::rgb(0.25, 0.25, 0.25), false);
    let mut last = 0;
    let mut frame = 2;
    while finish.run(at(frame)) == Motion::Moving {
        let level = finish.frames()[0].bytes()[0];
        assert!(last == 0 || level.abs_diff(last) <= 2, "{last} to {level}");
        last = level;
        frame += 1;
    }
    // (1 - 0.326) / 0.25 s.
    assert!((155..175).contains(&frame), "{frame}");
    assert!(finish.frames()[0].bytes().iter().all(|byte| *byte == 64));
    assert!(!finish.frames()[0].is_limited());
}

#[test]
fn the_overall_limit_is_divided_in_proportion_to_demand() {
    let (one, plan) = (strip("GRB", PixelFormat::Bytes, 10), unchanged());
    let mut finish = Finish::new([(&one, &plan), (&one, &plan)], Some(260.0));
    fill(&mut finish, 0, 10, Color::WHITE, false);
    fill(&mut finish, 1, 10, Color::rgb(1.0, 0.0, 0.0), false);
    finish.run(at(0));
    let drawn: Vec<f64> = finish.frames().iter().map(Frame::current_ma).collect();
    // Dark pixels use 20 mA. White gets three quarters of the other 240 mA.
    assert!((188.0..=190.0).contains(&drawn[0]), "{drawn:?}");
    assert!((69.0..=70.0).contains(&drawn[1]), "{drawn:?}");
}
