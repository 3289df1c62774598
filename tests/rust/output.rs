//! Outputs in a child process, on test doubles of devices.
//!
//! The double of spidev uses the numbers and layouts of the kernel header, so it accepts the same
//! calls as the kernel. The doubles are compiled here; without a C compiler these tests are
//! skipped.

pub(crate) mod child;
pub(crate) mod double;

mod apa102;
// Marked as a test for clippy, because its helper functions call `unwrap`.
#[cfg(test)]
mod ddp;
mod network;
#[cfg(feature = "ws281x")]
mod pins;
mod pio;

use double::Run;
use lumen::{StripType, ws2812_spi::SpiEncoder};

const FRAME: [u8; 9] = [0xFF, 0x00, 0x80, 1, 2, 3, 4, 5, 6];

/// Two pixels for a strip with a clock line.
const CLOCKED: [u8; 8] = [31, 1, 2, 3, 1, 4, 5, 6];
/// Two pixels with white.
const WHITE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn run(scenario: &str) -> Run {
    Run::of("output::child::scenario", scenario)
}

fn hex(frame: &[u8]) -> String {
    let mut wire = Vec::new();
    SpiEncoder::new(StripType::Ws281x).encode(frame, &mut wire);
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    String::from_utf8(wire.iter().flat_map(digits).collect()).unwrap_or_default()
}

#[test]
fn a_strip_is_set_up_written_blanked_and_closed() {
    let Some(run) = run("frames").go() else {
        return;
    };
    let sent = |bytes: &str| format!("transfer rest=300 rx=0 speed=0 bits=0 bytes={bytes}");
    assert_eq!(
        run.calls,
        [
            "open rw".to_owned(),
            "mode?".to_owned(),
            "mode 0".to_owned(),
            "bits 8".to_owned(),
            "clock 3200000".to_owned(),
            sent(&"00".repeat(128)),
            sent(&hex(&FRAME)),
            sent(&hex(&[0; 9])),
            "close".to_owned(),
        ]
    );
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn a_driver_that_refuses_all_flags_of_the_mode_has_nothing_to_refuse() {
    let Some(run) = run("frames").fault("mode_flags").go() else {
        return;
    };
    assert_eq!(
        run.calls
            .iter()
            .filter(|it| it.starts_with("refused"))
            .count(),
        0
    );
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn a_device_that_cannot_be_opened_is_reported_once_with_a_remedy() {
    for (errno, message) in [
        (13, "cannot open /dev/spidev0.0: Permission denied ("),
        (2, "cannot open /dev/spidev0.0: No such file or directory ("),
        (16, "cannot open /dev/spidev0.0: Device or resource busy ("),
    ] {
        let Some(run) = run("faults").fault(&format!("open={errno}")).go() else {
            return;
        };
        let expected = format!("dark: {message}");
        assert!(run.output[0].starts_with(&expected), "{:?}", run.output);
        assert_eq!(run.output[1..], ["joined true"], "reported once");
        assert!(run.calls.len() > 1, "retried: {:?}", run.calls);
    }
}

#[test]
fn a_failed_transfer_closes_the_device_and_is_retried() {
    let Some(run) = run("faults").fault("transfer=5").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "dark: cannot write to /dev/spidev0.0: Input/output error (see the kernel log (dmesg))",
            "joined true"
        ]
    );
    let count = |call: &str| run.calls.iter().filter(|c| *c == call).count();
    assert!(count("open rw") > 1, "{:?}", run.calls);
    assert_eq!(count("open rw"), count("close"));
}

#[test]
fn a_transfer_that_is_too_long_for_the_kernel_is_an_error_with_a_remedy() {
    let Some(run) = run("faults").set("SPIDEV_LIMIT", "130").go() else {
        return;
    };
    let wanted =
        "dark: cannot write to /dev/spidev0.0: Message too long (add spidev.bufsiz=32768 to ";
    assert!(run.output[0].starts_with(wanted), "{:?}", run.output);
}

#[test]
fn the_length_of_the_buffer_comes_from_the_kernel() {
    let Some(run) = run("faults").set("SPIDEV_BUFSIZ", "128").go() else {
        return;
    };
    let wanted = "dark: 10 pixels are too many for the SPI buffer: its 128 bytes carry 9 (add \
                  spidev.bufsiz=32768 to ";
    assert!(run.output[0].starts_with(wanted), "{:?}", run.output);
    assert!(run.calls.is_empty(), "{:?}", run.calls);
}

#[test]
fn join_does_not_wait_for_a_device_that_hangs_on_open() {
    let Some(run) = run("stuck").fault("stuck").go() else {
        return;
    };
    assert_eq!(run.calls, ["open rw", "stuck"]);
    assert_eq!(run.output[0], "joined false");
    assert!(run.output[1].starts_with("next: /dev/spidev0.0 is still in use by "));
}

#[test]
fn the_device_of_a_hanging_driver_is_refused_to_the_next_output() {
    let Some(run) = run("hang").fault("hang").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "joined false",
            "next: /dev/spidev0.0 is still in use by another strip or by a thread that hangs in \
             its driver (restart the Klipper service)"
        ]
    );
}

#[test]
fn a_device_of_another_process_is_refused_and_not_written_to() {
    for (run, device) in [
        (run("other process"), "/dev/spidev0.0"),
        (pio::run("pio other process", "3"), "/dev/leds0"),
    ] {
        let Some(second) = run.second() else {
            return;
        };
        assert_eq!(
            second.output,
            [format!(
                "another process drives the strip on {device} (only one Klipper can drive a strip: \
                 use another device, or remove the strip from one printer.cfg)"
            )]
        );
        let after = second
            .calls
            .iter()
            .rposition(|call| call.starts_with("open"));
        let after = &second.calls[after.unwrap_or(0) + 1..];
        assert_eq!(after, ["close"], "{:?}", second.calls);
    }
}
