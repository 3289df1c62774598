//! Any text as an effect spec, and as a stack of layers: it is parsed, and its text parses to the
//! same spec, or it is refused with messages.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumen::spec::{EffectNames, ParsedEffect, ParsedStack};

fuzz_target!(|text: &str| {
    let words = EffectNames::default();
    match ParsedEffect::parse(text, &words) {
        Ok(spec) => assert_eq!(ParsedEffect::parse(&spec.to_string(), &words), Ok(spec)),
        Err(problems) => assert!(!problems.is_empty()),
    }
    match ParsedStack::parse(text, None, &words) {
        Ok(stack) => assert_eq!(
            ParsedStack::parse(&stack.to_string(), None, &words),
            Ok(stack)
        ),
        Err(problems) => assert!(!problems.is_empty()),
    }
});
