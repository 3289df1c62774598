use super::*;
use crate::output::spi::test::Double;

fn output(port: Double) -> Spidev<Double> {
    let line = Line::new(port, "/dev/spidev0.0");
    Spidev::new(line, StripType::Ws281x, 90)
}

#[test]
fn the_port_is_set_up_and_the_line_pulled_low_before_the_first_frame() {
    let mut output = output(Double {
        no_chip_select: true,
        ..Double::default()
    });
    output.set_up().unwrap();
    assert_eq!(
        output.line.port.calls.borrow()[..],
        ["mode 64", "bits 8", "clock 3200000", "send 128 rest 300"]
    );
    assert_eq!(output.line.port.sent.borrow()[0], [0; 128]);
}

#[test]
fn a_frame_is_one_transfer_with_its_reset() {
    let mut output = output(Double::default());
    output.write(Time::ZERO, &[vec![0xFF; 90]]).unwrap();
    assert_eq!(output.line.port.calls.borrow()[..], ["send 380 rest 300"]);
}

#[test]
fn rest_sends_a_dark_frame() {
    let mut output = output(Double::default());
    output.rest(Time::ZERO).unwrap();
    let sent = output.line.port.sent.borrow();
    assert_eq!(sent[0][4..364], [0x88; 360]);
}
