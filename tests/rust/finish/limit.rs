//! Never more than the limit, and never less than it takes.

use super::{any_color, any_plan, any_strip, at, drawn_ma, fill, plain, strip};
use lumen::color::Color;
use lumen::effect::Motion;
use lumen::finish::{Finish, FinishPlan, Frame, PowerPlan};
use lumen::layout::{PixelFormat, Strip};
use proptest::prelude::*;

/// What is put before a frame: on which strip, which colours, from which pixel on, moving.
type Put = (usize, Vec<Color>, usize, bool);

fn any_put() -> impl Strategy<Value = Put> {
    let colors = prop_oneof![
        2 => prop::collection::vec(any_color(), 1..40),
        1 => any_color().prop_map(|color| vec![color; 40]),
        1 => Just(vec![Color::rgbw(1.0, 1.0, 1.0, 1.0); 40]),
        1 => Just(vec![Color::BLACK; 40]),
    ];
    (0..3_usize, colors, 0..40_usize, any::<bool>())
}

fn put(finish: &mut Finish, (strip, colors, first, is_moving): &Put) {
    if let Some(frame) = finish.frames_mut().get_mut(*strip) {
        for (step, color) in colors.iter().enumerate() {
            frame.put(first + step, *color, 1.0, *is_moving);
        }
    }
}

/// Whether a current keeps to a limit; what dark pixels draw cannot be helped.
fn keeps(drawn_ma: f64, max_ma: f32, idle_ma: f64) -> bool {
    drawn_ma <= f64::from(max_ma).max(idle_ma) + 1e-6
}

fn idle_ma((strip, plan): &(Strip, FinishPlan)) -> f64 {
    f64::from(plan.power.idle_current_ma) * strip.pixels as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_frame_draws_more_than_a_limit_of_a_strip_or_of_all(
        strips in prop::collection::vec((any_strip(), any_plan()), 1..4),
        total in prop::option::of(0.0..1500.0_f32),
        puts in prop::collection::vec(any_put(), 1..30),
    ) {
        let mut finish = Finish::new(strips.iter().map(|(strip, plan)| (strip, plan)), total);
        for (frame, next) in puts.iter().enumerate() {
            put(&mut finish, next);
            finish.run(at(frame as u64));
            let mut all_ma = 0.0;
            for (both, frame) in strips.iter().zip(finish.frames()) {
                let drawn = drawn_ma(&both.0, &both.1, frame.bytes());
                all_ma += drawn;
                prop_assert!((drawn - frame.current_ma()).abs() < 1e-3);
                if let Some(max) = both.1.power.max_current_ma {
                    prop_assert!(keeps(drawn, max, idle_ma(both)), "{drawn} of {max}");
                }
            }
            if let Some(max) = total {
                let idle = strips.iter().map(idle_ma).sum();
                prop_assert!(keeps(all_ma, max, idle), "{all_ma} of {max} for all");
            }
        }
    }

    #[test]
    fn a_limit_that_is_not_reached_changes_no_byte(
        plan in any_plan(), puts in prop::collection::vec(any_put(), 1..10),
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
        for (frame, next) in puts.iter().enumerate() {
            let [free, wide] = finish.each_mut().map(|finish| {
                put(finish, next);
                finish.run(at(frame as u64));
                finish.frames()[0].bytes().to_vec()
            });
            prop_assert_eq!(free, wide);
        }
    }
}

/// 30 pixels of 49 mA each, that may draw 500 mA.
fn limited() -> (Strip, FinishPlan) {
    let plan = FinishPlan {
        power: PowerPlan {
            max_current_ma: Some(500.0),
            ..PowerPlan::default()
        },
        ..plain()
    };
    (strip("GRB", PixelFormat::Bytes, 30), plan)
}

#[test]
fn sudden_white_takes_all_that_it_may_and_says_so() {
    let (strip, plan) = limited();
    let mut finish = Finish::new([(&strip, &plan)], None);
    fill(&mut finish, 0, 30, Color::WHITE, false);
    finish.run(at(0));
    let frame = &finish.frames()[0];
    assert!(frame.is_limited());
    assert!((499.0..=500.0).contains(&frame.current_ma()));
    // (500 - 30) / (30 * 48) of 255 is 83.2: pixels are one step apart at most.
    assert!(frame.bytes().iter().all(|byte| (82..=84).contains(byte)));
}

#[test]
fn light_comes_back_in_small_steps_and_then_rests() {
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
fn what_all_may_draw_is_shared_out_by_what_each_would() {
    let (one, plan) = (strip("GRB", PixelFormat::Bytes, 10), plain());
    let mut finish = Finish::new([(&one, &plan), (&one, &plan)], Some(260.0));
    fill(&mut finish, 0, 10, Color::WHITE, false);
    fill(&mut finish, 1, 10, Color::rgb(1.0, 0.0, 0.0), false);
    finish.run(at(0));
    let drawn: Vec<f64> = finish.frames().iter().map(Frame::current_ma).collect();
    // 20 mA are for dark pixels; of the other 240 white takes three parts of four.
    assert!((188.0..=190.0).contains(&drawn[0]), "{drawn:?}");
    assert!((69.0..=70.0).contains(&drawn[1]), "{drawn:?}");
}
