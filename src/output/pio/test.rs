use super::*;
use crate::layout::{ColorOrder, PixelFormat};
use std::cell::{Cell, RefCell};

/// The driver as its source says, for `num_leds` pixels.
#[derive(Debug)]
struct Kernel {
    num_leds: usize,
    brightness: Cell<u8>,
    pixels: RefCell<Vec<u8>>,
    /// What went out at once, and how long it was left to do so.
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

fn output(kernel: Kernel, strip: &Strip, driver: Driver) -> Pio<Kernel> {
    Pio::new(kernel, "/dev/leds0", strip, driver)
}

const OVERLAY: &str = "dtoverlay=ws2812-pio,gpio=18,num_leds=50";

fn wrong(num_leds: usize) -> String {
    let mut output = output(
        Kernel::new(num_leds),
        &strip(50, "GRB"),
        Driver::Transparent,
    );
    output.set_up(OVERLAY).unwrap_err().to_string()
}

#[test]
fn the_curve_is_switched_off_and_the_strip_darkened_before_the_first_frame() {
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
fn a_curve_that_cannot_be_switched_off_is_undone_at_full_brightness() {
    let mut output = output(Kernel::new(1), &strip(1, "GRB"), Driver::Gamma);
    output.set_up(OVERLAY).unwrap();
    output.write(Time::ZERO, &[vec![0, 1, 255]]).unwrap();
    assert_eq!(output.port.brightness.get(), 255);
    assert_eq!(output.port.pixels.borrow()[..], [22, 0, 255, 0]);
}

#[test]
fn kernels_are_told_apart_by_their_version() {
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
fn a_frame_is_one_write_and_has_its_time_on_the_line() {
    let mut output = output(Kernel::new(2), &strip(2, "GRBW"), Driver::Transparent);
    let frame = vec![1, 2, 3, 4, 5, 6, 7, 8];
    output.write(Time::ZERO, &[frame]).unwrap();
    assert_eq!(output.port.pixels.borrow()[..], [2, 1, 3, 4, 6, 5, 7, 8]);
    assert_eq!(output.port.calls.borrow()[..], ["show 36", "pause 380"]);
}

#[test]
fn rest_writes_a_dark_frame_and_does_not_wait() {
    let mut output = output(Kernel::new(2), &strip(2, "GRB"), Driver::Transparent);
    output.blank(Time::ZERO).unwrap();
    assert_eq!(output.port.calls.borrow()[..], ["show 0"]);
}

#[test]
fn an_overlay_for_another_number_of_pixels_is_told_with_both_numbers() {
    for num_leds in [1, 2, 30, 49, 51, 60, 1000] {
        assert_eq!(
            wrong(num_leds),
            format!(
                "/dev/leds0 drives {num_leds} pixels, the strip has 50 (write \
                 dtoverlay=ws2812-pio,gpio=18,num_leds=50 in /boot/firmware/config.txt, then reboot)"
            )
        );
    }
}

#[test]
fn a_device_without_an_end_is_none_of_the_driver() {
    assert_eq!(
        wrong(1 << 20),
        "/dev/leds0 is not a device of the ws2812-pio driver (ls /dev/leds* shows those that there \
         are)"
    );
}

#[test]
fn a_write_that_fails_says_so() {
    let mut kernel = Kernel::new(50);
    kernel.fails = Some(Errno::IO);
    let mut output = output(kernel, &strip(50, "GRB"), Driver::Transparent);
    let words = "cannot write to /dev/leds0: Input/output error (the log of the kernel (dmesg) may \
                 say why)";
    assert_eq!(output.set_up(OVERLAY).unwrap_err().to_string(), words);
    let frame = vec![0; 150];
    let error = output.write(Time::ZERO, &[frame]).unwrap_err();
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_missing_device_says_the_line_that_makes_it() {
    let model = "Raspberry Pi 5 Model B Rev 1.0\0";
    let told = |pixels, order, pin| missing(model, &overlay(&strip(pixels, order), pin));
    assert_eq!(
        told(50, "GRB", Some(18)),
        "add dtoverlay=ws2812-pio,gpio=18,num_leds=50 to /boot/firmware/config.txt, then reboot"
    );
    assert_eq!(
        told(7, "GRBW", None),
        "add dtoverlay=ws2812-pio,gpio=N,num_leds=7,rgbw to /boot/firmware/config.txt, then reboot"
    );
    let problem = opening("/dev/leds0", &Errno::NOENT.into(), OVERLAY).problem;
    assert_eq!(problem, "cannot open /dev/leds0: No such file or directory");
}

#[test]
fn a_board_without_the_driver_is_told_another() {
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
fn a_missing_permission_says_the_udev_rule() {
    // A device of root's, as /dev/leds0 is.
    let refusal = opening("/dev/null", &Errno::ACCESS.into(), OVERLAY);
    assert_eq!(
        refusal.to_string(),
        "cannot open /dev/null: Permission denied (write SUBSYSTEM==\"ws2812-pio-rp1\", \
         GROUP=\"gpio\", MODE=\"0660\" to /etc/udev/rules.d/99-lumen.rules, then reboot)"
    );
}
