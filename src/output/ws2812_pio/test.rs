//! Tests of the ws2812-pio output on a simulated device of the kernel driver.

use super::*;
use crate::layout::{ColorOrder, PixelFormat};
use std::cell::{Cell, RefCell};

/// A model of the kernel driver for `num_leds` pixels, from its source.
#[derive(Debug)]
struct Kernel {
    num_leds: usize,
    brightness: Cell<u8>,
    pixels: RefCell<Vec<u8>>,
    /// Brightness changes, frames shown at once, and pauses.
    calls: RefCell<Vec<String>>,
    fails: Option<Errno>,
}

impl Kernel {
    fn new(num_leds: usize) -> Self {
        Self {
            num_leds,
            brightness: Cell::new(255),
            pixels: RefCell::new(vec![0x55; num_leds * 4]),
            calls: RefCell::default(),
            fails: None,
        }
    }
}

impl PioDevice for Kernel {
    fn write_at(&self, bytes: &[u8], offset: usize) -> io::Result<usize> {
        if let Some(errno) = self.fails {
            return Err(errno.into());
        }
        let size = self.num_leds * 4;
        if offset > size {
            return Err(Errno::FBIG.into());
        }
        let count = bytes.len().min(size - offset);
        if offset == 0 && count == 1 {
            self.brightness.set(bytes[0]);
            self.calls
                .borrow_mut()
                .push(format!("brightness {}", bytes[0]));
            return Ok(1);
        }
        self.pixels.borrow_mut()[offset..offset + count].copy_from_slice(&bytes[..count]);
        if offset + count == size {
            let shown = self.pixels.borrow();
            let sum: usize = shown.iter().map(|byte| usize::from(*byte)).sum();
            self.calls.borrow_mut().push(format!("show {sum}"));
        }
        match bytes.len() {
            length if length > size => Err(Errno::FBIG.into()),
            length if offset + length > size => Err(Errno::NOSPC.into()),
            length => Ok(length),
        }
    }

    fn pause(&self, span: Duration) {
        let call = format!("pause {}", span.as_micros());
        self.calls.borrow_mut().push(call);
    }
}

fn strip(pixels: usize, order: &str) -> Strip {
    Strip {
        name: "case".into(),
        pixels,
        order: ColorOrder::parse(order).unwrap(),
        format: PixelFormat::Bytes,
    }
}

fn output(kernel: Kernel, strip: &Strip, driver: Driver) -> Ws2812Pio<Kernel> {
    Ws2812Pio::new(kernel, "/dev/leds0", strip, driver)
}

const OVERLAY: &str = "dtoverlay=ws2812-pio,gpio=18,num_leds=50";

fn set_up_error(num_leds: usize) -> String {
    let mut output = output(
        Kernel::new(num_leds),
        &strip(50, "GRB"),
        Driver::Transparent,
    );
    output.set_up(OVERLAY).unwrap_err().to_string()
}

#[test]
fn set_up_switches_the_curve_off_and_darkens_the_strip() {
    let mut output = output(Kernel::new(50), &strip(50, "GRB"), Driver::Transparent);
    output.set_up(OVERLAY).unwrap();
    assert_eq!(
        output.port.calls.borrow()[..],
        [
            "brightness 0",
            "pause 1800",
            "show 0",
            "pause 1800",
            "show 0",
            "pause 1800"
        ]
    );
}

#[test]
fn a_fixed_curve_is_compensated_at_full_brightness() {
    let mut output = output(Kernel::new(1), &strip(1, "GRB"), Driver::Gamma);
    output.set_up(OVERLAY).unwrap();
    output.write(Time::ZERO, &[vec![0, 1, 255]]).unwrap();
    assert_eq!(output.port.brightness.get(), 255);
    assert_eq!(output.port.pixels.borrow()[..], [22, 0, 255, 0]);
}

#[test]
fn the_kernel_version_selects_the_driver_variant() {
    for release in [
        "6.12.56+rpt-rpi-2712",
        "6.12.62-v8-16k+",
        "6.18.1\n",
        "7.0.0-rc1",
    ] {
        assert_eq!(driver(release), Driver::Transparent, "{release}");
    }
    for release in [
        "6.12.55+rpt-rpi-2712",
        "6.6.74+rpt-rpi-2712",
        "6.14.0-1005-raspi",
        "",
    ] {
        assert_eq!(driver(release), Driver::Gamma, "{release}");
    }
}

#[test]
fn a_frame_is_one_write_followed_by_its_time_on_the_line() {
    let mut output = output(Kernel::new(2), &strip(2, "GRBW"), Driver::Transparent);
    let frame = vec![1, 2, 3, 4, 5, 6, 7, 8];
    output.write(Time::ZERO, &[frame]).unwrap();
    assert_eq!(output.port.pixels.borrow()[..], [2, 1, 3, 4, 6, 5, 7, 8]);
    assert_eq!(output.port.calls.borrow()[..], ["show 36", "pause 380"]);
}

#[test]
fn blank_writes_a_dark_frame_and_does_not_wait() {
    let mut output = output(Kernel::new(2), &strip(2, "GRB"), Driver::Transparent);
    output.blank(Time::ZERO).unwrap();
    assert_eq!(output.port.calls.borrow()[..], ["show 0"]);
}

#[test]
fn the_error_for_a_wrong_overlay_has_both_pixel_counts() {
    for num_leds in [1, 2, 30, 49, 51, 60, 1000] {
        let drives = counted(num_leds, "pixel");
        assert_eq!(
            set_up_error(num_leds),
            format!(
                "/dev/leds0 drives {drives}, the strip has 50 (set \
                 dtoverlay=ws2812-pio,gpio=18,num_leds=50 in /boot/firmware/config.txt, then reboot)"
            )
        );
    }
}

#[test]
fn a_device_without_an_end_is_not_an_led_device() {
    assert_eq!(
        set_up_error(1 << 20),
        "/dev/leds0 is not a device of the ws2812-pio driver (run 'ls /dev/leds*' to list them)"
    );
}

#[test]
fn a_failed_write_is_an_error() {
    let mut kernel = Kernel::new(50);
    kernel.fails = Some(Errno::IO);
    let mut output = output(kernel, &strip(50, "GRB"), Driver::Transparent);
    let expected = "cannot write to /dev/leds0: Input/output error (see the kernel log (dmesg))";
    assert_eq!(output.set_up(OVERLAY).unwrap_err().to_string(), expected);
    let frame = vec![0; 150];
    let error = output.write(Time::ZERO, &[frame]).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_error_for_a_missing_device_has_the_line_for_config_txt() {
    let model = "Raspberry Pi 5 Model B Rev 1.0\0";
    let remedy = |pixels, order, pin| missing(model, &overlay(&strip(pixels, order), pin));
    assert_eq!(
        remedy(50, "GRB", Some(18)),
        "add dtoverlay=ws2812-pio,gpio=18,num_leds=50 to /boot/firmware/config.txt, then reboot"
    );
    assert_eq!(
        remedy(7, "GRBW", None),
        "add dtoverlay=ws2812-pio,gpio=N,num_leds=7,rgbw to /boot/firmware/config.txt, then reboot"
    );
    let problem = cannot_open("/dev/leds0", &Errno::NOENT.into(), OVERLAY).problem;
    assert_eq!(problem, "cannot open /dev/leds0: No such file or directory");
}

#[test]
fn the_error_on_another_board_suggests_another_driver() {
    assert_eq!(
        missing("Raspberry Pi 4 Model B Rev 1.2\0", OVERLAY),
        "only a Raspberry Pi 5 has this driver, and this is a Raspberry Pi 4 Model B Rev 1.2; use \
         'driver: spi'"
    );
    for model in [
        "Raspberry Pi Compute Module 5 Rev 1.0",
        "Raspberry Pi 500 Rev 1.0",
        "",
    ] {
        assert!(
            missing(model, OVERLAY).starts_with("add dtoverlay="),
            "{model}"
        );
    }
}

#[test]
fn the_error_for_a_missing_permission_has_the_udev_rule() {
    // Belongs to root, like /dev/leds0.
    let error = cannot_open("/dev/null", &Errno::ACCESS.into(), OVERLAY);
    assert_eq!(
        error.to_string(),
        "cannot open /dev/null: Permission denied (write SUBSYSTEM==\"ws2812-pio-rp1\", \
         GROUP=\"gpio\", MODE=\"0660\" to /etc/udev/rules.d/99-lumen.rules, then reboot)"
    );
}
