//! Reads the channels of the LEDs in Klipper's own LED sections, and reports the errors that
//! Klipper reports for them.

use crate::limits::LEDS;
use crate::text::shown;
use std::collections::BTreeMap;

/// The longest chain of a `[neopixel]` in channels: `MAX_MCU_SIZE` of Klipper's neopixel.py.
const MAX_CHANNELS: usize = 500;

/// An error in a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The invalid option; empty for the whole section.
    pub(super) option: &'static str,
    pub(super) problem: String,
    /// Whether the chain is longer than Klipper supports.
    pub(super) is_too_long: bool,
}

impl Fault {
    fn new(option: &'static str, problem: String) -> Self {
        Self {
            option,
            problem,
            is_too_long: false,
        }
    }

    fn too_long(problem: String) -> Self {
        Self {
            is_too_long: true,
            ..Self::new("chain_count", problem)
        }
    }
}

/// The channels of a `[led]`, with the options of their pins.
const PINS: [(char, &str); 4] = [
    ('R', "red_pin"),
    ('G', "green_pin"),
    ('B', "blue_pin"),
    ('W', "white_pin"),
];

/// Whether a section is an LED section.
pub(super) fn is_leds(section: &str) -> bool {
    let kind = section.split(' ').next();
    matches!(
        kind,
        Some("neopixel" | "dotstar" | "led" | "pca9533" | "pca9632")
    )
}

/// Returns the channels of each LED of a section, such as `GRBW`; empty if the section does not
/// define them.
///
/// # Errors
/// Returns an error that makes Klipper refuse the section.
pub(super) fn channels(
    section: &str,
    options: &BTreeMap<String, String>,
) -> Result<Vec<String>, Fault> {
    match section.split(' ').next() {
        Some("led") => {
            let pins = PINS.iter().filter(|(_, pin)| options.contains_key(*pin));
            let channels: String = pins.map(|(letter, _)| letter).collect();
            if channels.is_empty() {
                let problem = " needs one of red_pin, green_pin, blue_pin and white_pin";
                return Err(Fault::new("", problem.to_owned()));
            }
            Ok(vec![channels])
        }
        Some("dotstar") => {
            let count = count(options)?;
            Ok(vec!["RGB".to_owned(); count.min(LEDS)])
        }
        Some("neopixel") => orders(options),
        // Chips with four outputs. The config does not say what is connected to the fourth.
        _ => Ok(vec![String::new()]),
    }
}

fn orders(options: &BTreeMap<String, String>) -> Result<Vec<String>, Fault> {
    let count = count(options)?;
    let text = options.get("color_order").map_or("GRB", String::as_str);
    let orders: Vec<&str> = text.split(',').take(MAX_CHANNELS).map(str::trim).collect();
    if let Some(order) = orders.iter().find(|order| !is_order(order)) {
        let problem = format!(
            "must have R, G and B once and W at most once, got '{}'",
            shown(order)
        );
        return Err(Fault::new("color_order", problem));
    }
    let per_led = if let [order] = orders.as_slice() {
        let most = MAX_CHANNELS / order.len();
        if count > most {
            let problem = format!(
                "must not be above {most}, the most that Klipper supports with {order} LEDs, \
                 got {count}"
            );
            return Err(Fault::too_long(problem));
        }
        vec![*order; count]
    } else {
        orders
    };
    if per_led.len() != count {
        let problem = format!(
            "must have one order for all LEDs, or one for each of the {count} LEDs, got {}",
            per_led.len()
        );
        return Err(Fault::new("color_order", problem));
    }
    let channels: usize = per_led.iter().map(|order| order.len()).sum();
    if channels > MAX_CHANNELS {
        let problem = format!(
            "must not have more LEDs than Klipper supports: {MAX_CHANNELS} channels, got {channels}"
        );
        return Err(Fault::too_long(problem));
    }
    Ok(per_led.into_iter().map(str::to_owned).collect())
}

/// Reads the number of LEDs, with Python's syntax for integers.
fn count(options: &BTreeMap<String, String>) -> Result<usize, Fault> {
    let text = options.get("chain_count").map_or("1", String::as_str);
    let digits = text.trim().replace('_', "");
    let count = digits.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| {
        let problem = format!(
            "must be a whole number of at least 1, got '{}'",
            shown(text)
        );
        Fault::new("chain_count", problem)
    })
}

fn is_order(text: &str) -> bool {
    let is_once = |letter: char| text.matches(letter).count() == 1;
    let is_rgb = "RGB".chars().all(is_once);
    is_rgb && (text.len() == 3 || (text.len() == 4 && is_once('W')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section, its options, and the channels of each LED.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

    fn of(section: &str, options: &[(&str, &str)]) -> Result<Vec<String>, Fault> {
        let pairs = options
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        channels(section, &pairs.collect())
    }

    #[test]
    fn a_section_defines_the_channels_of_each_led() {
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
    fn errors_that_klipper_reports_are_returned() {
        let many = vec!["GRBW"; 126].join(",");
        for (section, options, option, problem) in [
            (
                "neopixel a",
                &[("chain_count", "3"), ("color_order", "GRB, GRBW")][..],
                "color_order",
                "must have one order for all LEDs, or one for each of the 3 LEDs, got 2",
            ),
            (
                "neopixel a",
                &[("color_order", "grb")],
                "color_order",
                "must have R, G and B once and W at most once, got 'grb'",
            ),
            (
                "dotstar a",
                &[("chain_count", "many")],
                "chain_count",
                "must be a whole number of at least 1, got 'many'",
            ),
            (
                "neopixel a",
                &[("chain_count", "0")],
                "chain_count",
                "must be a whole number of at least 1, got '0'",
            ),
            (
                "neopixel a",
                &[("chain_count", "167")],
                "chain_count",
                "must not be above 166, the most that Klipper supports with GRB LEDs, got 167",
            ),
            (
                "neopixel a",
                &[("chain_count", "126"), ("color_order", &many)],
                "chain_count",
                "must not have more LEDs than Klipper supports: 500 channels, got 504",
            ),
            (
                "led a",
                &[],
                "",
                " needs one of red_pin, green_pin, blue_pin and white_pin",
            ),
        ] {
            let found = of(section, options).map_err(|it| (it.option, it.problem));
            assert_eq!(found, Err((option, problem.to_owned())), "{options:?}");
        }
    }

    #[test]
    fn the_longest_chains_match_klipper() {
        let grbw = [("chain_count", "125"), ("color_order", "GRBW")];
        assert_eq!(of("neopixel a", &grbw).map(|it| it.len()), Ok(125));
        let grb = [("chain_count", "166")];
        assert_eq!(of("neopixel a", &grb).map(|it| it.len()), Ok(166));
        let dotstar = [("chain_count", "600")];
        assert_eq!(of("dotstar a", &dotstar).map(|it| it.len()), Ok(600));
    }
}
