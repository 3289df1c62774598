//! The effects of a group in each state.

use super::{group, plan, sections};
use lumen::{
    AnySettings, Color, EffectPlan, Facts, Plan, PulseSettings, STATES, SolidSettings, Span, State,
    Unmapped, compile,
};

fn text(plan: &Plan, state: State) -> Option<&str> {
    plan.groups[0].scene(state).map(|part| part.text.as_str())
}

/// Returns the color of a `solid`.
fn solid_color(effect: &EffectPlan) -> Color {
    let solid = effect.settings.of::<SolidSettings>();
    solid.map_or(Color::BLACK, |it| it.colors.first())
}

#[test]
fn a_group_without_options_has_a_scene_for_every_state() {
    let plan = plan(&group(""));
    for state in State::ALL {
        assert!(plan.groups[0].scene(state).is_some(), "{state}");
    }
    assert_eq!(plan.groups[0].scenes.len(), STATES.len());
    assert!(plan.wants_progress && !plan.wants_position);
}

#[test]
fn only_states_that_need_attention_pulse_in_amber_or_red() {
    let calls = [State::Error, State::Filament, State::Paused];
    for spec in STATES {
        let alarming = spec.effect.contains("amber") || spec.effect.contains("red");
        assert_eq!(alarming, calls.contains(&spec.state), "{}", spec.name);
    }
}

#[test]
fn the_scenes_of_an_idle_printer_do_not_move() {
    for state in [State::Idle, State::Bored, State::Sleep, State::Complete] {
        let plan = plan(&group(""));
        let name = plan.groups[0]
            .scene(state)
            .map(|it| it.effect.bottom().spec().name);
        assert!(matches!(name, Some("solid" | "off")), "{state}");
    }
}

#[test]
fn a_built_in_scene_uses_the_heater_of_the_printer() {
    let of = |heaters: &[&str]| {
        let facts = Facts {
            heaters: heaters.iter().map(ToString::to_string).collect(),
            ..Facts::default()
        };
        let compiled = compile(&sections(&group("")), Some(&facts));
        compiled.map(|it| text(&it.plan, State::Cooldown).map(str::to_owned))
    };
    let with = |source: &str| Ok(Some(format!("thermal ice orange 1.0 source={source}")));
    assert_eq!(of(&["heater_bed", "extruder"]), with("extruder"));
    assert_eq!(of(&["heater_bed"]), with("heater_bed"));
    assert_eq!(of(&["heater_generic oven"]), with("heater_generic oven"));
    assert_eq!(of(&[]), Ok(None));
}

#[test]
fn a_group_with_some_options_shows_the_built_in_scenes_in_other_states() {
    let own = plan(&group("on_idle: solid red"));
    let built_in = plan(&group(""));
    assert_eq!(text(&own, State::Idle), Some("solid red"));
    for state in State::ALL.into_iter().filter(|it| *it != State::Idle) {
        assert_eq!(text(&own, state), text(&built_in, state), "{state}");
    }
    let said = plan(&group("on_idle: solid red\nunmapped: default"));
    assert_eq!(said.groups, own.groups);
}

#[test]
fn unmapped_keep_and_off_still_show_errors_by_default() {
    for (word, unmapped) in [("keep", Unmapped::Keep), ("off", Unmapped::Off)] {
        let lines = format!("unmapped: {word}\non_idle: solid white");
        let silent = plan(&group(&lines));
        assert_eq!(silent.groups[0].unmapped, unmapped);
        assert_eq!(silent.groups[0].scenes.len(), 2);
        let built_in = plan(&group(""));
        assert_eq!(text(&silent, State::Error), text(&built_in, State::Error));
        let calm = plan(&group(&format!("{lines}\non_error: off")));
        assert_eq!(text(&calm, State::Error), Some("off"));
    }
}

#[test]
fn a_disconnected_printer_shows_no_alarm() {
    let failed = plan(&group("unmapped: keep\non_error: heartbeat red fade=0"));
    assert_eq!(text(&failed, State::Disconnected), None);
    let calm = plan(&group("on_error: heartbeat red fade=0"));
    let built_in = plan(&group(""));
    assert_eq!(
        text(&calm, State::Disconnected),
        text(&built_in, State::Disconnected)
    );
}

#[test]
fn a_snapshot_uses_the_light_of_the_job() {
    for unmapped in ["default", "keep", "off"] {
        let lines = format!("unmapped: {unmapped}\non_printing: solid red");
        let own = plan(&group(&lines));
        assert_eq!(text(&own, State::Snapshot), Some("solid red"), "{unmapped}");
    }
}

#[test]
fn a_fade_is_from_the_effect_the_group_or_lumen() {
    let fade = |lines: &str, state| {
        let plan = plan(&group(lines));
        plan.groups[0].scene(state).map(|part| part.fade)
    };
    let lines = "fade: 2\non_idle: solid red\non_error: solid red fade=0";
    assert_eq!(fade(lines, State::Idle), Some(Span::from_secs(2.0)));
    assert_eq!(fade(lines, State::Error), Some(Span::ZERO));
    assert_eq!(
        fade("on_idle: solid red", State::Idle),
        Some(Span::from_millis(400))
    );
}

#[test]
fn custom_states_have_options_like_all_others() {
    let plan = plan(
        "[lumen]
        states: purge, clean_nozzle
        macro_clean_nozzle: clean_nozzle, WIPE
        [lumen_group case]
        driver: memory
        on_clean_nozzle: pulse blue
        on_error: solid red",
    );
    assert_eq!(plan.custom_states, ["purge", "clean_nozzle"]);
    assert_eq!(text(&plan, State::Custom(1)), Some("pulse blue"));
    assert_eq!(plan.state("clean_nozzle"), Some(State::Custom(1)));
    assert_eq!(plan.state_name(State::Custom(0)), "purge");
}

#[test]
fn a_variant_starts_from_the_defaults_of_its_effect() {
    let plan = plan(&format!(
        "{}
        [lumen_effect alarm]
        effect: pulse
        base_color: red
        [lumen_effect pulse]
        speed: 3",
        group("on_error: alarm max=1\non_paused: pulse")
    ));
    let settings = |state| {
        plan.groups[0]
            .scene(state)
            .map(|part| part.effect.bottom().settings.clone())
    };
    let (alarm, pulse) = (settings(State::Error), settings(State::Paused));
    let of = |it: &Option<AnySettings>| {
        let pulse = it.as_ref()?.of::<PulseSettings>()?;
        Some((pulse.colors.first().g, pulse.speed_hz, pulse.max_brightness))
    };
    assert_eq!(of(&alarm), Some((0.0, 3.0, 1.0)));
    assert_eq!(of(&pulse), Some((1.0, 3.0, 0.8)));
    assert_eq!(text(&plan, State::Error), Some("alarm max=1"));
}

#[test]
fn a_variant_can_have_the_name_of_a_later_effect() {
    let plan = plan(&format!(
        "{}
        [lumen_effect candle]
        effect: fire
        speed: 3
        [lumen_effect calm]
        effect: breathing
        speed: 0.1",
        group("on_idle: candle\non_paused: calm\non_bored: twinkle")
    ));
    let effect = |state| &plan.groups[0].scene(state).unwrap().effect;
    assert_eq!(effect(State::Idle).bottom().spec().name, "fire");
    assert_eq!(effect(State::Bored).bottom().spec().name, "twinkle");
    // An alias brings its own defaults along.
    let pulse: &PulseSettings = effect(State::Paused).bottom().settings.of().unwrap();
    assert!(pulse.min_brightness <= 0.0 && pulse.speed_hz < 0.2);
}

#[test]
fn a_declared_lamp_is_one_pixel_and_dim_is_an_option() {
    let plan = plan(
        "[lumen]
        [lumen_strip ceiling]
        driver: pwm
        pin_name: caselight
        dim: 0.1
        [lumen_group room]
        strip: ceiling
        on_idle: dim",
    );
    assert_eq!(plan.strips[0].strip.pixels, 1);
    let idle = plan.groups[0]
        .scene(State::Idle)
        .map(|it| it.effect.bottom());
    assert_eq!(idle.map(|it| solid_color(it).g), Some(0.1));
}

#[test]
fn a_lamp_is_steady_in_every_state_and_full_in_errors() {
    for lines in ["", "on_idle: 0.2", "on_idle: 0.2\nunmapped: off"] {
        let plan = plan(&format!(
            "[lumen]\n[lumen_group room]\ndriver: pwm\npin_name: caselight\ndim: 0.4\n{lines}"
        ));
        let scenes = &plan.groups[0].scenes;
        assert!(
            scenes
                .iter()
                .all(|it| matches!(it.effect.bottom().spec().name, "solid" | "off"))
        );
        let error = plan.groups[0]
            .scene(State::Error)
            .map(|it| it.effect.bottom());
        assert_eq!(error.map(solid_color), Some(Color::WHITE));
        assert_eq!(text(&plan, State::Error), Some("on"));
    }
}

#[test]
fn lamps_accept_on_dim_and_a_brightness() {
    let plan = plan(
        "[lumen]
        [lumen_group caselight]
        driver: pwm
        pin_name: caselight
        on_idle: dim
        on_printing: on
        on_sleep: off
        on_bored: 0.5
        on_error: pulse white",
    );
    let level = |state| {
        plan.groups[0]
            .scene(state)
            .map(|it| solid_color(it.effect.bottom()).r)
    };
    assert_eq!(level(State::Idle), Some(0.3));
    assert_eq!(level(State::Printing), Some(1.0));
    assert_eq!(level(State::Bored), Some(0.5));
    assert_eq!(text(&plan, State::Bored), Some("0.5"));
    assert_eq!(text(&plan, State::Sleep), Some("off"));
}
