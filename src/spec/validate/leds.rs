//! LEDs that Klipper drives: which channels each has is said by Klipper's own section.
//!
//! `color_order` of a strip or group counts only for LEDs of which Klipper does not know it. What is
//! wrong there never stops a printer while Klipper knows better.

use super::declared::{Declared, merge};
use crate::layout::{ColorOrder, PixelLeds};
use crate::plan::OutputPlan;
use crate::spec::section::Diagnostics;
use std::collections::BTreeMap;

/// The channels of each LED of Klipper's LED sections, by their full names.
pub(super) type LedFacts = BTreeMap<String, Vec<String>>;

/// The kinds of sections that a name without a kind may mean, the first that exists.
pub(super) const KINDS: [&str; 5] = ["neopixel", "dotstar", "led", "pca9533", "pca9632"];

/// The LEDs of the pixels of a strip.
#[derive(Debug)]
pub(super) struct StripChannels {
    pub(super) leds: Vec<PixelLeds>,
    /// Klipper says so of every pixel.
    is_sure: bool,
}

impl StripChannels {
    pub(super) fn has_white(&self) -> bool {
        self.leds.iter().any(|it| it.has_white())
    }

    /// Whether there is surely no white LED.
    pub(super) fn lack_white(&self) -> bool {
        self.is_sure && !self.has_white()
    }
}

/// What Klipper's sections say of a strip's pixels.
#[derive(Debug, Default)]
struct KnownLeds<'f> {
    /// From the first pixel on; `None` for a pixel whose channels Klipper does not say.
    leds: Vec<Option<PixelLeds>>,
    /// The last section that says the channels of its LEDs.
    says: Option<&'f str>,
    /// The first section that does not.
    silent: Option<&'f str>,
    /// There is no section of that name: the rest of the pixels is unknown.
    is_cut: bool,
}

impl<'f> KnownLeds<'f> {
    fn read<'o>(objects: impl Iterator<Item = &'o str>, facts: &'f LedFacts) -> Self {
        let mut known = Self::default();
        for object in objects {
            let Some((name, channels)) = find(object, facts) else {
                known.is_cut = true;
                break;
            };
            let leds = channels.iter().map(|it| PixelLeds::from_channels(it));
            let before = known.leds.len();
            known.leds.extend(leds);
            if known.leds[before..].contains(&None) {
                known.silent.get_or_insert(name);
            } else {
                known.says = Some(name);
            }
        }
        known
    }
}

/// The LEDs of the pixels of a strip that Klipper drives; `None` for any other strip. `orders` is
/// what the config of the lights says, section by section.
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
        // An output pin has no channels; a section of LEDs does.
        OutputPlan::Lamp(lamp) => KnownLeds::read([&*lamp.object].into_iter(), facts),
        _ => return None,
    };
    let is_lamp = output.dim().is_some();
    let rest = match (known.silent, known.says) {
        (Some(silent), _) if !is_lamp => of_silent(silent, (name, title), orders, diagnostics),
        (None, Some(says)) if !known.is_cut => {
            warn_of_orders(says, orders, diagnostics);
            PixelLeds::Rgb
        }
        // Klipper refuses a section that does not exist, and before it is connected none is known.
        _ => first(orders),
    };
    let mut leds: Vec<_> = known.leds.iter().map(|it| it.unwrap_or(rest)).collect();
    leds.resize(pixels, rest);
    let is_sure = known.silent.is_none() && !known.is_cut;
    Some(StripChannels { leds, is_sure })
}

/// The section that an object is, and the channels of its LEDs.
fn find<'f>(object: &str, facts: &'f LedFacts) -> Option<(&'f str, &'f [String])> {
    let of = |name: &str| facts.get_key_value(name);
    let found = of(object).or_else(|| {
        let mut named = KINDS.iter().map(|kind| format!("{kind} {object}"));
        named.find_map(|name| of(&name))
    });
    found.map(|(name, channels)| (name.as_str(), channels.as_slice()))
}

/// What is wrong with an order that cannot be read.
pub(super) fn bad_order(text: &str) -> String {
    format!("must have R, G and B once and W at most once, got '{text}'")
}

/// The LEDs of which Klipper does not know the channels.
fn of_silent(
    silent: &str,
    (name, title): (&str, &str),
    orders: &[Declared<'_, &str>],
    diagnostics: &mut Diagnostics,
) -> PixelLeds {
    let mut order = None;
    for said in orders {
        let title = said.title;
        let Some(value) = ColorOrder::parse(said.value) else {
            let problem = bad_order(said.value);
            diagnostics.option(title, "color_order", &problem);
            continue;
        };
        let new = Some(Declared { title, value });
        let what = format!("color_order of strip '{name}'");
        merge(&mut order, new, &what, diagnostics);
    }
    if orders.is_empty() {
        let text = format!(
            "Section '{title}': Klipper does not know whether [{silent}] has a white LED, so it \
             counts as RGB; write 'color_order: RGBW' if it has one, else 'color_order: RGB'"
        );
        diagnostics.warn_whole(title, text);
    }
    order.map_or(PixelLeds::Rgb, |said| said.value.leds())
}

fn warn_of_orders(says: &str, orders: &[Declared<'_, &str>], diagnostics: &mut Diagnostics) {
    for said in orders {
        let text = format!("has no effect; [{says}] says which channels its LEDs have");
        diagnostics.warn(said.title, "color_order", &text);
    }
}

fn first(orders: &[Declared<'_, &str>]) -> PixelLeds {
    let parsed = orders.iter().find_map(|it| ColorOrder::parse(it.value));
    parsed.map_or(PixelLeds::Rgb, ColorOrder::leds)
}
