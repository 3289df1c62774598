//! Reads `[lumen_group NAME]` sections: pixels, brightness, and the effect for each state.

use super::led_channels::LedFacts;
use super::lumen_section::{LumenSection, unmapped};
use super::sections::Sections;
use super::strips::Strips;
use super::{bounds, klipper_neopixels, overlaps, pixels, rings, scenes};
use crate::layout::{Group, PixelLeds};
use crate::plan::{GroupPlan, LightChannels, StripPlan};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::spec::{EffectResolver, PinOffer};
use crate::text::listed;

/// Reads the strips, and the groups and Klipper neopixels on them.
pub(super) fn read(
    sections: &Sections<'_>,
    (lumen, leds): (&LumenSection, &LedFacts),
    resolver: &mut EffectResolver,
    diagnostics: &mut Diagnostics,
) -> (Vec<StripPlan>, Vec<GroupPlan>, Vec<PinOffer>) {
    let mut strips = Strips::read(&sections.strips, diagnostics);
    let layouts: Vec<Group> = sections
        .groups
        .iter()
        .map(|section| layout(section, &mut strips, diagnostics))
        .collect();
    let titled: Vec<(&str, &Group)> = sections
        .groups
        .iter()
        .map(|it| it.title)
        .zip(&layouts)
        .collect();
    overlaps::check(&titled, &strips, diagnostics);
    let mut lines = Vec::new();
    for (section, layout) in sections.groups.iter().zip(&layouts) {
        let dim = layout.segments.first().and_then(|it| strips.dim(it.strip));
        lines.push(scenes::read(
            section,
            dim,
            unmapped(section).unwrap_or(lumen.unmapped),
            (lumen, &mut *resolver),
            diagnostics,
        ));
    }
    rings::join(&layouts, &mut lines, lumen);
    let mut groups = Vec::new();
    for ((section, layout), lines) in sections.groups.iter().zip(layouts).zip(lines) {
        let fade = section.maybe_span("fade").unwrap_or(lumen.fade);
        groups.push(GroupPlan {
            group: layout,
            brightness: section.number("group_brightness"),
            unmapped: unmapped(section).unwrap_or(lumen.unmapped),
            scenes: scenes::parts(lines, fade),
            light: LightChannels::default(),
        });
    }
    report_built_in_scenes(sections, diagnostics);
    let pins = klipper_neopixels::read(sections, &mut strips, diagnostics);
    strips.check_pins(diagnostics);
    strips.read_leds(leds, diagnostics);
    strips.check_finish(lumen, diagnostics);
    let plans = strips.into_plans(lumen);
    bounds::check_pixels(&plans, diagnostics);
    for group in &mut groups {
        group.light = light(&group.group, &plans);
    }
    (plans, groups, pins)
}

fn layout<'a>(
    section: &SectionReader<'a>,
    strips: &mut Strips<'a>,
    diagnostics: &mut Diagnostics,
) -> Group {
    section.check(&["on_"], diagnostics);
    Group {
        name: section.name.to_owned(),
        reverse: section.choice("direction") == Some("reverse"),
        segments: pixels::read(section, strips, diagnostics).unwrap_or_default(),
    }
}

/// Returns the color channels of a group in web interfaces.
fn light(group: &Group, strips: &[StripPlan]) -> LightChannels {
    let places = group.places();
    let all = |has: fn(PixelLeds) -> bool| {
        let mut leds = places.iter().map(|it| strips[it.strip].leds(it.pixel));
        leds.all(has)
    };
    let is_lamp = places
        .iter()
        .any(|it| strips[it.strip].output.dim().is_some());
    if is_lamp || all(|leds| leds == PixelLeds::White) {
        LightChannels::White
    } else if all(PixelLeds::has_white) {
        LightChannels::Rgbw
    } else {
        LightChannels::Rgb
    }
}

/// Reports groups that show built-in effects without an `unmapped` option, because the default was
/// `unmapped: keep` in earlier versions.
fn report_built_in_scenes(sections: &Sections<'_>, diagnostics: &mut Diagnostics) {
    let has_no_unmapped = |section: &SectionReader<'_>| section.text("unmapped").is_none();
    if !has_no_unmapped(&sections.lumen) {
        return;
    }
    let groups = sections.groups.iter();
    let mut names = groups
        .filter(|it| has_no_unmapped(it) && scenes::has_own(it) && scenes::lacks_some(it))
        .map(|it| it.name)
        .peekable();
    if names.peek().is_none() {
        return;
    }
    let names = listed(names);
    diagnostics.changes.push(format!(
        "Groups without an 'on_...' option for some states now show the built-in effects in these \
         states, instead of the last effect: {names}; write 'unmapped: default' in [lumen] to keep \
         this, or 'unmapped: keep' for the old behavior"
    ));
}
