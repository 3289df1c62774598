//! The APA102 output on the test double of spidev.

use super::double::Run;

fn run(scenario: &str) -> Run {
    // Unlike the WS281x output, it sends nothing during set-up.
    Run::of("output::child::scenario", scenario).set("SPIDEV_SPARED", "0")
}

#[test]
fn a_strip_with_a_clock_line_is_set_up_written_blanked_and_closed() {
    let Some(run) = run("apa102 frames").go() else {
        return;
    };
    let sent = |bytes: &str| format!("transfer rest=0 rx=0 speed=0 bits=0 bytes={bytes}");
    assert_eq!(
        run.calls,
        [
            "open rw",
            "mode?",
            "mode 0",
            "bits 8",
            "clock 4000000",
            &sent("00000000ff010203e10405060000000000"),
            &sent("00000000e0000000e00000000000000000"),
            "close",
        ]
    );
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn a_strip_that_is_too_long_for_the_buffer_is_refused_with_a_remedy() {
    let Some(run) = run("apa102 faults").set("SPIDEV_BUFSIZ", "80").go() else {
        return;
    };
    let wanted = "dark: 20 pixels are too many for the SPI buffer: its 80 bytes carry 17 (add \
                  spidev.bufsiz=32768 to ";
    assert!(run.output[0].starts_with(wanted), "{:?}", run.output);
    assert!(run.calls.is_empty(), "{:?}", run.calls);
}

#[test]
fn an_error_of_the_device_is_reported_once() {
    for (fault, message) in [
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
        let expected = format!("dark: {message}");
        let dark = run.output.iter().filter(|line| line.starts_with("dark"));
        assert!(
            dark.clone().all(|line| line.starts_with(&expected)),
            "{:?}",
            run.output
        );
        assert_eq!(dark.count(), 1, "{:?}", run.output);
    }
}

#[test]
fn a_device_is_used_by_only_one_strip() {
    let Some(run) = run("apa102 hang").fault("hang").go() else {
        return;
    };
    assert_eq!(run.output[0], "joined false");
    assert!(run.output[1].starts_with("next: /dev/spidev0.0 is still in use by "));
}
