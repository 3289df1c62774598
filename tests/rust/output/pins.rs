//! PWM and PCM pins on a test double of a Raspberry Pi 3B.

use super::double::Run;

fn run(scenario: &str) -> Run {
    Run::on("pi", "output::child::scenario", &format!("pins {scenario}"))
        .set("PI_MODEL", "Raspberry Pi 3 Model B Rev 1.2")
        .set("PI_REVISION", "a02082")
}

/// The lines of the log with a prefix, without the prefix.
fn lines<'a>(calls: &'a [String], prefix: &str) -> Vec<&'a str> {
    calls
        .iter()
        .filter_map(|call| call.strip_prefix(prefix))
        .collect()
}

/// The last frame of a DMA channel before the dark frame at the end.
fn shown<'a>(calls: &'a [String], channel: &str) -> &'a str {
    let frames = lines(calls, channel);
    frames[frames.len() - 2]
}

#[test]
fn a_strip_is_blanked_written_blanked_and_all_memory_freed() {
    let Some(run) = run("frames 18:GRB:2").go() else {
        return;
    };
    assert_eq!(
        run.calls,
        [
            "alloc",
            "lock",
            "frame dma=10 pwm0=000000000000 pwm1=",
            "frame dma=10 pwm0=010203040506 pwm1=",
            "frame dma=10 pwm0=000000000000 pwm1=",
            "unlock",
            "free"
        ]
    );
    assert_eq!(run.output, ["closed"]);
}

#[test]
fn the_bytes_of_a_frame_are_sent_unchanged_for_every_color_order() {
    // The frame is already in the order of the strip.
    for order in ["RGB", "RBG", "GRB", "GBR", "BRG", "BGR"] {
        let Some(run) = run(&format!("frames 12:{order}:1")).go() else {
            return;
        };
        let frame = shown(&run.calls, "frame dma=10 ");
        assert_eq!(frame, "pwm0=010203 pwm1=", "{order}");
    }
    for order in ["RGBW", "GRBW", "WRGB", "BWGR"] {
        let Some(run) = run(&format!("frames 21:{order}:2")).go() else {
            return;
        };
        let frame = shown(&run.calls, "frame dma=9 ");
        assert_eq!(frame, "pcm=0102030405060708", "{order}");
    }
}

#[test]
fn both_pwm_channels_are_sent_together() {
    for strips in ["18:GRB:2 13:RGBW:1", "13:RGBW:1 12:GRB:2"] {
        let Some(run) = run(&format!("frames {strips}")).go() else {
            return;
        };
        assert_eq!(lines(&run.calls, "alloc").len(), 1);
        let frame = shown(&run.calls, "frame dma=10 ");
        assert_eq!(frame, "pwm0=010203040506 pwm1=01020304");
    }
}

#[test]
fn the_second_pwm_channel_works_alone() {
    let Some(run) = run("frames 19:GRB:2").go() else {
        return;
    };
    let frame = shown(&run.calls, "frame dma=10 ");
    assert_eq!(frame, "pwm0= pwm1=010203040506");
}

#[test]
fn the_pcm_and_the_pwm_use_separate_dma_channels() {
    let Some(run) = run("frames 18:GRB:2 21:GRB:3").go() else {
        return;
    };
    assert_eq!(
        shown(&run.calls, "frame dma=10 "),
        "pwm0=010203040506 pwm1="
    );
    assert_eq!(shown(&run.calls, "frame dma=9 "), "pcm=010203040506070809");
    let memory = ["alloc", "lock", "unlock", "free"].map(|word| lines(&run.calls, word).len());
    assert_eq!(memory, [2; 4]);
}

#[test]
fn a_line_can_be_inverted() {
    let Some(run) = run("frames 18:GRB:1:invert").go() else {
        return;
    };
    assert_eq!(shown(&run.calls, "frame dma=10 "), "pwm0=!010203 pwm1=");
    let Some(run) = self::run("frames 21:GRB:1:invert").go() else {
        return;
    };
    assert_eq!(shown(&run.calls, "frame dma=9 "), "pcm=!010203");
}

#[test]
fn fifty_restarts_leak_no_memory_and_no_descriptors() {
    let Some(run) = run("again 18:GRB:2 21:GRB:2").go() else {
        return;
    };
    let memory = ["alloc", "lock", "unlock", "free"].map(|word| lines(&run.calls, word).len());
    assert_eq!(memory, [100; 4]);
    assert!(run.calls.iter().all(|call| !call.contains("torn")));
    assert_eq!(run.output, ["closed"]);
}

#[test]
fn a_clock_that_never_starts_costs_only_its_thread() {
    let Some(run) = run("hang 18:GRB:2").fault("wedge").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "joined false",
            "next: /dev/mem is still in use by another strip or by a thread that hangs in its \
             driver (restart the Klipper service)"
        ]
    );
}

#[test]
fn an_error_of_the_pins_is_reported_once_with_a_remedy() {
    let cases = [
        (
            "PI_FAULT",
            "vcio=2",
            "/dev/vcio does not exist (move the data line to GPIO10; this kernel has no mailbox \
             device, which the pin driver needs)",
        ),
        (
            "PI_FAULT",
            "mem=13",
            "this process is not allowed to drive pins: cannot open /dev/mem: Permission denied \
             (install the helper, see 'Pins by the helper' in Outputs.md, or move the data line to \
             GPIO10)",
        ),
        (
            "PI_FAULT",
            "mailbox=25",
            "/dev/vcio does not work: Inappropriate ioctl for device (move the data line to GPIO10; \
             the pin driver needs the firmware of the Raspberry Pi)",
        ),
        (
            "PI_FAULT",
            "memory",
            "GPIO18: the VideoCore has no memory left for the pins (reboot; a Klipper process that \
             is killed does not free its memory)",
        ),
        (
            "PI_FAULT",
            "map",
            "GPIO18: the kernel denies access to the registers in /dev/mem (move the data line to \
             GPIO10 and use 'driver: spi')",
        ),
        (
            "PI_REVISION",
            "c03199",
            "GPIO18: rs_ws281x does not support this model of the Raspberry Pi (move the data line \
             to GPIO10 and use 'driver: spi')",
        ),
        (
            "PI_MODEL",
            "Raspberry Pi 5 Model B Rev 1.0",
            "'driver: gpio' does not support a Raspberry Pi 5 Model B Rev 1.0 (use 'driver: pio' \
             with the ws2812-pio overlay, or 'driver: spi')",
        ),
        (
            "PI_SOUND",
            " 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones",
            "the analog audio output uses the PWM of the pins (set dtparam=audio=off in \
             config.txt and reboot, or move the data line to GPIO10)",
        ),
    ];
    for (variable, value, message) in cases {
        let Some(run) = run("faults 18:GRB:2").set(variable, value).go() else {
            return;
        };
        assert_eq!(
            run.output,
            [format!("dark: {message}"), "joined true".to_owned()]
        );
    }
}

#[test]
fn the_pcm_works_with_analog_audio() {
    let sound = " 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones";
    let Some(run) = run("frames 21:GRB:1").set("PI_SOUND", sound).go() else {
        return;
    };
    assert_eq!(run.output, ["closed"]);
}
