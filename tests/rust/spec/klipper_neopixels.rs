//! Pins for Klipper's own LED sections, and lights and effects for web interfaces.

use super::{compiled, problems};
use lumen::{ColorOrder, LightChannels, LightOffer, OutputPlan, PinOffer, PinPlan};

/// Returns a config with one `[neopixel]` on a Lumen pin.
fn with(pin: &str, lines: &str, before: &str) -> String {
    format!("[lumen]\n{before}\n[neopixel bar]\npin: lumen:{pin}\n{lines}")
}

#[test]
fn a_klipper_neopixel_on_a_pin_adds_a_strip() {
    let compiled = compiled(&with("gpio18", "chain_count: 30\ncolor_order: RGBW", ""));
    let strip = &compiled.plan.strips[0];
    assert_eq!(
        (strip.strip.pixels, strip.strip.order.to_string()),
        (30, "RGBW".to_owned())
    );
    assert!(matches!(
        strip.output,
        OutputPlan::Pin(PinPlan { pin: 18, .. })
    ));
    let expected = PinOffer {
        section: "neopixel bar".to_owned(),
        pin: "gpio18".to_owned(),
        strip: strip.strip.name.clone(),
        pixels: 30,
        order: ColorOrder::parse("RGBW").unwrap(),
    };
    assert_eq!(compiled.offer.pins, [expected]);
}

#[test]
fn a_klipper_neopixel_on_gpio10_uses_spi() {
    let compiled = compiled(&with("gpio10", "", ""));
    assert!(matches!(
        compiled.plan.strips[0].output,
        OutputPlan::Spi { .. }
    ));
    assert_eq!(compiled.offer.pins[0].order, ColorOrder::GRB);
    assert_eq!(compiled.offer.pins[0].pixels, 1);
}

#[test]
fn a_klipper_neopixel_shares_the_strip_of_a_group() {
    let group = "[lumen_group case]\ndriver: gpio\ngpio_pin: 18\nindex_end: 10";
    for pin in ["gpio18", "18", "GPIO18"] {
        let compiled = compiled(&with(pin, "chain_count: 20", group));
        let strips = &compiled.plan.strips;
        assert_eq!((strips.len(), strips[0].strip.pixels), (1, 20));
        assert_eq!(compiled.offer.pins[0].strip, strips[0].strip.name);
    }
}

#[test]
fn a_klipper_neopixel_names_a_strip() {
    let strip = "[lumen_strip case]\ndriver: spi\ndevice: /dev/spidev1.0\ncount: 8";
    let compiled = compiled(&with("case", "chain_count: 4", strip));
    assert_eq!(compiled.plan.strips.len(), 1);
    assert_eq!(compiled.plan.strips[0].strip.pixels, 8);
    assert_eq!(compiled.offer.pins[0].strip, "case");
}

#[test]
fn invalid_klipper_neopixels_are_reported() {
    let strip = "[lumen_strip case]\ndriver: spi\ndevice: /dev/spidev1.0\ncount: 8";
    let own = "[lumen_strip case]\ndriver: klipper\nneopixel: other\ncount: 8";
    let cases = [
        (
            with("cas", "", strip),
            "Option 'pin' in section 'neopixel bar': unknown strip 'cas' (did you mean \
             'case'?)",
        ),
        (
            with("case", "chain_count: 9", strip),
            "Option 'chain_count' in section 'neopixel bar' must not be above 8, the length of \
             strip 'case', got 9",
        ),
        (
            with("case", "chain_count: 4", own),
            "Option 'pin' in section 'neopixel bar': Klipper drives strip 'case' itself",
        ),
        (
            with("gpio18", "chain_count: 2\ncolor_order: GRB, RGB", ""),
            "Option 'color_order' in section 'neopixel bar' must be the same for all LEDs of a \
             strip that Lumen drives, got 'GRB, RGB'",
        ),
        (
            with("gpio18", "", "[neopixel foo]\npin: lumen:gpio18"),
            "Sections 'neopixel foo' and 'neopixel bar' both use strip 'gpio18'",
        ),
        (
            "[neopixel bar]\npin: lumen:gpio18\n[lumen]".to_owned(),
            "Section 'neopixel bar' must be below [lumen], which creates its pin; Klipper loads \
             sections in the order of the file",
        ),
        (
            "[lumen]\n[output_pin bar]\npin: lumen:gpio18".to_owned(),
            "Section 'output_pin bar' cannot use a Lumen pin; only [neopixel] can",
        ),
    ];
    for (config, expected) in cases {
        assert_eq!(problems(&config), [expected], "{config}");
    }
}

#[test]
fn groups_are_lights_by_default() {
    let compiled = compiled(
        "[lumen]
        [lumen_group case]
        driver: memory
        index_end: 4
        [lumen_group white]
        driver: memory
        index_end: 4
        color_order: GRBW
        [lumen_group lamp]
        driver: pwm
        pin_name: caselight
        [lumen_group shy]
        driver: memory
        index_end: 4
        web_ui: False",
    );
    let light = |group: &str, channels| LightOffer {
        group: group.to_owned(),
        channels,
    };
    let expected = [
        light("case", LightChannels::Rgb),
        light("white", LightChannels::Rgbw),
        light("lamp", LightChannels::White),
    ];
    assert_eq!(compiled.offer.lights, expected);
}

#[test]
fn effects_with_show_are_offered() {
    let compiled = compiled(
        "[lumen]
        [lumen_effect party]
        effect: disco
        show: True
        [lumen_effect calm]
        effect: pulse
        [lumen_effect rainbow]
        show: yes
        speed: 2
        [lumen_effect corner]
        effect: comet
        show: left, right
        [lumen_group left]
        driver: memory
        index_end: 2
        [lumen_group right]
        driver: memory
        index_end: 2",
    );
    let effects = &compiled.offer.effects;
    let shown: Vec<_> = effects.iter().map(|it| (&*it.name, it.is_shown)).collect();
    let expected = [
        ("party", true),
        ("calm", false),
        ("rainbow", true),
        ("corner", true),
    ];
    assert_eq!(shown, expected);
    assert_eq!(effects[3].groups, ["left", "right"]);
    let options: Vec<_> = effects
        .iter()
        .map(|it| (it.effect, it.options.len()))
        .collect();
    assert_eq!(
        options,
        [("disco", 0), ("pulse", 0), ("rainbow", 1), ("comet", 0)]
    );
}

#[test]
fn an_effect_can_only_be_shown_on_existing_groups() {
    let config = |show: &str| {
        format!(
            "[lumen]\n[lumen_effect party]\neffect: disco\nshow: {show}\n\
             [lumen_group case]\ndriver: memory\nindex_end: 2"
        )
    };
    assert_eq!(
        problems(&config("cas")),
        [
            "Option 'show' in section 'lumen_effect party': unknown group 'cas' (did you mean \
          'case'?); or use True or False"
        ]
    );
    assert_eq!(
        problems(&config("")),
        [
            "Option 'show' in section 'lumen_effect party' must be True, False or the names of groups"
        ]
    );
}
