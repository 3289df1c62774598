//! Tests of the SPI output on a simulated SPI port.

use super::*;
use crate::output::spi_port::test::TestSpi;

fn output(port: TestSpi) -> Ws2812Spi<TestSpi> {
    let port = SpiPort::new(port, "/dev/spidev0.0");
    Ws2812Spi::new(port, StripType::Ws281x, 90)
}

#[test]
fn set_up_sets_the_port_and_sends_a_reset() {
    let mut output = output(TestSpi::default());
    output.set_up().unwrap();
    assert_eq!(
        output.port.port.calls.borrow()[..],
        ["mode 0", "bits 8", "clock 3200000", "send 128 delay 300"]
    );
    assert_eq!(output.port.port.sent.borrow()[0], [0; 128]);
}

#[test]
fn a_frame_is_one_transfer_with_its_reset() {
    let mut output = output(TestSpi::default());
    output.write(Time::ZERO, &[vec![0xFF; 90]]).unwrap();
    assert_eq!(output.port.port.calls.borrow()[..], ["send 380 delay 300"]);
}

#[test]
fn blank_sends_a_dark_frame() {
    let mut output = output(TestSpi::default());
    output.blank(Time::ZERO).unwrap();
    let sent = output.port.port.sent.borrow();
    assert_eq!(sent[0][4..364], [0x88; 360]);
}
