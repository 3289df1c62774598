//! Tests of still pixels: they keep their bytes, and dark pixels are black.

use super::{any_color, any_plan, any_strip, at, fill, frames};
use lumen::{Color, Finish, FinishPlan, Motion, PixelFormat, White};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_still_frame_stays_the_same_byte_for_byte(
        strip in any_strip(), plan in any_plan(), total in prop::option::of(0.0..1000.0_f32),
        colors in prop::collection::vec(any_color(), 1..40), puts_again in any::<bool>(),
    ) {
        let mut finish = Finish::new([(&strip, &plan)], total);
        let put = |finish: &mut Finish| {
            for (pixel, color) in colors.iter().enumerate() {
                finish.frames_mut()[0].put(pixel, *color, 1.0, false);
            }
        };
        put(&mut finish);
        // A limit that starts to apply is a change.
        finish.run(at(0));
        prop_assert_eq!(finish.run(at(1)), Motion::Still);
        let first = frames(&finish);
        for frame in 2..10 {
            if puts_again {
                put(&mut finish);
            }
            prop_assert_eq!(finish.run(at(frame)), Motion::Still);
            prop_assert_eq!(&frames(&finish), &first);
        }
    }

    #[test]
    fn a_pixel_that_stopped_moving_equals_a_still_one(
        strip in any_strip(), mut plan in any_plan(), color in any_color(), frames_before in 0..9_u64,
    ) {
        plan.power.max_current_ma = None;
        let still = |frames_before| {
            let mut finish = Finish::new([(&strip, &plan)], None);
            for frame in 0..frames_before {
                fill(&mut finish, 0, strip.pixels, color, true);
                finish.run(at(frame));
            }
            fill(&mut finish, 0, strip.pixels, color, false);
            finish.run(at(frames_before));
            frames(&finish)
        };
        prop_assert_eq!(still(0), still(frames_before));
    }

    #[test]
    fn a_brightness_of_zero_is_black(
        strip in any_strip(), plan in any_plan(), color in any_color(), is_moving in any::<bool>(),
    ) {
        let mut finish = Finish::new([(&strip, &plan)], None);
        for frame in 0..4 {
            for pixel in 0..strip.pixels {
                finish.frames_mut()[0].put(pixel, color, 0.0, is_moving);
            }
            finish.run(at(frame));
            let frame = &finish.frames()[0];
            prop_assert!(frame.rgbw().iter().all(|pixel| *pixel == [0; 4]));
            prop_assert!(frame.bytes().iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn extraction_moves_light_and_adds_none(
        color in any_color(), light in prop::array::uniform3(0.2..=1.0_f32),
    ) {
        let strip = super::strip("RGBW", PixelFormat::Bytes, 1);
        let plan = FinishPlan { white: White::Extract(light), ..FinishPlan::default() };
        let mut finish = Finish::new([(&strip, &plan)], None);
        fill(&mut finish, 0, 1, color, false);
        finish.run(at(0));
        let leds = finish.frames()[0].rgbw()[0].map(|step| f32::from(step) / 255.0);
        let wanted = [color.r, color.g, color.b];
        for channel in 0..3 {
            let wanted = wanted[channel] + color.w * light[channel];
            let shown = leds[channel] + leds[3] * light[channel];
            prop_assert!((shown - wanted).abs() <= 1.0 / 255.0 + 1e-6, "{} for {}", shown, wanted);
        }
        // Extraction is complete: one of the four LEDs is at its end.
        let least = leds[..3].iter().copied().fold(1.0, f32::min);
        prop_assert!(least < 0.001 || leds[3] > 0.999);
    }

    #[test]
    fn a_dark_strip_beside_a_moving_one_stays_dark(color in any_color()) {
        let strip = super::strip("GRB", PixelFormat::Bytes, 20);
        let mut finish = Finish::new([(&strip, &super::unchanged())], Some(100.0));
        for frame in 0..8 {
            for pixel in 0..10 {
                finish.frames_mut()[0].put(pixel, color, 1.0, true);
            }
            finish.run(at(frame));
            prop_assert!(finish.frames()[0].rgbw()[10..].iter().all(|it| *it == [0; 4]));
        }
    }
}

#[test]
fn a_still_pixel_beside_moving_ones_does_not_change() {
    let strip = super::strip("GRB", PixelFormat::Bytes, 8);
    let mut finish = Finish::new([(&strip, &super::unchanged())], None);
    let between = Color::rgb(0.0, 10.4 / 255.0, 0.0);
    finish.frames_mut()[0].put(0, between, 1.0, false);
    for frame in 0..8 {
        finish.frames_mut()[0].put(1, between, 1.0, true);
        finish.run(at(frame));
        assert_eq!(finish.frames()[0].bytes()[0], 10);
    }
}
