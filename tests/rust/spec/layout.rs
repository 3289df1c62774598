//! Strips and groups.

use super::{group, plan};
use lumen::plan::{OutputSpec, StripType};

#[test]
fn an_empty_section_is_a_whole_config() {
    let plan = plan("[lumen]\n");
    assert!(plan.strips.is_empty() && plan.groups.is_empty());
    assert_eq!(plan.fps, 60);
    assert_eq!(plan.sources, ["extruder", "heater_bed"]);
    assert_eq!(plan.states.heaters, 2);
}

#[test]
fn a_group_may_bring_its_strip_along() {
    let plan = plan(&group("on_idle: solid white"));
    let [strip] = plan.strips.as_slice() else {
        panic!("one strip")
    };
    assert_eq!(
        (strip.strip.name.as_str(), strip.strip.pixels),
        ("gpio10", 10)
    );
    assert_eq!(
        strip.output,
        OutputSpec::Spi {
            device: "/dev/spidev0.0".into(),
            strip_type: StripType::Ws281x
        }
    );
}

#[test]
fn groups_with_one_pin_share_its_strip() {
    let plan = plan(
        "[lumen]
        [lumen_group a]
        driver: gpio
        gpio_pin: 18
        index_start: 1
        index_end: 17
        direction: reverse
        [lumen_group b]
        driver: gpio
        gpio_pin: gpio18
        index_start: 18
        index_end: 34
        color_order: RGB",
    );
    assert_eq!(plan.strips.len(), 1);
    assert_eq!(plan.strips[0].strip.pixels, 34);
    assert_eq!(plan.strips[0].strip.order.to_string(), "RGB");
    assert_eq!(
        plan.strips[0].output,
        OutputSpec::Absent {
            driver: "gpio".into(),
            place: "gpio18".into()
        }
    );
    assert!(plan.groups[0].group.reverse);
    assert_eq!(plan.groups[1].group.segments[0].first, 17);
}
