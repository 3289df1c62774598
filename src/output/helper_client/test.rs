//! The client against a minimal helper in the same thread, which sends its answers in advance.

use super::*;
use crate::layout::{ColorOrder, PixelFormat, Strip};
use crate::output::packets::socket;
use crate::plan::{FinishPlan, PinPlan, StripType};
use rustix::net::{AddressFamily, SocketType};
use rustix::net::{SocketAddrUnix, SocketFlags, accept_with, bind, listen, socketpair};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

fn plan(pin: u8, pixels: usize) -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::GRB,
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Pin(PinPlan {
            pin,
            strip_type: StripType::Ws281x,
            frequency_hz: 800_000,
            dma: 10,
            invert: false,
            by_helper: true,
        }),
        finish: FinishPlan::default(),
    }
}

/// A socket path for one test.
fn socket_path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lumen-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

fn listener(path: &Path) -> OwnedFd {
    let listener = socket().unwrap();
    bind(&listener, &SocketAddrUnix::new(path).unwrap()).unwrap();
    listen(&listener, 1).unwrap();
    listener
}

/// A client and the helper's end of its connection.
fn pair() -> (HelperClient, Connection) {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (ours, theirs) =
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
    let name = PathBuf::from(format!(
        "/dev/lumen-client-{:?}",
        std::thread::current().id()
    ));
    let client = HelperClient {
        connection: Connection::new(ours),
        message: Vec::new(),
        answer: vec![0; ANSWER_BYTES],
        messages: 0,
        unreceived: 0,
        received_at: instant(),
        _claim: Claim::take(&name, CLAIM_TIMEOUT).unwrap(),
    };
    (client, Connection::new(theirs))
}

fn send(helper: &Connection, answer: ServerMessage<'_>) {
    let mut message = Vec::new();
    answer.put(&mut message);
    helper.send(&message).unwrap();
}

fn receive(helper: &Connection) -> Vec<u8> {
    let mut buffer = vec![0; MAX_MESSAGE];
    let Received::Packet(bytes) = helper.receive(&mut buffer).unwrap() else {
        panic!("no packet");
    };
    buffer.truncate(bytes);
    buffer
}

const NO: ErrorText<'_> = ErrorText {
    problem: "no",
    remedy: "ask nicely",
};

fn open_error(path: &Path) -> String {
    match open_at(path, &[plan(18, 3)]) {
        Ok(_) => panic!("it opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_client_sends_its_strips_and_then_one_packet_per_tick() {
    let (mut client, helper) = pair();
    send(&helper, ServerMessage::Greeting);
    send(&helper, ServerMessage::Welcome);
    let strips = [plan(18, 2), plan(13, 1)].map(|it| strip(&it).unwrap());
    client.handshake(strips.to_vec()).unwrap();
    let hello = receive(&helper);
    assert_eq!(
        ClientMessage::parse(&hello),
        Ok(ClientMessage::Hello(strips.to_vec()))
    );
    let frames = [vec![1, 2, 3, 4, 5, 6], vec![7, 8, 9]];
    client.write(Time::ZERO, &frames).unwrap();
    client.blank(Time::ZERO).unwrap();
    let message = receive(&helper);
    let expected = ClientMessage::Frames(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(ClientMessage::parse(&message), Ok(expected));
    assert_eq!(
        ClientMessage::parse(&receive(&helper)),
        Ok(ClientMessage::Blank)
    );
}

#[test]
fn a_refusal_has_the_message_of_the_helper() {
    let (mut client, helper) = pair();
    send(&helper, ServerMessage::Refusal(NO));
    drop(helper);
    let error = client.handshake(Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "the helper reports: no (ask nicely)");
}

#[test]
fn a_fault_is_reported_when_the_next_frame_cannot_be_sent() {
    let (mut client, helper) = pair();
    send(&helper, ServerMessage::Fault(NO));
    drop(helper);
    let error = client.write(Time::ZERO, &[vec![0; 3]]).unwrap_err();
    assert_eq!(error.to_string(), "the helper reports: no (ask nicely)");
}

#[test]
fn a_helper_that_died_is_an_error() {
    let (mut client, helper) = pair();
    drop(helper);
    let expected = "the helper has stopped (systemd restarts it; 'systemctl status lumen-helper' \
                  shows why it stopped)";
    for _ in 0..2 {
        let error = client.write(Time::ZERO, &[vec![0; 3]]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!(
        client.handshake(Vec::new()).unwrap_err().to_string(),
        expected
    );
}

#[test]
fn a_helper_that_receives_nothing_is_an_error_after_two_seconds() {
    let (mut client, _helper) = pair();
    let start = client.received_at;
    let frames = [vec![0; 3000]];
    let all_sent = (0..10_000).all(|_| client.send_frames(start, &frames).is_ok());
    assert!(all_sent, "frames without room are dropped");
    assert!(client.messages() < 10_000);
    let later = start + Duration::from_millis(1999);
    assert_eq!(client.send_frames(later, &frames), Ok(()));
    let later = start + Duration::from_secs(2);
    let error = client.send_frames(later, &frames).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the helper does not accept frames (sudo systemctl restart lumen-helper)"
    );
}

#[test]
fn a_frozen_helper_is_detected_when_the_frame_does_not_change() {
    let (mut client, helper) = pair();
    let frames = [vec![1, 2, 3]];
    let start = client.received_at;
    let second = |number| start + REFRESH * number;
    // The same frame once a second, as the pump repeats it; the helper receives for an hour.
    for number in 0..3600 {
        client.send_frames(second(number), &frames).unwrap();
        receive(&helper);
    }
    // The helper stops receiving.
    for number in 3600..3602 {
        client.send_frames(second(number), &frames).unwrap();
    }
    assert!(client.send_frames(second(3602), &frames).is_err());
}

#[test]
fn a_slow_helper_that_receives_is_not_frozen() {
    let (mut client, helper) = pair();
    let frames = [vec![1, 2, 3]];
    let start = client.received_at;
    client.send_frames(start, &frames).unwrap();
    for number in 1..1000 {
        let now = start + Duration::from_millis(25) * number;
        client.send_frames(now, &frames).unwrap();
        // One packet is always pending.
        receive(&helper);
    }
}

#[test]
fn a_helper_of_another_version_is_an_error_with_a_remedy() {
    let (mut client, helper) = pair();
    helper.send(b"Lu\x09\x80").unwrap();
    let error = client.handshake(Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the helper uses version 9 of the protocol, not 1 (install the helper of this version of \
         Lumen, see Outputs.md)"
    );
    helper.send(b"what?").unwrap();
    let error = client.handshake(Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the helper sent a message that is not from Lumen (sudo systemctl restart lumen-helper)"
    );
}

#[test]
fn the_error_for_a_missing_helper_explains_how_to_install_it() {
    let path = socket_path("missing");
    assert_eq!(
        open_error(&path),
        format!(
            "the helper is not running: {} does not exist (install it, see 'Pins by the helper' in \
             Outputs.md)",
            path.display()
        )
    );
}

#[test]
fn a_socket_without_a_listener_is_a_stopped_helper() {
    let path = socket_path("stale");
    drop(listener(&path));
    assert!(open_error(&path).starts_with("the helper has stopped"));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_helper_that_does_not_answer_is_frozen() {
    let path = socket_path("frozen");
    let listener = listener(&path);
    assert_eq!(
        open_error(&path),
        "the helper does not answer (sudo systemctl restart lumen-helper)"
    );
    assert!(accept_with(&listener, SocketFlags::CLOEXEC).is_ok());
    std::fs::remove_file(path).unwrap();
}

#[test]
fn strips_that_exceed_a_packet_are_refused_before_connecting() {
    let plans = [plan(18, 20_000), plan(13, 20_000)];
    let Err(error) = open_at(Path::new("/nowhere"), &plans) else {
        panic!("it opened");
    };
    assert_eq!(
        error.to_string(),
        "the strips are too long for the helper: their frames exceed 64 KiB (drive some of them \
         by SPI)"
    );
}
