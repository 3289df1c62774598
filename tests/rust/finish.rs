//! Property tests of the finish, for any colors, settings and limits.

mod dither;
mod limit;
mod still;

use lumen::{
    Color, ColorOrder, Finish, FinishPlan, PixelFormat, PowerPlan, Span, Strip, Time, White,
};
use proptest::prelude::*;

const FRAME: Span = Span::from_nanos(16_666_667);

fn strip(order: &str, format: PixelFormat, pixels: usize) -> Strip {
    Strip {
        name: "case".into(),
        pixels,
        order: ColorOrder::parse(order).unwrap(),
        format,
    }
}

/// A plan that leaves colors unchanged.
fn unchanged() -> FinishPlan {
    FinishPlan {
        white: White::Off,
        ..FinishPlan::default()
    }
}

fn any_color() -> impl Strategy<Value = Color> {
    let channel = prop_oneof![
        3 => 0.0..=1.0_f32,
        1 => 0.0..=0.02_f32,
        1 => Just(0.0_f32),
        1 => Just(1.0_f32),
    ];
    prop::array::uniform4(channel).prop_map(|[r, g, b, w]| Color::rgbw(r, g, b, w))
}

fn any_strip() -> impl Strategy<Value = Strip> {
    let kind = prop_oneof![
        Just(("GRB", PixelFormat::Bytes)),
        Just(("GRBW", PixelFormat::Bytes)),
        Just(("BGR", PixelFormat::SharedBrightness)),
    ];
    (kind, 1..40_usize).prop_map(|((order, format), pixels)| strip(order, format, pixels))
}

fn any_plan() -> impl Strategy<Value = FinishPlan> {
    let power = (
        prop::option::of(0.0..800.0_f32),
        0.5..60.0_f32,
        0.5..60.0_f32,
        0.0..2.0_f32,
    )
        .prop_map(|(max, led, white, idle)| PowerPlan {
            max_current_ma: max,
            led_current_ma: led,
            white_current_ma: white,
            idle_current_ma: idle,
        });
    let white = prop_oneof![
        Just(White::Off),
        prop::array::uniform3(0.1..=1.5_f32).prop_map(White::Extract),
    ];
    let balance = prop::array::uniform3(0.0..=1.0_f32);
    (balance, white, 0.5..3.0_f32, any::<bool>(), power).prop_map(
        |(white_balance, white, gamma, dither, power)| FinishPlan {
            leds: Vec::new(),
            white_balance,
            white,
            gamma,
            dither,
            power,
        },
    )
}

/// Writes one color to all pixels of a strip.
fn fill(finish: &mut Finish, strip: usize, pixels: usize, color: Color, is_moving: bool) {
    for pixel in 0..pixels {
        finish.frames_mut()[strip].put(pixel, color, 1.0, is_moving);
    }
}

fn frames(finish: &Finish) -> Vec<Vec<u8>> {
    let frames = finish.frames().iter();
    frames.map(|frame| frame.bytes().to_vec()).collect()
}

/// Computes the current of a strip's bytes from its plan, in mA, independently of the finish.
fn drawn_ma(strip: &Strip, plan: &FinishPlan, bytes: &[u8]) -> f64 {
    let power = &plan.power;
    let channels = strip.order.channels();
    let pixel_ma = |pixel: &[u8]| {
        let (shared, bytes) = match strip.format {
            PixelFormat::Bytes => (1.0, pixel),
            PixelFormat::SharedBrightness => (f64::from(pixel[0]) / 31.0, &pixel[1..]),
        };
        let leds = bytes.iter().zip(channels).map(|(byte, channel)| {
            let full_ma = match channel {
                3 => power.white_current_ma,
                _ => power.led_current_ma,
            };
            f64::from(full_ma) * f64::from(*byte) / 255.0 * shared
        });
        f64::from(power.idle_current_ma) + leds.sum::<f64>()
    };
    let width = bytes.len() / strip.pixels;
    bytes.chunks(width).map(pixel_ma).sum()
}

fn at(frame: u64) -> Time {
    Time::ZERO + Span::from_nanos(FRAME.as_nanos() * frame)
}
