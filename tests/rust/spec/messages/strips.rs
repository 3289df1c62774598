//! Messages about strips and drivers.

use super::{Case, assert_messages};

#[test]
fn options_of_a_strip() {
    const CASES: &[Case] = &[
        (
            "count: 10",
            &[
                "Option 'driver' in section 'lumen_strip case' must be specified: one of gpio, spi, pio, apa102, ddp, klipper, pwm, proxy, memory",
            ],
        ),
        (
            "driver: gpoi\npin: 10\ncount: 10",
            &[
                "Option 'driver' in section 'lumen_strip case': unknown choice 'gpoi' (did you mean 'gpio'?)",
            ],
        ),
        (
            "driver: dmx\ncount: 10",
            &[
                "Option 'driver' in section 'lumen_strip case': unknown choice 'dmx' (known: gpio, spi, pio, apa102, ddp, klipper, pwm, proxy, memory)NEWER",
            ],
        ),
        (
            "driver: gpio\ncount: 10",
            &[
                "Option 'pin' in section 'lumen_strip case' must be specified: the BCM number of the GPIO of the data line, as in 'gpio_pin: 18'",
            ],
        ),
        (
            "driver: gpio\npin: 17\ncount: 10",
            &[
                "Option 'pin' in section 'lumen_strip case' must be 10, 12, 13, 18, 19 or 21, got 17; 'driver: gpio' supports no other pins of a Raspberry Pi",
            ],
        ),
        (
            "driver: pio\npin: PA3\ncount: 10",
            &[
                "Option 'pin' in section 'lumen_strip case' must be the BCM number of a GPIO, 0 to 27, got 'PA3'",
            ],
        ),
        (
            "driver: gpio\npin: 10\ngpio_pin: 10\ncount: 10",
            &[
                "Option 'gpio_pin' in section 'lumen_strip case' cannot be combined with 'pin'; remove one of them",
            ],
        ),
        (
            "driver: klipper\ncount: 10",
            &[
                "Option 'neopixel' in section 'lumen_strip case' must be specified: the name of the [neopixel NAME] section, or 'led: TYPE NAME' for other LED sections",
            ],
        ),
        (
            "driver: spi",
            &[
                "Option 'count' in section 'lumen_strip case' must be specified: the number of pixels of the strip",
            ],
        ),
        (
            "driver: spi\nchain_count: 0",
            &[
                "Option 'chain_count' in section 'lumen_strip case' must be a whole number from 1 to 10000, got 0",
            ],
        ),
        (
            "driver: spi\ncount: 10\ncolor_order: RGX",
            &[
                "Option 'color_order' in section 'lumen_strip case' must have R, G and B once and W at most once, got 'RGX'",
            ],
        ),
        (
            "driver: apa102\ncount: 10\ncolor_order: BGRW",
            &[
                "Option 'color_order' in section 'lumen_strip case' must have no W; APA102 and SK9822 have no white LED, got 'BGRW'",
            ],
        ),
        (
            "driver: spi\ncount: 10\nstrip_type: ws2182",
            &[
                "Option 'strip_type' in section 'lumen_strip case': unknown choice 'ws2182' (did you mean 'ws2812'?)",
            ],
        ),
        (
            "driver: proxy\npin: 18\nproxy_port: 99999\ncount: 3",
            &[
                "Option 'proxy_port' in section 'lumen_strip case' must be a whole number from 1 to 65535, got 99999",
            ],
        ),
    ];
    assert_messages(CASES, |lines| {
        format!("[lumen]\n[lumen_strip case]\n{lines}")
    });
}

#[test]
fn missing_drivers_and_extra_pins() {
    const CASES: &[Case] = &[
        (
            "neopixel: sb_leds\ncount: 10",
            &[
                "Option 'driver' in section 'lumen_strip case' must be specified; write 'driver: klipper'",
            ],
        ),
        (
            "pin: 18\ncount: 10",
            &[
                "Option 'driver' in section 'lumen_strip case' must be specified: one of gpio, pio, proxy",
            ],
        ),
        (
            "driver: gpio\npin: 18, 13\ncount: 10",
            &[
                "Option 'pin' in section 'lumen_strip case' must be the BCM number of a GPIO, 0 to 27, got '18, 13'; each pin needs its own section",
            ],
        ),
    ];
    assert_messages(CASES, |lines| {
        format!("[lumen]\n[lumen_strip case]\n{lines}")
    });
}

#[test]
fn hardware_conflicts() {
    const CASES: &[Case] = &[
        (
            "[lumen_strip a]\ndriver: spi\ncount: 5\n[lumen_strip b]\ndriver: gpio\npin: 10\ncount: 5",
            &["Sections 'lumen_strip a' and 'lumen_strip b' both drive /dev/spidev0.0"],
        ),
        (
            "[lumen_strip case]\ndriver: gpio\npin: 18\ncount: 5\n[lumen_group left]\ndriver: gpio\ngpio_pin: 18",
            &[
                "Sections 'lumen_strip case' and 'lumen_group left' both drive gpio18; write 'strip: case' in the group",
            ],
        ),
        (
            "[lumen_group a]\ndriver: gpio\ngpio_pin: 18\n[lumen_group b]\ndriver: proxy\ngpio_pin: 18\nindex_start: 2\nindex_end: 3",
            &["Sections 'lumen_group a' and 'lumen_group b' both drive gpio18"],
        ),
        (
            "[lumen_group a]\ndriver: gpio\ngpio_pin: 10\ncolor_order: GRB\n[lumen_group b]\ndriver: gpio\ngpio_pin: 10\nindex_start: 2\nindex_end: 3\ncolor_order: RGB\nstrip_type: sk6812\n[lumen_group c]\ndriver: gpio\ngpio_pin: 10\nindex_start: 4\nindex_end: 5\nstrip_type: ws2812",
            &[
                "Sections 'lumen_group a' and 'lumen_group b' disagree on the color_order of strip 'gpio10'",
                "Sections 'lumen_group b' and 'lumen_group c' disagree on the strip_type of strip 'gpio10'",
            ],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}
