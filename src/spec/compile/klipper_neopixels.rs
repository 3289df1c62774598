//! Klipper neopixels: Klipper's own `[neopixel]` sections on a Lumen pin, `pin: lumen:gpio18`.
//!
//! Their colors are shown on a strip of the config. If no section declares a strip on that GPIO,
//! one is added. Each strip can have one such section.

use super::sections::Sections;
use super::strips::Strips;
use crate::layout::ColorOrder;
use crate::spec::offer::{CHIP, PinOffer};
use crate::spec::options::NeopixelOptions;
use crate::spec::section::Diagnostics;
use crate::text::shown;

/// The options of a Klipper neopixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct NeopixelChain<'a> {
    /// The pin, without the prefix.
    pub(super) pin: &'a str,
    pub(super) pixels: usize,
    pub(super) order: ColorOrder,
}

/// Finds or adds the strips of all Klipper neopixels.
pub(super) fn read<'a>(
    sections: &Sections<'a>,
    strips: &mut Strips<'a>,
    diagnostics: &mut Diagnostics,
) -> Vec<PinOffer> {
    let mut pins: Vec<PinOffer> = Vec::new();
    // The section that sets the colors of each strip.
    let mut painted: Vec<Option<&str>> = Vec::new();
    for section in &sections.klipper_neopixels {
        let options: NeopixelOptions<'_> = section.read(diagnostics);
        let Some(chain) = chain(section.title, &options, diagnostics) else {
            continue;
        };
        let Some(strip) = strips.attach_neopixel(section, chain, diagnostics) else {
            continue;
        };
        strips.check_loops(section, strip, diagnostics);
        painted.resize(painted.len().max(strip + 1), None);
        if let Some(other) = painted[strip] {
            let (first, second) = (shown(other), shown(section.title));
            let strip = shown(strips.name(strip));
            let problem = format!("Sections '{first}' and '{second}' both use strip '{strip}'");
            diagnostics.whole(section.title, problem);
            continue;
        }
        let pin = PinOffer {
            section: section.title.to_owned(),
            pin: chain.pin.to_owned(),
            strip: strips.name(strip).to_owned(),
            pixels: chain.pixels,
            order: chain.order,
        };
        pins.push(pin);
        painted[strip] = Some(section.title);
    }
    pins
}

fn chain<'a>(
    title: &str,
    options: &NeopixelOptions<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<NeopixelChain<'a>> {
    Some(NeopixelChain {
        pin: options.pin.strip_prefix(CHIP)?.trim(),
        pixels: options.chain_count,
        order: order(title, options.color_order, diagnostics)?,
    })
}

fn order(title: &str, text: &str, diagnostics: &mut Diagnostics) -> Option<ColorOrder> {
    let mut orders = text.split(',').map(str::trim);
    let first = orders.next().unwrap_or(text);
    let order = ColorOrder::parse(first);
    let problem = if order.is_none() {
        "must have R, G and B once and W at most once"
    } else if orders.any(|other| other != first) {
        "must be the same for all LEDs of a strip that Lumen drives"
    } else {
        return order;
    };
    let problem = format!("{problem}, got '{}'", shown(text));
    diagnostics.option(title, "color_order", &problem);
    None
}
