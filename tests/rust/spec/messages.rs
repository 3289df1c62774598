//! The exact messages about invalid configs.

mod finish;
mod groups;
mod sections;
mod specs;
mod strips;

use super::{group, problems};

/// A config, and all messages about it.
type Case = (&'static str, &'static [&'static str]);

/// Replaces `NEWER` in a message with the advice to update.
fn versioned(message: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let advice = format!("; it may need a newer Lumen (this is {version})");
    message.replace("NEWER", &advice)
}

/// Fails for every config with other messages.
fn assert_messages(cases: &[Case], config: impl Fn(&str) -> String) {
    let mut failures = Vec::new();
    for (lines, expected) in cases {
        let messages = problems(&config(lines));
        let expected: Vec<String> = expected.iter().map(|it| versioned(it)).collect();
        if messages != expected {
            failures.push(format!(
                "{lines}\n  expected {expected:#?}\n  got {messages:#?}"
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn all_errors_are_reported_in_the_order_of_the_file() {
    let config = "[lumen_group case]
        driver: gpio
        gpio_pin: 10
        on_heating: puls
        group_brightness: 2
        directon: reverse
        [lumen]
        gpio_fps: 0";
    assert_eq!(
        problems(config),
        [
            "Option 'directon' is not valid in section 'lumen_group case' (did you mean 'direction'?)",
            "Option 'group_brightness' in section 'lumen_group case' must be from 0 to 1, got 2",
            "Option 'on_heating' in section 'lumen_group case': unknown effect 'puls' (did you mean 'pulse'?)",
            "Option 'gpio_fps' in section 'lumen' must be a whole number from 1 to 240, got 0",
        ]
    );
}

#[test]
fn an_invalid_strip_is_not_reported_again_for_its_groups() {
    let config = "[lumen]
        [lumen_strip case]
        driver: spi
        [lumen_group a]
        strip: case
        index_end: 10
        [lumen_group b]
        pixels: case 11-99999999999999999999";
    assert_eq!(
        problems(config),
        [
            "Option 'count' in section 'lumen_strip case' must be specified: the number of pixels of the strip",
            "Option 'pixels' in section 'lumen_group b': 'case 11-99999999999999999999' ends beyond strip 'case', which has 10000 pixels",
        ]
    );
}
