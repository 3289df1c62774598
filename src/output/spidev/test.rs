use super::*;
use crate::layout::ColorOrder;
use std::cell::RefCell;

/// A port that writes down what is asked of it and refuses what it is told to.
#[derive(Default)]
struct Double {
    calls: RefCell<Vec<String>>,
    sent: RefCell<Vec<Vec<u8>>>,
    no_chip_select: bool,
    fails: bool,
}

impl Double {
    fn note(&self, call: String) {
        self.calls.borrow_mut().push(call);
    }
}

impl Port for Double {
    fn set_mode(&self, mode: u8) -> io::Result<()> {
        if mode != 0 && !self.no_chip_select {
            return Err(rustix::io::Errno::INVAL.into());
        }
        self.note(format!("mode {mode}"));
        Ok(())
    }

    fn set_bits(&self, bits_per_word: u8) -> io::Result<()> {
        self.note(format!("bits {bits_per_word}"));
        Ok(())
    }

    fn set_clock(&self, clock_hz: u32) -> io::Result<()> {
        self.note(format!("clock {clock_hz}"));
        Ok(())
    }

    fn transfer(&self, bytes: &[u8], rest_us: u16) -> io::Result<()> {
        if self.fails {
            return Err(rustix::io::Errno::IO.into());
        }
        self.sent.borrow_mut().push(bytes.to_vec());
        self.note(format!("send {} rest {rest_us}", bytes.len()));
        Ok(())
    }
}

fn strip(pixels: usize, order: &str) -> Strip {
    Strip {
        name: "case".into(),
        pixels,
        order: ColorOrder::parse(order).unwrap(),
    }
}

fn output(port: Double) -> Spidev<Double> {
    let mut output = Spidev::new(port, "/dev/spidev0.0", StripType::Ws281x);
    output.frame_bytes = 90;
    output
}

#[test]
fn the_port_is_set_up_and_the_line_pulled_low_before_the_first_frame() {
    let mut output = output(Double {
        no_chip_select: true,
        ..Double::default()
    });
    output.set_up().unwrap();
    assert_eq!(
        output.port.calls.borrow()[..],
        ["mode 64", "bits 8", "clock 3200000", "send 128 rest 300"]
    );
    assert_eq!(output.port.sent.borrow()[0], [0; 128]);
}

#[test]
fn a_port_that_cannot_leave_the_chip_select_alone_is_taken_as_it_is() {
    let mut output = output(Double::default());
    output.set_up().unwrap();
    assert_eq!(output.port.calls.borrow()[0], "mode 0");
}

#[test]
fn a_frame_is_one_transfer_with_its_reset() {
    let mut output = output(Double::default());
    output.write(Time::ZERO, &[vec![0xFF; 90]]).unwrap();
    assert_eq!(output.port.calls.borrow()[..], ["send 380 rest 300"]);
}

#[test]
fn rest_sends_a_dark_frame() {
    let mut output = output(Double::default());
    output.rest(Time::ZERO).unwrap();
    let sent = output.port.sent.borrow();
    assert_eq!(sent[0][4..364], [0x88; 360]);
}

#[test]
fn a_port_that_fails_says_so() {
    let mut output = output(Double {
        fails: true,
        ..Double::default()
    });
    let error = output.write(Time::ZERO, &[vec![0; 90]]).unwrap_err();
    assert_eq!(
        error.problem,
        "cannot write to /dev/spidev0.0: Input/output error"
    );
}

#[test]
fn a_strip_that_is_too_long_for_the_buffer_is_refused_with_the_remedy() {
    assert_eq!(check_length(&strip(339, "GRB"), 4096), Ok(()));
    assert_eq!(
        check_length(&strip(400, "GRB"), 4096)
            .unwrap_err()
            .to_string(),
        "400 pixels are too many for the SPI buffer: its 4096 bytes carry 339 (add \
         spidev.bufsiz=32768 to /boot/firmware/cmdline.txt, then reboot)"
    );
    let long = check_length(&strip(3000, "GRBW"), 32_768).unwrap_err();
    assert!(long.remedy.contains("spidev.bufsiz=65536"), "{long}");
}

#[test]
fn the_buffers_length_is_read_from_the_kernel() {
    let folder = std::env::temp_dir().join(format!("lumen-bufsiz-{}", std::process::id()));
    std::fs::write(&folder, "32768\n").unwrap();
    assert_eq!(buffer_limit(&folder), 32_768);
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(buffer_limit(&folder), DEFAULT_BUFFER);
}

#[test]
fn a_missing_device_is_an_error_with_its_remedy() {
    let error = open(
        "/dev/lumen-no-such-device",
        StripType::Ws281x,
        &strip(30, "GRB"),
    )
    .err()
    .unwrap();
    assert_eq!(
        error.problem,
        "cannot open /dev/lumen-no-such-device: No such file or directory"
    );
}
