//! `[lumen_group NAME]`: its pixels, its looks, and what it shows in which state.

use super::leds::LedFacts;
use super::lumen::{Lumen, unmapped};
use super::sections::Sections;
use super::strips::Strips;
use super::{bounds, guests, overlaps, pixels, rings, scenes};
use crate::layout::{Group, PixelLeds};
use crate::plan::{GroupPlan, LightChannels, StripPlan};
use crate::spec::section::{Problems, Section};
use crate::spec::{PinOffer, Vocabulary};
use crate::text::listed;

/// Reads strips, and groups and guests, which share them.
pub(super) fn read(
    sections: &Sections<'_>,
    (lumen, leds): (&Lumen, &LedFacts),
    vocabulary: &mut Vocabulary,
    problems: &mut Problems,
) -> (Vec<StripPlan>, Vec<GroupPlan>, Vec<PinOffer>) {
    let mut strips = Strips::read(&sections.strips, problems);
    let layouts: Vec<Group> = sections
        .groups
        .iter()
        .map(|section| layout(section, &mut strips, problems))
        .collect();
    let titled: Vec<(&str, &Group)> = sections
        .groups
        .iter()
        .map(|it| it.title)
        .zip(&layouts)
        .collect();
    overlaps::check(&titled, &strips, problems);
    let mut lines = Vec::new();
    for (section, layout) in sections.groups.iter().zip(&layouts) {
        let dim = layout.segments.first().and_then(|it| strips.dim(it.strip));
        lines.push(scenes::read(
            section,
            dim,
            unmapped(section).unwrap_or(lumen.unmapped),
            (lumen, &mut *vocabulary),
            problems,
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
    tell_of_built_in(sections, problems);
    let pins = guests::read(sections, &mut strips, problems);
    strips.check_pins(problems);
    strips.read_leds(leds, problems);
    strips.check_finish(lumen, problems);
    let plans = strips.into_plans(lumen);
    bounds::check_pixels(&plans, problems);
    for group in &mut groups {
        group.light = light(&group.group, &plans);
    }
    (plans, groups, pins)
}

fn layout<'a>(section: &Section<'a>, strips: &mut Strips<'a>, problems: &mut Problems) -> Group {
    section.check(&["on_"], problems);
    Group {
        name: section.name.to_owned(),
        reverse: section.choice("direction") == Some("reverse"),
        segments: pixels::read(section, strips, problems).unwrap_or_default(),
    }
}

/// The channels that the color of a group has in web interfaces.
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

/// Names the groups that show the built-in scenes without an `unmapped` option: the default
/// was `unmapped: keep` before.
fn tell_of_built_in(sections: &Sections<'_>, problems: &mut Problems) {
    let is_silent = |section: &Section<'_>| section.text("unmapped").is_none();
    if !is_silent(&sections.lumen) {
        return;
    }
    let groups = sections.groups.iter();
    let mut names = groups
        .filter(|it| is_silent(it) && scenes::has_own(it) && scenes::lacks_some(it))
        .map(|it| it.name)
        .peekable();
    if names.peek().is_none() {
        return;
    }
    let names = listed(names);
    problems.changes.push(format!(
        "Groups without an 'on_...' option for some states show the built-in scenes in these, and \
         no longer what came before: {names}; write 'unmapped: default' into [lumen] if that is \
         right, else 'unmapped: keep'"
    ));
}
