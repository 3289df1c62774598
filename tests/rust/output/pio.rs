//! The ws2812-pio output on a test double of /dev/leds0.

use super::double::Run;

pub(super) fn run(scenario: &str, count: &str) -> Run {
    Run::on("leds", "output::child::scenario", scenario)
        .set("LEDS_COUNT", count)
        .set("LEDS_RELEASE", "6.12.62+rpt-rpi-2712\n")
        .set("LEDS_MODEL", "Raspberry Pi 5 Model B Rev 1.0")
}

#[test]
fn a_strip_is_blanked_measured_written_blanked_and_closed() {
    let Some(run) = run("pio frames", "3").go() else {
        return;
    };
    assert_eq!(
        run.calls,
        [
            "open w",
            "brightness 0",
            "write 000000000000000000000000",
            // The first two bytes of each pixel are swapped, and the fourth is not sent.
            "write 00ff80000201030005040600",
            "write 000000000000000000000000",
            "close",
        ]
    );
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn pixels_with_white_use_all_four_bytes() {
    let Some(run) = run("pio white", "2").go() else {
        return;
    };
    assert_eq!(run.calls[3], "write 0201030406050708");
}

#[test]
fn the_curve_of_an_older_kernel_is_compensated() {
    let older = run("pio frames", "3").set("LEDS_RELEASE", "6.12.47+rpt-rpi-2712\n");
    let Some(run) = older.go() else {
        return;
    };
    assert_eq!(run.calls[1], "brightness 255");
    // The curve maps 255 to 255, 187 to 128 and 22 to 1.
    assert_eq!(&run.calls[3][..14], "write 00ffbb00");
}

#[test]
fn the_error_for_a_wrong_overlay_has_the_right_line() {
    for count in ["49", "60"] {
        let Some(run) = run("pio faults", count).go() else {
            return;
        };
        assert_eq!(
            run.output,
            [
                format!(
                    "dark: /dev/leds0 drives {count} pixels, the strip has 50 (set \
                     dtoverlay=ws2812-pio,gpio=18,num_leds=50 in /boot/firmware/config.txt, then \
                     reboot)"
                ),
                "joined true".to_owned()
            ]
        );
    }
}

#[test]
fn a_device_that_cannot_be_opened_is_reported_once_with_a_remedy() {
    for (errno, message) in [
        (
            2,
            "No such file or directory (add dtoverlay=ws2812-pio,gpio=18,num_leds=50 to \
             /boot/firmware/config.txt, then reboot)",
        ),
        (
            13,
            "Permission denied (write SUBSYSTEM==\"ws2812-pio-rp1\", GROUP=\"gpio\", \
             MODE=\"0660\" to /etc/udev/rules.d/99-lumen.rules, then reboot)",
        ),
    ] {
        let faulty = run("pio faults", "50").fault(&format!("open={errno}"));
        let Some(run) = faulty.go() else {
            return;
        };
        assert_eq!(
            run.output,
            [
                format!("dark: cannot open /dev/leds0: {message}"),
                "joined true".to_owned()
            ]
        );
        assert!(run.calls.len() > 1, "retried: {:?}", run.calls);
    }
}

#[test]
fn the_error_on_another_board_suggests_another_driver() {
    let other = run("pio faults", "50").fault("open=2");
    let Some(run) = other
        .set("LEDS_MODEL", "Raspberry Pi 4 Model B Rev 1.2")
        .go()
    else {
        return;
    };
    assert_eq!(
        run.output[0],
        "dark: cannot open /dev/leds0: No such file or directory (only a Raspberry Pi 5 has this \
         driver, and this is a Raspberry Pi 4 Model B Rev 1.2; use 'driver: spi')"
    );
}

#[test]
fn a_failed_write_closes_the_device_and_is_retried() {
    let Some(run) = run("pio faults", "50").fault("write=5").go() else {
        return;
    };
    assert_eq!(
        run.output[0],
        "dark: cannot write to /dev/leds0: Input/output error (see the kernel log (dmesg))"
    );
    let count = |call: &str| run.calls.iter().filter(|it| *it == call).count();
    assert!(count("open w") > 1, "{:?}", run.calls);
    assert_eq!(count("open w"), count("close"));
}

#[test]
fn the_device_of_a_hanging_driver_is_refused_to_the_next_output() {
    let Some(run) = run("pio hang", "3").fault("hang").go() else {
        return;
    };
    assert_eq!(run.output[0], "joined false");
    assert!(run.output[1].starts_with("next: /dev/leds0 is still in use by "));
}
