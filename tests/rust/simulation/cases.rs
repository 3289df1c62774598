//! The cases of the golden frames: every effect, the states of whole configs, layers, finish,
//! commands and a reload.

use lumen::{COLOR_NAMES, EFFECTS, STATES};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A config and what happens to its printer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) config: String,
    pub(crate) seed: u64,
    pub(crate) steps: Vec<Step>,
}

/// What happens at a time, and then the frames.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Step {
    pub(crate) at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load: Option<String>,
    /// The frame of each strip, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frames: Option<Vec<String>>,
    /// The same for a screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pixels: Option<Vec<String>>,
    /// When they change next; missing if they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<f64>,
}

/// The steps of a case, while it is written.
#[derive(Debug, Default)]
struct Steps(Vec<Step>);

impl Steps {
    /// A printer that is ready.
    fn ready() -> Self {
        let mut steps = Self::default();
        steps.event(0.0, json!({"event": "ready"}));
        steps
    }

    fn add(&mut self, step: Step) {
        self.0.push(step);
    }

    fn event(&mut self, at: f64, event: Value) {
        self.add(Step {
            at,
            event: Some(event),
            ..Step::default()
        });
    }

    fn command(&mut self, at: f64, line: &str) {
        self.add(Step {
            at,
            command: Some(line.to_owned()),
            ..Step::default()
        });
    }

    /// A printer that prints; `part` is its progress.
    fn sample(&mut self, at: f64, part: f64) {
        let sample = json!({
            "job": "printing",
            "progress": part,
            "file_progress": part,
            "filament_used": 12.5,
            "velocity": 120.0,
            "position": [200.0 * part, 150.0 - 100.0 * part, 10.0],
            "sources": {
                "extruder": {"temperature": 25.0 + 180.0 * part, "target": 210.0},
                "heater_bed": {"temperature": 25.0 + 35.0 * part, "target": 60.0},
                "chamber": {"temperature": 25.0 + 15.0 * part},
            },
        });
        self.add(Step {
            at,
            sample: Some(sample),
            ..Step::default()
        });
    }

    fn frames(&mut self, times: &[f64]) {
        for at in times {
            self.add(Step {
                at: *at,
                frames: Some(Vec::new()),
                ..Step::default()
            });
        }
    }
}

fn case(name: impl Into<String>, config: &str, steps: Steps) -> Case {
    Case {
        name: name.into(),
        config: config.to_owned(),
        seed: 7,
        steps: steps.0,
    }
}

fn one_group(pixels: usize, options: &str) -> String {
    format!("[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: {pixels}\n{options}\n")
}

/// Returns all cases, without their frames.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = EFFECTS
        .iter()
        .map(|effect| effect_case(effect.name, effect.example.text))
        .collect();
    cases.extend([
        states("a Voron", include_str!("../../fixtures/voron_24.cfg")),
        states(
            "RGBW",
            &one_group(9, "color_order: GRBW\nwhite_color: 1.2, 1.0, 0.6"),
        ),
        finish(),
        layers(),
        commands(),
        reload(),
        colors(),
    ]);
    cases
}

/// An effect while the printer prints. It triggers endstops in between.
fn effect_case(name: &str, text: &str) -> Case {
    let config = one_group(23, &format!("on_printing: {text}"));
    let mut steps = Steps::ready();
    steps.sample(0.0, 0.1);
    steps.frames(&[0.0, 0.7]);
    steps.event(
        1.0,
        json!({"event": "trigger", "endstops": "stepper_x,probe"}),
    );
    steps.sample(1.0, 0.65);
    steps.frames(&[1.1, 1.55, 12.34]);
    case(format!("effect {name}"), &config, steps)
}

/// A config in all states.
fn states(name: &str, config: &str) -> Case {
    let mut steps = Steps::ready();
    for (index, state) in STATES.iter().enumerate() {
        let at = 2.0 * index as f64;
        steps.sample(at, index as f64 / STATES.len() as f64);
        steps.command(at, &format!("LUMEN_STATE STATE={}", state.name));
        steps.frames(&[at + 0.2, at + 1.1]);
    }
    case(name, config, steps)
}

/// White balance, gamma, a power limit, dithering and an order of channels.
fn finish() -> Case {
    let config = one_group(
        12,
        "color_order: BRG\nwhite_balance: 1.0, 0.8, 0.6\ngamma: 1.8\nmax_current: 250\n\
         group_brightness: 0.7\non_printing: rainbow",
    );
    let mut steps = Steps::ready();
    steps.sample(0.0, 0.5);
    steps.frames(&[0.0, 0.25, 0.5, 0.75]);
    if let Some(step) = steps.0.last_mut() {
        step.pixels = Some(Vec::new());
    }
    case("finish", &config, steps)
}

fn layers() -> Case {
    let config = "[lumen]
[lumen_strip case]
driver: memory
count: 20
[lumen_group case]
strip: case
on_printing: comet white blend=add | pattern red blue size=3 opacity=0.5 | fire
[lumen_group part]
pixels: case 12-5
over: case
on_printing: plasma opacity=0.6 | solid green blend=screen
";
    let mut steps = Steps::ready();
    steps.sample(0.0, 0.5);
    steps.frames(&[0.0, 0.3, 1.7, 4.2]);
    case("layers", config, steps)
}

fn commands() -> Case {
    let config = one_group(8, "on_idle: solid 0.2,0.4,0.6");
    let mut steps = Steps::ready();
    for (at, line) in [
        (
            0.0,
            "LUMEN_SET GROUP=case EFFECT=\"comet orange\" SPEED=9 FADE=0.5",
        ),
        (1.0, "LUMEN_FLASH COLOR=red COUNT=2"),
        (3.0, "LUMEN_BRIGHTNESS VALUE=0.4 FADE=1"),
        (
            5.0,
            "LUMEN_SET GROUP=all EFFECT=temperature SOURCE=bed DURATION=1",
        ),
        (7.0, "LUMEN_OFF"),
        (9.0, "LUMEN_ON GROUP=case"),
        (10.0, "LUMEN_CLEAR"),
    ] {
        steps.command(at, line);
        steps.sample(at, at / 10.0);
        steps.frames(&[at + 0.1, at + 0.35, at + 0.95]);
    }
    case("commands", &config, steps)
}

fn reload() -> Case {
    let mut steps = Steps::ready();
    steps.command(0.0, "LUMEN_SET GROUP=case EFFECT=twinkle");
    steps.frames(&[0.5]);
    steps.add(Step {
        at: 1.0,
        load: Some(one_group(11, "direction: reverse\non_idle: solid blue")),
        ..Step::default()
    });
    steps.frames(&[1.1, 2.0]);
    steps.command(2.0, "LUMEN_CLEAR");
    steps.frames(&[2.2, 3.0]);
    case("reload", &one_group(6, "on_idle: solid red"), steps)
}

/// Every named color on a screen.
fn colors() -> Case {
    let names: Vec<&str> = COLOR_NAMES.iter().map(|(name, _)| *name).collect();
    let layers = names
        .iter()
        .take(7)
        .enumerate()
        .map(|(index, name)| format!("solid {name} pixels={}", index + 1));
    let text = layers.collect::<Vec<_>>().join(" | ");
    let config = one_group(8, &format!("on_idle: {text} | solid warm_white"));
    let mut steps = Steps::ready();
    steps.add(Step {
        at: 1.0,
        frames: Some(Vec::new()),
        pixels: Some(Vec::new()),
        ..Step::default()
    });
    case("colors", &config, steps)
}
