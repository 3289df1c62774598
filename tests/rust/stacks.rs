//! Golden frames of stacks: layers with each blend mode, opacity, part and offset.

use crate::strip::row;
use lumen::{
    Color, Compiled, Crossfade, Facts, InputSet, Inputs, Motion, RawConfig, Sample, Span,
    StackPlan, StartParams, Time, blend::BLENDS, compile,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const PIXELS: usize = 12;

/// Stacks with the name of their golden frames. Lines are joined as in a config.
const STACKS: &[(&str, &str)] = &[
    (
        "progress-on-a-background",
        "progress green green\nsolid 000033",
    ),
    (
        "alarm",
        "pulse white speed=1 blend=add\npulse red speed=0.5 min=0\nsolid 330000",
    ),
    (
        "comet-over-comet",
        "comet red tail=3\ncomet blue tail=6 speed=5",
    ),
    ("sparkles", "disco white\nsolid blue"),
    ("a-part", "solid red pixels=3-5\nsolid blue opacity=0.5"),
    (
        "one-pixel-and-a-look-below",
        "solid white pixels=12\nrainbow speed=0.5",
    ),
    ("a-part-alone", "comet green pixels=2-7 speed=6"),
    ("opacity-of-the-lowest", "solid white opacity=0.25"),
    ("offset", "progress white white offset=3"),
    ("offset-between-pixels", "solid red green blue offset=-1.5"),
    (
        "bright-as-a-mask",
        "progress white white blend=multiply\nrainbow speed=0.001",
    ),
];

fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

fn config(group: &[(&str, &str)]) -> Compiled {
    let options = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    };
    let mut own = options(&[("driver", "memory"), ("index_end", "12")]);
    own.extend(options(group));
    let raw = RawConfig {
        sections: vec![
            ("lumen".to_owned(), BTreeMap::new()),
            ("lumen_group case".to_owned(), own),
        ],
        ..RawConfig::default()
    };
    compile(&raw, Some(&Facts::default())).unwrap()
}

fn stack(text: &str) -> StackPlan {
    let Compiled {
        plan,
        mut effect_resolver,
        ..
    } = config(&[]);
    effect_resolver.effect(&plan, 0, text, &[]).unwrap().effect
}

/// Runs a stack from its start, with rising progress.
struct StackRun {
    crossfade: Crossfade,
    inputs: Inputs,
}

impl StackRun {
    fn new(plan: &StackPlan) -> Self {
        let mut crossfade = Crossfade::new(PIXELS, false);
        let params = StartParams {
            seed: 11,
            fade: Span::ZERO,
        };
        crossfade.start(Time::ZERO, plan, params);
        Self {
            crossfade,
            inputs: Inputs::default(),
        }
    }

    fn draw(&mut self, seconds: f64) -> Motion {
        let sample = Sample {
            progress: Some((seconds / 2.0).min(1.0) as f32),
            ..Sample::default()
        };
        let changed = self.inputs.sample(at(seconds), &sample);
        self.crossfade
            .draw(at(seconds), &self.inputs, changed)
            .motion
    }
}

fn frames(text: &str) -> String {
    let mut run = StackRun::new(&stack(text));
    let mut lines = String::new();
    for step in 0..8 {
        let seconds = f64::from(step) * 0.25;
        run.draw(seconds);
        let _ = writeln!(lines, "{seconds:4.2} s  {}", row(run.crossfade.canvas()));
    }
    lines
}

#[test]
fn golden_frames_of_stacks() {
    for (name, text) in STACKS {
        insta::assert_snapshot!(*name, frames(text));
    }
}

#[test]
fn golden_frames_of_every_blend_mode() {
    let mut lines = String::new();
    for blend in BLENDS {
        let text = format!(
            "comet yellow speed=0.001 tail=8 offset=8 blend={}\nsolid 400000, 0000c0",
            blend.name
        );
        let mut run = StackRun::new(&stack(&text));
        run.draw(0.0);
        let _ = writeln!(lines, "{:11}{}", blend.name, row(run.crossfade.canvas()));
    }
    insta::assert_snapshot!("blend-modes", lines);
}

#[test]
fn a_stack_of_one_layer_is_the_effect() {
    for effect in ["rainbow", "comet white", "disco", "fire"] {
        assert_eq!(
            frames(effect),
            frames(&format!("{effect} opacity=1 blend=add"))
        );
        let covered = format!("solid red opacity=0 | {effect}");
        assert_eq!(frames(effect), frames(&covered), "{effect}");
    }
}

#[test]
fn the_motion_of_a_stack_is_the_soonest_of_its_layers() {
    let motion = |text: &str| {
        let mut run = StackRun::new(&stack(text));
        run.draw(0.0);
        run.draw(0.5)
    };
    assert_eq!(motion("solid red opacity=0.5\nsolid blue"), Motion::Still);
    assert_eq!(motion("solid red pixels=1-3\nrainbow"), Motion::Moving);
    assert_eq!(motion("rainbow pixels=1-3\nsolid red"), Motion::Moving);
}

#[test]
fn a_layer_that_is_not_due_is_not_drawn() {
    let mut run = StackRun::new(&stack("comet white\nsolid blue"));
    run.draw(0.0);
    assert_eq!(run.crossfade.drawn().len(), 2);
    run.draw(0.02);
    let names: Vec<_> = run.crossfade.drawn().iter().map(|it| it.name).collect();
    assert_eq!(names, ["comet"]);
}

#[test]
fn two_layers_of_one_effect_have_different_random_numbers() {
    let mut run = StackRun::new(&stack("disco red blend=add\ndisco blue"));
    run.draw(0.0);
    run.draw(0.4);
    let lit = |channel: fn(&Color) -> f32| -> Vec<bool> {
        run.crossfade
            .canvas()
            .iter()
            .map(|it| channel(it) > 0.1)
            .collect()
    };
    assert_ne!(lit(|it| it.r), lit(|it| it.b));
}

#[test]
fn a_fade_between_stacks_does_not_jump() {
    let inputs = Inputs::default();
    let mut crossfade = Crossfade::new(1, false);
    let stacks = [
        stack("solid white opacity=0.5 | solid red"),
        stack("solid blue blend=add | solid 00ff00 opacity=0.5"),
    ];
    let mut last = Color::BLACK;
    for frame in 0_u32..600 {
        let now = at(f64::from(frame) / 100.0);
        if frame % 30 == 0 {
            let params = StartParams {
                seed: 1,
                fade: Span::from_secs(0.5),
            };
            crossfade.show(now, &stacks[(frame / 30 % 2) as usize], params);
        }
        crossfade.draw(now, &inputs, InputSet::NONE);
        let color = crossfade.canvas()[0];
        assert!(color.distance(last) < 0.12, "{last:?} to {color:?}");
        last = color;
    }
}
