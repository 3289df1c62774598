//! `flash`: a flash when an endstop or a probe triggers.

use super::options::{OptionKind, endstops, number};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectInput,
    EffectSettings, EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};
use crate::input::Endstop;
use crate::time::{Span, Time};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "flash",
    help: "The whole group flashes when an endstop or a probe triggers",
    synonyms: &["endstop", "home_flash"],
    arguments: Arguments::COLOR,
    options: FlashSettings::OPTIONS,
    example: EffectExample {
        text: "flash green",
        length_s: 5.0,
    },
    defaults: FlashSettings::defaults,
};

effect_settings! {
    /// Settings of `flash`.
    pub(crate) struct FlashSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        decay_s: f32 = number("flash_decay", OptionKind::Within(0.0, 60.0), "0.5")
            .short("decay")
            .unit("s")
            .help("Time in which a flash fades out"),
        endstops: Option<Vec<Endstop>> = endstops("flash_endstops")
            .short("endstops")
            .help(
                "Endstops that flash, with commas between them, such as 'x, y, probe'; if not \
                 set, all",
            ),
    }
}

impl EffectSettings for FlashSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn input(&self) -> EffectInput<'_> {
        EffectInput::Triggers
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Flash {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            decay_s: self.decay_s.max(MIN_DECAY_S),
            endstops: self.endstops.clone(),
            flashes: Flashes::default(),
        })
    }
}

impl FlashSettings {
    /// Returns the colors, one for each flash.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The shortest decay. A shorter flash would be missed by a frame.
const MIN_DECAY_S: f32 = 0.05;

/// The shortest time from one flash to the next. More than 3 flashes per second can harm people
/// with photosensitive epilepsy.
const MIN_INTERVAL: Span = Span::from_nanos(333_333_334);

/// Flashes at each trigger, each time in the next color. A flash begins at full brightness; its
/// light falls with the square of the time that is left, which looks even.
#[derive(Debug)]
struct Flash {
    colors: Vec<Color>,
    decay_s: f32,
    endstops: Option<Vec<Endstop>>,
    flashes: Flashes,
}

/// The flashes so far.
#[derive(Debug, Default)]
struct Flashes {
    /// Triggers that have been handled.
    seen: u64,
    /// Number of flashes.
    count: u64,
    /// Start of the last flash.
    last: Option<Time>,
    /// Whether a trigger came too early after the last flash. It flashes when it may.
    is_held: bool,
}

impl Flashes {
    /// Starts a held flash that is due; returns when the next one may start.
    fn advance(&mut self, now: Time) -> Option<Time> {
        let next = self.last.map(|last| last + MIN_INTERVAL);
        let Some(due) = next.filter(|due| self.is_held && *due <= now) else {
            return next;
        };
        self.start(due);
        Some(due + MIN_INTERVAL)
    }

    fn trigger(&mut self, at: Time) {
        match self.advance(at) {
            Some(next) if at < next => self.is_held = true,
            _ => self.start(at),
        }
    }

    fn start(&mut self, at: Time) {
        self.last = Some(at);
        self.count += 1;
        self.is_held = false;
    }
}

impl Effect for Flash {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let triggers = cx.inputs.triggers();
        for (at, trigger) in triggers.after(self.flashes.seen) {
            let listed = self.endstops.as_ref();
            // A trigger from before the effect belongs to what was shown then.
            if at >= cx.start && listed.is_none_or(|listed| trigger.is_in(listed)) {
                self.flashes.trigger(at);
            }
        }
        self.flashes.seen = triggers.count();
        let next = self.flashes.advance(cx.now);
        let age_s = self.flashes.last.map(|last| cx.now.since(last).as_secs());
        let left = age_s.map_or(0.0, |age_s| 1.0 - (age_s as f32 / self.decay_s).min(1.0));
        let color = rows::in_turn(&self.colors, self.flashes.count.saturating_sub(1));
        canvas.set_each(|_| CanvasPixel::new(color, left * left));
        match next {
            _ if left > 0.0 => Motion::Moving,
            Some(due) if self.flashes.is_held => Motion::Until(due),
            _ => Motion::Still,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, context, plan};
    use super::super::{Canvas, EffectPlan, Motion};
    use super::SPEC;
    use crate::color::Color;
    use crate::input::{Inputs, Trigger};

    /// Draws the frames at some times. Each trigger is known at its time.
    fn frames(
        plan: &EffectPlan,
        triggers: &[(f64, &str)],
        times: impl IntoIterator<Item = f64>,
    ) -> Vec<(Color, Motion)> {
        let (mut inputs, mut effect) = (Inputs::default(), plan.build(1, 2));
        let mut triggers = triggers.iter().peekable();
        let frame = |seconds| {
            while let Some((time, names)) = triggers.next_if(|(time, _)| *time <= seconds) {
                inputs.trigger(at(*time), Trigger::from_names(names));
            }
            let mut canvas = [Color::WHITE; 2];
            let cx = context(seconds, &inputs);
            let motion = effect.draw(&mut Canvas::new(&mut canvas), &cx);
            (canvas[1], motion)
        };
        times.into_iter().map(frame).collect()
    }

    #[test]
    fn a_flash_fades_out_and_then_nothing_moves() {
        let plan = plan(&SPEC, "color=white decay=0.5");
        let times = [0.0, 1.0, 1.25, 1.5, 9.0];
        let shown = frames(&plan, &[(1.0, "stepper_x")], times);
        let levels: Vec<_> = shown.iter().map(|(color, _)| color.r).collect();
        assert_eq!(levels, [0.0, 1.0, 0.25, 0.0, 0.0]);
        let motions: Vec<_> = shown.iter().map(|(_, motion)| *motion).collect();
        let [still, moving] = [Motion::Still, Motion::Moving];
        assert_eq!(motions, [still, moving, moving, still, still]);
    }

    #[test]
    fn only_the_listed_endstops_flash() {
        let plan = plan(&SPEC, "color=red,blue endstops=x,probe");
        let triggers = [(1.0, "stepper_y"), (2.0, "x"), (3.0, "stepper_z,probe")];
        let shown = frames(&plan, &triggers, [1.0, 2.0, 3.0]);
        assert_eq!(shown[0].0, Color::BLACK);
        assert!(shown[1].0.r > 0.9 && shown[2].0.b > 0.9, "colors in turn");
    }

    #[test]
    fn there_are_at_most_three_flashes_a_second() {
        let plan = plan(&SPEC, "decay=0.1");
        let triggers: Vec<_> = (0..40).map(|it| (f64::from(it) * 0.1, "probe")).collect();
        let times = (0..500).map(|it| f64::from(it) * 0.01);
        let shown = frames(&plan, &triggers, times);
        let starts: Vec<_> = (1..500)
            .filter(|it| shown[*it].0.r > 0.5 && shown[it - 1].0.r < 0.1)
            .collect();
        assert!(starts.windows(2).all(|two| two[1] - two[0] >= 33));
        assert!(starts.len() >= 11, "{starts:?}");
    }

    #[test]
    fn a_held_trigger_flashes_later() {
        let plan = plan(&SPEC, "decay=0.1");
        let triggers = [(0.0, "x"), (0.1, "y"), (0.2, "z")];
        let shown = frames(&plan, &triggers, [0.0, 0.1, 0.2, 0.34, 0.5, 0.7]);
        let Motion::Until(due) = shown[2].1 else {
            panic!("{:?}", shown[2]);
        };
        assert!((due.as_secs() - 1.0 / 3.0).abs() < 1e-6);
        assert!(shown[3].0.r > 0.7 && shown[5] == (Color::BLACK, Motion::Still));
    }

    #[test]
    fn a_trigger_from_before_the_start_does_not_flash() {
        let mut inputs = Inputs::default();
        inputs.trigger(at(1.0), Trigger::from_names("x"));
        let mut canvas = [Color::WHITE; 1];
        let mut cx = context(1.1, &inputs);
        cx.start = at(1.05);
        plan(&SPEC, "")
            .build(1, 1)
            .draw(&mut Canvas::new(&mut canvas), &cx);
        assert_eq!(canvas, [Color::BLACK]);
    }
}
