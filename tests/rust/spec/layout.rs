//! Strips and groups.

use super::{group, plan};
use lumen::{OutputPlan, StripType};

#[test]
fn an_empty_section_is_a_valid_config() {
    let plan = plan("[lumen]\n");
    assert!(plan.strips.is_empty() && plan.groups.is_empty());
    assert_eq!(plan.fps, 60);
    assert_eq!(plan.sources, ["extruder", "heater_bed"]);
    assert_eq!(plan.states.heaters, 2);
}

#[test]
fn a_group_can_declare_its_strip() {
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
        OutputPlan::Spi {
            device: "/dev/spidev0.0".into(),
            strip_type: StripType::Ws281x
        }
    );
}

#[test]
fn groups_on_one_pin_share_a_strip() {
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
    assert_eq!(plan.strips[0].output.driver().name, "gpio");
    assert!(plan.groups[0].group.reverse);
    assert_eq!(plan.groups[1].group.segments[0].first, 17);
}

#[test]
fn a_group_can_use_declared_strips_in_any_order_and_direction() {
    let plan = plan(
        "[lumen]
        [lumen_group whole]
        pixels: case 1-20, 25, top 9-1
        [lumen_group rest]
        strip: case
        index_start: 26
        [lumen_strip case]
        driver: spi
        chain_count: 30
        color_order: GRBW
        [lumen_strip top]
        driver: memory
        count: 9",
    );
    let pixels = |group: usize| {
        let segments = plan.groups[group].group.segments.iter();
        segments
            .map(|it| (it.strip, it.first, it.last))
            .collect::<Vec<_>>()
    };
    assert_eq!(pixels(0), [(0, 0, 19), (0, 24, 24), (1, 8, 0)]);
    assert_eq!(pixels(1), [(0, 25, 29)]);
    assert_eq!(plan.strips[0].strip.pixels, 30);
}

#[test]
fn a_strip_with_white_leds_has_sk6812_timing_by_default() {
    let strip_type = |lines: &str| {
        let plan = plan(&group(lines));
        match &plan.strips[0].output {
            OutputPlan::Spi { strip_type, .. } => Some(*strip_type),
            _ => None,
        }
    };
    assert_eq!(strip_type("color_order: GRBW"), Some(StripType::Sk6812));
    assert_eq!(strip_type("color_order: GRB"), Some(StripType::Ws281x));
    assert_eq!(
        strip_type("color_order: GRBW\nstrip_type: WS2815"),
        Some(StripType::Ws281x)
    );
    assert_eq!(strip_type("strip_type: sk6812"), Some(StripType::Sk6812));
}

#[test]
fn a_device_can_be_set() {
    let plan = plan(
        "[lumen]
        [lumen_group case]
        driver: spi
        device: /dev/spidev1.0
        index_end: 3",
    );
    assert_eq!(plan.strips[0].strip.name, "spidev1.0");
    assert!(
        matches!(&plan.strips[0].output, OutputPlan::Spi { device, .. } if device == "/dev/spidev1.0")
    );
}

#[test]
fn two_strips_never_have_the_same_name() {
    let plan = plan(
        "[lumen]
        [lumen_strip gpio18]
        driver: memory
        count: 3
        [lumen_group a]
        driver: gpio
        gpio_pin: 18
        [lumen_group b]
        driver: proxy
        proxy_host: 10.0.0.7
        gpio_pin: 18",
    );
    let names: Vec<&str> = plan
        .strips
        .iter()
        .map(|it| it.strip.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["gpio18", "gpio gpio18", "proxy 10.0.0.7:3769 gpio18"]
    );
}
