//! Numbered chases form rings.

use super::plan;
use lumen::{ChaseSettings, Plan, RingPlace, State};

fn three(lines: [&str; 3]) -> Plan {
    let [left, center, right] = lines;
    plan(&format!(
        "[lumen]
        [lumen_group left]
        driver: gpio
        gpio_pin: 10
        index_end: 17
        {left}
        [lumen_group center]
        driver: gpio
        gpio_pin: 10
        index_start: 18
        index_end: 20
        {center}
        [lumen_group right]
        driver: gpio
        gpio_pin: 10
        index_start: 21
        index_end: 30
        {right}"
    ))
}

fn place(plan: &Plan, group: usize, state: State) -> Option<RingPlace> {
    plan.groups[group].scene(state)?.effect.bottom().ring
}

#[test]
fn a_ring_is_sorted_by_number_then_by_the_order_of_the_config() {
    let plan = three([
        "on_bored: chase 2",
        "on_bored: chase 1",
        "on_bored: chase 2",
    ]);
    let places = [0, 1, 2].map(|group| place(&plan, group, State::Bored));
    let seed = places[0].map_or(0, |place| place.seed);
    let at = |first| {
        Some(RingPlace {
            first,
            pixels: 30,
            seed,
        })
    };
    assert_eq!(places, [at(3), at(0), at(20)]);
}

#[test]
fn the_first_member_sets_the_options_of_the_ring() {
    let plan = three([
        "on_bored: chase 3 size=9",
        "on_bored: chase 1 green size=4",
        "on_bored: off",
    ]);
    let settings = |group: usize| {
        plan.groups[group]
            .scene(State::Bored)
            .map(|it| &it.effect.bottom().settings)
    };
    assert_eq!(settings(0), settings(1));
    assert_eq!(
        settings(0).and_then(|it| Some(it.of::<ChaseSettings>()?.size)),
        Some(Some(4))
    );
}

#[test]
fn a_single_number_is_a_ring_of_one_group() {
    let plan = three(["on_bored: chase 7", "on_bored: chase", "on_idle: chase 7"]);
    assert_eq!(place(&plan, 0, State::Bored).map(|it| it.pixels), Some(17));
    assert_eq!(place(&plan, 1, State::Bored), None);
    assert_eq!(place(&plan, 2, State::Idle).map(|it| it.pixels), Some(10));
}

#[test]
fn the_seed_of_a_ring_depends_only_on_its_state_and_members() {
    let seed = |lines, state| place(&three(lines), 0, state).map(|it| it.seed);
    let both = ["on_bored: chase 1", "on_bored: chase 2", "on_idle: off"];
    let faster = [
        "on_bored: chase 1 speed=40",
        "on_bored: chase 2",
        "on_idle: solid red",
    ];
    let all = [
        "on_bored: chase 1",
        "on_bored: chase 2",
        "on_bored: chase 3",
    ];
    let idle = ["on_idle: chase 1", "on_idle: chase 2", "on_bored: off"];
    assert_eq!(seed(both, State::Bored), seed(faster, State::Bored));
    assert_ne!(seed(both, State::Bored), seed(all, State::Bored));
    assert_ne!(seed(both, State::Bored), seed(idle, State::Idle));
}
