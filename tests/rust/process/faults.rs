//! The table of device faults: the notice of each, and that other strips are not affected.
//!
//! Each fault runs in its own process with the strip `case` on the spidev double and the strip
//! `other` in memory, which must keep running.

use super::run;

/// A fault of the device and its notice.
struct Fault {
    name: &'static str,
    /// The calls that the double refuses.
    refused: &'static str,
    /// Additional environment variables of the double.
    env: &'static [(&'static str, &'static str)],
    pixels: usize,
    /// The notice, or its beginning.
    notice: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "the device is missing at the start",
        refused: "open=2",
        env: &[],
        pixels: 3,
        notice: "lumen: strip 'case': cannot open /dev/spidev0.0: No such file or directory; the \
               strip stays dark (",
    },
    Fault {
        name: "the user has no permission",
        refused: "open=13",
        env: &[],
        pixels: 3,
        notice: "lumen: strip 'case': cannot open /dev/spidev0.0: Permission denied; the strip \
               stays dark (",
    },
    Fault {
        name: "another program uses the device",
        refused: "open=16",
        env: &[],
        pixels: 3,
        notice: "lumen: strip 'case': cannot open /dev/spidev0.0: Device or resource busy; the strip \
               stays dark (another program or overlay uses the device)",
    },
    Fault {
        name: "the device vanishes",
        refused: "transfer=19",
        env: &[("SPIDEV_SPARED", "5")],
        pixels: 3,
        notice: "lumen: strip 'case': cannot write to /dev/spidev0.0: No such device; the strip \
               stays dark (see the kernel log (dmesg))",
    },
    Fault {
        name: "a transfer fails",
        refused: "transfer=5",
        env: &[("SPIDEV_SPARED", "5")],
        pixels: 3,
        notice: "lumen: strip 'case': cannot write to /dev/spidev0.0: Input/output error; the strip \
               stays dark (see the kernel log (dmesg))",
    },
    Fault {
        name: "the buffer is shorter than reported",
        refused: "transfer=90",
        env: &[],
        pixels: 3,
        notice: "lumen: strip 'case': cannot write to /dev/spidev0.0: Message too long; the strip \
               stays dark (add spidev.bufsiz=32768 to ",
    },
    Fault {
        name: "the strip has 5,000 pixels",
        refused: "",
        env: &[],
        pixels: 5000,
        notice: "lumen: strip 'case': 5000 pixels are too many for the SPI buffer: its 4096 bytes \
               carry 339; the strip stays dark (add spidev.bufsiz=65536 to ",
    },
];

#[test]
fn each_fault_is_reported_once_and_the_other_strip_keeps_running() {
    for case in FAULTS {
        let pixels = case.pixels.to_string();
        let mut run = run("fault").fault(case.refused).set("CASE_PIXELS", &pixels);
        for (name, value) in case.env {
            run = run.set(name, value);
        }
        let Some(run) = run.go() else {
            return;
        };
        let [notice, rest @ ..] = run.output.as_slice() else {
            panic!("{}: no notice", case.name);
        };
        assert!(notice.starts_with(case.notice), "{}: {notice}", case.name);
        assert_eq!(
            rest,
            ["case dark, other ok", "other keeps running", "closed true"],
            "{}",
            case.name
        );
    }
}

#[test]
fn a_fault_and_the_recovery_from_it_are_reported() {
    let Some(run) = run("recovery").fault("open=2").go() else {
        return;
    };
    assert!(run.output[0].contains("No such file or directory; the strip stays dark"));
    assert_eq!(
        run.output[1..],
        [
            "case dark, other ok",
            "lumen: strip 'case' is lit again",
            "case degraded, reconnects 1",
            "closed true"
        ]
    );
}

#[test]
fn a_write_that_blocks_forever_stops_its_own_strip_only() {
    let Some(run) = run("blocked").fault("hang").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "other keeps running",
            "closed false",
            "lumen: strip 'case': the driver does not return; its thread was abandoned",
        ]
    );
}

#[test]
fn a_strip_recovers_when_descriptors_become_available() {
    let Some(run) = run("descriptors").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "no engine: cannot start the render thread: Too many open files (os error 24)",
            "lumen: strip 'case': cannot open /dev/spidev0.0: Too many open files; the strip \
             stays dark",
            "case dark, other ok",
            "other keeps running",
            "lumen: strip 'case' is lit again",
            "closed true",
        ]
    );
}
