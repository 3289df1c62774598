//! The APA102 output on the double of spidev.

use super::double::Run;

fn run(scenario: &str) -> Run {
    // It has no transfer to set the line up.
    Run::of("output::child::scenario", scenario).set("SPIDEV_SPARED", "0")
}

#[test]
fn a_strip_with_a_clock_line_is_set_up_written_darkened_and_closed() {
    let Some(run) = run("apa102 frames").go() else {
        return;
    };
    let sent = |bytes: &str| format!("transfer rest=0 rx=0 speed=0 bits=0 bytes={bytes}");
    assert_eq!(
        run.calls,
        [
            "open rw",
            "mode?",
            "mode 64",
            "bits 8",
            "clock 4000000",
            &sent("00000000ff010203e10405060000000000"),
            &sent("00000000e0000000e00000000000000000"),
            "close",
        ]
    );
    assert_eq!(run.said, ["lit", "joined true"]);
}

#[test]
fn a_strip_that_is_too_long_for_the_buffer_is_told_with_the_remedy() {
    let Some(run) = run("apa102 faults").set("SPIDEV_BUFSIZ", "80").go() else {
        return;
    };
    assert_eq!(
        run.said[0],
        "dark: 20 pixels are too many for the SPI buffer: its 80 bytes carry 17 (add \
         spidev.bufsiz=32768 to /boot/firmware/cmdline.txt, then reboot)"
    );
    assert!(run.calls.is_empty(), "{:?}", run.calls);
}

#[test]
fn what_keeps_the_device_from_the_strip_is_told_once() {
    for (fault, words) in [
        (
            "open=2",
            "cannot open /dev/spidev0.0: No such file or directory (",
        ),
        ("open=13", "cannot open /dev/spidev0.0: Permission denied ("),
        (
            "transfer=5",
            "cannot write to /dev/spidev0.0: Input/output error (",
        ),
    ] {
        let Some(run) = run("apa102 faults").fault(fault).go() else {
            return;
        };
        let told = format!("dark: {words}");
        let dark = run.said.iter().filter(|said| said.starts_with("dark"));
        assert!(
            dark.clone().all(|said| said.starts_with(&told)),
            "{:?}",
            run.said
        );
        assert_eq!(dark.count(), 1, "{:?}", run.said);
    }
}

#[test]
fn a_device_is_held_by_one_strip_whatever_it_drives() {
    let Some(run) = run("apa102 hang").fault("hang").go() else {
        return;
    };
    assert_eq!(run.said[0], "joined false");
    assert!(run.said[1].starts_with("next: /dev/spidev0.0 is still in use by "));
}
