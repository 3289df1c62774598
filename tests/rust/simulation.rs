//! Tests of the simulation, and the golden frames that the WebAssembly module must also render.
//!
//! `tests/fixtures/frames.json` has configs, what happens to a printer, and the frames that follow.
//! This test compares the frames; `tests/wasm/frames.test.mjs` does the same in Node. To write the
//! file again, run the tests with `WRITE_FRAMES=1`.

mod cases;

use cases::{Case, Step, cases};
use lumen::{ConfigText, Severity, Simulation};
use std::path::PathBuf;

const FILE: &str = "tests/fixtures/frames.json";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

fn simulation(config: &str) -> Simulation {
    let mut simulation = Simulation::default();
    load(&mut simulation, config);
    simulation
}

fn load(simulation: &mut Simulation, config: &str) {
    let checked = ConfigText::one(config).check();
    let errors: Vec<_> = checked
        .problems
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    simulation.load(checked.compiled.unwrap());
}

/// Runs a case, and writes its frames into its steps.
fn run(case: &mut Case) {
    let mut simulation = simulation(&case.config);
    simulation.restart(case.seed);
    for step in &mut case.steps {
        let at = step.at;
        if let Some(event) = &step.event {
            let event = serde_json::from_value(event.clone()).unwrap();
            simulation.event(at, &event).unwrap();
        }
        if let Some(sample) = &step.sample {
            let sample = serde_json::from_value(sample.clone()).unwrap();
            simulation.sample(at, &sample).unwrap();
        }
        if let Some(command) = &step.command {
            simulation.command(at, command).unwrap();
        }
        if let Some(config) = &step.load {
            load(&mut simulation, config);
        }
        if step.frames.is_some() {
            render(&mut simulation, step);
        }
    }
}

fn render(simulation: &mut Simulation, step: &mut Step) {
    let next = simulation.render(step.at).unwrap();
    step.next = next.is_finite().then_some(next);
    let strips = simulation.status().unwrap().strips.len();
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<Vec<_>>()
    };
    let hex = |bytes: &[u8]| digits(bytes).concat();
    let frames = (0..strips).map(|strip| hex(simulation.bytes(strip).unwrap()));
    step.frames = Some(frames.collect());
    if step.pixels.is_some() {
        let pixels = (0..strips).map(|strip| hex(simulation.pixels(strip).unwrap()));
        step.pixels = Some(pixels.collect());
    }
}

#[test]
fn the_golden_frames_are_rendered() {
    let mut rendered = cases();
    rendered.iter_mut().for_each(run);
    // One case a line, so that a change is easy to see.
    let lines: Vec<String> = rendered
        .iter()
        .map(|case| serde_json::to_string(case).unwrap())
        .collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    if std::env::var_os("WRITE_FRAMES").is_some() {
        std::fs::write(path(), &text).unwrap();
    }
    let expected = std::fs::read_to_string(path()).unwrap();
    for (expected, found) in expected.lines().zip(text.lines()) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.lines().count(), text.lines().count());
}

const CONFIG: &str = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 4\n";

#[test]
fn a_config_with_an_error_has_problems_and_no_plan() {
    let checked = ConfigText::one("[lumen]\n\nbrightnes: 1\n").check();
    assert!(checked.compiled.is_none());
    let [problem] = checked.problems.as_slice() else {
        panic!("{:?}", checked.problems)
    };
    assert_eq!(problem.severity, Severity::Error);
    assert_eq!(
        (problem.file.as_str(), problem.line),
        ("printer.cfg", Some(3))
    );
    assert_eq!(problem.section.as_deref(), Some("lumen"));
    assert_eq!(problem.option.as_deref(), Some("brightnes"));
    assert_eq!(problem.suggestion.as_deref(), Some("brightness"));
}

#[test]
fn an_include_that_is_not_here_makes_the_config_a_part() {
    let text = format!("[include lights/*.cfg]\n{CONFIG}on_idle: thermal chamber\n");
    let checked = ConfigText::one(&text).check();
    assert!(checked.compiled.is_some());
    let [problem] = checked.problems.as_slice() else {
        panic!("{:?}", checked.problems)
    };
    assert_eq!(problem.severity, Severity::Note);
    assert_eq!(
        problem.message,
        "include file 'lights/*.cfg' is not here; it counts as empty"
    );
}

#[test]
fn included_files_are_read_and_named_in_problems() {
    let files = [
        ("printer.cfg", "[include lights/*.cfg]\n[lumen]\n"),
        ("lights/case.cfg", "[lumen_group case]\ndriver: memry\n"),
    ];
    let text = ConfigText {
        first: "printer.cfg".to_owned(),
        files: files.map(|(path, text)| (path.into(), text.into())).into(),
    };
    let [problem] = &text.check().problems[..] else {
        panic!()
    };
    assert_eq!(
        (problem.file.as_str(), problem.line),
        ("lights/case.cfg", Some(2))
    );
    assert_eq!(problem.suggestion.as_deref(), Some("memory"));
}

#[test]
fn a_config_without_a_printer_has_an_extruder_and_a_bed() {
    let mut simulation = simulation(CONFIG);
    let sample = serde_json::json!({"sources": {"extruder": {"temperature": 30, "target": 200}}});
    let ready = serde_json::json!({"event": "ready"});
    simulation
        .event(0.0, &serde_json::from_value(ready).unwrap())
        .unwrap();
    simulation
        .sample(0.0, &serde_json::from_value(sample).unwrap())
        .unwrap();
    assert_eq!(simulation.status().unwrap().state, "heating");
}

#[test]
fn a_load_keeps_what_commands_have_set_and_a_restart_does_not() {
    let mut simulation = simulation(CONFIG);
    simulation
        .command(1.0, "LUMEN_SET GROUP=case EFFECT=solid COLOR=red")
        .unwrap();
    load(
        &mut simulation,
        &CONFIG.replace("index_end: 4", "index_end: 5"),
    );
    let effect = |simulation: &Simulation| simulation.status().unwrap().groups[0].effect.clone();
    assert_eq!(effect(&simulation), "solid color=red");
    assert_eq!(simulation.status().unwrap().groups[0].source, "command");
    simulation.restart(0);
    assert_eq!(simulation.status().unwrap().groups[0].source, "state");
    assert!(simulation.status().unwrap().time.abs() < f64::EPSILON);
}

#[test]
fn a_refused_command_has_the_message_of_the_printer() {
    let mut simulation = simulation(CONFIG);
    for (line, expected) in [
        (
            "LUMEN_SET GROUP=cas EFFECT=fire",
            "unknown group 'cas' (groups: case)",
        ),
        (
            "LUMEN_SET GROUP=case EFFECT=fir",
            "unknown effect 'fir' (did you mean 'fire'?)",
        ),
        (
            "LUMEN_SET GROUP=case EFECT=fire",
            "EFFECT is missing (got 'EFECT')",
        ),
        (
            "LUMEN_SET GROUP=case EFFECT=fire DURATON=3",
            "unknown parameter 'DURATON' (did you mean 'DURATION'?)",
        ),
        (
            "LUMEN_BRIGHTNESS VALUE=50",
            "VALUE must be from 0 to 1, got '50'; write 0.5",
        ),
        (
            "LUMEN_STATE STATE=printin",
            "unknown state 'printin' (did you mean 'printing'?)",
        ),
        ("LUMEN_ON case", "Malformed command 'LUMEN_ON case'"),
        ("SET_PIN", "unknown command 'SET_PIN' (commands: "),
    ] {
        let error = simulation.command(0.0, line).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{line}: {error}");
    }
}

#[test]
fn nothing_runs_before_a_config_is_loaded() {
    let mut simulation = Simulation::default();
    let error = simulation.render(0.0).unwrap_err().to_string();
    assert_eq!(error, "no config runs; load one without errors first");
    assert!(simulation.status().is_err() && simulation.bytes(0).is_err());
}

#[test]
fn invalid_times_strips_and_events_are_refused() {
    let mut simulation = simulation(CONFIG);
    for time in [f64::NAN, f64::INFINITY, -1.0] {
        let error = simulation.render(time).unwrap_err().to_string();
        assert!(
            error.starts_with("the time must be a number of seconds"),
            "{error}"
        );
    }
    for strip in [1, usize::MAX] {
        assert!(simulation.bytes(strip).is_err() && simulation.pixels(strip).is_err());
    }
    let event = serde_json::json!({"event": "begin", "operation": 1, "state": "homng"});
    let event = serde_json::from_value(event).unwrap();
    let error = simulation.event(0.0, &event).unwrap_err().to_string();
    assert_eq!(error, "unknown state 'homng'");
}

#[test]
fn the_time_never_goes_back() {
    let mut simulation = simulation(CONFIG);
    simulation.render(5.0).unwrap();
    simulation.render(1.0).unwrap();
    assert!((simulation.status().unwrap().time - 5.0).abs() < f64::EPSILON);
}
