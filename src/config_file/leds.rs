//! The channels of the LEDs that Klipper's own sections describe.

use std::collections::BTreeMap;

/// LEDs of one section; a longer chain does not exist in Klipper.
const MAX_COUNT: usize = 1000;

/// The outputs of a `[led]`, with the options of their pins.
const PINS: [(char, &str); 4] = [
    ('R', "red_pin"),
    ('G', "green_pin"),
    ('B', "blue_pin"),
    ('W', "white_pin"),
];

/// Whether a section is one of LEDs.
pub(super) fn is_leds(section: &str) -> bool {
    let kind = section.split(' ').next();
    matches!(
        kind,
        Some("neopixel" | "dotstar" | "led" | "pca9533" | "pca9632")
    )
}

/// The channels of each LED of a section, such as `GRBW`; empty if the section does not say.
/// `None` for a section without LEDs, and for one that Klipper refuses.
pub(super) fn channels(section: &str, options: &BTreeMap<String, String>) -> Option<Vec<String>> {
    match section.split(' ').next()? {
        "led" => {
            let pins = PINS.iter().filter(|(_, pin)| options.contains_key(*pin));
            Some(vec![pins.map(|(letter, _)| letter).collect()])
        }
        // Chips with four outputs; what is connected to the fourth is not written anywhere.
        "pca9533" | "pca9632" => Some(vec![String::new()]),
        "dotstar" => Some(vec!["RGB".to_owned(); count(options)?]),
        "neopixel" => orders(options),
        _ => None,
    }
}

fn orders(options: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let count = count(options)?;
    let text = options.get("color_order").map_or("GRB", String::as_str);
    let orders: Vec<String> = text
        .split(',')
        .take(count + 1)
        .map(|order| order.trim().to_owned())
        .collect();
    if !orders.iter().all(|order| is_order(order)) {
        return None;
    }
    match orders.as_slice() {
        [order] => Some(vec![order.clone(); count]),
        orders => (orders.len() == count).then(|| orders.to_vec()),
    }
}

fn count(options: &BTreeMap<String, String>) -> Option<usize> {
    let text = options.get("chain_count").map_or("1", String::as_str);
    let count = text.trim().parse().ok();
    count.filter(|count| (1..=MAX_COUNT).contains(count))
}

fn is_order(text: &str) -> bool {
    let mut letters: Vec<char> = text.chars().take(5).collect();
    letters.sort_unstable();
    letters == ['B', 'G', 'R'] || letters == ['B', 'G', 'R', 'W']
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section, its options, and the channels of each LED.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

    fn of(section: &str, options: &[(&str, &str)]) -> Option<Vec<String>> {
        let pairs = options
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        channels(section, &pairs.collect())
    }

    #[test]
    fn a_section_says_the_channels_of_each_led() {
        let cases: &[Case<'_>] = &[
            ("neopixel a", &[], &["GRB"]),
            (
                "neopixel a",
                &[("chain_count", "2"), ("color_order", "GRBW")],
                &["GRBW", "GRBW"],
            ),
            (
                "neopixel a",
                &[("chain_count", "2"), ("color_order", "GRB, GRBW")],
                &["GRB", "GRBW"],
            ),
            ("dotstar a", &[("chain_count", "2")], &["RGB", "RGB"]),
            ("led a", &[("white_pin", "PA1")], &["W"]),
            (
                "led a",
                &[
                    ("blue_pin", "PA1"),
                    ("red_pin", "PA2"),
                    ("white_pin", "PA3"),
                ],
                &["RBW"],
            ),
            ("pca9533 a", &[], &[""]),
            ("pca9632 a", &[("color_order", "RGBW")], &[""]),
        ];
        for (section, options, expected) in cases {
            let found = of(section, options).unwrap();
            assert_eq!(&found, expected, "{section} {options:?}");
        }
    }

    #[test]
    fn what_klipper_refuses_has_no_channels() {
        for options in [
            &[("chain_count", "3"), ("color_order", "GRB, GRBW")][..],
            &[("color_order", "grb")],
            &[("chain_count", "many")],
            &[("chain_count", "999999999999")],
            &[("chain_count", "0")],
        ] {
            assert_eq!(of("neopixel a", options), None, "{options:?}");
        }
        assert_eq!(of("extruder", &[]), None);
    }
}
