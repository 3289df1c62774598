//! Effects from commands.

use super::{compiled, group};
use lumen::{Compiled, Override, PulseSettings, Span};

fn printer() -> Compiled {
    compiled(&format!(
        "{}\n[lumen_effect alarm]\neffect: pulse\nspeed: 3",
        group("on_error: solid red")
    ))
}

fn set(text: &str, options: &[(&str, &str)]) -> Result<Override, String> {
    let Compiled {
        plan,
        mut effect_resolver,
        ..
    } = printer();
    let options: Vec<(String, String)> = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    effect_resolver.effect(&plan, 0, text, &options)
}

#[test]
fn a_command_accepts_a_spec_and_options() {
    let set = set("alarm red max=1", &[("SPEED", "2"), ("fade", "0")]);
    assert_eq!(
        set.as_ref().map(|it| it.effect.bottom().spec().name),
        Ok("pulse")
    );
    let pulse = |it: &Override| it.effect.bottom().settings.of::<PulseSettings>().cloned();
    let pulse = set.as_ref().map(|it| pulse(it).map(|pulse| pulse.speed_hz));
    assert_eq!(pulse, Ok(Some(2.0)));
    assert_eq!(
        set.as_ref().map(|it| it.text.as_str()),
        Ok("alarm red max=1 speed=2 fade=0")
    );
    assert_eq!(set.map(|it| it.fade), Ok(Some(Span::ZERO)));
}

#[test]
fn a_color_can_be_an_option() {
    let color = set("solid", &[("color", "1.0, 0.5, 0")]).map(|it| it.text);
    assert_eq!(color, Ok("solid color=1.0,0.5,0".to_owned()));
}

#[test]
fn a_command_can_set_a_duration() {
    assert_eq!(
        set("pulse red duration=10", &[]).map(|it| it.duration),
        Ok(Some(Span::from_secs(10.0)))
    );
    assert_eq!(set("pulse red", &[]).map(|it| it.duration), Ok(None));
}

#[test]
fn a_numbered_chase_from_a_command_is_a_ring_of_one_group() {
    let ring =
        set("chase 2", &[]).map(|it| it.effect.bottom().ring.map(|it| (it.first, it.pixels)));
    assert_eq!(ring, Ok(Some((0, 10))));
}

#[test]
fn a_command_can_add_a_source_and_keeps_the_order_of_the_others() {
    let Compiled {
        plan,
        mut effect_resolver,
        ..
    } = printer();
    assert_eq!(effect_resolver.sources(), plan.sources);
    for _ in 0..2 {
        let set = effect_resolver.effect(&plan, 0, "thermal chamber 20 60", &[]);
        assert_eq!(set.map(|it| it.effect.bottom().source()), Ok(Some(2)));
    }
    assert_eq!(
        effect_resolver.sources(),
        ["extruder", "heater_bed", "temperature_sensor chamber"]
    );
}

#[test]
fn errors_in_a_command_are_one_line() {
    let error = |text, options: &[(&str, &str)]| set(text, options).err();
    assert_eq!(
        error("puls", &[]).as_deref(),
        Some("unknown effect 'puls' (did you mean 'pulse'?)")
    );
    assert_eq!(
        error("pulse rde max=2", &[]).as_deref(),
        Some("unknown color 'rde' (did you mean 'red'?); 'max' must be from 0 to 1, got 2")
    );
    assert_eq!(
        error("pulse", &[("speeed", "2")]).as_deref(),
        Some("'pulse' has no option 'speeed' (did you mean 'speed'?)")
    );
    assert_eq!(
        error("pulse red", &[("color", "blue")]).as_deref(),
        Some("'color' is set twice")
    );
    assert_eq!(
        error("pulse min=0.9", &[]).as_deref(),
        Some("'min_brightness' (0.9) must not be above 'max_brightness' (0.8)")
    );
}
