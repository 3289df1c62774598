//! Benchmarks of the encoders, from the bytes of a frame to the format of the device.
//!
//! Times are **per pixel** of a strip of 300; a frame takes 300 times as long.

use criterion::{Criterion, criterion_group, criterion_main};
use lumen::{StripType, apa102, ddp::Packetizer, ws2812_pio, ws2812_pio::Driver, ws2812_spi};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PIXELS: usize = 300;

fn frame(channels: usize) -> Vec<u8> {
    (0..PIXELS * channels).map(|byte| byte as u8).collect()
}

/// Encodes `frames` frames. Returns the time of one pixel over all of them.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the real time"
)]
fn per_pixel(frames: u64, mut encode: impl FnMut()) -> Duration {
    let begin = Instant::now();
    for _ in 0..frames {
        encode();
    }
    begin.elapsed() / PIXELS as u32
}

fn wire(c: &mut Criterion) {
    let mut group = c.benchmark_group("wire pixel");
    let mut wire = Vec::new();
    let mut bench = |name: &str, frame: Vec<u8>, encode: &mut dyn FnMut(&[u8], &mut Vec<u8>)| {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|frames| {
                per_pixel(frames, || {
                    encode(black_box(&frame), &mut wire);
                    black_box(&wire);
                })
            });
        });
    };
    let spi = ws2812_spi::SpiEncoder::new(StripType::Ws281x);
    bench("spi RGB", frame(3), &mut |frame, wire| {
        spi.encode(frame, wire);
    });
    bench("spi RGBW", frame(4), &mut |frame, wire| {
        spi.encode(frame, wire);
    });
    bench("apa102", frame(4), &mut apa102::encode);
    for (name, driver) in [("pio", Driver::Transparent), ("pio gamma", Driver::Gamma)] {
        let pio = ws2812_pio::PioEncoder::new(3, driver);
        bench(name, frame(3), &mut |frame, wire| pio.encode(frame, wire));
    }
    let mut ddp = Packetizer::new(3);
    bench("ddp", frame(3), &mut |frame, _| {
        let mut packets = ddp.packets(frame);
        while let Some(packet) = packets.next() {
            black_box(packet);
        }
    });
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
