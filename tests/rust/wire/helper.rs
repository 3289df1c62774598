//! The helper's protocol: every message can be parsed, and no two encodings mean the same.

use lumen::{
    helper_protocol::ClientMessage, helper_protocol::ErrorText, helper_protocol::MAX_MESSAGE,
    helper_protocol::MAX_STRIPS, helper_protocol::PinStrip, helper_protocol::ServerMessage,
};
use proptest::prelude::*;

fn strips() -> impl Strategy<Value = Vec<PinStrip>> {
    let strip =
        (any::<u8>(), 3..=4_u8, 1..=2000_u16).prop_map(|(pin, channels, pixels)| PinStrip {
            pin,
            channels,
            pixels,
        });
    prop::collection::vec(strip, 1..=MAX_STRIPS)
}

/// Random bytes that start like a message, so that most get past the header.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![1..=3_u8, 0x80..=0x83_u8, any::<u8>()];
    (0..=2_u8, kind, prop::collection::vec(any::<u8>(), 0..64))
        .prop_map(|(version, kind, rest)| [vec![b'L', b'u', version, kind], rest].concat())
}

proptest! {
    #[test]
    fn every_hello_is_parsed(strips in strips()) {
        let mut message = Vec::new();
        ClientMessage::Hello(strips.clone()).put(&mut message);
        prop_assert_eq!(ClientMessage::parse(&message), Ok(ClientMessage::Hello(strips)));
    }

    #[test]
    fn every_frame_is_parsed(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut message = Vec::new();
        ClientMessage::Frames(&bytes).put(&mut message);
        prop_assert_eq!(ClientMessage::parse(&message), Ok(ClientMessage::Frames(&bytes)));
    }

    #[test]
    fn every_error_text_is_parsed(problem in "[^\n]{0,100}", remedy in "[^\n]{0,100}") {
        let text = ErrorText { problem: &problem, remedy: &remedy };
        for answer in [ServerMessage::Refusal(text), ServerMessage::Fault(text)] {
            let mut message = Vec::new();
            answer.put(&mut message);
            prop_assert_eq!(ServerMessage::parse(&message), Ok(answer));
        }
    }

    #[test]
    fn a_client_message_has_exactly_one_encoding(message in message()) {
        if let Ok(request) = ClientMessage::parse(&message) {
            let mut again = Vec::new();
            request.put(&mut again);
            prop_assert_eq!(again, message);
        }
    }

    #[test]
    fn the_parsers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (ClientMessage::parse(&bytes), ServerMessage::parse(&bytes));
    }

    #[test]
    fn a_message_longer_than_the_maximum_is_refused(more in 1..1000_usize) {
        let mut message = b"Lu\x01\x02".to_vec();
        message.resize(MAX_MESSAGE + more, 0);
        prop_assert!(ClientMessage::parse(&message).is_err());
    }
}
