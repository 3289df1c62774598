//! `[lumen_palette]` sections and the effects that use them.
#![expect(clippy::unwrap_used, reason = "helper functions of tests")]

use super::plan;
use lumen::{
    Color, CometSettings, EffectPlan, EffectSettings, Palette, Plan, ProgressSettings,
    PulseSettings, State,
};

const CONFIG: &str = "
    [lumen]
    [lumen_group case]
    driver: memory
    index_end: 5
    on_idle: pulse mine
    on_paused: comet ocean
    on_printing: progress palette=MINE
    on_complete: glow
    on_cancelled: glow red
    [lumen_effect glow]
    effect: pulse
    palette: ocean
    [lumen_palette ocean]
    colors: black, blue
    [lumen_palette mine]
    colors: black 0%, red 40%, ffcc00 80%, 2700K 100%
";

fn effect(plan: &Plan, state: State) -> &EffectPlan {
    let mut parts = plan.groups[0].scenes.iter();
    parts
        .find(|part| part.state == state)
        .unwrap()
        .effect
        .bottom()
}

fn settings<T: EffectSettings>(plan: &Plan, state: State) -> &T {
    effect(plan, state).settings.of().unwrap()
}

#[test]
fn effects_use_the_palettes_of_the_config() {
    let plan = plan(CONFIG);
    let pulse: &PulseSettings = settings(&plan, State::Idle);
    let stops = pulse.colors.stops();
    assert_eq!(stops.len(), 4);
    assert_eq!(
        (stops[1].color, stops[1].place),
        (Color::rgb(1.0, 0.0, 0.0), 0.4)
    );
    let bar: &ProgressSettings = settings(&plan, State::Printing);
    assert_eq!(bar.palette.as_ref(), Some(&pulse.colors));
}

#[test]
fn a_palette_of_the_config_hides_a_color_and_a_built_in_palette() {
    let plan = plan(CONFIG);
    let comet: &CometSettings = settings(&plan, State::Paused);
    let colors: Vec<Color> = comet.colors.colors().collect();
    assert_eq!(colors, [Color::BLACK, Color::rgb(0.0, 0.0, 1.0)]);
}

#[test]
fn a_variant_has_a_palette_until_the_text_names_colors() {
    let plan = plan(CONFIG);
    let glow: &PulseSettings = settings(&plan, State::Complete);
    assert_eq!(glow.palette.as_ref().map(Palette::len), Some(2));
    let red: &PulseSettings = settings(&plan, State::Cancelled);
    assert_eq!(
        (&red.palette, red.colors.first()),
        (&None, Color::rgb(1.0, 0.0, 0.0))
    );
}

#[test]
fn a_changed_palette_changes_the_effects_that_use_it() {
    let before = plan(CONFIG);
    let after = plan(&CONFIG.replace("black, blue", "black, green"));
    assert_ne!(
        effect(&before, State::Paused),
        effect(&after, State::Paused)
    );
    assert_ne!(
        effect(&before, State::Complete),
        effect(&after, State::Complete)
    );
    assert_eq!(effect(&before, State::Idle), effect(&after, State::Idle));
}
