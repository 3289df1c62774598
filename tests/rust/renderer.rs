//! Tests of the renderer: from events, samples and commands to frames.

mod fades;
mod faults;
mod finish;
mod frames;
mod motion;
mod overlaps;
mod paint;
mod properties;
mod reload;
mod rings;
mod scenes;
mod user_commands;

use lumen::{
    AnySettings, Color, ColorOrder, EffectPlan, Event, FinishPlan, Group, GroupPlan, LightChannels,
    OutputPlan, Override, PixelFormat, Plan, PlannedInput, Priority, Renderer, Sample, ScenePart,
    Segment, SolidSettings, Span, State, StateSettings, Strip, StripPlan, Time, Unmapped,
    find_effect,
};
use std::sync::Arc;

const RED: Color = Color::rgb(1.0, 0.0, 0.0);
const GREEN: Color = Color::rgb(0.0, 1.0, 0.0);
const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

/// The fade in these tests, unless they set another.
const FADE: Span = Span::from_millis(400);

fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

/// An effect with its defaults and without a source.
#[expect(clippy::unwrap_used, reason = "called by tests")]
fn effect(name: &str) -> EffectPlan {
    of(find_effect(name).map(|effect| (effect.defaults)()).unwrap())
}

fn of(settings: AnySettings) -> EffectPlan {
    EffectPlan {
        input: PlannedInput::new(settings.input(), None, 25.0, &[[0.0, 200.0]; 3]),
        settings,
        ring: None,
    }
}

fn solid(color: Color) -> EffectPlan {
    of(AnySettings::new(SolidSettings::from(color)))
}

/// A scene: an effect for a state, with its text.
fn part(state: State, effect: EffectPlan, text: &str) -> ScenePart {
    ScenePart {
        state,
        effect: effect.into(),
        text: text.to_owned(),
        fade: FADE,
        is_built_in: false,
    }
}

fn strip(name: &str, pixels: usize, order: ColorOrder) -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: name.to_owned(),
            pixels,
            order,
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Memory,
        // Bytes are compared here, so they must not depend on the dither pattern.
        finish: FinishPlan {
            dither: false,
            ..FinishPlan::default()
        },
    }
}

fn group(name: &str, segments: &[Segment], scenes: Vec<ScenePart>) -> GroupPlan {
    GroupPlan {
        group: Group {
            name: name.to_owned(),
            segments: segments.to_vec(),
            reverse: false,
        },
        brightness: 1.0,
        scenes,
        unmapped: Unmapped::Keep,
        light: LightChannels::Rgb,
        over: Vec::new(),
    }
}

fn segment(strip: usize, first: usize, last: usize) -> Segment {
    Segment { strip, first, last }
}

/// A plan with one strip `case` in RGB order, as long as its groups need.
fn plan(groups: Vec<GroupPlan>) -> Plan {
    let pixels = groups
        .iter()
        .flat_map(|plan| plan.group.places())
        .map(|place| place.pixel + 1)
        .max();
    Plan {
        strips: vec![strip("case", pixels.unwrap_or(0), ColorOrder::RGB)],
        groups,
        custom_states: vec!["purge".to_owned()],
        sources: vec!["extruder".to_owned(), "heater_bed".to_owned()],
        brightness: 1.0,
        max_current_ma: None,
        fps: 60,
        fade: FADE,
        states: StateSettings {
            temp_floor_c: 25.0,
            heating_enter_c: 5.0,
            heating_leave_c: 2.0,
            bored_after: Span::from_secs(300.0),
            sleep_after: Span::from_secs(600.0),
            complete_for: Span::from_secs(200.0),
            cancelled_for: Span::from_secs(5.0),
            command_error_for: Span::ZERO,
            pause_after: Span::from_secs(3.0),
            heaters: 2,
            extruders: 1,
        },
        wants_position: false,
        wants_progress: false,
        has_debug_log: false,
        priority: Priority::Normal,
    }
}

/// One group of one pixel: black at startup, red when idle, green when heating, blue on error.
fn one_pixel() -> Plan {
    plan(vec![group(
        "case",
        &[segment(0, 0, 0)],
        vec![
            part(State::Idle, solid(RED), "solid red"),
            part(State::Heating, solid(GREEN), "solid green"),
            part(State::Error, solid(BLUE), "solid blue"),
        ],
    )])
}

/// A command that shows a color.
fn command(color: Color, text: &str) -> Box<Override> {
    Box::new(Override {
        effect: solid(color).into(),
        text: text.to_owned(),
        fade: None,
        duration: None,
        is_picked: false,
        lease: Arc::default(),
    })
}

/// The bed as the input of an effect.
const BED: PlannedInput = PlannedInput::Source {
    index: 1,
    floor_c: 25.0,
};

/// A sample with a temperature and target of the bed.
fn bed(temperature: f32, target: f32) -> Sample {
    let mut sample = Sample::default();
    sample.sources[1].temperature = Some(temperature);
    sample.sources[1].target = Some(target);
    sample
}

/// A renderer and its time.
struct Bench {
    renderer: Renderer,
    now: Time,
}

impl Bench {
    fn starting(plan: Plan) -> Self {
        Self {
            renderer: Renderer::new(Arc::new(plan), 7, Time::ZERO),
            now: Time::ZERO,
        }
    }

    /// A bench with a ready printer and no running fade.
    fn ready(plan: Plan) -> Self {
        let mut bench = Self::starting(plan);
        bench.event(Event::Ready);
        bench.wait(1.0);
        bench
    }

    fn event(&mut self, event: Event) {
        self.renderer.event(self.now, event);
    }

    fn sample(&mut self, sample: &Sample) {
        self.renderer.sample(self.now, sample);
    }

    fn set(&mut self, group: usize, command: Box<Override>) {
        self.renderer.set(self.now, group, command);
    }

    fn clear(&mut self) {
        self.renderer.clear(self.now, None);
    }

    /// Renders for some seconds at 60 frames per second.
    fn wait(&mut self, secs: f64) {
        let end = self.now + Span::from_secs(secs);
        while self.now < end {
            self.now = (self.now + Span::from_nanos(16_666_667)).min(end);
            self.renderer.render(self.now);
        }
    }

    /// Returns the pixels of the first strip.
    fn pixels(&self) -> Vec<[u8; 3]> {
        let bytes = self.renderer.frame(0);
        bytes
            .chunks(3)
            .map(|rgb| [rgb[0], rgb[1], rgb[2]])
            .collect()
    }

    /// Returns the first pixel of the first strip.
    fn pixel(&self) -> [u8; 3] {
        self.pixels()[0]
    }

    fn text(&self, group: usize) -> &str {
        self.renderer.shown(group).text
    }
}
