//! The hardware options: `driver` and the options of each driver.

use super::{plan, problems};
use lumen::{LampPlan, OutputPlan, PinPlan, StripPlan, StripType};

/// Returns the name and the output of the strip that a group declares.
fn declared(lines: &str) -> (String, OutputPlan) {
    let plan = plan(&format!("[lumen]\n[lumen_group case]\n{lines}"));
    let StripPlan { strip, output, .. } = &plan.strips[0];
    (strip.name.clone(), output.clone())
}

#[test]
fn klipper_leds_can_be_a_list() {
    let cases: [(&str, &str, &[&str]); 3] = [
        ("neopixel: emblem", "emblem", &["neopixel emblem"]),
        ("led: lamp", "lamp", &["lamp"]),
        (
            "led: dotstar bed,  neopixel  case",
            "bed+case",
            &["dotstar bed", "neopixel case"],
        ),
    ];
    for (line, name, objects) in cases {
        let objects = objects.iter().map(ToString::to_string).collect();
        let expected = (name.to_owned(), OutputPlan::Leds { objects });
        assert_eq!(declared(&format!("driver: klipper\n{line}")), expected);
    }
}

#[test]
fn a_lamp_uses_the_scale_of_its_pin_by_default() {
    for (line, scale, dim) in [
        ("", None, 0.3),
        ("scale: 10", Some(10.0), 0.3),
        ("dim: 0.1", None, 0.1),
    ] {
        let (name, output) = declared(&format!("driver: pwm\npin_name: caselight\n{line}"));
        assert_eq!(name, "caselight");
        let object = "caselight".to_owned();
        assert_eq!(output, OutputPlan::Lamp(LampPlan { object, scale, dim }));
    }
}

#[test]
fn pins_are_driven_in_process_or_by_the_helper() {
    let usual = PinPlan {
        pin: 18,
        strip_type: StripType::Ws281x,
        frequency_hz: 800_000,
        dma: 10,
        invert: false,
        by_helper: false,
    };
    let cases = [
        ("driver: gpio", usual),
        (
            "driver: proxy",
            PinPlan {
                by_helper: true,
                ..usual
            },
        ),
        (
            "driver: gpio\nfrequency: 400000\ndma: 11\ninvert: True\ncolor_order: GRBW",
            PinPlan {
                strip_type: StripType::Sk6812,
                frequency_hz: 400_000,
                dma: 11,
                invert: true,
                ..usual
            },
        ),
    ];
    for (lines, pin) in cases {
        let expected = ("gpio18".to_owned(), OutputPlan::Pin(pin));
        assert_eq!(declared(&format!("{lines}\ngpio_pin: 18")), expected);
    }
}

#[test]
fn other_outputs_have_default_devices_and_ports() {
    let cases = [
        (
            "driver: apa102",
            "spidev0.0",
            OutputPlan::Apa102 {
                device: "/dev/spidev0.0".into(),
                clock_hz: 4_000_000,
            },
        ),
        (
            "driver: pio\ngpio_pin: 22",
            "leds0",
            OutputPlan::Pio {
                device: "/dev/leds0".into(),
                pin: Some(22),
            },
        ),
        (
            "driver: ddp\nhost: wled.local",
            "wled.local",
            OutputPlan::Ddp {
                host: "wled.local".into(),
                port: 4048,
            },
        ),
        (
            "driver: proxy\ngpio_pin: 18\nproxy_host: 10.0.0.7",
            "gpio18",
            OutputPlan::Unsupported {
                place: "10.0.0.7:3769 gpio18".into(),
            },
        ),
    ];
    for (lines, name, output) in cases {
        assert_eq!(declared(lines), (name.to_owned(), output), "{lines}");
    }
}

#[test]
fn each_driver_has_a_default_color_order() {
    let order = |lines: &str| {
        let plan = plan(&format!(
            "[lumen]\n[lumen_strip case]\ncount: 9\n{lines}\n[lumen_group case]\nstrip: case"
        ));
        plan.strips[0].strip.order.to_string()
    };
    assert_eq!(order("driver: spi"), "GRB");
    assert_eq!(order("driver: apa102"), "BGR");
    assert_eq!(order("driver: ddp\nhost: case.local"), "RGB");
    assert_eq!(
        order("driver: ddp\nhost: case.local\ncolor_order: RGBW"),
        "RGBW"
    );
}

/// Returns the errors for groups on the given pins with the given lines.
fn wrong(pins: &[(&str, &str)]) -> Vec<String> {
    let groups = pins.iter().enumerate().map(|(index, (pin, lines))| {
        format!("[lumen_group g{index}]\ndriver: gpio\ngpio_pin: {pin}\n{lines}\n")
    });
    problems(&format!("[lumen]\n{}", groups.collect::<String>()))
}

#[test]
fn pins_that_cannot_be_used_together_are_reported() {
    let groups = "Sections 'lumen_group g0' and 'lumen_group g1'";
    let cases: [(&[(&str, &str)], String); 5] = [
        (
            &[("18", "dma: 5")],
            "Option 'dma' in section 'lumen_group g0' must be 4 or from 8 to 14, got 5; the other \
             channels are in use, for example by the SD card"
                .into(),
        ),
        (
            &[("12", ""), ("18", "")],
            format!(
                "{groups} use GPIO12 and GPIO18, which share one PWM channel; use GPIO12 or 18 and \
                 GPIO13 or 19"
            ),
        ),
        (
            &[("18", ""), ("21", "")],
            format!(
                "{groups} both use DMA channel 10; write 'dma: 9' for GPIO21 and 'dma: 10' \
                 for the other pins"
            ),
        ),
        (
            &[("18", "dma: 11"), ("13", "")],
            format!("{groups} disagree on 'dma' (11 and 10); both PWM channels share it"),
        ),
        (
            &[("18", "frequency: 400000"), ("13", "")],
            format!(
                "{groups} disagree on 'frequency' (400000 and 800000); both PWM channels \
                 share it"
            ),
        ),
    ];
    for (pins, expected) in cases {
        assert_eq!(wrong(pins), [expected]);
    }
}

#[test]
fn pwm_and_pcm_can_be_used_together() {
    let config = "[lumen]
        [lumen_group a]
        driver: gpio
        gpio_pin: 18
        [lumen_group b]
        driver: gpio
        gpio_pin: 13
        [lumen_group c]
        driver: gpio
        gpio_pin: 21
        dma: 9";
    assert_eq!(plan(config).strips.len(), 3);
}

#[test]
fn a_strip_that_is_too_long_for_its_pin_is_reported() {
    for (pin, most) in [(18, 2700), (21, 5400)] {
        let config = |pixels| {
            let lines = format!("driver: gpio\ngpio_pin: {pin}\nindex_end: {pixels}");
            format!("[lumen]\n[lumen_group case]\n{lines}")
        };
        assert_eq!(problems(&config(most)), Vec::<String>::new());
        let expected = format!(
            "Section 'lumen_group case' has {} pixels on GPIO{pin}, which supports at most \
             {most}; connect the rest to another pin or to SPI",
            most + 1
        );
        assert_eq!(problems(&config(most + 1)), [expected]);
    }
}
