//! Any packet as a message of the client or the helper: it is refused, or it has the only encoding
//! of that message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumen::wire::helper::{Answer, Request, frames_message_bytes};

fuzz_target!(|packet: &[u8]| {
    let mut again = Vec::new();
    if let Ok(request) = Request::parse(packet) {
        if let Request::Hello(strips) = &request {
            assert!(frames_message_bytes(strips) > 0);
        }
        request.put(&mut again);
        assert_eq!(again, packet);
    }
    if let Ok(answer) = Answer::parse(packet) {
        answer.put(&mut again);
        // Texts are truncated, and their messages may have another version.
        assert!(Answer::parse(&again).is_ok());
    }
});
