//! Reads `[lumen_group NAME]` sections: pixels, brightness, and the effect for each state.

use super::led_channels::LedFacts;
use super::lumen_section::LumenSection;
use super::sections::Sections;
use super::strips::Strips;
use super::{bounds, group_order, klipper_neopixels, overlaps, pixels, rings, scenes};
use crate::layout::{Group, PixelLeds};
use crate::plan::{GroupPlan, LightChannels, StripPlan, Unmapped};
use crate::spec::options::{Direction, GroupOptions, StripOptions};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::spec::{EffectResolver, PinOffer};
use crate::text::listed;

/// What the sections of strips, groups and Klipper neopixels say.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) strips: Vec<StripPlan>,
    pub(super) groups: Vec<GroupPlan>,
    pub(super) pins: Vec<PinOffer>,
    /// The device files of the strips, each with the section that declares it.
    pub(super) devices: Vec<(String, String)>,
    /// The options of the strips and groups, in the order of their sections.
    pub(super) strip_options: Vec<StripOptions<'a>>,
    pub(super) group_options: Vec<GroupOptions<'a>>,
}

/// Reads the strips, and the groups and Klipper neopixels on them.
pub(super) fn read<'a>(
    sections: &Sections<'a>,
    (lumen, leds): (&LumenSection, &LedFacts),
    resolver: &mut EffectResolver,
    diagnostics: &mut Diagnostics,
) -> Layout<'a> {
    let (mut strips, strip_options) = Strips::read(&sections.strips, diagnostics);
    let (mut group_options, mut layouts) = (Vec::new(), Vec::new());
    for section in &sections.groups {
        let options: GroupOptions<'_> = section.read(diagnostics);
        layouts.push(layout(section, &options, &mut strips, diagnostics));
        group_options.push(options);
    }
    let devices = strips.devices();
    let titles = sections.groups.iter().map(|it| it.title);
    let over = group_options.iter().map(|it| it.over);
    let order = group_order::read(&sections.groups, &over.collect::<Vec<_>>(), diagnostics);
    overlaps::check(&sections.groups, &layouts, &order, &strips, diagnostics);
    let mut lines = Vec::new();
    for ((title, options), layout) in titles.zip(&group_options).zip(&layouts) {
        let dim = layout.segments.first().and_then(|it| strips.dim(it.strip));
        let group = facts(options, layout, dim, lumen);
        let context = (lumen, &mut *resolver);
        let scenes = (title, &options.scenes);
        lines.push(scenes::read(scenes, group, context, diagnostics));
    }
    rings::join(&layouts, &mut lines, lumen);
    if lumen.is_of_lumen_1 && !lumen.has_unmapped {
        report_built_in_scenes(&sections.groups, &group_options, diagnostics);
    }
    let pins = klipper_neopixels::read(sections, &mut strips, diagnostics);
    strips.check_pins(diagnostics);
    strips.read_leds(leds, diagnostics);
    strips.check_finish(lumen, diagnostics);
    let plans = strips.into_plans(lumen);
    bounds::check_pixels(&plans, diagnostics);
    let groups = group_options
        .iter()
        .zip(layouts.into_iter().zip(order.over));
    let groups = groups.zip(lines);
    let groups = groups.map(|((options, (group, over)), lines)| GroupPlan {
        brightness: options.brightness,
        unmapped: unmapped(options, lumen),
        scenes: scenes::parts(lines, options.fade.unwrap_or(lumen.fade)),
        light: light(&group, &plans),
        group,
        over,
    });
    Layout {
        groups: groups.collect(),
        strips: plans,
        pins,
        devices,
        strip_options,
        group_options,
    }
}

/// Returns what a group shows in states without an `on_...` option. A group over others shows
/// nothing by default, so that they shine through.
fn unmapped(options: &GroupOptions<'_>, lumen: &LumenSection) -> Unmapped {
    let default = match options.over {
        Some(_) => Unmapped::Off,
        None => lumen.unmapped,
    };
    options.unmapped.unwrap_or(default)
}

fn facts(
    options: &GroupOptions<'_>,
    group: &Group,
    dim: Option<f32>,
    lumen: &LumenSection,
) -> scenes::GroupFacts {
    scenes::GroupFacts {
        dim,
        pixels: group.pixels(),
        is_over: options.over.is_some(),
        unmapped: unmapped(options, lumen),
    }
}

fn layout<'a>(
    section: &SectionReader<'a>,
    options: &GroupOptions<'a>,
    strips: &mut Strips<'a>,
    diagnostics: &mut Diagnostics,
) -> Group {
    Group {
        name: section.name.to_owned(),
        reverse: options.direction == Direction::Reverse,
        segments: pixels::read((section, options), strips, diagnostics).unwrap_or_default(),
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

/// Warns about groups that show built-in effects without an `unmapped` option: what LUMEN 1.x did
/// was `unmapped: keep`.
fn report_built_in_scenes(
    sections: &[SectionReader<'_>],
    options: &[GroupOptions<'_>],
    diagnostics: &mut Diagnostics,
) {
    let has_some = |scenes| scenes::has_own(scenes) && scenes::lacks_some(scenes);
    let mut names = sections
        .iter()
        .zip(options)
        .filter(|(section, _)| !section.has("unmapped") && !section.has("over"))
        .filter(|(_, options)| has_some(&options.scenes))
        .map(|(section, _)| section.name)
        .peekable();
    if names.peek().is_none() {
        return;
    }
    let names = listed(names);
    let text = format!(
        "Groups without an 'on_...' option for some states now show the built-in effects in these \
         states, instead of the last effect: {names}; write 'unmapped: default' in [lumen] to keep \
         this, or 'unmapped: keep' for the old behavior"
    );
    diagnostics.warn_whole("lumen", text);
}
