//! The table of faults: what a user sees of each, and that nobody else notices.
//!
//! Each runs in a process of its own, with the strip `case` on the double of spidev, and a strip
//! `well` in memory that must go on.

use super::run;

/// A fault of the device, and what is to be seen of it.
struct Fault {
    name: &'static str,
    /// What the double refuses.
    refused: &'static str,
    /// More variables of the double.
    set: &'static [(&'static str, &'static str)],
    pixels: usize,
    /// The one notice, or the beginning of it.
    told: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "the device is missing at the start",
        refused: "open=2",
        set: &[],
        pixels: 3,
        told: "lumen: strip 'case': cannot open /dev/spidev0.0: No such file or directory; the \
               strip stays dark (enable SPI, on Raspberry Pi OS with 'sudo raspi-config nonint \
               do_spi 0', elsewhere with dtparam=spi=on in config.txt, then reboot)",
    },
    Fault {
        name: "the user has no right to it",
        refused: "open=13",
        set: &[],
        pixels: 3,
        told: "lumen: strip 'case': cannot open /dev/spidev0.0: Permission denied; the strip \
               stays dark (",
    },
    Fault {
        name: "another program has it",
        refused: "open=16",
        set: &[],
        pixels: 3,
        told: "lumen: strip 'case': cannot open /dev/spidev0.0: Device or resource busy; the \
               strip stays dark (another program or overlay holds the device)",
    },
    Fault {
        name: "it vanishes",
        refused: "transfer=19",
        set: &[("SPIDEV_SPARED", "5")],
        pixels: 3,
        told: "lumen: strip 'case': cannot write to /dev/spidev0.0: No such device; the strip \
               stays dark (the log of the kernel (dmesg) may say why)",
    },
    Fault {
        name: "it fails",
        refused: "transfer=5",
        set: &[("SPIDEV_SPARED", "5")],
        pixels: 3,
        told: "lumen: strip 'case': cannot write to /dev/spidev0.0: Input/output error; the strip \
               stays dark (the log of the kernel (dmesg) may say why)",
    },
    Fault {
        name: "its buffer is shorter than it says",
        refused: "transfer=90",
        set: &[],
        pixels: 3,
        told: "lumen: strip 'case': cannot write to /dev/spidev0.0: Message too long; the strip \
               stays dark (add spidev.bufsiz=32768 to /boot/firmware/cmdline.txt, then reboot)",
    },
    Fault {
        name: "the strip has 5,000 pixels",
        refused: "",
        set: &[],
        pixels: 5000,
        told: "lumen: strip 'case': 5000 pixels are too many for the SPI buffer: its 4096 bytes \
               carry 339; the strip stays dark (add spidev.bufsiz=65536 to \
               /boot/firmware/cmdline.txt, then reboot)",
    },
];

#[test]
fn each_is_told_once_and_the_other_strip_goes_on() {
    for case in FAULTS {
        let pixels = case.pixels.to_string();
        let mut run = run("fault").fault(case.refused).set("CASE_PIXELS", &pixels);
        for (name, value) in case.set {
            run = run.set(name, value);
        }
        let Some(run) = run.go() else {
            return;
        };
        let [told, rest @ ..] = run.said.as_slice() else {
            panic!("{}: nothing was said", case.name);
        };
        assert!(told.starts_with(case.told), "{}: {told}", case.name);
        assert_eq!(
            rest,
            ["case dark, well ok", "well goes on", "closed true"],
            "{}",
            case.name
        );
    }
}

#[test]
fn a_device_that_comes_back_is_lit_again_and_both_are_told() {
    let Some(run) = run("back").fault("open=2").go() else {
        return;
    };
    assert!(run.said[0].contains("No such file or directory; the strip stays dark"));
    assert_eq!(
        run.said[1..],
        [
            "case dark, well ok",
            "lumen: strip 'case' is lit again",
            "case degraded, reconnects 1",
            "closed true"
        ]
    );
}

#[test]
fn a_write_that_blocks_for_ever_stops_its_own_strip_only() {
    let Some(run) = run("blocked").fault("hang").go() else {
        return;
    };
    assert_eq!(
        run.said,
        [
            "well goes on",
            "closed false",
            "lumen: strip 'case': the driver does not return; its thread was left behind",
        ]
    );
}

#[test]
fn without_descriptors_strips_are_dark_and_with_them_lit_again() {
    let Some(run) = run("descriptors").go() else {
        return;
    };
    assert_eq!(
        run.said,
        [
            "no engine: cannot start the render thread: Too many open files (os error 24)",
            "lumen: strip 'case': cannot open /dev/spidev0.0: Too many open files; the strip \
             stays dark",
            "case dark, well ok",
            "well goes on",
            "lumen: strip 'case' is lit again",
            "closed true",
        ]
    );
}
