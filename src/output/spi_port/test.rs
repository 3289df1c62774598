//! Tests of the SPI port against a simulated one, which other tests use too.

use super::*;
use std::cell::RefCell;

/// A port that records its calls and fails on request.
#[derive(Debug, Default)]
pub(in crate::output) struct TestSpi {
    pub(in crate::output) calls: RefCell<Vec<String>>,
    pub(in crate::output) sent: RefCell<Vec<Vec<u8>>>,
    pub(in crate::output) fails: bool,
}

impl TestSpi {
    fn record(&self, call: String) {
        self.calls.borrow_mut().push(call);
    }
}

impl SpiDevice for TestSpi {
    fn mode(&self) -> io::Result<u8> {
        Ok(0)
    }

    fn set_mode(&self, mode: u8) -> io::Result<()> {
        self.record(format!("mode {mode}"));
        Ok(())
    }

    fn set_bits(&self, bits_per_word: u8) -> io::Result<()> {
        self.record(format!("bits {bits_per_word}"));
        Ok(())
    }

    fn set_clock(&self, clock_hz: u32) -> io::Result<()> {
        self.record(format!("clock {clock_hz}"));
        Ok(())
    }

    fn transfer(&self, bytes: &[u8], delay_us: u16) -> io::Result<()> {
        if self.fails {
            return Err(rustix::io::Errno::IO.into());
        }
        self.sent.borrow_mut().push(bytes.to_vec());
        self.record(format!("send {} delay {delay_us}", bytes.len()));
        Ok(())
    }
}

#[test]
fn only_mode_0_is_tried_because_a_driver_logs_flags_that_it_does_not_know() {
    let port = SpiPort::new(TestSpi::default(), "/dev/spidev0.0");
    port.set_up(1).unwrap();
    assert_eq!(
        port.port.calls.borrow()[..],
        ["mode 0", "bits 8", "clock 1"]
    );
}

#[test]
fn a_failed_transfer_is_an_error() {
    let port = TestSpi {
        fails: true,
        ..TestSpi::default()
    };
    let port = SpiPort::new(port, "/dev/spidev0.0");
    assert_eq!(
        port.send(&[0; 90], 0).unwrap_err().problem,
        "cannot write to /dev/spidev0.0: Input/output error"
    );
}

#[test]
fn a_strip_that_is_too_long_for_the_buffer_is_refused_with_a_remedy() {
    assert_eq!(check_length(339, 4096, 339, 4096), Ok(()));
    let error = check_length(400, 4096, 339, 4820).unwrap_err().to_string();
    let wanted = "400 pixels are too many for the SPI buffer: its 4096 bytes carry 339 (add \
                  spidev.bufsiz=32768 to ";
    assert!(error.starts_with(wanted), "{error}");
    let long = check_length(3000, 32_768, 2046, 48_020).unwrap_err();
    assert!(long.remedy.contains("spidev.bufsiz=65536"), "{long}");
}

#[test]
fn the_length_of_the_buffer_is_read_from_the_kernel() {
    let file = std::env::temp_dir().join(format!("lumen-bufsiz-{}", std::process::id()));
    std::fs::write(&file, "32768\n").unwrap();
    assert_eq!(buffer_limit_in(&file), 32_768);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(buffer_limit_in(&file), DEFAULT_BUFFER);
}

#[test]
fn a_missing_device_is_an_error() {
    let error = SpiPort::open("/dev/lumen-no-such-device").unwrap_err();
    assert_eq!(
        error.problem,
        "cannot open /dev/lumen-no-such-device: No such file or directory"
    );
}

#[test]
fn a_device_of_another_driver_is_refused_before_it_is_opened() {
    let error = SpiPort::open("/dev/null").unwrap_err();
    assert_eq!(
        error.to_string(),
        "/dev/null is a device of the driver 'mem', not an SPI device (run 'ls /dev/spidev*' to \
         list them)"
    );
}
