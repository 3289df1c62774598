//! What clients get: their strips, or words.

use super::bench::{Bench, CASE, Call, HEAD, LONG, Stranger};
use lumen::time::{Span, Time};
use lumen::wire::helper::{LONGEST, PinStrip, Request};

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
    remote.rest(Time::ZERO).unwrap();
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
    drop(remote);
    assert_eq!(bench.call(), Call::Open);
    assert_eq!(bench.shown(&[&RED, &WHITE]), 0);
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
    assert_eq!(guest.hear(), "end");
}

#[test]
fn a_client_may_drive_some_of_the_strips_in_its_own_order() {
    let bench = Bench::new();
    let guest = bench.stranger();
    guest.say(&Request::Hello(vec![HEAD]));
    assert_eq!(guest.hear(), "welcome");
    guest.frames(&[WHITE.to_vec()]);
    bench.shown(&[&[0; 6], &WHITE]);
}

#[test]
fn a_client_with_other_strips_is_refused() {
    let bench = Bench::new();
    let guest = bench.stranger();
    guest.say(&Request::Hello(vec![PinStrip { pixels: 3, ..CASE }]));
    assert_eq!(
        guest.hear(),
        "refusal: it may drive 2 pixels of 3 channels on GPIO18, not 3 pixels of 3 channels on GPIO18"
    );
    assert_eq!(guest.hear(), "end");
}

#[test]
fn what_is_no_message_ends_the_connection_with_words_and_nothing_is_shown() {
    let bench = Bench::new();
    let long = vec![b'L'; LONGEST + 1];
    let cases: [(&[u8], &str); 5] = [
        (b"GET / HTTP/1.1\r\n\r\n", "a message that is not Lumen's"),
        (
            b"Lu\x02\x01\x12\x03\x02\x00",
            "a message of protocol version 2, not of 1",
        ),
        (b"Lu\x01\x01\x12", "a message of wrong length: 5 bytes"),
        (b"Lu\x01\x02", "a packet came out of turn"),
        (&long, "a packet of 65537 bytes is too long"),
    ];
    for (packet, words) in cases {
        let stranger = bench.stranger();
        stranger.send(packet);
        assert_eq!(stranger.hear(), format!("refusal: {words}"));
        assert_eq!(stranger.hear(), "end");
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
            guest.hear(),
            format!("refusal: frames of {bytes} bytes are not those of its strips")
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
        second.hear(),
        format!("refusal: process {me} drives the strips already")
    );
    assert_eq!(second.hear(), "end");
    first.frames(&[RED.to_vec(), WHITE.to_vec()]);
    bench.shown(&[&RED, &WHITE]);
    drop(first);
    bench.guest();
}

#[test]
fn a_client_that_does_not_say_hello_keeps_nobody_out() {
    let bench = Bench::new();
    let silent = bench.stranger();
    // Waited for, however long it takes: the helper hangs up.
    assert_eq!(silent.hear(), "end");
    bench.guest();
}

#[test]
fn a_flood_shows_the_latest_and_no_more_than_the_wire_carries() {
    let bench = Bench::new();
    let guest = bench.guest();
    let mut sent = 0;
    let mut full = 0;
    // Ten times what the socket holds.
    while full < 1000 {
        let mut packet = b"Lu\x01\x02".to_vec();
        packet.extend([7; 10]);
        if guest.offer(&packet) {
            sent += 1;
        } else {
            full += 1;
            std::thread::yield_now();
        }
    }
    guest.frames(&[RED.to_vec(), WHITE.to_vec()]);
    let shown = bench.shown(&[&RED, &WHITE]);
    assert!(shown < sent / 16, "{shown} of {sent} were shown");
    assert!(
        bench.calls.recv_timeout(LONG / 400).is_err(),
        "nothing is queued"
    );
}
