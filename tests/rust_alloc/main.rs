//! Once everything that was asked for runs, drawing and writing allocate nothing.
//!
//! A crate of its own, because it replaces the allocator.

mod counting;
mod engine;

use counting::{Counting, allocations};
use lumen::layout::{ColorOrder, PixelFormat, Strip};
use lumen::output::build;
use lumen::output::memory::{Memory, Recording};
use lumen::output::pump::Pump;
use lumen::plan::{FinishPlan, OutputPlan, StripPlan};
use lumen::time::Time;
use lumen::wire::StripType;
use lumen::wire::ws2812_spi::SpiEncoder;
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

/// Gives `write` the frames of ten seconds.
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
fn encoding_for_the_wire_allocates_nothing_after_the_first_frame() {
    let encoder = SpiEncoder::new(StripType::Ws281x);
    let mut wire = Vec::new();
    encoder.encode(&[0; 450], &mut wire);
    assert_eq!(
        allocations(|| frames(|_, frame| encoder.encode(frame, &mut wire))),
        0
    );
}

#[test]
fn a_memory_output_that_does_not_record_allocates_nothing_after_the_first_frame() {
    let mut memory = Memory::new(Recording::default());
    memory.record(Time::ZERO, &[0; 450]);
    let count = allocations(|| frames(|time, frame| memory.record(time, frame)));
    assert_eq!(count, 0);
}

#[test]
fn handing_frames_to_a_pump_allocates_nothing_once_both_its_buffers_are_there() {
    let factory = Arc::new(|plans: &[StripPlan]| build(plans, &Recording::default()));
    let pump = Pump::start(&[strip()], factory, Box::new(|_| ())).unwrap();
    // Buffers grow in this thread only: at most one for each of the two.
    let first = allocations(|| {
        frames(|time, frame| {
            pump.send(0, time, frame);
            pump.flush();
        });
    });
    assert!(first <= 2, "{first}");
}
