//! Plays the traces of `tests/fixtures/traces` through the state machine.
#![expect(clippy::unwrap_used, reason = "a trace that cannot be read fails")]

use super::settings;
use lumen::{
    Event, FilamentSample, Job, Operation, STATES, Sample, Shutdown, Span, State, StateMachine,
    Time, Trigger,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The maximum delay of the lights in seconds.
const LATE_S: f64 = 0.3;

const SAMPLE: Span = Span::from_millis(250);

/// States with the times in seconds from which they show.
type Shown = Vec<(f64, State)>;

/// A parsed trace; the README beside the traces describes the format.
#[derive(Default)]
struct Trace {
    header: BTreeMap<String, String>,
    lines: Vec<(f64, String)>,
    expected: Shown,
}

impl Trace {
    fn parse(text: &str) -> Self {
        let mut trace = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (first, rest) = line.split_once(' ').unwrap();
            if let Some(name) = first.strip_suffix(':') {
                trace.header.insert(name.to_owned(), rest.to_owned());
                continue;
            }
            let at = first.parse().unwrap();
            match rest.strip_prefix("=> ") {
                Some(state) => trace.expected.push((at, State::parse(state).unwrap())),
                None => trace.lines.push((at, rest.to_owned())),
            }
        }
        trace
    }

    fn words(&self, name: &str, default: &str) -> Vec<String> {
        let text = self.header.get(name).map_or(default, String::as_str);
        let words = text.split(' ').filter(|word| *word != "none");
        words.map(str::to_owned).collect()
    }
}

/// Replays a trace on a simulated printer.
struct Player {
    machine: StateMachine,
    now: Time,
    sample: Sample,
    heaters: Vec<String>,
    sensors: Vec<(String, (bool, bool))>,
    motion: String,
    running: Vec<String>,
    shown: Shown,
}

impl Player {
    fn new(trace: &Trace) -> Self {
        let heaters = trace.words("heaters", "extruder heater_bed");
        let mut settings = settings();
        settings.heaters = heaters.len();
        settings.extruders = heaters
            .iter()
            .enumerate()
            .filter(|(_, name)| name.starts_with("extruder"))
            .fold(0, |bits, (index, _)| bits | 1 << index);
        let counts = trace.header.get("set").map(String::as_str) != Some("filament_sensors none");
        let sensors = trace.words("sensors", if counts { "runout" } else { "none" });
        let mut player = Self {
            machine: StateMachine::new(settings, Time::ZERO),
            now: Time::ZERO,
            sample: Sample::default(),
            sensors: sensors.into_iter().map(|it| (it, (true, true))).collect(),
            motion: String::new(),
            running: Vec::new(),
            shown: Vec::new(),
            heaters,
        };
        for source in &mut player.sample.sources[..player.heaters.len()] {
            source.temperature = Some(22.0);
            source.target = Some(0.0);
        }
        player.sample.position = Some([0.0; 3]);
        if !trace.header.contains_key("begins") {
            player.machine.event(Time::ZERO, Event::Ready);
        }
        player
    }

    fn play(mut self, trace: &Trace) -> Shown {
        let times = trace.lines.iter().map(|(at, _)| *at);
        let end = times.chain(trace.expected.iter().map(|(at, _)| *at));
        let end = Time::from_secs(end.fold(0.0, f64::max) + 0.5);
        let mut lines = trace.lines.iter().peekable();
        let (mut sample_at, mut deadline) = (Time::ZERO, None);
        loop {
            let line_at = lines.peek().map(|(at, _)| Time::from_secs(*at));
            let times = [Some(sample_at), line_at, deadline];
            self.now = times.into_iter().flatten().min().unwrap();
            if self.now > end {
                return self.shown;
            }
            if line_at == Some(self.now) {
                let (_, line) = lines.next().unwrap();
                self.apply(line);
            } else if sample_at == self.now {
                self.measure();
                sample_at += SAMPLE;
            }
            deadline = self.machine.step(self.now).next;
            self.record_state();
        }
    }

    fn record_state(&mut self) {
        let state = self.machine.state();
        if self.shown.last().map(|(_, last)| *last) != Some(state) {
            self.shown.push((self.now.as_secs(), state));
        }
    }

    fn measure(&mut self) {
        let moves = |axes: &str| self.motion.split(' ').any(|word| word == axes);
        let position = self.sample.position.as_mut().unwrap();
        position[0] = (position[0] + f32::from(u8::from(moves("xy")))) % 200.0;
        position[2] = (position[2] + f32::from(u8::from(moves("z")))) % 200.0;
        self.sample.is_moving = moves("xy") || moves("z");
        self.sample.is_feeding = moves("e");
        self.sample.is_retracting = moves("retract");
        let sensors: Vec<_> = self.sensors.iter().map(|(_, state)| *state).collect();
        self.sample.filament = FilamentSample::from_sensors(&sensors);
        self.machine.sample(self.now, &self.sample);
    }

    fn event(&mut self, event: Event) {
        self.machine.event(self.now, event);
    }

    fn apply(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "ready" => self.event(Event::Ready),
            "shutdown" | "connect-fails" => {
                self.event(Event::Shutdown(Shutdown::from_message(rest)));
            }
            "event" if rest == "gcode:command_error" => self.event(Event::CommandError),
            "event" => {}
            "trigger" => self.event(Event::Trigger(Trigger::from_names(&rest.replace(' ', ",")))),
            "motion" => rest.clone_into(&mut self.motion),
            "gcode" => self.sample.is_commanded = rest == "held",
            "begin" => self.begin(rest),
            "end" => self.end(rest),
            "fail" => {
                self.end(rest);
                self.event(Event::CommandError);
            }
            "lumen" if rest == "wake" => self.event(Event::Activity),
            "lumen" => _ = self.machine.release(self.now),
            _ => self.set(line),
        }
    }

    fn begin(&mut self, command: &str) {
        self.running.push(command.to_owned());
        let known = STATES.iter().find(|spec| spec.commands.contains(&command));
        let state = known.unwrap().state;
        let operation = Operation(self.running.len() as u32);
        self.event(Event::Begin(operation, state));
    }

    fn end(&mut self, command: &str) {
        if self
            .running
            .last()
            .is_some_and(|running| running == command)
        {
            // Like the extra, sample first; otherwise an outdated state would show briefly.
            self.measure();
            self.event(Event::End(Operation(self.running.len() as u32)));
            self.running.pop();
        }
    }

    /// Sets fields of a printer object.
    fn set(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let object: Vec<&str> = words
            .iter()
            .copied()
            .filter(|it| !it.contains('='))
            .collect();
        for (field, value) in words.iter().filter_map(|it| it.split_once('=')) {
            self.set_field(&object.join(" "), field, value);
        }
    }

    fn set_field(&mut self, object: &str, field: &str, value: &str) {
        let (is_yes, sample) = (value == "yes", &mut self.sample);
        let number = value.parse::<f32>().ok();
        match (object, field) {
            ("print_stats", "state") => sample.job = Job::parse(value).unwrap(),
            ("print_stats", "message") => {
                sample.job = sample.job.with_message(&value.replace('_', " "));
            }
            ("print_stats", "filament_used") => sample.has_extruded = number.unwrap() > 0.0,
            ("pause_resume", "is_paused") => sample.is_paused = is_yes,
            ("manual_probe", "is_active") => sample.manual_probe = is_yes,
            ("bed_screws", "is_active") => sample.bed_screws = is_yes,
            ("display_status", "progress") => sample.progress = number,
            (_, "takingframe") => sample.taking_frame = is_yes,
            (_, "temperature" | "target") => {
                let index = self.heaters.iter().position(|name| name == object).unwrap();
                let source = &mut sample.sources[index];
                let slot = match field {
                    "target" => &mut source.target,
                    _ => &mut source.temperature,
                };
                *slot = number;
            }
            (_, "enabled" | "filament_detected") => {
                let name = object.rsplit(' ').next().unwrap();
                if let Some((_, state)) = self.sensors.iter_mut().find(|(it, _)| it == name) {
                    *(if field == "enabled" {
                        &mut state.0
                    } else {
                        &mut state.1
                    }) = is_yes;
                }
            }
            // Not an input of the state machine.
            _ => {}
        }
    }
}

fn traces() -> BTreeMap<String, Trace> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|it| it == "trace"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, Trace::parse(&fs::read_to_string(path).unwrap()))
        })
        .collect()
}

fn format_states(shown: &Shown) -> String {
    let rows = shown.iter().map(|(at, state)| format!("{at:.2} {state}"));
    rows.collect::<Vec<_>>().join(", ")
}

fn matches_expected(expected: &Shown, shown: &Shown) -> bool {
    let mut pairs = expected.iter().zip(shown);
    expected.len() == shown.len()
        && pairs.all(|((at, state), (shown_at, shown))| {
            state == shown && (shown_at - at).abs() <= LATE_S + 1e-6
        })
}

#[test]
fn every_trace_shows_its_states_in_time() {
    let mut wrong = Vec::new();
    for (name, trace) in traces() {
        let shown = Player::new(&trace).play(&trace);
        let (expected, actual) = (format_states(&trace.expected), format_states(&shown));
        println!("{name}\n    expected {expected}\n    shown    {actual}");
        if !matches_expected(&trace.expected, &shown) {
            wrong.push(format!(
                "{name}\n    expected {expected}\n    shown    {actual}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_state_is_in_a_trace() {
    let traces = traces();
    let shown: Vec<State> = traces
        .values()
        .flat_map(|trace| trace.expected.iter().map(|(_, state)| *state))
        .collect();
    for state in State::ALL {
        assert!(shown.contains(&state), "{state}");
    }
}
