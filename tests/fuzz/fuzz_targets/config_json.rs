//! Any document as a config: it is not a config, it compiles, or it is refused with messages.
//!
//! The document is `[config, facts]` as JSON. Strips can have any length, so no plan is drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumen::spec::{Facts, RawConfig, compile};

fuzz_target!(|document: &[u8]| {
    let Ok((raw, facts)) = serde_json::from_slice::<(RawConfig, Option<Facts>)>(document) else {
        return;
    };
    match compile(&raw, facts.as_ref()) {
        Ok(compiled) => {
            for group in &compiled.plan.groups {
                for place in group.group.places() {
                    assert!(place.pixel < compiled.plan.strips[place.strip].strip.pixels);
                }
            }
        }
        Err(errors) => assert!(!errors.is_empty()),
    }
});
