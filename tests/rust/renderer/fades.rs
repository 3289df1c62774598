//! Tests of fades from one scene to the next, frame by frame.

use super::{Bench, RED, bed, command, effect, one_pixel, part};
use lumen::{Event, Shutdown, Span, State};

/// Renders in steps and lists the pixel after each step.
fn rows(bench: &mut Bench, steps: u32, step: Span) -> String {
    let begin = bench.now;
    let row = |_| {
        bench.renderer.render(bench.now);
        let [r, g, b] = bench.pixel();
        let millis = bench.now.since(begin).as_nanos() / 1_000_000;
        bench.now += step;
        format!("{millis:3} ms  {r:3} {g:3} {b:3}\n")
    };
    (0..=steps).map(row).collect()
}

#[test]
fn the_steps_of_a_cross_fade() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    let rows = rows(&mut bench, 17, Span::from_millis(25));
    insta::assert_snapshot!(rows, @r"
      0 ms  255   0   0
     25 ms  197   4   0
     50 ms  149  14   0
     75 ms  111  29   0
    100 ms   81  49   0
    125 ms   57  71   0
    150 ms   39  95   0
    175 ms   26 119   0
    200 ms   16 143   0
    225 ms    9 167   0
    250 ms    5 188   0
    275 ms    2 208   0
    300 ms    1 224   0
    325 ms    0 237   0
    350 ms    0 247   0
    375 ms    0 253   0
    400 ms    0 255   0
    425 ms    0 255   0
    ");
}

#[test]
fn a_fault_during_a_fade_continues_from_the_current_color() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    bench.wait(0.1);
    bench.event(Event::Shutdown(Shutdown::Fault));
    let rows = rows(&mut bench, 9, Span::from_millis(50));
    insta::assert_snapshot!(rows, @r"
      0 ms   81  49   0
     50 ms   23  56  14
    100 ms    5  45  49
    150 ms    1  29  95
    200 ms    0  14 143
    250 ms    0   5 188
    300 ms    0   1 224
    350 ms    0   0 247
    400 ms    0   0 255
    450 ms    0   0 255
    ");
}

#[test]
fn an_effect_that_fades_out_keeps_moving() {
    let mut plan = one_pixel();
    plan.groups[0].scenes = vec![part(State::Idle, effect("rainbow"), "rainbow")];
    let mut bench = Bench::ready(plan);
    let mut slow = command(RED, "solid red");
    slow.fade = Some(Span::from_secs(1e6));
    bench.set(0, slow);
    bench.wait(0.1);
    let before = bench.pixel();
    // Half of the color wheel at 0.2 Hz.
    bench.wait(2.5);
    let after = bench.pixel();
    let changes = before.iter().zip(after).any(|(a, b)| a.abs_diff(b) > 100);
    assert!(changes, "{before:?} {after:?}");
}
