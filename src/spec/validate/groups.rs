//! `[lumen_group NAME]`: its pixels, its looks, and what it shows in which state.

use super::lumen::{Lumen, unmapped};
use super::sections::Sections;
use super::strips::Strips;
use super::{guests, overlaps, pixels, rings, scenes};
use crate::layout::Group;
use crate::plan::{GroupPlan, StripPlan};
use crate::spec::section::{Problems, Section};
use crate::spec::{PinOffer, Vocabulary};
use crate::state::State;

/// Reads strips, and groups and guests, which share them.
pub(super) fn read(
    sections: &Sections<'_>,
    lumen: &Lumen,
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
        });
    }
    warn_of_silent_errors(&groups, problems);
    let pins = guests::read(sections, &mut strips, problems);
    strips.check_pins(problems);
    strips.check_finish(lumen, problems);
    (strips.into_plans(lumen), groups, pins)
}

fn layout<'a>(section: &Section<'a>, strips: &mut Strips<'a>, problems: &mut Problems) -> Group {
    section.check(&["on_"], problems);
    Group {
        name: section.name.to_owned(),
        reverse: section.choice("direction") == Some("reverse"),
        segments: pixels::read(section, strips, problems).unwrap_or_default(),
    }
}

/// Each group may do without an error scene; if all do, nobody sees that the printer has failed.
fn warn_of_silent_errors(groups: &[GroupPlan], problems: &mut Problems) {
    if !groups.is_empty()
        && groups
            .iter()
            .all(|group| group.scene(State::Error).is_none())
    {
        problems.note(
            "No lumen_group shows that the printer has failed; give one of them an 'on_error' line"
                .to_owned(),
        );
    }
}
