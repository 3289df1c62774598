//! klipper-led_effect: its effects on LEDs that Lumen drives too.

use crate::config_file::{ConfigFile, Finding};
use crate::limits::PROBLEMS;
use crate::plan::{OutputPlan, Plan};
use crate::text::shown;
use std::collections::HashSet;

/// Warns about the first [`PROBLEMS`] of these effects.
pub(super) fn warnings(read: &ConfigFile, plan: &Plan) -> Vec<Finding> {
    let own: HashSet<&str> = plan
        .strips
        .iter()
        .flat_map(|strip| match &strip.output {
            OutputPlan::Leds { objects } => objects.as_slice(),
            _ => &[],
        })
        .map(String::as_str)
        .collect();
    let sections = read.sections().iter();
    let found = sections.filter_map(|section| {
        let leds = section.options.get("leds")?.value();
        if !section.name.starts_with("led_effect ") {
            return None;
        }
        let shared = chains(leds).find(|chain| {
            own.contains(chain.as_str())
                || chain
                    .split_once(' ')
                    .is_some_and(|(_, name)| own.contains(name))
        })?;
        let text = format!(
            "Section '{}' lights [{}] too, which belongs to a group of Lumen, so the LEDs flicker; \
             remove the section, see docs/Moving.md",
            shown(&section.name),
            shown(&shared),
        );
        Some(Finding {
            section: section.name.clone(),
            option: None,
            text,
        })
    });
    found.take(PROBLEMS).collect()
}

/// Returns the LED sections in a list such as `neopixel:case (1-3)`; a section in each line.
fn chains(leds: &str) -> impl Iterator<Item = String> {
    let words = leds
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    words.map(|word| word.replace(':', " "))
}
