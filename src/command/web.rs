//! The commands of web interfaces for groups as lights and effects as buttons.
//!
//! Mainsail and Fluidd send `SET_LED` for every object named like an LED section. Mainsail sends
//! `SET_LED_EFFECT` for every object of klipper-led_effect. A picked color or effect shows like one
//! of `LUMEN_SET`; `LUMEN_CLEAR`, the button `follow printer` and `STOP_LED_EFFECTS` clear it.

use super::answer::{Answer, Call, Handled, Then};
use super::facts::WebFacts;
use super::{SessionMemory, refused};
use crate::color::Color;
use crate::engine::{Engine, EngineError};
use crate::renderer::Source;
use crate::request::Parameter;
use crate::request::Request;
use crate::text::shown;

/// Klipper's kind of section that groups look like.
const LIGHT_KIND: &str = "neopixel";
/// The button that clears everything. Names of effects contain no spaces.
const FOLLOW: &str = "follow printer";
/// Names in an error.
const MAX_NAMES: usize = 12;
/// Digits of the number of an LED.
const MAX_DIGITS: usize = 6;

const LED: Parameter = Parameter::new("LED");
const EFFECT: Parameter = Parameter::new("EFFECT");
const LEDS: Parameter = Parameter::new("LEDS");
const FADE_TIME: Parameter = Parameter::new("FADETIME");
const STOP: Parameter = Parameter::within("STOP", 0.0, 1.0);
// A group has one color that is shown immediately, so SYNC and TRANSMIT are ignored.
const INDEX: Parameter = Parameter::within("INDEX", 1.0, 1.0);
const RED: Parameter = Parameter::within("RED", 0.0, 1.0);
const GREEN: Parameter = Parameter::within("GREEN", 0.0, 1.0);
const BLUE: Parameter = Parameter::within("BLUE", 0.0, 1.0);
const WHITE: Parameter = Parameter::within("WHITE", 0.0, 1.0);

pub(super) const SET_LED: &[Parameter] = &[LED, RED, GREEN, BLUE, WHITE, INDEX];
// REPLACE and RESTART of klipper-led_effect are ignored.
pub(super) const SET_LED_EFFECT: &[Parameter] = &[EFFECT, STOP, FADE_TIME];
pub(super) const STOP_LED_EFFECTS: &[Parameter] = &[LEDS, FADE_TIME];

pub(super) fn set_led(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    let group = call.values.text(&LED)?;
    let mut level = |parameter| call.values.number(parameter, Some(0.0));
    let [r, g, b, w] = [level(&RED)?, level(&GREEN)?, level(&BLUE)?, level(&WHITE)?];
    call.values.count(&INDEX, 1)?;
    let color = Color::rgbw(r as f32, g as f32, b as f32, w as f32);
    call.engine()?.pick(&group, color)?;
    Ok(Answer::default())
}

pub(super) fn set_led_effect(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    let effect = call.values.text(&EFFECT)?;
    let engine = call.engine()?;
    if effect == FOLLOW {
        // STOP=1 has no meaning here.
        engine.clear(None)?;
        engine.switch(None, true)?;
        memory.test_mode.reset();
        return Ok(Answer::default());
    }
    let fade = call.values.span(&FADE_TIME)?;
    if call.values.number(&STOP, Some(0.0))? > 0.0 {
        stop(engine, &[effect], None)?;
        return Ok(Answer::default());
    }
    for group in groups_of(engine, &effect) {
        engine.set(&Request {
            group: &group,
            effect: &effect,
            fade,
            is_picked: true,
            ..Request::default()
        })?;
    }
    Ok(Answer::default().then(Some(Then::Sample)))
}

pub(super) fn stop_led_effects(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    // Ignored: Lumen uses its own fade.
    call.values.seconds(&FADE_TIME)?;
    let leds = call.values.maybe_text(&LEDS)?;
    call.values.done()?;
    let (engine, web) = (call.engine()?, &call.facts().web);
    let Some(leds) = leds else {
        engine.clear_picked(None)?;
        stop(engine, &web.effects, None)?;
        return Ok(Answer::default());
    };
    let groups = groups_on(engine, web, &LedRanges::parse(&leds)?)?;
    for group in &groups {
        engine.clear_picked(Some(group))?;
    }
    stop(engine, &web.effects, Some(&groups))?;
    Ok(Answer::default())
}

/// The error for a name that a command of web interfaces does not have; `key` is its parameter.
pub fn unknown_name(key: &str, name: Option<&str>, names: &[String]) -> String {
    let Some(name) = name else {
        return format!("{key} is missing");
    };
    let listed: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let more = match names.len().saturating_sub(MAX_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (name, listed) = (shown(name), listed.join(", "));
    format!("unknown {key} '{name}' (known: {listed}{more})")
}

/// Returns the groups that a button controls.
fn groups_of(engine: &Engine, effect: &str) -> Vec<String> {
    // A reload may have changed them.
    let mut offered = engine.offer().effects.into_iter();
    let groups = offered.find(|it| it.name == effect).map(|it| it.groups);
    let groups = groups.filter(|groups| !groups.is_empty());
    groups.unwrap_or_else(|| vec!["all".to_owned()])
}

/// Clears these effects on some groups or on all.
fn stop(engine: &Engine, effects: &[String], groups: Option<&[String]>) -> Result<(), EngineError> {
    for group in engine.status().groups {
        let is_shown = group.source == Source::Command && effects.contains(&group.effect);
        if is_shown && groups.is_none_or(|groups| groups.contains(&group.name)) {
            engine.clear(Some(&group.name))?;
        }
    }
    Ok(())
}

/// Returns the groups that have some of these LEDs.
fn groups_on(
    engine: &Engine,
    web: &WebFacts,
    leds: &LedRanges<'_>,
) -> Result<Vec<String>, EngineError> {
    let light = leds.section.strip_prefix(LIGHT_KIND).map(str::trim_start);
    if let Some(group) = web.lights.iter().find(|it| light == Some(it.as_str())) {
        return Ok(vec![group.clone()]);
    }
    let mut chains = web.chains.clone();
    for pin in engine.offer().pins {
        chains.retain(|(section, _)| *section != pin.section);
        chains.push((pin.section, vec![(pin.strip, 0, pin.pixels)]));
    }
    let Some((_, strips)) = chains.iter().find(|(section, _)| *section == leds.section) else {
        let lights = web.lights.iter().map(|it| format!("{LIGHT_KIND} {it}"));
        let names = lights.chain(chains.iter().map(|(section, _)| section.clone()));
        let names = names.take(MAX_NAMES).map(|it| it.replace(' ', ":"));
        return Err(refused(format!(
            "unknown LEDS '{}' (known: {})",
            shown(leds.text),
            names.collect::<Vec<_>>().join(", ")
        )));
    };
    let mut groups = Vec::new();
    for (strip, start, count) in strips {
        for (first, last) in leds.ranges_of(*count) {
            for group in engine.groups_on(strip, start + first, start + last) {
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
    }
    Ok(groups)
}

/// LEDs in the format of klipper-led_effect: `neopixel:NAME (1-3,5)`; all without numbers.
struct LedRanges<'a> {
    text: &'a str,
    /// The full name of Klipper's section.
    section: String,
    /// The first and last LED of each range, counted from 0; empty means all LEDs.
    ranges: Vec<(usize, usize)>,
}

impl<'a> LedRanges<'a> {
    fn parse(text: &'a str) -> Result<Self, EngineError> {
        let (chain, numbers) = text.split_once('(').unwrap_or((text, ""));
        let mut ranges = Vec::new();
        if !numbers.is_empty() {
            for word in numbers.trim().trim_end_matches(')').split(',') {
                ranges.push(range(word.trim()).ok_or_else(|| {
                    refused(format!(
                        "LEDS must have the form 'neopixel:NAME (1-3,5)', got '{}'",
                        shown(text)
                    ))
                })?);
            }
        }
        Ok(Self {
            text,
            section: chain.trim().replacen(':', " ", 1),
            ranges,
        })
    }

    /// Returns the ranges on a chain of `count` LEDs.
    fn ranges_of(&self, count: usize) -> Vec<(usize, usize)> {
        let Some(end) = count.checked_sub(1) else {
            return Vec::new();
        };
        if self.ranges.is_empty() {
            return vec![(0, end)];
        }
        let ranges = self.ranges.iter().filter(|(first, _)| *first <= end);
        ranges
            .map(|(first, last)| (*first, end.min(*last)))
            .collect()
    }
}

/// Reads `5` or `1-3`; the numbers count from 1.
fn range(word: &str) -> Option<(usize, usize)> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (place(first.trim_end())?, place(last.trim_start())?);
    Some((first.min(last), first.max(last)))
}

/// Reads the number of an LED, which counts from 1 and has no leading zeros.
fn place(word: &str) -> Option<usize> {
    let is_number = word.bytes().all(|it| it.is_ascii_digit());
    if !is_number || word.starts_with('0') || word.len() > MAX_DIGITS {
        return None;
    }
    word.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leds_have_the_format_of_klipper_led_effect() {
        for (text, section, ranges) in [
            ("neopixel:sb", "neopixel sb", vec![]),
            ("neopixel:sb (1-3,5)", "neopixel sb", vec![(0, 2), (4, 4)]),
            ("led:a:b(7 - 2)", "led a:b", vec![(1, 6)]),
        ] {
            let leds = LedRanges::parse(text).unwrap();
            assert_eq!((leds.section.as_str(), leds.ranges), (section, ranges));
        }
        for text in [
            "a(0)",
            "a(1-)",
            "a(x)",
            "a(1,)",
            "a(1234567)",
            "a(-1)",
            "a(+1)",
        ] {
            assert!(LedRanges::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unknown_name_lists_at_most_twelve() {
        let names: Vec<String> = (0..14).map(|it| format!("n{it}")).collect();
        assert_eq!(unknown_name("LED", None, &names), "LED is missing");
        let text = unknown_name("LED", Some("x"), &names);
        assert!(text.starts_with("unknown LED 'x' (known: n0, n1, "));
        assert!(text.ends_with(", n11 and 2 more)"));
        let text = unknown_name("EFFECT", Some("x"), &names[..1]);
        assert_eq!(text, "unknown EFFECT 'x' (known: n0)");
    }

    #[test]
    fn ranges_end_with_their_chain() {
        let leds = LedRanges::parse("a (2-9,20)").unwrap();
        assert_eq!(leds.ranges_of(5), [(1, 4)]);
        assert!(leds.ranges_of(0).is_empty());
        assert_eq!(LedRanges::parse("a").unwrap().ranges_of(5), [(0, 4)]);
    }
}
