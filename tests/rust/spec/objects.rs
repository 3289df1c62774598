//! Checks of Lumen's sections against Klipper's own.

use super::{messages, sections, warnings};
use lumen::{Compiled, Klipper, KnownFrom, LedFault, RawConfig, SpecError, compile};

const NAMES: &[&str] = &[
    "printer",
    "neopixel sb_leds",
    "dotstar bed",
    "led lid",
    "output_pin caselight",
    "pwm_tool lamp2",
    "pwm_cycle_time lamp3",
    "fan",
    "fan_generic nevermore",
    "my_light shelf",
    "lumen_group shelf2",
    "gcode_macro shelf2",
    "adxl345 shelf2",
];

fn known(from: KnownFrom, config: &str) -> Result<Compiled, Vec<SpecError>> {
    let klipper = Klipper {
        known_from: from,
        names: NAMES.iter().map(|it| (*it).to_owned()).collect(),
        spi_buses: vec![("adxl345".to_owned(), "spidev0.0".to_owned())],
        ..Klipper::default()
    };
    let channels = |count| vec!["GRB".to_owned(); count];
    let leds = [
        ("neopixel sb_leds".to_owned(), channels(3)),
        ("dotstar bed".to_owned(), channels(2)),
        ("led lid".to_owned(), vec!["W".to_owned()]),
    ];
    let raw = RawConfig {
        klipper: Some(klipper),
        leds: leds.into(),
        ..sections(&format!("[lumen]\n{config}"))
    };
    compile(&raw, None)
}

fn wrong(from: KnownFrom, config: &str) -> Vec<String> {
    let outcome = known(from, config);
    outcome.err().map_or(Vec::new(), |errors| messages(&errors))
}

fn warned(from: KnownFrom, config: &str) -> Vec<String> {
    let outcome = known(from, config).map_err(|errors| messages(&errors));
    outcome.map_or_else(|errors| errors, |it| warnings(&it))
}

#[test]
fn a_missing_section_is_an_error_in_files_and_in_a_printer() {
    for (lines, option, problem) in [
        (
            "driver: klipper\nneopixel: sb_led\nindex_end: 2",
            "neopixel",
            "there is no section 'neopixel sb_led' (did you mean 'sb_leds'?)",
        ),
        (
            "driver: klipper\nneopixel: bed\nindex_end: 2",
            "neopixel",
            "there is no section 'neopixel bed' (did you mean 'dotstar bed'?)",
        ),
        (
            "driver: klipper\nled: pca9632 lid",
            "led",
            "there is no section 'pca9632 lid' (did you mean 'led lid'?)",
        ),
        (
            "driver: pwm\npin_name: case_light",
            "pin_name",
            "there is no section 'case_light' (did you mean 'caselight'?)",
        ),
        (
            "driver: pwm\npin_name: zebra",
            "pin_name",
            "there is no section 'zebra' (known: lid, caselight, lamp2, lamp3)",
        ),
        // An object is found by its full name, or by the last word of it.
        (
            "driver: pwm\npin_name: fan",
            "pin_name",
            "there is no section 'fan' (known: lid, caselight, lamp2, lamp3)",
        ),
        // Neither Lumen's own section nor one of Klipper's without LEDs creates the object.
        (
            "driver: klipper\nneopixel: shelf2\nindex_end: 2",
            "neopixel",
            "there is no section 'neopixel shelf2' (known: sb_leds, bed, lid, caselight, lamp2, lamp3)",
        ),
        (
            "driver: klipper\nled: fan_generic none",
            "led",
            "there is no section 'fan_generic none' (known: neopixel sb_leds, dotstar bed, led lid, \
             output_pin caselight, pwm_tool lamp2, pwm_cycle_time lamp3)",
        ),
        (
            "driver: klipper\nled: fan",
            "led",
            "there is no section 'fan' (known: sb_leds, bed, lid, caselight, lamp2, lamp3)",
        ),
    ] {
        let wanted = format!("Option '{option}' in section 'lumen_group a': {problem}");
        for from in [KnownFrom::Files, KnownFrom::Printer] {
            let found = wrong(from, &format!("[lumen_group a]\n{lines}"));
            assert_eq!(found, [wanted.as_str()], "{from:?}");
        }
        let (wanted, _) = wanted.split_once(" (").unwrap_or_default();
        let found = warned(KnownFrom::Part, &format!("[lumen_group a]\n{lines}"));
        let wanted = format!("{wanted} in this file; printer.cfg must have it");
        assert_eq!(found, [wanted.as_str()]);
    }
}

#[test]
fn a_missing_plug_in_object_is_an_error_only_in_a_printer() {
    let shelf = "[lumen_group a]\ndriver: klipper\nneopixel: shelf\nindex_end: 2";
    assert_eq!(
        warned(KnownFrom::Files, shelf),
        [
            "Option 'neopixel' in section 'lumen_group a': there is no section 'neopixel shelf'; \
             this needs a Klipper plug-in that creates it"
        ]
    );
    let config = "[lumen_group a]\ndriver: klipper\nled: mmu_leds one\n[lumen_group b]\ndriver: \
                  pwm\npin_name: mmu_pin two";
    let missing = |option, section, name| {
        format!(
            "Option '{option}' in section 'lumen_group {section}': there is no section '{name}'"
        )
    };
    let one = missing("led", "a", "mmu_leds one");
    let two = missing("pin_name", "b", "mmu_pin two");
    let plug_in = "; this needs a Klipper plug-in that creates it";
    assert_eq!(
        warned(KnownFrom::Files, config),
        [format!("{one}{plug_in}"), format!("{two}{plug_in}")]
    );
    let found = wrong(KnownFrom::Printer, config);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with(&one) && found[1].starts_with(&two));
}

#[test]
fn a_group_must_not_be_longer_than_its_chain() {
    for from in [KnownFrom::Part, KnownFrom::Files, KnownFrom::Printer] {
        let config = "[lumen_group a]\ndriver: klipper\nneopixel: sb_leds\nindex_end: 10\n\
                      [lumen_strip two]\ndriver: klipper\nled: neopixel sb_leds, dotstar \
                      bed\ncount: 6";
        assert_eq!(
            wrong(from, config),
            [
                "Option 'index_end' in section 'lumen_group a' must not be above 3, the length of \
                 [neopixel sb_leds], got 10",
                "Option 'count' in section 'lumen_strip two' must not be above 5, the length of \
                 [neopixel sb_leds] and [dotstar bed], got 6",
            ]
        );
        let whole = config.replace("10", "3").replace('6', "5");
        let whole = whole.replace("driver: klipper\nneopixel: sb_leds", "strip: two");
        assert_eq!(wrong(from, &whole), [""; 0]);
    }
}

#[test]
fn a_pin_in_sync_with_moves_gives_a_warning() {
    let config = "[lumen_group a]\ndriver: pwm\npin_name: pwm_tool lamp2";
    assert_eq!(
        warned(KnownFrom::Files, config),
        [
            "Option 'pin_name' in section 'lumen_group a': Klipper sets [pwm_tool lamp2] only in \
             sync with moves, so it stays dark; use an [output_pin] for a lamp"
        ]
    );
    // With a connected printer, the strip reports this itself.
    assert_eq!(warned(KnownFrom::Printer, config), [""; 0]);
}

#[test]
fn a_section_that_cannot_show_light_gives_a_warning() {
    for (lines, option, text) in [
        (
            "driver: pwm\npin_name: fan_generic nevermore",
            "pin_name",
            "[fan_generic nevermore] is not a lamp, so it stays dark; use an [output_pin] or a \
             section with LEDs",
        ),
        (
            "driver: klipper\nled: neopixel sb_leds, fan_generic nevermore\nindex_end: 3",
            "led",
            "[fan_generic nevermore] has no LEDs, so the strip stays dark",
        ),
        (
            "driver: klipper\nled: caselight",
            "led",
            "[output_pin caselight] has no LEDs, so the strip stays dark; a lamp needs 'driver: \
             pwm' and 'pin_name: caselight'",
        ),
    ] {
        let config = format!("[lumen_group a]\n{lines}");
        let wanted = format!("Option '{option}' in section 'lumen_group a': {text}");
        assert_eq!(warned(KnownFrom::Files, &config), [wanted]);
        // With a connected printer, the strip reports this itself.
        assert_eq!(warned(KnownFrom::Printer, &config), [""; 0]);
    }
    for name in [
        "pwm_cycle_time lamp3",
        "neopixel sb_leds",
        "lid",
        "my_light shelf",
    ] {
        let config = format!("[lumen_group a]\ndriver: pwm\npin_name: {name}");
        assert_eq!(warned(KnownFrom::Files, &config), [""; 0], "{name}");
    }
    let config = "[lumen_group a]\ndriver: klipper\nled: my_light shelf";
    assert_eq!(warned(KnownFrom::Files, config), [""; 0]);
}

#[test]
fn a_group_with_one_pixel_of_a_chain_gives_a_warning() {
    let group = |lines: &str| format!("[lumen_group a]\n{lines}");
    let text = "Section 'lumen_group a' has no 'index_end', so it uses only the first pixel";
    assert_eq!(
        warned(
            KnownFrom::Files,
            &group("driver: klipper\nneopixel: sb_leds")
        ),
        [format!("{text}; [neopixel sb_leds] has 3")]
    );
    assert_eq!(
        warned(KnownFrom::Files, &group("driver: gpio\ngpio_pin: 18")),
        [text]
    );
    for lines in [
        "driver: klipper\nled: lid",
        "driver: pwm\npin_name: caselight",
        "driver: gpio\ngpio_pin: 18\nindex_end: 1",
        "driver: gpio\ngpio_pin: 18\nindex_start: 1",
    ] {
        assert_eq!(warned(KnownFrom::Files, &group(lines)), [""; 0], "{lines}");
    }
}

#[test]
fn a_config_without_groups_gives_a_warning() {
    let text = "Section 'lumen' has no effect without a [lumen_group NAME]";
    assert_eq!(warned(KnownFrom::Files, ""), [text]);
    assert_eq!(warned(KnownFrom::Part, ""), [""; 0]);
}

#[test]
fn other_devices_on_the_spi_bus_of_a_strip_are_found() {
    let group =
        |device: &str| format!("[lumen_group a]\ndriver: spi\ndevice: {device}\nindex_end: 3\n");
    let both = "Sections 'lumen_group a' and 'adxl345' both use /dev/spidev0.0; an LED strip \
                needs its own SPI bus";
    assert_eq!(warned(KnownFrom::Files, &group("/dev/spidev0.0")), [both]);
    let gpio = "[lumen_group a]\ndriver: gpio\ngpio_pin: 10\nindex_end: 3";
    assert_eq!(warned(KnownFrom::Files, gpio), [both]);
    let warning = "Sections 'lumen_group a' and 'adxl345' use /dev/spidev0.1 and spidev0.0, which \
                   share one SPI bus; the strip flickers while the other device is in use";
    assert_eq!(
        warned(KnownFrom::Files, &group("/dev/spidev0.1")),
        [warning]
    );
    assert_eq!(warned(KnownFrom::Files, &group("/dev/spidev1.0")), [""; 0]);
}

#[test]
fn errors_in_klippers_led_sections_are_reported_with_all_others() {
    let fault = |option: &str, problem: &str| LedFault {
        section: "neopixel a".to_owned(),
        option: option.to_owned(),
        problem: problem.to_owned(),
    };
    let klipper = Klipper {
        faults: vec![
            fault("chain_count", "must not be above 166"),
            fault("", " needs a pin"),
        ],
        ..Klipper::default()
    };
    let raw = RawConfig {
        klipper: Some(klipper),
        ..sections("[lumen]\nbrightnes: 1")
    };
    let errors = compile(&raw, None).err().unwrap_or_default();
    assert_eq!(
        messages(&errors),
        [
            "Option 'brightnes' is not valid in section 'lumen' (did you mean 'brightness'?)",
            "Option 'chain_count' in section 'neopixel a' must not be above 166",
            "Section 'neopixel a' needs a pin",
        ]
    );
}

#[test]
fn misspelled_section_names_give_the_correct_name() {
    for (title, hint) in [
        ("Lumen", "write [lumen] in lowercase"),
        ("Lumen_Group a", "write [lumen_group a] in lowercase"),
        ("lumen logo", "write [lumen_group logo]"),
    ] {
        let found = wrong(KnownFrom::Files, &format!("[{title}]"));
        let wanted = format!("Section '{title}' is not a valid config section; {hint}");
        assert_eq!(found, [wanted.as_str()]);
    }
    let found = wrong(KnownFrom::Files, "[lumen-group a]");
    assert!(
        found[0].ends_with("(did you mean 'lumen_group a'?)"),
        "{found:?}"
    );
}
