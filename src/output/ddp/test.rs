//! Tests of the DDP output with a UDP socket of this computer as the controller.

use super::*;
use crate::layout::{ColorOrder, PixelFormat};

fn strip(pixels: usize, order: &str) -> Strip {
    Strip {
        name: "case".into(),
        pixels,
        order: ColorOrder::parse(order).unwrap(),
        format: PixelFormat::Bytes,
    }
}

/// A receiving socket and its address.
fn receiver() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    // Never reached: the loopback interface delivers at once.
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn output(pixels: usize, order: &str, address: SocketAddr) -> Ddp {
    let resolve = move |_: &str, _: u16| Ok(vec![address]);
    Ddp::open(&strip(pixels, order), "case.local", 4048, &resolve).unwrap()
}

fn packet(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = [0; 2000];
    let length = socket.recv(&mut bytes).unwrap();
    bytes[..length].to_vec()
}

fn message_of(error: Errno) -> String {
    let address = (Ipv4Addr::new(10, 0, 0, 7), 4048).into();
    Controller::new("case.local", address)
        .fault(&error.into())
        .to_string()
}

#[test]
fn a_frame_is_sent_in_packets_with_the_data_type_of_the_strip() {
    let (socket, address) = receiver();
    let mut rgb = output(481, "RGB", address);
    rgb.write(Time::ZERO, &[vec![9; 1443]]).unwrap();
    let (first, last) = (packet(&socket), packet(&socket));
    assert_eq!(first[..10], [0x40, 1, 0x0B, 1, 0, 0, 0, 0, 5, 0xA0]);
    assert_eq!(last, [0x41, 2, 0x0B, 1, 0, 0, 5, 0xA0, 0, 3, 9, 9, 9]);
    let mut rgbw = output(1, "RGBW", address);
    rgbw.write(Time::ZERO, &[vec![1, 2, 3, 4]]).unwrap();
    assert_eq!(packet(&socket)[..4], [0x41, 1, 0x1B, 1]);
}

#[test]
fn blank_sends_a_dark_frame() {
    let (socket, address) = receiver();
    output(2, "RGB", address).blank(Time::ZERO).unwrap();
    assert_eq!(packet(&socket)[10..], [0; 6]);
}

#[test]
fn blank_is_sent_although_an_earlier_packet_was_refused() {
    let (socket, address) = receiver();
    drop(socket);
    let mut output = output(2, "RGB", address);
    output.write(Time::ZERO, &[vec![9; 6]]).unwrap();
    let socket = UdpSocket::bind(address).unwrap();
    assert_eq!(output.blank(Time::ZERO), Ok(()));
    assert_eq!(packet(&socket)[10..], [0; 6]);
}

#[test]
fn the_refresh_is_shorter_than_the_timeout_of_wled() {
    let (_socket, address) = receiver();
    let output = output(1, "RGB", address);
    assert!(output.refresh().unwrap() < Duration::from_millis(2500) / 2);
    assert!(output.settle_time() > Duration::from_secs(3));
}

#[test]
fn a_closed_port_is_reported() {
    let (socket, address) = receiver();
    drop(socket);
    let mut output = output(1, "RGB", address);
    // The loopback interface refuses at once; the next send returns the error.
    assert_eq!(output.write(Time::ZERO, &[vec![0; 3]]), Ok(()));
    let error = output.write(Time::ZERO, &[vec![0; 3]]).unwrap_err();
    let port = address.port();
    assert_eq!(
        error.to_string(),
        format!(
            "case.local (127.0.0.1) does not accept packets on UDP port {port} (check 'host' and \
             'port'; WLED listens on port 4048 as soon as it has started)"
        )
    );
}

#[test]
fn an_unknown_host_is_reported_with_the_message_of_the_resolver() {
    let unknown = |_: &str, _: u16| {
        let message = "failed to lookup address information: Name or service not known";
        Err(io::Error::other(message))
    };
    let error = Ddp::open(&strip(1, "RGB"), "case.local", 4048, &unknown).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot find host 'case.local': Name or service not known (check its name and its power; \
         an IP address works without a name server)"
    );
    let nothing = |_: &str, _: u16| Ok(Vec::new());
    let error = Ddp::open(&strip(1, "RGB"), "case.local", 4048, &nothing).unwrap_err();
    assert!(error.problem.starts_with("cannot find host 'case.local': "));
}

#[test]
fn an_address_needs_no_resolver_and_ipv4_is_preferred() {
    let found = look_up("10.0.0.7", 4048).unwrap();
    assert_eq!(found, [(Ipv4Addr::new(10, 0, 0, 7), 4048).into()]);
    let (socket, address) = receiver();
    let both = move |_: &str, _: u16| Ok(vec![(Ipv6Addr::LOCALHOST, 9).into(), address]);
    let mut output = Ddp::open(&strip(1, "RGB"), "case.local", 4048, &both).unwrap();
    output.write(Time::ZERO, &[vec![1, 2, 3]]).unwrap();
    assert_eq!(packet(&socket)[10..], [1, 2, 3]);
}

#[test]
fn a_broadcast_address_is_refused_as_a_host() {
    let broadcast = |_: &str, port| Ok(vec![(Ipv4Addr::BROADCAST, port).into()]);
    let error = Ddp::open(&strip(1, "RGB"), "255.255.255.255", 4048, &broadcast).unwrap_err();
    assert_eq!(
        error.to_string(),
        "255.255.255.255 is a broadcast address ('host' must be the address of one controller)"
    );
}

#[test]
fn network_errors_are_reported_with_a_remedy() {
    assert_eq!(
        message_of(Errno::HOSTUNREACH),
        "case.local (10.0.0.7) does not answer (check the controller's power and network)"
    );
    assert_eq!(
        message_of(Errno::NETUNREACH),
        "no route to case.local (10.0.0.7) (check this computer's network)"
    );
    assert_eq!(
        message_of(Errno::PERM),
        "this computer's firewall blocks packets to case.local (10.0.0.7) (allow UDP to port 4048)"
    );
    assert_eq!(
        message_of(Errno::MFILE),
        "cannot send to case.local (10.0.0.7): Too many open files"
    );
}

#[test]
fn full_queues_lose_only_a_packet() {
    assert!(is_packet_loss(&Errno::AGAIN.into()));
    assert!(is_packet_loss(&Errno::NOBUFS.into()));
    assert!(!is_packet_loss(&Errno::CONNREFUSED.into()));
}

#[test]
fn a_controller_is_locked_by_one_process_until_it_is_released() {
    // A port that depends on this process, because other tests may run on this computer.
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, std::process::id() as u16).into();
    let first = lock(address, "wled.local:4048").unwrap();
    assert!(first.is_some());
    assert_eq!(
        lock(address, "wled.local:4048").unwrap_err().problem,
        "another process drives the strip on wled.local:4048"
    );
    drop(first);
    assert!(lock(address, "wled.local:4048").is_ok());
}
