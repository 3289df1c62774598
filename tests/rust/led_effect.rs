//! What people have in configs of klipper-led_effect, as Lumen shows it: one golden frame file for
//! the looks of `docs/led_effect.md`, and one for each kind of layer, blend mode, palette, list of
//! LEDs and option.

use crate::strip::row;
use lumen::{
    Color, Dialect, Event, MemoryFiles, Renderer, Sample, Shutdown, SourceSample, State, Time,
    Trigger, compile, read_config_as,
};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

const PRINTER: &str = "
[printer]
kinematics: cartesian
[extruder]
[heater_bed]
[stepper_x]
position_max: 200
[lumen]
fade: 0
dither: False
[lumen_strip case]
driver: memory
count: 12
";

/// More chains.
const CHAINS: &str = "
[lumen_strip toolhead]
driver: memory
count: 3
[lumen_strip bed]
driver: memory
count: 4
[lumen_strip white]
driver: memory
count: 2
color_order: GRBW
";

/// A part of a config of klipper-led_effect, and the same for a group of 12 LEDs that is idle.
type Row = (&'static str, &'static str);

const ROWS: &[Row] = &[
    // Layers, most used first.
    ("breathing 4 0 top (1,0,0)", "breathing red speed=0.25"),
    ("static 0 0 top (1,0,0)", "static red"),
    (
        "gradient 0.2 1 top (1,0,0),(1,1,0)",
        "gradient red yellow speed=0.2",
    ),
    (
        "comet 0.5 1 top (1,1,1),(0,0,1)",
        "comet white blue max=1 speed=12",
    ),
    ("strobe 1 1.5 top (1,1,1)", "strobe white speed=1 decay=0.2"),
    (
        "chase 0.5 0.5 top (0,1,0),(0,0,1)",
        "comets green blue speed=12",
    ),
    (
        "twinkle 6 0.3 top (1,1,1),(0.6,0,1)",
        "twinkle white 9900ff",
    ),
    (
        "heater 40 0 top (0,0,1),(1,0,0)",
        "heater extruder blue red low=40",
    ),
    ("homing 1 0 top (0,1,0)", "homing green"),
    ("blink 1 0.5 top (1,0,0)", "blink red speed=1 duty=0.5"),
    ("progress -1 0 top (0,1,0)", "progress green green"),
    (
        "heaterfire 30 0 top (0,0,0),(1,0,0),(1,1,0)",
        "heaterfire black red yellow low=30",
    ),
    (
        "linearfade 4 0 top (1,0,0),(0,0,1)",
        "linearfade red blue speed=0.25",
    ),
    (
        "fire 40 20 top (0,0,0),(1,0,0),(1,1,0)",
        "fire black red yellow",
    ),
    ("stepper -1 0 top (0,0,1)", "stepper x blue blue"),
    (
        "temperature 20 200 top (0,0,1),(1,0,0)",
        "temperature extruder blue red low=20 high=200",
    ),
    ("cylon 2 0 top (1,0,0)", "cylon red"),
    (
        "heatergauge -1 0 top (1,0,0)",
        "heatergauge extruder red red",
    ),
    (
        "temperaturegauge 20 300 top (1,0,0)",
        "temperaturegauge extruder red red 20 300",
    ),
    (
        "pattern 1 1 top (1,0,0),(1,1,1)",
        "pattern red white speed=1",
    ),
    (
        "steppercolor 1 0 top (0,0,1),(1,0,0)",
        "steppercolor x blue red",
    ),
    // Blend modes, most used first.
    (
        "top",
        "comet yellow speed=6 tail=6 blend=top | static 400000 0000c0",
    ),
    (
        "add",
        "comet yellow speed=6 tail=6 blend=add | static 400000 0000c0",
    ),
    (
        "difference",
        "comet yellow speed=6 tail=6 blend=difference | static 400000 0000c0",
    ),
    (
        "subtract",
        "comet yellow speed=6 tail=6 blend=subtract | static 400000 0000c0",
    ),
    (
        "screen",
        "comet yellow speed=6 tail=6 blend=screen | static 400000 0000c0",
    ),
    (
        "lighten",
        "comet yellow speed=6 tail=6 blend=lighten | static 400000 0000c0",
    ),
    (
        "bottom",
        "comet yellow speed=6 tail=6 blend=bottom | static 400000 0000c0",
    ),
    (
        "average",
        "comet yellow speed=6 tail=6 blend=average | static 400000 0000c0",
    ),
    (
        "multiply",
        "comet yellow speed=6 tail=6 blend=multiply | static 400000 0000c0",
    ),
    (
        "overlay",
        "comet yellow speed=6 tail=6 blend=overlay | static 400000 0000c0",
    ),
    (
        "subtract_b",
        "comet yellow speed=6 tail=6 blend=subtract_b | static 400000 0000c0",
    ),
    (
        "divide",
        "comet yellow speed=6 tail=6 blend=divide | static 400000 0000c0",
    ),
    (
        "divide_inv",
        "comet yellow speed=6 tail=6 blend=divide_inv | static 400000 0000c0",
    ),
    (
        "darken",
        "comet yellow speed=6 tail=6 blend=darken | static 400000 0000c0",
    ),
    // Layers of an effect.
    ("two layers", "progress green green | static 101010"),
    (
        "three layers",
        "strobe white blend=add | breathing red blend=lighten | static 990000",
    ),
    (
        "four layers",
        "strobe white blend=add | twinkle white | comet red | static 000040",
    ),
    // Palettes.
    ("one color", "gradient red"),
    ("two colors", "breathing red blue speed=1"),
    ("three colors", "comet white cyan blue"),
    (
        "four colors and more",
        "gradient red yellow green cyan blue speed=0",
    ),
    ("(0,0,0,1)", "pixels: white 1-2\non_idle: static (0,0,0,1)"),
    // Lists of LEDs: whole sections.
    (
        "leds: neopixel:case",
        "strip: case\non_idle: static red blue",
    ),
    (
        "leds: neopixel:case (3-8)",
        "pixels: case 3-8\non_idle: static red blue",
    ),
    (
        "leds: neopixel:case (1-3,7)",
        "pixels: case 1-3, case 7\non_idle: static red blue",
    ),
    (
        "leds: neopixel:case (4)",
        "pixels: case 4\non_idle: static red",
    ),
    (
        "leds: neopixel:case (8-3)",
        "pixels: case 3-8\ndirection: reverse\non_idle: static red blue",
    ),
    (
        "two chains",
        "pixels: case 1-12, toolhead 1-3\non_idle: static red blue",
    ),
    (
        "three chains",
        "pixels: bed 1-4, case 1-12, toolhead 1-3\non_idle: static red blue",
    ),
    (
        "a moving effect over LEDs that others split",
        "pixels: case 1-12\nover: left\non_idle: comet red speed=6\n\
         [lumen_group left]\npixels: case 1-6\non_idle: static 000040",
    ),
    // Options.
    ("autostart: true", "strip: case\non_idle: static red"),
    (
        "run_on_error: true",
        "strip: case\non_idle: static red\non_error: strobe white",
    ),
    (
        "heater: heater_bed",
        "strip: case\non_idle: heater heater_bed blue red low=40",
    ),
    (
        "endstops: stepper_y",
        "strip: case\non_idle: homing green endstops=stepper_y",
    ),
    (
        "endstops: probe, stepper_x",
        "strip: case\non_idle: homing green endstops=probe,x",
    ),
    (
        "stepper: z",
        "strip: case\non_idle: stepper z blue blue 0 200",
    ),
    // What led_effect does not have beside them.
    (
        "gradient, the other way",
        "gradient red yellow speed=0.2 direction=reverse",
    ),
    (
        "a bar with a background",
        "progress green green background=101010",
    ),
];

const TIMES: [f64; 3] = [0.5, 1.25, 2.0];

/// Returns the frames of a group at some times, as text.
fn frames(sections: &str, times: &[f64]) -> String {
    let text = format!("{PRINTER}{sections}");
    let mut files = MemoryFiles::new([("printer.cfg", text)]);
    let file = read_config_as(Dialect::Klipper, Path::new("printer.cfg"), &mut files).unwrap();
    let compiled = compile(&file.lumen(), file.facts().as_ref());
    let problems = compiled.as_ref().err().map(|error| format!("{error:?}"));
    assert_eq!(problems, None, "{sections}");
    let plan = Arc::new(compiled.unwrap().plan);
    let mut renderer = Renderer::new(Arc::clone(&plan), 11, Time::ZERO);
    renderer.event(Time::ZERO, Event::Ready);
    renderer.force(Time::ZERO, State::Idle, None);
    let mut lines = String::new();
    for frame in 0..=times.last().map_or(0, |last| (last * 20.0) as u32) {
        let seconds = f64::from(frame) / 20.0;
        let now = Time::from_secs(seconds);
        if frame % 5 == 0 {
            renderer.sample(now, &sample(seconds as f32));
        }
        if frame == 20 {
            let trigger = Trigger::from_names("stepper_x");
            renderer.event(now, Event::Trigger(trigger));
        }
        if frame == 30 && sections.contains("on_error") {
            renderer.event(now, Event::Shutdown(Shutdown::Fault));
        }
        renderer.render(now);
        if times.iter().any(|it| (it - seconds).abs() < 0.01) {
            let strips = (0..plan.strips.len()).map(|strip| pixels(renderer.rgbw(strip)));
            let strips = strips.collect::<Vec<_>>().join(" |");
            let _ = writeln!(lines, "{seconds:4.2} s  {strips}");
        }
    }
    lines
}

fn pixels(rgbw: &[[u8; 4]]) -> String {
    let colors = rgbw.iter().map(|levels| {
        let [r, g, b, w] = levels.map(|it| f32::from(it) / 255.0);
        Color { r, g, b, w }
    });
    row(&colors.collect::<Vec<_>>())
}

/// Rising temperatures and progress, and a toolhead that moves along all axes.
fn sample(seconds: f32) -> Sample {
    let mut sample = Sample {
        progress: Some((seconds / 3.0).min(1.0)),
        position: Some([(seconds * 60.0).min(200.0); 3]),
        ..Sample::default()
    };
    for source in &mut sample.sources[..2] {
        *source = SourceSample {
            temperature: Some(25.0 + 60.0 * seconds),
            target: Some(200.0),
        };
    }
    sample
}

#[test]
fn golden_frames_of_the_parts_of_led_effect() {
    let mut text = String::new();
    for (theirs, ours) in ROWS {
        let group = if ours.contains(": ") {
            format!("{CHAINS}[lumen_group shown]\n{ours}\n")
        } else {
            format!("[lumen_group shown]\nstrip: case\non_idle: {ours}\n")
        };
        let _ = writeln!(text, "{theirs}\n= {}", ours.replace('\n', "; "));
        text.push_str(&frames(&group, &TIMES));
    }
    insta::assert_snapshot!("led_effect-parts", text);
}

#[test]
fn golden_frames_of_the_looks_in_the_documents() {
    let page = std::fs::read_to_string("docs/led_effect.md").unwrap();
    let mut text = String::new();
    let mut count = 0;
    for block in page
        .split("```\n")
        .filter(|it| it.starts_with("[lumen_effect "))
    {
        let name = block["[lumen_effect ".len()..].split(']').next().unwrap();
        let group = format!("{block}[lumen_group shown]\nstrip: case\non_idle: {name}\n");
        let _ = writeln!(text, "{name}");
        let times = [0.0, 0.2, 0.45, 0.7, 1.0, 1.3, 1.85, 2.6, 3.7];
        text.push_str(&frames(&group, &times));
        count += 1;
    }
    insta::assert_snapshot!("led_effect-looks", text);
    assert_eq!(count, 18);
}
