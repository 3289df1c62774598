//! Tests of dithering: the steps of moving pixels vary so that their mean is the wanted level.

use super::{at, fill, frames, strip, unchanged};
use lumen::{Color, Finish, FinishPlan, PixelFormat, Strip};
use proptest::prelude::*;

const FRAMES: u64 = 16;

fn gray(level: f32) -> Color {
    Color::rgb(level, level, level)
}

/// Returns the mean light of each pixel's green while its level hardly moves, 0.0-1.0.
fn means(strip: &Strip, level: f32) -> Vec<f64> {
    let mut finish = Finish::new([(strip, &unchanged())], None);
    let mut sums = vec![0.0; strip.pixels];
    for frame in 0..FRAMES {
        fill(&mut finish, 0, strip.pixels, gray(level), true);
        finish.run(at(frame));
        let bytes = finish.frames()[0].bytes();
        let pixels = bytes.chunks(bytes.len() / strip.pixels);
        for (sum, pixel) in sums.iter_mut().zip(pixels) {
            *sum += match strip.format {
                PixelFormat::Bytes => f64::from(pixel[0]) / 255.0,
                PixelFormat::SharedBrightness => {
                    f64::from(pixel[0]) * f64::from(pixel[2]) / (31.0 * 255.0)
                }
            };
        }
    }
    sums.iter().map(|sum| sum / FRAMES as f64).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_mean_of_moving_pixels_is_the_wanted_level(level in 0.0..=1.0_f32, low in 0.0..0.02_f32) {
        let strip = strip("GRB", PixelFormat::Bytes, 16);
        for level in [level, low] {
            let means = means(&strip, level);
            let wanted = f64::from(level);
            for mean in &means {
                prop_assert!((mean - wanted).abs() < 0.25 / 255.0, "{} for {}", mean, level);
            }
            let all = means.iter().sum::<f64>() / 16.0;
            prop_assert!((all - wanted).abs() < 1.0 / 30.0 / 255.0, "{} for {}", all, level);
        }
    }

    #[test]
    fn an_apa102_is_more_exact_by_its_shared_brightness(level in 0.0..=1.0_f32, low in 0.0..0.02_f32) {
        let strip = strip("BGR", PixelFormat::SharedBrightness, 16);
        for level in [level, low] {
            let shared = (level * 31.0).ceil();
            let all = means(&strip, level).iter().sum::<f64>() / 16.0;
            let step = f64::from(shared / 31.0 / 255.0);
            prop_assert!((all - f64::from(level)).abs() <= step / 30.0, "{} for {}", all, level);
        }
    }

    #[test]
    fn more_light_never_gives_a_lower_byte(levels in prop::array::uniform2(0.0..=1.0_f32), frame in 0..4_u64) {
        let [low, high] = if levels[0] < levels[1] { levels } else { [levels[1], levels[0]] };
        let strip = strip("GRB", PixelFormat::Bytes, 16);
        let shown = |level| {
            let mut finish = Finish::new([(&strip, &unchanged())], None);
            for retarget in 0..=frame {
                fill(&mut finish, 0, 16, gray(level), true);
                finish.run(at(retarget));
            }
            frames(&finish).remove(0)
        };
        prop_assert!(shown(low).iter().zip(shown(high)).all(|(low, high)| *low <= high));
    }

    #[test]
    fn more_light_on_an_apa102_is_lower_by_at_most_a_rounding(
        levels in prop::array::uniform2(0.0..=1.0_f32),
    ) {
        let [low, high] = if levels[0] < levels[1] { levels } else { [levels[1], levels[0]] };
        let strip = strip("BGR", PixelFormat::SharedBrightness, 1);
        let shown = |level: f32| {
            let mut finish = Finish::new([(&strip, &unchanged())], None);
            fill(&mut finish, 0, 1, gray(level), false);
            finish.run(at(0));
            let bytes = frames(&finish).remove(0);
            f32::from(bytes[0]) * f32::from(bytes[1]) / (31.0 * 255.0)
        };
        // The deciding fraction is itself rounded, to a 512th of a step.
        let half_a_step = (high * 31.0).ceil() / 31.0 / 255.0 * (0.5 + 1.0 / 512.0);
        prop_assert!((shown(high) - high).abs() <= half_a_step + 1e-6);
        prop_assert!(shown(low) <= shown(high) + half_a_step + 1e-6);
    }
}

#[test]
fn a_slow_fade_at_low_brightness_has_no_steps() {
    let strip = strip("GRB", PixelFormat::Bytes, 16);
    let mut finish = Finish::new([(&strip, &unchanged())], None);
    let mut last = 0.0;
    // From dark to three steps in ten seconds. The eye averages four frames and several pixels.
    for window in 0..150 {
        let mut sum = 0_u32;
        for frame in window * 4..window * 4 + 4 {
            fill(
                &mut finish,
                0,
                16,
                gray(frame as f32 * 3.0 / 600.0 / 255.0),
                true,
            );
            finish.run(at(frame));
            sum += finish.frames()[0]
                .bytes()
                .iter()
                .map(|byte| u32::from(*byte))
                .sum::<u32>();
        }
        let mean = f64::from(sum) / (4.0 * 48.0);
        assert!(
            (0.0..0.1).contains(&(mean - last + 0.02)),
            "{last} to {mean}"
        );
        last = mean;
    }
    assert!((last - 3.0).abs() < 0.05, "{last}");
}

#[test]
fn without_dithering_moving_pixels_are_rounded() {
    let strip = strip("GRB", PixelFormat::Bytes, 16);
    let plan = FinishPlan {
        dither: false,
        ..unchanged()
    };
    let mut finish = Finish::new([(&strip, &plan)], None);
    for frame in 0..8 {
        fill(&mut finish, 0, 16, gray(1.4 / 255.0), true);
        finish.run(at(frame));
        assert_eq!(frames(&finish), [[1; 48]]);
    }
}
