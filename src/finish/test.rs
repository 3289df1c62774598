//! Tests of the steps from colors to bytes.

use super::*;
use crate::color::Color;
use crate::layout::{ColorOrder, PixelFormat, PixelLeds, Segment};

fn strip(order: &str, pixels: usize) -> Strip {
    Strip {
        name: "case".into(),
        pixels,
        order: ColorOrder::parse(order).unwrap(),
        format: PixelFormat::Bytes,
    }
}

/// A strip without white extraction.
fn plain() -> FinishPlan {
    FinishPlan {
        white: White::Off,
        ..FinishPlan::default()
    }
}

fn finish(order: &str, pixels: usize) -> Finish {
    Finish::new([(&strip(order, pixels), &plain())], None)
}

/// Finishes still colors.
fn shown(finish: &mut Finish, colors: &[(usize, Color, f32)]) -> (Vec<u8>, Vec<[u8; 4]>) {
    for (pixel, color, brightness) in colors {
        finish.frames_mut()[0].put(*pixel, *color, *brightness, false);
    }
    assert_eq!(finish.run(Time::ZERO), Motion::Still);
    let frame = &finish.frames()[0];
    (frame.bytes().to_vec(), frame.rgbw().to_vec())
}

#[test]
fn a_frame_begins_dark() {
    let (bytes, rgbw) = shown(&mut finish("GRB", 2), &[]);
    assert_eq!(bytes, [0; 6]);
    assert_eq!(rgbw, [[0; 4]; 2]);
}

#[test]
fn bytes_follow_the_channel_order() {
    let color = Color::rgbw(1.0, 0.5, 0.25, 0.125);
    let (bytes, rgbw) = shown(&mut finish("GRBW", 2), &[(1, color, 1.0)]);
    assert_eq!(bytes, [0, 0, 0, 0, 128, 255, 64, 32]);
    assert_eq!(rgbw[1], [255, 128, 64, 32]);
}

#[test]
fn a_strip_without_white_shows_none() {
    let white = Color::rgbw(0.0, 0.0, 0.0, 1.0);
    let (bytes, rgbw) = shown(&mut finish("RGB", 1), &[(0, white, 1.0)]);
    assert_eq!(rgbw, [[0; 4]]);
    assert_eq!(bytes, [0; 3]);
}

#[test]
fn white_is_extracted_only_for_a_white_led() {
    let plan = FinishPlan {
        leds: vec![PixelLeds::Rgb, PixelLeds::Rgbw, PixelLeds::White],
        ..FinishPlan::default()
    };
    let mut finish = Finish::new([(&strip("GRBW", 3), &plan)], None);
    let of = |color| (0..3).map(move |pixel| (pixel, color, 1.0));
    let mut shown = |color| shown(&mut finish, &of(color).collect::<Vec<_>>()).1;
    let white = [[255, 255, 255, 0], [0, 0, 0, 255], [0, 0, 0, 255]];
    assert_eq!(shown(Color::WHITE), white);
    let red = [[255, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]];
    assert_eq!(shown(Color::rgb(1.0, 0.0, 0.0)), red);
}

#[test]
fn brightness_dims_before_the_clamp() {
    let color = Color::rgb(2.0, 1.0, 0.5);
    let (bytes, _) = shown(&mut finish("RGB", 1), &[(0, color, 0.5)]);
    assert_eq!(bytes, [255, 128, 64]);
}

#[test]
fn levels_out_of_range_are_clamped() {
    let color = Color::rgb(f32::NAN, -1.0, f32::INFINITY);
    let (bytes, _) = shown(&mut finish("RGB", 1), &[(0, color, 1.0)]);
    assert_eq!(bytes, [0, 0, 255]);
}

#[test]
fn full_is_255_and_half_a_step_rounds_up() {
    let color = Color::rgb(1.0, 0.5 / 255.0, 0.499 / 255.0);
    let (bytes, _) = shown(&mut finish("RGB", 1), &[(0, color, 1.0)]);
    assert_eq!(bytes, [255, 1, 0]);
}

#[test]
fn a_pixel_beyond_the_end_is_ignored() {
    let (bytes, _) = shown(&mut finish("RGB", 1), &[(1, Color::WHITE, 1.0)]);
    assert_eq!(bytes, [0; 3]);
}

#[test]
fn a_run_writes_the_same_as_its_pixels_one_by_one() {
    let colors: Vec<Color> = (0..40)
        .map(|it| Color::rgbw(it as f32 / 30.0, 0.7, 1.0 - it as f32 / 50.0, 0.1))
        .collect();
    let curved = FinishPlan {
        gamma: 2.2,
        white_balance: [1.0, 0.9, 0.8],
        leds: vec![PixelLeds::White, PixelLeds::Rgb, PixelLeds::Rgb],
        ..FinishPlan::default()
    };
    for plan in [plain(), FinishPlan::default(), curved] {
        // The last two begin or end beyond the strip.
        for (first, last) in [
            (0, 36),
            (5, 20),
            (20, 5),
            (1, 2),
            (2, 2),
            (30, 44),
            (44, 30),
        ] {
            let new = || Finish::new([(&strip("GRBW", 37), &plan)], None);
            let (mut single, mut run) = (new(), new());
            let segment = Segment {
                strip: 0,
                first,
                last,
            };
            for (color, step) in colors.iter().zip(0..segment.pixels()) {
                let pixel = if first <= last {
                    first + step
                } else {
                    first - step
                };
                single.frames_mut()[0].put(pixel, *color, 0.8, true);
            }
            run.frames_mut()[0].put_run(segment, &colors, 0.8, true);
            for now in 0..4 {
                single.run(Time::from_nanos(now));
                run.run(Time::from_nanos(now));
                let [single, run] = [&single, &run].map(|it| it.frames()[0].bytes());
                assert_eq!(single, run, "{first} to {last}");
            }
        }
    }
}
