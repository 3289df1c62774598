//! The debug log (option `debug`): what the lights show and why, as notices.
//!
//! A line is posted when the state, or what a group shows, changes. While a group shows
//! temperatures and no job prints, these are posted too, after a change of a degree or, if it is
//! slower, after ten seconds. Nothing is allocated unless there is a line. The reader of the
//! notices limits their number.

use super::notice::{NoticeKind, Notices};
use crate::input::{Job, Sample, SourceSample};
use crate::plan::Plan;
use crate::renderer::{Renderer, Shown, Source};
use crate::state::State;
use crate::time::{Span, Time};
use std::fmt::Write;

/// A temperature is logged again after a change of more than one degree. Klipper rounds to 0.01
/// degrees.
const STEP_C: f32 = 1.005;
/// The same if the last line is older than [`SLOW`].
const SLOW_STEP_C: f32 = 0.1;
const SLOW: Span = Span::from_millis(10_000);

/// What was logged last.
#[derive(Debug, Default)]
pub(crate) struct DebugLogWriter {
    /// Empty before the first line.
    state: String,
    shown: (Option<State>, bool),
    groups: Vec<LoggedGroup>,
    temperatures: Vec<LoggedTemperature>,
    shows_temperatures: bool,
}

#[derive(Debug)]
struct LoggedGroup {
    name: String,
    effect: String,
    source: Source,
}

#[derive(Debug)]
struct LoggedTemperature {
    name: String,
    at: Time,
    values: SourceSample,
}

impl DebugLogWriter {
    /// Posts what has changed since the last call.
    pub(crate) fn scene(&mut self, plan: &Plan, renderer: &Renderer, notices: &Notices) {
        if !plan.has_debug_log {
            self.clear();
            return;
        }
        let mut text = String::new();
        self.note_state(plan, renderer, &mut text);
        self.groups.retain(|it| plan.group(&it.name).is_some());
        self.shows_temperatures = false;
        for (index, group) in plan.groups.iter().enumerate() {
            let shown = renderer.shown(index);
            self.shows_temperatures |= shown.is_thermal;
            self.note_group(&group.group.name, shown, &mut text);
        }
        if !text.is_empty() {
            notices.push_debug(NoticeKind::Scene, format!("lumen: {text}"));
        }
    }

    /// Posts the temperatures of a sample that have changed. `sources` are their names.
    pub(crate) fn sample(
        &mut self,
        now: Time,
        sample: &Sample,
        sources: &[String],
        notices: &Notices,
    ) {
        if !self.shows_temperatures || sample.job == Job::Printing {
            return;
        }
        let mut text = String::new();
        let named = sources.iter().zip(&sample.sources);
        for (name, values) in named.filter(|(name, _)| !name.is_empty()) {
            if self.note_temperature(now, name, *values) {
                let comma = if text.is_empty() { "" } else { ", " };
                let _ = write!(text, "{comma}{name} {}", degrees(*values));
            }
        }
        if !text.is_empty() {
            notices.push_debug(NoticeKind::Temperatures, format!("lumen: {text}"));
        }
    }

    fn clear(&mut self) {
        if !self.state.is_empty() {
            *self = Self::default();
        }
    }

    fn note_state(&mut self, plan: &Plan, renderer: &Renderer, text: &mut String) {
        let shown = (Some(renderer.state()), renderer.forced().is_some());
        if self.shown == shown {
            return;
        }
        self.shown = shown;
        let forced = if shown.1 { ", forced" } else { "" };
        let state = format!("{}{forced}", plan.state_name(renderer.state()));
        if state == self.state {
            return;
        }
        text.push_str("state ");
        text.push_str(&state);
        if !self.state.is_empty() {
            let _ = write!(text, " (was {})", self.state);
        }
        self.state = state;
    }

    fn note_group(&mut self, name: &str, shown: Shown<'_>, text: &mut String) {
        let logged = self.groups.iter_mut().find(|it| it.name == name);
        if let Some(logged) = &logged
            && (logged.effect.as_str(), logged.source) == (shown.text, shown.source)
        {
            return;
        }
        let separator = if text.is_empty() { "" } else { "; " };
        let by_command = match shown.source {
            Source::State => "",
            Source::Command => ", by command",
        };
        let _ = write!(text, "{separator}{name}: {}{by_command}", shown.text);
        let group = LoggedGroup {
            name: name.to_owned(),
            effect: shown.text.to_owned(),
            source: shown.source,
        };
        match logged {
            Some(logged) => *logged = group,
            None => self.groups.push(group),
        }
    }

    /// Returns whether to log a temperature, and remembers it.
    fn note_temperature(&mut self, now: Time, name: &str, values: SourceSample) -> bool {
        let Some(logged) = self.temperatures.iter_mut().find(|it| it.name == name) else {
            let name = name.to_owned();
            let at = now;
            self.temperatures
                .push(LoggedTemperature { name, at, values });
            return true;
        };
        let change = difference(values.temperature, logged.values.temperature)
            .max(difference(values.target, logged.values.target));
        let is_slow = now.since(logged.at) >= SLOW && change >= SLOW_STEP_C;
        if change < STEP_C && !is_slow {
            return false;
        }
        (logged.at, logged.values) = (now, values);
        true
    }
}

fn difference(new: Option<f32>, old: Option<f32>) -> f32 {
    match (new, old) {
        (Some(new), Some(old)) => (new - old).abs(),
        (None, None) => 0.0,
        _ => STEP_C,
    }
}

fn degrees(values: SourceSample) -> String {
    let temperature = values.temperature;
    let temperature = temperature.map_or_else(|| "?".to_owned(), |it| format!("{it:.1}"));
    let target = values.target.filter(|it| *it != 0.0);
    let target = target.map_or_else(String::new, |it| format!(" of {it:.1}"));
    format!("{temperature}{target} degrees")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{RawConfig, compile};
    use crate::state::Event;
    use std::sync::Arc;

    const CONFIG: &str = r#"{"sections": [
        ["lumen", {"debug": "log"}],
        ["lumen_strip a", {"driver": "memory", "count": "4"}],
        ["lumen_group case", {"strip": "a", "on_startup": "rainbow",
                              "on_idle": "thermal extruder"}]
    ]}"#;

    struct Fixture {
        plan: Arc<Plan>,
        renderer: Renderer,
        writer: DebugLogWriter,
        notices: Notices,
    }

    impl Fixture {
        fn new(config: &str) -> Self {
            let raw: RawConfig = serde_json::from_str(config).unwrap();
            let plan = Arc::new(compile(&raw, None).unwrap().plan);
            Self {
                renderer: Renderer::new(Arc::clone(&plan), 0, Time::ZERO),
                plan,
                writer: DebugLogWriter::default(),
                notices: Notices::new().unwrap(),
            }
        }

        fn scene(&mut self) -> Vec<String> {
            self.writer.scene(&self.plan, &self.renderer, &self.notices);
            self.texts()
        }

        fn sample(&mut self, seconds: f64, temperature: f32, job: Job) -> Vec<String> {
            let mut sample = Sample {
                job,
                ..Sample::default()
            };
            let now = Time::ZERO + Span::from_secs(seconds);
            sample.sources[0] = SourceSample {
                temperature: Some(temperature),
                target: Some(60.0),
            };
            let sources = ["extruder".to_owned()];
            self.writer.sample(now, &sample, &sources, &self.notices);
            self.texts()
        }

        fn texts(&self) -> Vec<String> {
            self.notices.take().into_iter().map(|it| it.text).collect()
        }
    }

    #[test]
    fn a_change_of_state_and_effects_is_one_line() {
        let mut fixture = Fixture::new(CONFIG);
        assert_eq!(fixture.scene(), ["lumen: state startup; case: rainbow"]);
        assert!(fixture.scene().is_empty());
        fixture.renderer.event(Time::ZERO, Event::Ready);
        let line = "lumen: state idle (was startup); case: thermal extruder";
        assert_eq!(fixture.scene(), [line]);
    }

    #[test]
    fn temperatures_are_logged_while_they_are_shown_and_nothing_prints() {
        let mut fixture = Fixture::new(CONFIG);
        fixture.scene();
        assert!(fixture.sample(0.0, 20.0, Job::Standby).is_empty());
        fixture.renderer.event(Time::ZERO, Event::Ready);
        fixture.scene();
        let line = |degrees| format!("lumen: extruder {degrees} of 60.0 degrees");
        assert_eq!(fixture.sample(1.0, 20.0, Job::Standby), [line("20.0")]);
        assert!(fixture.sample(2.0, 21.0, Job::Standby).is_empty());
        assert_eq!(fixture.sample(3.0, 21.1, Job::Standby), [line("21.1")]);
        // A slow change.
        assert!(fixture.sample(12.9, 21.5, Job::Standby).is_empty());
        assert_eq!(fixture.sample(13.0, 21.5, Job::Standby), [line("21.5")]);
        assert!(fixture.sample(99.0, 21.55, Job::Standby).is_empty());
        assert!(fixture.sample(100.0, 99.0, Job::Printing).is_empty());
    }

    #[test]
    fn without_the_option_nothing_is_posted() {
        let mut fixture = Fixture::new(&CONFIG.replace(r#""debug": "log""#, ""));
        assert!(fixture.scene().is_empty());
        fixture.renderer.event(Time::ZERO, Event::Ready);
        assert!(fixture.scene().is_empty());
        assert!(fixture.sample(1.0, 20.0, Job::Standby).is_empty());
    }
}
