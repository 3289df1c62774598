//! Any text is a spec that prints and reads back the same, or is refused in words.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumen::spec::parse::EffectSpec;
use lumen::spec::effect_names::EffectNames;

fuzz_target!(|text: &str| {
    let words = EffectNames::default();
    match EffectSpec::parse(text, &words) {
        Ok(spec) => assert_eq!(EffectSpec::parse(&spec.to_string(), &words), Ok(spec)),
        Err(problems) => assert!(!problems.is_empty()),
    }
});
