//! The color channels of the LEDs that Klipper drives. Klipper's own section defines them for each
//! LED.
//!
//! `color_order` of a strip or group is used only for LEDs whose channels Klipper does not know. If
//! Klipper knows them, an invalid `color_order` is only a warning and does not stop the start.

use super::declared::{Declared, merge};
use crate::layout::{ColorOrder, PixelLeds};
use crate::plan::OutputPlan;
use crate::spec::section::Diagnostics;
use std::collections::BTreeMap;

/// The channels of each LED in Klipper's LED sections, by the full name of the section.
pub(super) type LedFacts = BTreeMap<String, Vec<String>>;

/// The section types that a name without a type can refer to; the first that exists is used.
pub(super) const KINDS: [&str; 5] = ["neopixel", "dotstar", "led", "pca9533", "pca9632"];

/// The LEDs of the pixels of a strip.
#[derive(Debug)]
pub(super) struct StripChannels {
    pub(super) leds: Vec<PixelLeds>,
    /// Klipper defines the channels of every pixel.
    is_sure: bool,
}

impl StripChannels {
    pub(super) fn has_white(&self) -> bool {
        self.leds.iter().any(|it| it.has_white())
    }

    /// Whether it is certain that there is no white LED.
    pub(super) fn has_no_white(&self) -> bool {
        self.is_sure && !self.has_white()
    }
}

/// The channels of a strip's pixels in Klipper's sections.
#[derive(Debug, Default)]
struct KnownLeds<'f> {
    /// One item per pixel; `None` if Klipper does not define its channels.
    leds: Vec<Option<PixelLeds>>,
    /// The last section that defines the channels of its LEDs.
    defining: Option<&'f str>,
    /// The first section that does not define them.
    undefined: Option<&'f str>,
    /// A section does not exist, so the remaining pixels are unknown.
    is_incomplete: bool,
}

impl<'f> KnownLeds<'f> {
    fn read<'o>(objects: impl Iterator<Item = &'o str>, facts: &'f LedFacts) -> Self {
        let mut known = Self::default();
        for object in objects {
            let Some((name, channels)) = find(object, facts) else {
                known.is_incomplete = true;
                break;
            };
            let leds = channels.iter().map(|it| PixelLeds::from_channels(it));
            let before = known.leds.len();
            known.leds.extend(leds);
            if known.leds[before..].contains(&None) {
                known.undefined.get_or_insert(name);
            } else {
                known.defining = Some(name);
            }
        }
        known
    }
}

/// Returns the channels of a strip that Klipper drives; `None` for any other strip. `orders` are
/// the `color_order` options of Lumen's sections.
pub(super) fn read(
    output: &OutputPlan,
    pixels: usize,
    (name, title): (&str, &str),
    orders: &[Declared<'_, &str>],
    facts: &LedFacts,
    diagnostics: &mut Diagnostics,
) -> Option<StripChannels> {
    let known = match output {
        OutputPlan::Leds { objects } => KnownLeds::read(objects.iter().map(String::as_str), facts),
        // An `[output_pin]` has no channels; an LED section has.
        OutputPlan::Lamp(lamp) => KnownLeds::read([&*lamp.object].into_iter(), facts),
        _ => return None,
    };
    let is_lamp = output.dim().is_some();
    let rest = match (known.undefined, known.defining) {
        (Some(undefined), _) if !is_lamp => {
            undefined_leds(undefined, (name, title), orders, diagnostics)
        }
        (None, Some(defining)) if !known.is_incomplete => {
            warn_about_orders(defining, orders, diagnostics);
            PixelLeds::Rgb
        }
        // Klipper refuses a section that does not exist. Before it is connected, none is known.
        _ => first(orders),
    };
    let mut leds: Vec<_> = known.leds.iter().map(|it| it.unwrap_or(rest)).collect();
    leds.resize(pixels, rest);
    let is_sure = known.undefined.is_none() && !known.is_incomplete;
    Some(StripChannels { leds, is_sure })
}

/// Returns the section of an object, and the channels of its LEDs.
fn find<'f>(object: &str, facts: &'f LedFacts) -> Option<(&'f str, &'f [String])> {
    let of = |name: &str| facts.get_key_value(name);
    let found = of(object).or_else(|| {
        let mut named = KINDS.iter().map(|kind| format!("{kind} {object}"));
        named.find_map(|name| of(&name))
    });
    found.map(|(name, channels)| (name.as_str(), channels.as_slice()))
}

/// Returns the error for an invalid color order.
pub(super) fn bad_order(text: &str) -> String {
    format!("must have R, G and B once and W at most once, got '{text}'")
}

/// Returns the LEDs whose channels Klipper does not know, from `color_order`.
fn undefined_leds(
    undefined: &str,
    (name, title): (&str, &str),
    orders: &[Declared<'_, &str>],
    diagnostics: &mut Diagnostics,
) -> PixelLeds {
    let mut order = None;
    for declared in orders {
        let title = declared.title;
        let Some(value) = ColorOrder::parse(declared.value) else {
            let problem = bad_order(declared.value);
            diagnostics.option(title, "color_order", &problem);
            continue;
        };
        let new = Some(Declared { title, value });
        let subject = format!("color_order of strip '{name}'");
        merge(&mut order, new, &subject, diagnostics);
    }
    if orders.is_empty() {
        let text = format!(
            "Section '{title}': Klipper does not know whether [{undefined}] has a white LED, so \
             Lumen uses RGB; write 'color_order: RGBW' if it has one, else 'color_order: RGB'"
        );
        diagnostics.warn_whole(title, text);
    }
    order.map_or(PixelLeds::Rgb, |declared| declared.value.leds())
}

fn warn_about_orders(defining: &str, orders: &[Declared<'_, &str>], diagnostics: &mut Diagnostics) {
    for declared in orders {
        let text = format!("has no effect; [{defining}] defines the channels of its LEDs");
        diagnostics.warn(declared.title, "color_order", &text);
    }
}

fn first(orders: &[Declared<'_, &str>]) -> PixelLeds {
    let parsed = orders.iter().find_map(|it| ColorOrder::parse(it.value));
    parsed.map_or(PixelLeds::Rgb, ColorOrder::leds)
}
