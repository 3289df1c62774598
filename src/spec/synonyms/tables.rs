//! Advice for options and section types that Lumen does not have.

/// What replaces the buttons of klipper-led_effect.
const BUTTON: &str = "remove it; use LUMEN_SET in a [gcode_button NAME]";

/// Options that belong in another section or that Lumen does not have: section type, option, and
/// advice.
pub(super) const OPTIONS: &[(&str, &str, &str)] = &[
    (
        "lumen_group",
        "autostart",
        "remove it; groups follow the printer automatically",
    ),
    (
        "lumen_group",
        "brightness",
        "write 'group_brightness' here, or 'brightness' in [lumen] for all groups",
    ),
    (
        "lumen_group",
        "max_brightness",
        "write 'group_brightness' here, or 'brightness' in [lumen] for all groups",
    ),
    (
        "lumen_group",
        "chain_count",
        "write 'index_end'; 'chain_count' belongs in Klipper's [neopixel NAME] or in [lumen_strip \
         NAME]",
    ),
    (
        "lumen_group",
        "count",
        "write 'index_end'; 'count' belongs in [lumen_strip NAME]",
    ),
    ("lumen_group", "index_stop", "write 'index_end'"),
    ("lumen_group", "index_last", "write 'index_end'"),
    ("lumen_group", "index_count", "write 'index_end'"),
    ("lumen_group", "led_count", "write 'index_end'"),
    ("lumen_group", "num_leds", "write 'index_end'"),
    ("lumen_group", "start", "write 'index_start'"),
    ("lumen_group", "end", "write 'index_end'"),
    ("lumen_group", "reverse", "write 'direction: reverse'"),
    (
        "lumen_group",
        "leds",
        "write 'driver: klipper', 'neopixel' and 'index_end'",
    ),
    (
        "lumen_group",
        "color",
        "write it after the effect, as in 'on_idle: solid red'",
    ),
    (
        "lumen_group",
        "effect",
        "write an effect for each state, as in 'on_idle: pulse red'",
    ),
    (
        "lumen_group",
        "endstops",
        "remove it; use 'on_homing' for the homing state",
    ),
    (
        "lumen_group",
        "fps",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_group",
        "frame_rate",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_group",
        "heater",
        "write it after the effect, as in 'on_heating: thermal extruder blue red'",
    ),
    (
        "lumen_group",
        "layers",
        "write an effect for each state, as in 'on_idle: pulse red'",
    ),
    (
        "lumen_group",
        "run_on_error",
        "remove it; use 'on_error' for the error state",
    ),
    (
        "lumen_group",
        "speed",
        "write it after the effect, as in 'on_idle: pulse red speed=2'",
    ),
    (
        "lumen_effect",
        "autostart",
        "remove it; use the effect in an 'on_...' option of a group",
    ),
    (
        "lumen_effect",
        "frame_rate",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_effect",
        "leds",
        "remove it; use the effect in an 'on_...' option of a group",
    ),
    (
        "lumen_effect",
        "heater",
        "write it after the effect, as in 'layers: heater extruder blue red'",
    ),
    (
        "lumen_effect",
        "endstops",
        "write it after the effect, as in 'layers: flash red endstops=x,y'",
    ),
    (
        "lumen_effect",
        "stepper",
        "write it after the effect, as in 'layers: stepper x blue'",
    ),
    (
        "lumen_effect",
        "run_on_error",
        "remove it; use the effect in 'on_error' of a group",
    ),
    (
        "lumen_effect",
        "recalculate",
        "remove it; LUMEN_SET takes the options of an effect, as in SPEED=20",
    ),
    ("lumen_effect", "analog_pin", BUTTON),
    ("lumen_effect", "button_pins", BUTTON),
    ("lumen_palette", "base_color", "write 'colors'"),
    ("lumen_palette", "gradient", "write 'colors'"),
    ("lumen_palette", "palette", "write 'colors'"),
    (
        "lumen_palette",
        "stops",
        "write them in 'colors', as in 'colors: black 0%, red 40%'",
    ),
    (
        "lumen_strip",
        "index_end",
        "write 'count'; 'index_end' belongs in [lumen_group NAME]",
    ),
    (
        "lumen",
        "frame_rate",
        "write 'gpio_fps', or 'mcu_bytes_per_second' for LEDs on an MCU",
    ),
];

/// Invalid section types, and advice; `NAME` is replaced with the name of the section.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("lumen", "write [lumen_group NAME]"),
    ("lumen_chain", "write [lumen_strip NAME]"),
    ("lumen_color", "write [lumen_palette NAME] with 'colors'"),
    ("lumen_colors", "write [lumen_palette NAME] with 'colors'"),
    ("lumen_config", "move its options into [lumen]"),
    ("lumen_lamp", "write [lumen_group NAME] with 'driver: pwm'"),
    ("lumen_gradient", "write [lumen_palette NAME]"),
    (
        "lumen_layer",
        "a group shows one effect in each state, as in 'on_idle: pulse red'",
    ),
    ("lumen_led", "write [lumen_group NAME]"),
    ("lumen_leds", "write [lumen_group NAME]"),
    ("lumen_light", "write [lumen_group NAME]"),
    ("lumen_lights", "write [lumen_group NAME]"),
    (
        "lumen_macro",
        "write the macro in [lumen], as in 'macro_homing: MY_HOME'",
    ),
    (
        "lumen_neopixel",
        "write [lumen_strip NAME] with 'driver: klipper' and 'neopixel: NAME'",
    ),
    ("lumen_preset", "write [lumen_effect NAME]"),
    ("lumen_segment", "write [lumen_group NAME]"),
    ("lumen_settings", "move its options into [lumen]"),
    ("lumen_state", "write 'on_NAME' in [lumen_group NAME]"),
    ("lumen_zone", "write [lumen_group NAME]"),
];
