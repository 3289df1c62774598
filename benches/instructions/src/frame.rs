//! One frame of the whole renderer: three groups of 50 pixels on one strip, from the time to the
//! bytes.

use super::finish::{plans, strip};
use super::{Case, DrawFrame, PIXELS};
use lumen::{AnySettings, Color, EffectPlan, Event, FinishPlan, Group, GroupPlan, LayerPlan, LightChannels, OutputPlan, Plan, PlannedInput, Priority, Renderer, ScenePart, Segment, SolidSettings, Span, StackPlan, State, StateSettings, Strip, StripPlan, Time, Unmapped, blend, find_effect};
use std::hint::black_box;
use std::sync::Arc;

const GROUPS: usize = 3;
const FRAME_NS: u64 = 1_000_000_000 / 60;

/// Longer than any run, so that all of it lies within the fade.
const ENDLESS_S: f64 = 1e9;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let case = |name: String, effect: &'static str, fade_s: f64, strip: Strip, finish| Case {
        name: format!("frame {name}"),
        build: Box::new(move || runner(effect, Span::from_secs(fade_s), strip, finish)),
    };
    let effects = [
        ("solid", "solid", 0.0),
        ("fire", "fire", 0.0),
        ("fire to rainbow", "rainbow", ENDLESS_S),
        ("rainbow over solid", "rainbow over", 0.0),
        ("rainbow added to solid", "rainbow add", 0.0),
        ("rainbow overlaid on solid", "rainbow overlay", 0.0),
    ];
    let effects = effects.map(|(name, effect, fade_s)| {
        case(
            name.to_owned(),
            effect,
            fade_s,
            strip("GRB"),
            FinishPlan::default(),
        )
    });
    let strips = plans().map(|(name, order, finish)| {
        case(
            format!("rainbow {name}"),
            "rainbow",
            0.0,
            strip(order),
            finish,
        )
    });
    effects.into_iter().chain(strips)
}

fn runner(effect: &str, fade: Span, strip: Strip, finish: FinishPlan) -> DrawFrame {
    let scenes = [
        part(State::Startup, "fire", Span::ZERO),
        part(State::Idle, effect, fade),
    ];
    let mut renderer = Renderer::new(Arc::new(plan(&scenes, strip, finish)), 7, Time::ZERO);
    black_box(renderer.render(Time::ZERO));
    renderer.event(Time::ZERO, Event::Ready);
    Box::new(move |number| {
        let now = Time::ZERO + Span::from_nanos(FRAME_NS * (number + 1));
        black_box(renderer.render(now));
        black_box(renderer.frame(0));
    })
}

/// An effect by its name; with the name of a blend mode after it, over a solid color.
fn stack(text: &str) -> StackPlan {
    let (name, mode) = text.split_once(' ').unwrap_or((text, ""));
    let upper = layer(name);
    match blend::find(mode) {
        Some(blend) => StackPlan::new(layer("solid"), vec![LayerPlan { blend, ..upper }]),
        None => StackPlan::new(upper, Vec::new()),
    }
}

fn layer(name: &str) -> LayerPlan {
    let solid = || AnySettings::new(SolidSettings::from(Color::rgb(1.0, 0.5, 0.25)));
    let effect = find_effect(name).filter(|effect| effect.name != "solid");
    let effect = EffectPlan {
        settings: effect.map_or_else(solid, |effect| (effect.defaults)()),
        input: PlannedInput::None,
        ring: None,
    };
    effect.into()
}

fn part(state: State, name: &str, fade: Span) -> ScenePart {
    ScenePart {
        state,
        effect: stack(name),
        is_built_in: false,
        text: name.to_owned(),
        fade,
    }
}

/// Groups side by side on one strip.
fn plan(scenes: &[ScenePart], strip: Strip, finish: FinishPlan) -> Plan {
    let length = PIXELS / GROUPS;
    let group = |index: usize| GroupPlan {
        group: Group {
            name: format!("group{index}"),
            segments: vec![Segment {
                strip: 0,
                first: index * length,
                last: (index + 1) * length - 1,
            }],
            reverse: false,
        },
        brightness: 0.8,
        scenes: scenes.to_vec(),
        unmapped: Unmapped::Keep,
        light: LightChannels::Rgb,
        over: Vec::new(),
    };
    Plan {
        strips: vec![StripPlan {
            owner: String::new(),
            strip,
            output: OutputPlan::Memory,
            finish,
        }],
        groups: (0..GROUPS).map(group).collect(),
        custom_states: Vec::new(),
        sources: Vec::new(),
        brightness: 0.5,
        max_current_ma: None,
        fps: 60,
        fade: Span::ZERO,
        states: StateSettings {
            temp_floor_c: 25.0,
            heating_enter_c: 5.0,
            heating_leave_c: 2.0,
            bored_after: Span::from_secs(1e9),
            sleep_after: Span::from_secs(1e9),
            complete_for: Span::ZERO,
            cancelled_for: Span::ZERO,
            command_error_for: Span::ZERO,
            pause_after: Span::ZERO,
            heaters: 0,
            extruders: 0,
        },
        wants_position: false,
        wants_progress: false,
        has_debug_log: false,
        priority: Priority::Normal,
    }
}
