//! Color correction and power limits.

use super::{compiled, plan, warnings};
use lumen::{FinishPlan, PixelFormat, PowerPlan, White};

fn finish(lines: &str) -> FinishPlan {
    let plan = plan(&format!(
        "[lumen]\n[lumen_strip case]\ncount: 9\n{lines}\n[lumen_group a]\nstrip: case"
    ));
    plan.strips[0].finish.clone()
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_finish() {
    assert_eq!(finish("driver: memory"), FinishPlan::default());
    assert_eq!(plan("[lumen]").max_current_ma, None);
}

#[test]
fn set_options_are_used() {
    let finish = finish(
        "driver: memory
        color_order: GRBW
        white_balance: 1.0, 0.85, 0.7
        white_color: 1, .9, 0.6
        gamma: 2.2
        max_current: 1500
        led_current: 12
        white_current: 18
        idle_current: 0.6
        dither: False",
    );
    let power = PowerPlan {
        max_current_ma: Some(1500.0),
        led_current_ma: 12.0,
        white_current_ma: 18.0,
        idle_current_ma: 0.6,
    };
    let expected = FinishPlan {
        white_balance: [1.0, 0.85, 0.7],
        white: White::Extract([1.0, 0.9, 0.6]),
        leds: Vec::new(),
        gamma: 2.2,
        dither: false,
        power,
    };
    assert_eq!(finish, expected);
}

#[test]
fn white_extraction_can_be_off() {
    let finish = finish("driver: memory\ncolor_order: GRBW\nwhite: off");
    assert_eq!(finish.white, White::Off);
}

#[test]
fn groups_on_one_strip_need_to_set_an_option_only_once() {
    let plan = plan(
        "[lumen]
        max_current: 2500
        [lumen_group a]
        driver: gpio
        gpio_pin: 10
        gamma: 1.5
        [lumen_group b]
        driver: gpio
        gpio_pin: 10
        index_start: 2
        index_end: 3
        max_current: 900
        gamma: 1.50",
    );
    let finish = &plan.strips[0].finish;
    assert!((finish.gamma - 1.5).abs() < f32::EPSILON);
    assert_eq!(finish.power.max_current_ma, Some(900.0));
    assert_eq!(plan.max_current_ma, Some(2500.0));
}

#[test]
fn slow_outputs_are_not_dithered_by_default() {
    let dithers = |lumen: &str, lines: &str| {
        let strip = format!("[lumen]\n{lumen}\n[lumen_group a]\n{lines}");
        plan(&strip).strips[0].finish.dither
    };
    assert!(dithers("", "driver: memory"));
    assert!(!dithers("dither: False", "driver: memory"));
    assert!(!dithers("gpio_fps: 30", "driver: memory"));
    assert!(dithers("gpio_fps: 30\ndither: True", "driver: memory"));
    assert!(dithers("dither: False", "driver: memory\ndither: True"));
    let leds = "driver: klipper\nneopixel: case";
    assert!(!dithers("", leds));
    assert!(dithers("", &format!("{leds}\ndither: True")));
    assert!(!dithers("", "driver: pwm\npin_name: lamp"));
}

#[test]
fn lamps_do_not_count_toward_power_limits() {
    let plan = plan("[lumen]\n[lumen_group a]\ndriver: pwm\npin_name: lamp");
    assert_eq!(plan.strips[0].finish.power, PowerPlan::NOTHING);
}

#[test]
fn an_apa102_has_its_own_pixel_format() {
    let format = |driver: &str| {
        let plan = plan(&format!("[lumen]\n[lumen_group a]\ndriver: {driver}"));
        plan.strips[0].strip.format
    };
    assert_eq!(format("apa102"), PixelFormat::SharedBrightness);
    assert_eq!(format("spi"), PixelFormat::Bytes);
}

#[test]
fn options_for_missing_white_leds_are_warnings() {
    let lines = "driver: memory\nwhite: off\nwhite_current: 25\non_error: solid red";
    let warned = warnings(&compiled(&format!("[lumen]\n[lumen_group a]\n{lines}")));
    assert_eq!(
        warned,
        [
            "Option 'white' in section 'lumen_group a' has no effect without a W in 'color_order'",
            "Option 'white_current' in section 'lumen_group a' has no effect without a W in 'color_order'",
        ]
    );
}
