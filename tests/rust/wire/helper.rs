//! The helper's words: what can be said is understood, and whatever comes is understood in one way.

use lumen::wire::helper::{
    ClientMessage, ErrorText, LONGEST, MOST_STRIPS, PinStrip, ServerMessage,
};
use proptest::prelude::*;

fn strips() -> impl Strategy<Value = Vec<PinStrip>> {
    let strip =
        (any::<u8>(), 3..=4_u8, 1..=2000_u16).prop_map(|(pin, channels, pixels)| PinStrip {
            pin,
            channels,
            pixels,
        });
    prop::collection::vec(strip, 1..=MOST_STRIPS)
}

/// Bytes that begin as messages do, so that most reach the inner parser.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![1..=3_u8, 0x80..=0x83_u8, any::<u8>()];
    (0..=2_u8, kind, prop::collection::vec(any::<u8>(), 0..64))
        .prop_map(|(version, kind, rest)| [vec![b'L', b'u', version, kind], rest].concat())
}

proptest! {
    #[test]
    fn every_hello_is_understood(strips in strips()) {
        let mut message = Vec::new();
        ClientMessage::Hello(strips.clone()).put(&mut message);
        prop_assert_eq!(ClientMessage::parse(&message), Ok(ClientMessage::Hello(strips)));
    }

    #[test]
    fn every_frame_is_understood(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut message = Vec::new();
        ClientMessage::Frames(&bytes).put(&mut message);
        prop_assert_eq!(ClientMessage::parse(&message), Ok(ClientMessage::Frames(&bytes)));
    }

    #[test]
    fn all_words_are_understood(problem in "[^\n]{0,100}", remedy in "[^\n]{0,100}") {
        let words = ErrorText { problem: &problem, remedy: &remedy };
        for answer in [ServerMessage::Refusal(words), ServerMessage::Fault(words)] {
            let mut message = Vec::new();
            answer.put(&mut message);
            prop_assert_eq!(ServerMessage::parse(&message), Ok(answer));
        }
    }

    #[test]
    fn what_is_understood_as_a_request_has_this_one_form(message in message()) {
        if let Ok(request) = ClientMessage::parse(&message) {
            let mut again = Vec::new();
            request.put(&mut again);
            prop_assert_eq!(again, message);
        }
    }

    #[test]
    fn any_bytes_are_a_message_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (ClientMessage::parse(&bytes), ServerMessage::parse(&bytes));
    }

    #[test]
    fn no_message_longer_than_the_longest_is_understood(more in 1..1000_usize) {
        let mut message = b"Lu\x01\x02".to_vec();
        message.resize(LONGEST + more, 0);
        prop_assert!(ClientMessage::parse(&message).is_err());
    }
}
