//! What clients get: their strips, or words.

use super::bench::{Bench, CASE, Call, Folder, HEAD, NEVER, Stranger, me, settings, wait_until};
use crossbeam_channel::{Receiver, Sender, unbounded};
use lumen::helper::{Opener, open_dry_run, serve};
use lumen::output::{Output, OutputError};
use lumen::time::{Span, Time};
use lumen::wire::helper::{ClientMessage, LONGEST, PinStrip};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

const RED: [u8; 6] = [0, 255, 0, 0, 255, 0];
const WHITE: [u8; 4] = [0, 0, 0, 255];
const DARK: [&[u8]; 2] = [&[0; 6], &[0; 4]];
const SOON: Span = Span::from_millis(20);

#[test]
fn frames_reach_the_pins_and_the_strips_are_dark_at_the_end() {
    let mut bench = Bench::new();
    let mut remote = bench.remote().unwrap();
    remote
        .write(Time::ZERO, &[RED.to_vec(), WHITE.to_vec()])
        .unwrap();
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
    remote.blank(Time::ZERO).unwrap();
    assert_eq!(bench.shown(&DARK), 0);
    drop(remote);
    bench.stop();
    assert_eq!(bench.end(), Ok(()));
    assert_eq!(bench.call(), Call::Rest);
    assert!(!bench.folder.socket().exists());
}

#[test]
fn strips_go_dark_when_their_client_has_been_gone_for_a_while() {
    let bench = Bench::with(SOON, |_| Ok(()));
    let mut remote = bench.remote().unwrap();
    remote
        .write(Time::ZERO, &[RED.to_vec(), WHITE.to_vec()])
        .unwrap();
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
    drop(remote);
    assert_eq!(bench.shown(&DARK), 0);
}

#[test]
fn a_stop_darkens_the_strips_while_a_client_sends() {
    let mut bench = Bench::new();
    let guest = bench.guest();
    guest.frames(&[RED.to_vec(), WHITE.to_vec()]);
    bench.shown(&[&RED, &WHITE]);
    bench.stop();
    assert_eq!(bench.end(), Ok(()));
    assert_eq!(bench.calls.iter().last(), Some(Call::Rest));
    assert_eq!(guest.read_client(), "end");
}

#[test]
fn a_client_may_drive_some_of_the_strips_in_its_own_order() {
    let bench = Bench::new();
    let guest = bench.stranger();
    guest.say(&ClientMessage::Hello(vec![HEAD]));
    assert_eq!(guest.read_client(), "welcome");
    guest.frames(&[WHITE.to_vec()]);
    bench.shown(&[&[0; 6], &WHITE]);
}

#[test]
fn a_client_with_other_strips_is_refused() {
    let bench = Bench::new();
    let guest = bench.stranger();
    guest.say(&ClientMessage::Hello(vec![PinStrip { pixels: 3, ..CASE }]));
    assert_eq!(
        guest.read_client(),
        "refusal: the helper is configured for 2 pixels of 3 channels on GPIO18, not for 3 pixels \
         of 3 channels on GPIO18"
    );
    assert_eq!(guest.read_client(), "end");
}

#[test]
fn what_is_no_message_ends_the_connection_with_words_and_nothing_is_shown() {
    let bench = Bench::new();
    let long = vec![b'L'; LONGEST + 1];
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
    for (packet, words) in cases {
        let stranger = bench.stranger();
        stranger.send(packet);
        assert_eq!(stranger.read_client(), format!("refusal: {words}"));
        assert_eq!(stranger.read_client(), "end");
    }
    assert!(bench.calls.is_empty());
}

#[test]
fn frames_of_another_length_are_never_shown() {
    let bench = Bench::new();
    for bytes in [0, 9, 11, 4096] {
        let guest = bench.guest();
        guest.frames(&[vec![1; bytes]]);
        assert_eq!(
            guest.read_client(),
            format!("refusal: frames of {bytes} bytes do not match its strips")
        );
    }
    let guest = bench.guest();
    guest.frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
}

#[test]
fn a_second_client_is_refused_until_the_first_has_gone() {
    let bench = Bench::new();
    let first = bench.guest();
    let second = Stranger::new(&bench.folder.socket());
    let me = std::process::id();
    assert_eq!(
        second.read_client(),
        format!("refusal: process {me} already drives the strips")
    );
    assert_eq!(second.read_client(), "end");
    first.frames(&[RED.to_vec(), WHITE.to_vec()]);
    bench.shown(&[&RED, &WHITE]);
    drop(first);
    bench.guest();
}

#[test]
fn a_client_that_does_not_say_hello_keeps_nobody_out() {
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.hello_within = SOON;
    let helper = Builder::new()
        .spawn(move || serve(settings, open_dry_run("/nowhere".into())))
        .unwrap();
    wait_until("the helper listens", || folder.socket().exists());
    for _ in 0..3 {
        let silent = Stranger::new(&folder.socket());
        assert_eq!(silent.read_client(), "greeting");
        // Waited for, however long it takes: the helper hangs up.
        assert_eq!(silent.read_client(), "end");
    }
    drop(stop);
    assert_eq!(helper.join().unwrap(), Ok(()));
}

/// A helper whose pins wait in each write until they are let go; dropping the sender lets all go.
fn held() -> (Bench, Sender<()>) {
    let (sender, calls) = unbounded();
    let (go, wait) = unbounded();
    let opener: Opener = Box::new(move |_| {
        let _ = sender.send(Call::Open);
        Ok(Box::new(Held {
            calls: sender.clone(),
            wait: wait.clone(),
        }))
    });
    (Bench::start(NEVER, opener, calls), go)
}

struct Held {
    calls: Sender<Call>,
    wait: Receiver<()>,
}

impl Output for Held {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Show(frames.to_vec()));
        let _ = self.wait.recv();
        Ok(())
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Rest);
        Ok(())
    }
}

#[test]
fn a_flood_shows_the_latest_and_no_more_than_the_wire_carries() {
    let (mut bench, go) = held();
    let guest = bench.guest();
    guest.frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
    // The wire is busy, and the client sends all that its socket holds.
    let mut flood = b"Lu\x01\x02".to_vec();
    flood.extend([7; 10]);
    let sent = (0..100_000).take_while(|_| guest.offer(&flood)).count();
    assert!(sent >= 100, "{sent} packets fit");
    drop(go);
    guest.frames(&[[1; 6].to_vec(), [2; 4].to_vec()]);
    // It reads 256 packets for each frame that it shows.
    let others = bench.shown(&[&[1; 6], &[2; 4]]);
    assert!(others <= sent / 256 + 2, "{others} of {sent} were shown");
    bench.stop();
    assert_eq!(bench.end(), Ok(()));
    let rest: Vec<Call> = bench.calls.try_iter().collect();
    assert_eq!(rest, [Call::Rest], "nothing is queued");
}

#[test]
fn a_refusal_reaches_a_client_that_sent_more() {
    let (bench, go) = held();
    let guest = bench.guest();
    guest.frames(&[RED.to_vec(), WHITE.to_vec()]);
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
    // While the wire is busy: a packet that is refused, and behind it all that the socket holds.
    guest.send(b"what?");
    let mut more = b"Lu\x01\x02".to_vec();
    more.extend([7; 10]);
    let sent = (0..100_000).take_while(|_| guest.offer(&more)).count();
    assert!(sent >= 100, "{sent} packets fit");
    drop(go);
    assert_eq!(
        guest.read_client(),
        "refusal: a message that is not from Lumen"
    );
    assert_eq!(guest.read_client(), "end");
}

#[test]
fn a_flood_leaves_few_lines_in_the_journal() {
    static LINES: AtomicUsize = AtomicUsize::new(0);
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.journal = |line| {
        LINES.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(line.len(), Ordering::Relaxed);
    };
    let helper = Builder::new()
        .spawn(move || serve(settings, open_dry_run("/nowhere".into())))
        .unwrap();
    wait_until("the helper listens", || folder.socket().exists());
    // Lines that differ each time: the lengths of packets that are refused.
    for number in 0..2000 {
        let stranger = Stranger::new(&folder.socket());
        assert_eq!(stranger.read_client(), "greeting");
        let mut packet = b"Lu\x01\x03".to_vec();
        packet.resize(5 + number, 0);
        stranger.send(&packet);
        let bytes = packet.len();
        assert_eq!(
            stranger.read_client(),
            format!("refusal: a message of wrong length: {bytes} bytes")
        );
    }
    drop(stop);
    assert_eq!(helper.join().unwrap(), Ok(()));
    let (lines, bytes) = (LINES.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
    assert!((3..200).contains(&lines), "{lines} lines, {bytes} bytes");
}
