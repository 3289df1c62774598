//! What programs get to draw the lights, and what they need to continue it by themselves.

use super::{advance, manual};
use lumen::{ConfigText, EFFECTS, Engine, GroupRun, Request, Simulation};

const PAIR: &str = "
    [lumen]
    [lumen_strip a]
    driver: memory
    count: 3000
    [lumen_strip b]
    driver: memory
    count: 10
    [lumen_group left]
    strip: a
    on_idle: gradient red blue
    on_startup: gradient red blue
    [lumen_group right]
    pixels: b 10-1, a 3000-2996
    over: left
    on_startup: gradient green white
";

/// Returns a config whose group shows an effect, without cross-fades.
fn config_of(text: &str) -> String {
    format!(
        "[lumen]\nfade: 0\n[lumen_group case]\ndriver: memory\nindex_end: 24\non_startup: {text}\n"
    )
}

/// Returns the pixels of each group, from as many answers as it takes.
fn all(engine: &Engine) -> (Vec<(String, Vec<u8>)>, usize) {
    let mut groups: Vec<(String, Vec<u8>)> = Vec::new();
    let (mut next, mut answers) = (Some(0), 0);
    while let Some(first) = next {
        let preview = engine.preview(first);
        for part in preview.groups {
            if part.first == 0 {
                groups.push((part.name.clone(), Vec::new()));
            }
            let (name, pixels) = groups.last_mut().unwrap();
            assert_eq!((&part.name, part.first * 4), (&*name, pixels.len()));
            pixels.extend(part.rgbw);
            assert!(pixels.len() <= part.count * 4);
        }
        (next, answers) = (preview.next, answers + 1);
    }
    (groups, answers)
}

#[test]
fn a_preview_has_the_pixels_of_all_groups_in_parts() {
    let engine = manual(PAIR);
    advance(&engine, 2.0);
    let (groups, answers) = all(&engine);
    assert_eq!(answers, 2);
    let (a, b) = (engine.frame("a").unwrap(), engine.frame("b").unwrap());
    let backward = |frame: &[u8], count: usize| -> Vec<u8> {
        let (pixels, _) = frame.as_chunks::<4>();
        pixels.iter().rev().take(count).flatten().copied().collect()
    };
    assert_eq!(groups[0], ("left".to_owned(), a.clone()));
    let right = [backward(&b, 10), backward(&a, 5)].concat();
    assert_eq!(groups[1], ("right".to_owned(), right));
    let part = engine.preview(3001);
    assert_eq!(part.groups.len(), 1);
    assert_eq!((part.groups[0].first, part.groups[0].count), (1, 15));
    assert!(engine.preview(3015).groups.is_empty());
    assert_eq!(engine.preview(usize::MAX).next, None);
}

#[test]
fn many_small_groups_take_several_answers() {
    let group = |number| format!("[lumen_group g{number}]\npixels: a {number}\n");
    let strip = "[lumen]\n[lumen_strip a]\ndriver: memory\ncount: 200\n".to_owned();
    let text: String = [strip].into_iter().chain((1..=200).map(group)).collect();
    let (groups, answers) = all(&manual(&text));
    assert_eq!((groups.len(), answers), (200, 7));
}

#[test]
fn a_simulation_resumes_what_the_engine_shows() {
    let mut compared = 0;
    for effect in EFFECTS {
        let text = format!("{}{}", effect.name, required(effect.name));
        let config = config_of(&text);
        let engine = manual(&config);
        advance(&engine, 2.0);
        let request = Request {
            group: "case",
            effect: &text,
            ..Request::default()
        };
        engine.set(&request).unwrap();
        advance(&engine, 0.5);
        let status = engine.status();
        let run = status.groups[0].run.unwrap();
        let mut simulation = Simulation::default();
        let checked = ConfigText::one(&config).check();
        simulation.load(checked.compiled.unwrap());
        let now = engine.preview(0).now.as_secs();
        let run = GroupRun {
            group: "case".to_owned(),
            effect: status.groups[0].effect.clone(),
            start: run.start.as_secs(),
            seed: run.seed.to_string(),
        };
        simulation.resume(now, &run).unwrap();
        for _ in 0..20 {
            advance(&engine, 0.1);
            let preview = engine.preview(0);
            simulation.render(preview.now.as_secs()).unwrap();
            let levels = simulation.levels(0).unwrap();
            let shown = &preview.groups[0].rgbw;
            let differs = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 1;
            assert!(
                !levels.iter().zip(shown).any(differs),
                "{text} at {}: {levels:?} {shown:?}",
                preview.now.as_secs()
            );
        }
        compared += 1;
    }
    assert_eq!(compared, EFFECTS.len());
}

/// The options without which an effect cannot be written.
fn required(effect: &str) -> &'static str {
    match effect {
        "solid" | "pulse" => " red",
        "thermal" | "temperature" => " extruder",
        _ => "",
    }
}

#[test]
fn a_fading_effect_has_no_run() {
    let engine = manual(&config_of("rainbow").replace("fade: 0", "fade: 2"));
    advance(&engine, 1.0);
    assert_eq!(engine.status().groups[0].run, None);
    advance(&engine, 2.0);
    assert!(engine.status().groups[0].run.is_some());
}

#[test]
fn a_simulation_refuses_a_run_of_another_config() {
    let mut simulation = Simulation::default();
    let run = |group: &str, effect: &str, seed: &str| GroupRun {
        group: group.to_owned(),
        effect: effect.to_owned(),
        start: 0.0,
        seed: seed.to_owned(),
    };
    let text = |result: Result<(), lumen::SimulationError>| result.unwrap_err().to_string();
    let nothing = simulation.resume(0.0, &run("case", "rainbow", "1"));
    assert!(text(nothing).starts_with("no config runs"));
    let checked = ConfigText::one(&config_of("rainbow")).check();
    simulation.load(checked.compiled.unwrap());
    let mut refused = |run: GroupRun| text(simulation.resume(1.0, &run));
    assert_eq!(refused(run("cas", "rainbow", "1")), "unknown group 'cas'");
    assert_eq!(refused(run("case", "rainbow", "-1")), "invalid seed '-1'");
    let unknown = refused(run("case", "party", "1"));
    assert!(unknown.contains("party"), "{unknown}");
}
