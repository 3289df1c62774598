//! Finds Klipper's objects by the names in a config.

use crate::text::{counted, nearest};

/// Klipper's sections with an LED helper.
pub const LED_KINDS: [&str; 5] = ["neopixel", "dotstar", "led", "pca9533", "pca9632"];
const LAMP_KINDS: [&str; 4] = ["output_pin", "pwm_cycle_time", "pwm_tool", "led"];

/// Returns the full names of the objects of a strip. Each text is the name of a section or the last
/// word of it; `names` are those of Klipper's objects. `label` is the strip's name in messages.
///
/// # Errors
/// When an object does not exist; the text is for the user.
pub fn find_objects(
    label: &str,
    texts: &[String],
    is_lamp: bool,
    names: &[String],
) -> Result<Vec<String>, String> {
    let leds: &[&str] = if is_lamp { &[] } else { &LED_KINDS };
    let kinds: Vec<&str> = leds.iter().chain(&LAMP_KINDS).copied().collect();
    let find = |text: &String| {
        find(text, &kinds, names)
            .map_err(|hint| format!("strip {label}: there is no section '{text}'{hint}"))
    };
    texts.iter().map(find).collect()
}

/// Returns the full name of an object, or what the user may have meant.
fn find(text: &str, kinds: &[&str], names: &[String]) -> Result<String, String> {
    let is_full = text.contains(' ');
    let candidates = if is_full {
        vec![text.to_owned()]
    } else {
        kinds.iter().map(|kind| format!("{kind} {text}")).collect()
    };
    if let Some(name) = candidates.into_iter().find(|it| names.contains(it)) {
        return Ok(name);
    }
    let word = |name: &str, last: bool| {
        let mut words = name.split_whitespace();
        let found = if last {
            words.next_back()
        } else {
            words.next()
        };
        found.unwrap_or_default().to_owned()
    };
    let known = names
        .iter()
        .filter(|it| kinds.contains(&word(it, false).as_str()));
    let known: Vec<&str> = known.map(String::as_str).collect();
    let last: Vec<String> = known.iter().map(|it| word(it, true)).collect();
    let near = if is_full {
        nearest(text, known.iter().copied())
    } else {
        nearest(text, last.iter().map(String::as_str))
    };
    Err(match near {
        Some(near) => format!(" (did you mean '{near}'?)"),
        None if known.is_empty() => String::new(),
        None => format!(" (known: {})", known.join(", ")),
    })
}

/// Checks that the objects of a strip, each with its number of LEDs, have enough for its pixels.
///
/// # Errors
/// When there are too few; the text is for the user.
pub fn check_length(label: &str, pixels: usize, objects: &[(String, usize)]) -> Result<(), String> {
    let leds: usize = objects.iter().map(|it| it.1).sum();
    if leds >= pixels {
        return Ok(());
    }
    let names: Vec<String> = objects
        .iter()
        .map(|(name, _)| format!("[{name}]"))
        .collect();
    Err(format!(
        "strip {label} has {}, but {} only {leds}",
        counted(pixels as u64, "pixel"),
        names.join(" and "),
    ))
}

/// Returns the channels of each LED of an object, such as `GRBW`; empty if unknown. `bytes` are the
/// LED and the channel of each byte of a chain, `pins` the channels of the pins of a `[led]`.
pub fn led_channels(
    kind: &str,
    count: usize,
    bytes: Option<&[(usize, usize)]>,
    pins: Option<&[usize]>,
) -> Vec<String> {
    let letter = |channel: usize| "RGBW".chars().nth(channel);
    let unknown = vec![String::new(); count];
    match kind {
        "dotstar" => vec!["RGB".to_owned(); count],
        "led" => {
            let text: Option<String> = pins.and_then(|it| it.iter().copied().map(letter).collect());
            text.map_or(unknown, |it| vec![it])
        }
        _ => {
            let mut texts = unknown.clone();
            for &(led, channel) in bytes.unwrap_or_default() {
                match (texts.get_mut(led), letter(channel)) {
                    (Some(text), Some(letter)) => text.push(letter),
                    // Another kind of map.
                    _ => return unknown,
                }
            }
            texts
        }
    }
}

/// Returns the commands `SET_LED` for new colors of the LEDs of a section, counted from 0.
pub fn set_led_script(section: &str, colors: &[(usize, [f64; 4])]) -> String {
    let name = section.split_whitespace().next_back().unwrap_or_default();
    let line = |(place, (led, [r, g, b, w])): (usize, &(usize, [f64; 4]))| {
        let (index, is_last) = (led + 1, u8::from(place + 1 == colors.len()));
        format!(
            "SET_LED LED={name} RED={r:.4} GREEN={g:.4} BLUE={b:.4} WHITE={w:.4} INDEX={index} \
             TRANSMIT={is_last} SYNC=0"
        )
    };
    let lines: Vec<String> = colors.iter().enumerate().map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        [
            "print_stats",
            "neopixel sb",
            "led case",
            "output_pin lamp",
            "led lamp",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn one(text: &str, is_lamp: bool) -> Result<String, String> {
        let found = find_objects("'a'", &[text.to_owned()], is_lamp, &names());
        found.map(|mut it| it.remove(0))
    }

    #[test]
    fn an_object_is_found_by_its_section_or_the_last_word() {
        assert_eq!(one("sb", false).unwrap(), "neopixel sb");
        assert_eq!(one("led case", false).unwrap(), "led case");
        assert_eq!(one("lamp", false).unwrap(), "led lamp");
        assert_eq!(one("lamp", true).unwrap(), "output_pin lamp");
    }

    #[test]
    fn an_unknown_object_gets_a_suggestion_or_a_list() {
        let text = "strip 'a': there is no section 'sbb' (did you mean 'sb'?)";
        assert_eq!(one("sbb", false).unwrap_err(), text);
        let text = "strip 'a': there is no section 'led cas' (did you mean 'led case'?)";
        assert_eq!(one("led cas", false).unwrap_err(), text);
        let text = "strip 'a': there is no section 'zzzzzz' \
                    (known: led case, output_pin lamp, led lamp)";
        assert_eq!(one("zzzzzz", true).unwrap_err(), text);
        assert_eq!(find("x", &["led"], &[]).unwrap_err(), "");
    }

    #[test]
    fn only_the_last_command_makes_klipper_send() {
        let colors = [(0, [1.0, 0.5, 0.0, 0.0]), (4, [0.0, 0.0, 0.0, 0.25])];
        let text = "SET_LED LED=a RED=1.0000 GREEN=0.5000 BLUE=0.0000 WHITE=0.0000 INDEX=1 \
                    TRANSMIT=0 SYNC=0\n\
                    SET_LED LED=a RED=0.0000 GREEN=0.0000 BLUE=0.0000 WHITE=0.2500 INDEX=5 \
                    TRANSMIT=1 SYNC=0";
        assert_eq!(set_led_script("hyperled a", &colors), text);
    }

    #[test]
    fn objects_that_are_too_short_are_listed() {
        let objects = [("neopixel a".to_owned(), 2), ("neopixel b".to_owned(), 1)];
        assert!(check_length("'a'", 3, &objects).is_ok());
        let text = "strip 'a' has 4 pixels, but [neopixel a] and [neopixel b] only 3";
        assert_eq!(check_length("'a'", 4, &objects).unwrap_err(), text);
    }
}
