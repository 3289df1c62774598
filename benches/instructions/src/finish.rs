//! Finishing one strip whose pixels all move, from colors to bytes.

use super::{Case, DrawFrame, PIXELS};
use lumen::{Color, ColorOrder, Finish, FinishPlan, PixelFormat, PowerPlan, Segment, Span, Strip, Time, White};
use std::hint::black_box;

const FRAME_NS: u64 = 1_000_000_000 / 60;

const ALL: Segment = Segment {
    strip: 0,
    first: 0,
    last: PIXELS - 1,
};

pub(super) fn cases() -> impl Iterator<Item = Case> {
    plans().into_iter().map(|(name, order, plan)| Case {
        name: format!("finish {name}"),
        build: Box::new(move || runner(&strip(order), &plan)),
    })
}

/// Returns the usual kinds of strips: name, order of the channels, settings.
pub(super) fn plans() -> [(&'static str, &'static str, FinishPlan); 8] {
    let usual = FinishPlan::default;
    let limited = |max_ma| FinishPlan {
        power: PowerPlan {
            max_current_ma: Some(max_ma),
            ..PowerPlan::default()
        },
        ..usual()
    };
    let rounded = FinishPlan {
        dither: false,
        ..usual()
    };
    let balanced = FinishPlan {
        white_balance: [1.0, 0.85, 0.7],
        white: White::Extract([1.0, 0.9, 0.6]),
        ..usual()
    };
    let curved = FinishPlan {
        gamma: 2.2,
        ..usual()
    };
    let curved_white = FinishPlan {
        gamma: 2.2,
        ..balanced.clone()
    };
    [
        ("RGB", "GRB", usual()),
        ("RGB rounded", "GRB", rounded),
        ("RGB gamma", "GRB", curved),
        ("RGB below its limit", "GRB", limited(1e5)),
        ("RGB at its limit", "GRB", limited(1000.0)),
        ("RGBW", "GRBW", balanced),
        ("RGBW gamma", "GRBW", curved_white),
        ("APA102", "BGR", usual()),
    ]
}

pub(super) fn strip(order: &str) -> Strip {
    Strip {
        name: "case".to_owned(),
        pixels: PIXELS,
        order: ColorOrder::parse(order).unwrap_or(ColorOrder::GRB),
        format: match order {
            "BGR" => PixelFormat::SharedBrightness,
            _ => PixelFormat::Bytes,
        },
    }
}

fn runner(strip: &Strip, plan: &FinishPlan) -> DrawFrame {
    let canvases: Vec<Vec<Color>> = (0..8)
        .map(|level| {
            let color = |pixel| Color::rgb(level as f32 / 8.0, 0.5, pixel as f32 / PIXELS as f32);
            (0..PIXELS).map(color).collect()
        })
        .collect();
    let mut finish = Finish::new([(strip, plan)], None);
    Box::new(move |number| {
        let canvas = &canvases[number as usize % canvases.len()];
        for frame in finish.frames_mut() {
            frame.put_run(ALL, canvas, 0.8, true);
        }
        let now = Time::ZERO + Span::from_nanos(FRAME_NS * number);
        black_box(finish.run(now));
        black_box(finish.frames()[0].bytes());
    })
}
