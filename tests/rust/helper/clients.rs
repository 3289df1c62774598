//! Clients of the helper: accepted, refused and misbehaving ones.

use super::harness::{
    CASE, Call, Folder, HEAD, NEVER, RawClient, TestHelper, me, settings, wait_until,
};
use crossbeam_channel::{Receiver, Sender, unbounded};
use lumen::{
    Opener, Output, OutputError, Span, Time, helper_protocol::ClientMessage,
    helper_protocol::MAX_MESSAGE, helper_protocol::PinStrip, open_dry_run, serve_helper,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

const RED: [u8; 6] = [0, 255, 0, 0, 255, 0];
const WHITE: [u8; 4] = [0, 0, 0, 255];
const DARK: [&[u8]; 2] = [&[0; 6], &[0; 4]];
const SHORT: Span = Span::from_millis(20);

#[test]
fn frames_reach_the_pins_and_the_strips_are_dark_at_the_end() {
    let mut helper = TestHelper::new();
    let mut output = helper.output().unwrap();
    output
        .write(Time::ZERO, &[RED.to_vec(), WHITE.to_vec()])
        .unwrap();
    assert_eq!(helper.call(), Call::Open);
    assert_eq!(helper.wait_for_frames(&[&RED, &WHITE]), 0);
    output.blank(Time::ZERO).unwrap();
    assert_eq!(helper.wait_for_frames(&DARK), 0);
    drop(output);
    helper.stop();
    assert_eq!(helper.end(), Ok(()));
    assert_eq!(helper.call(), Call::Blank);
    assert!(!helper.folder.socket().exists());
}

#[test]
fn strips_go_dark_some_time_after_their_client_left() {
    let helper = TestHelper::with(SHORT, |_| Ok(()));
    let mut output = helper.output().unwrap();
    output
        .write(Time::ZERO, &[RED.to_vec(), WHITE.to_vec()])
        .unwrap();
    assert_eq!(helper.call(), Call::Open);
    assert_eq!(helper.wait_for_frames(&[&RED, &WHITE]), 0);
    drop(output);
    assert_eq!(helper.wait_for_frames(&DARK), 0);
}

#[test]
fn stop_turns_the_strips_off_while_a_client_sends() {
    let mut helper = TestHelper::new();
    let client = helper.welcomed_client();
    client.send_frames(&[RED.to_vec(), WHITE.to_vec()]);
    helper.wait_for_frames(&[&RED, &WHITE]);
    helper.stop();
    assert_eq!(helper.end(), Ok(()));
    assert_eq!(helper.calls.iter().last(), Some(Call::Blank));
    assert_eq!(client.receive(), "end");
}

#[test]
fn a_client_can_drive_some_strips_in_any_order() {
    let helper = TestHelper::new();
    let client = helper.client();
    client.send_message(&ClientMessage::Hello(vec![HEAD]));
    assert_eq!(client.receive(), "welcome");
    client.send_frames(&[WHITE.to_vec()]);
    helper.wait_for_frames(&[&[0; 6], &WHITE]);
}

#[test]
fn a_client_with_other_strips_is_refused() {
    let helper = TestHelper::new();
    let client = helper.client();
    client.send_message(&ClientMessage::Hello(vec![PinStrip { pixels: 3, ..CASE }]));
    assert_eq!(
        client.receive(),
        "refusal: the helper is configured for 2 pixels of 3 channels on GPIO18, not for 3 pixels \
         of 3 channels on GPIO18"
    );
    assert_eq!(client.receive(), "end");
}

#[test]
fn a_malformed_message_ends_the_connection_with_an_error() {
    let helper = TestHelper::new();
    let long = vec![b'L'; MAX_MESSAGE + 1];
    let cases: [(&[u8], &str); 5] = [
        (
            b"GET / HTTP/1.1\r\n\r\n",
            "a message that is not from Lumen",
        ),
        (
            b"Lu\x02\x01\x12\x03\x02\x00",
            "a message of protocol version 2, not 1",
        ),
        (b"Lu\x01\x01\x12", "a message of wrong length: 5 bytes"),
        (b"Lu\x01\x02", "unexpected packet"),
        (&long, "a packet of 65537 bytes is too long"),
    ];
    for (packet, text) in cases {
        let client = helper.client();
        client.send(packet);
        assert_eq!(client.receive(), format!("refusal: {text}"));
        assert_eq!(client.receive(), "end");
    }
    assert!(helper.calls.is_empty());
}

#[test]
fn frames_of_another_length_are_never_shown() {
    let helper = TestHelper::new();
    for bytes in [0, 9, 11, 4096] {
        let client = helper.welcomed_client();
        client.send_frames(&[vec![1; bytes]]);
        assert_eq!(
            client.receive(),
            format!("refusal: frames of {bytes} bytes do not match its strips")
        );
    }
    let client = helper.welcomed_client();
    client.send_frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(helper.call(), Call::Open);
    assert_eq!(helper.wait_for_frames(&[&RED, &WHITE]), 0);
}

#[test]
fn a_second_client_is_refused_until_the_first_disconnects() {
    let helper = TestHelper::new();
    let first = helper.welcomed_client();
    let second = RawClient::new(&helper.folder.socket());
    let me = std::process::id();
    assert_eq!(
        second.receive(),
        format!("refusal: process {me} already drives the strips")
    );
    assert_eq!(second.receive(), "end");
    first.send_frames(&[RED.to_vec(), WHITE.to_vec()]);
    helper.wait_for_frames(&[&RED, &WHITE]);
    drop(first);
    helper.welcomed_client();
}

#[test]
fn a_client_without_a_hello_is_disconnected() {
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.hello_timeout = SHORT;
    let helper = Builder::new()
        .spawn(move || serve_helper(settings, open_dry_run("/nowhere".into())))
        .unwrap();
    wait_until("the helper listens", || folder.socket().exists());
    for _ in 0..3 {
        let silent = RawClient::new(&folder.socket());
        assert_eq!(silent.receive(), "greeting");
        // The helper disconnects after the timeout.
        assert_eq!(silent.receive(), "end");
    }
    drop(stop);
    assert_eq!(helper.join().unwrap(), Ok(()));
}

/// A helper whose writes block until a message; dropping the sender unblocks all writes.
fn blocking() -> (TestHelper, Sender<()>) {
    let (sender, calls) = unbounded();
    let (release, wait) = unbounded();
    let opener: Opener = Box::new(move |_| {
        let _ = sender.send(Call::Open);
        Ok(Box::new(BlockingPins {
            calls: sender.clone(),
            wait: wait.clone(),
        }))
    });
    (TestHelper::start(NEVER, opener, calls), release)
}

struct BlockingPins {
    calls: Sender<Call>,
    wait: Receiver<()>,
}

impl Output for BlockingPins {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Show(frames.to_vec()));
        let _ = self.wait.recv();
        Ok(())
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Blank);
        Ok(())
    }
}

#[test]
fn a_flood_shows_the_latest_frame_at_the_speed_of_the_wire() {
    let (mut helper, release) = blocking();
    let client = helper.welcomed_client();
    client.send_frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(helper.call(), Call::Open);
    assert_eq!(helper.wait_for_frames(&[&RED, &WHITE]), 0);
    // The wire is busy, and the client fills its socket.
    let mut flood = b"Lu\x01\x02".to_vec();
    flood.extend([7; 10]);
    let sent = (0..100_000).take_while(|_| client.try_send(&flood)).count();
    assert!(sent >= 100, "{sent} packets fit");
    drop(release);
    client.send_frames(&[[1; 6].to_vec(), [2; 4].to_vec()]);
    // The helper reads up to 256 packets per frame.
    let other_count = helper.wait_for_frames(&[&[1; 6], &[2; 4]]);
    assert!(
        other_count <= sent / 256 + 2,
        "{other_count} of {sent} were shown"
    );
    helper.stop();
    assert_eq!(helper.end(), Ok(()));
    let remaining: Vec<Call> = helper.calls.try_iter().collect();
    assert_eq!(remaining, [Call::Blank], "nothing is queued");
}

#[test]
fn a_refusal_reaches_a_client_that_sent_more() {
    let (helper, release) = blocking();
    let client = helper.welcomed_client();
    client.send_frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(helper.call(), Call::Open);
    assert_eq!(helper.wait_for_frames(&[&RED, &WHITE]), 0);
    // While the wire is busy: an invalid packet, and then packets until the socket is full.
    client.send(b"what?");
    let mut more = b"Lu\x01\x02".to_vec();
    more.extend([7; 10]);
    let sent = (0..100_000).take_while(|_| client.try_send(&more)).count();
    assert!(sent >= 100, "{sent} packets fit");
    drop(release);
    assert_eq!(
        client.receive(),
        "refusal: a message that is not from Lumen"
    );
    assert_eq!(client.receive(), "end");
}

#[test]
fn a_flood_writes_few_lines_to_the_journal() {
    static LINES: AtomicUsize = AtomicUsize::new(0);
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.journal = |line| {
        LINES.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(line.len(), Ordering::Relaxed);
    };
    let helper = Builder::new()
        .spawn(move || serve_helper(settings, open_dry_run("/nowhere".into())))
        .unwrap();
    wait_until("the helper listens", || folder.socket().exists());
    // Each line is different, because it has the length of the refused packet.
    for number in 0..2000 {
        let client = RawClient::new(&folder.socket());
        assert_eq!(client.receive(), "greeting");
        let mut packet = b"Lu\x01\x03".to_vec();
        packet.resize(5 + number, 0);
        client.send(&packet);
        let bytes = packet.len();
        assert_eq!(
            client.receive(),
            format!("refusal: a message of wrong length: {bytes} bytes")
        );
    }
    drop(stop);
    assert_eq!(helper.join().unwrap(), Ok(()));
    let (lines, bytes) = (LINES.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
    assert!((3..200).contains(&lines), "{lines} lines, {bytes} bytes");
}
