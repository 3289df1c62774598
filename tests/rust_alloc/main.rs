//! In steady state, drawing and writing do not allocate.
//!
//! A separate crate, because it replaces the allocator.

mod counting;
mod effects;
mod engine;

use counting::{Counting, allocations};
use lumen::{
    ColorOrder, FinishPlan, FrameSink, Memory, OutputPlan, PixelFormat, Pump, Recording, Strip,
    StripPlan, StripType, Time, build_output, ws2812_spi::SpiEncoder,
};
use std::hint::black_box;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FRAMES: u64 = 600;

fn strip() -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels: 150,
            order: ColorOrder::GRB,
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Memory,
        finish: FinishPlan::default(),
    }
}

/// Passes the frames of ten seconds to `write`.
fn frames(mut write: impl FnMut(Time, &[u8])) {
    let mut frame = [0; 450];
    for number in 0..FRAMES {
        frame.fill(number as u8);
        write(Time::from_nanos(number * 16_666_667), &frame);
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(Box::new(1)))), 1);
    assert_eq!(allocations(|| ()), 0);
}

#[test]
fn wire_encoding_does_not_allocate_after_the_first_frame() {
    let encoder = SpiEncoder::new(StripType::Ws281x);
    let mut wire = Vec::new();
    encoder.encode(&[0; 450], &mut wire);
    assert_eq!(
        allocations(|| frames(|_, frame| encoder.encode(frame, &mut wire))),
        0
    );
}

#[test]
fn a_memory_output_without_recording_does_not_allocate_after_the_first_frame() {
    let mut memory = Memory::new(Recording::default());
    memory.record(Time::ZERO, &[0; 450]);
    let count = allocations(|| frames(|time, frame| memory.record(time, frame)));
    assert_eq!(count, 0);
}

#[test]
fn sending_frames_to_a_pump_does_not_allocate_once_its_buffers_exist() {
    let factory = Arc::new(|plans: &[StripPlan]| build_output(plans, &Recording::default()));
    let pump = Pump::start(&[strip()], factory, Box::new(|_| ())).unwrap();
    // Buffers grow only in this thread: at most one allocation for each of the two.
    let first = allocations(|| {
        frames(|time, frame| {
            pump.submit(0, time, frame, &[]);
            pump.flush();
        });
    });
    assert!(first <= 2, "{first}");
}
