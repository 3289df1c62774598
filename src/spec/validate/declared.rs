//! What sections say of a strip that they share.

use crate::layout::ColorOrder;
use crate::plan::StripType;
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::{listed, shown};

/// The driver of Klipper's own LEDs.
const KLIPPER: &str = "klipper";

/// A value with the section that it is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a, T> {
    pub(super) title: &'a str,
    pub(super) value: T,
}

/// The sections that bring a strip along, as messages name them.
pub(super) fn owner(titles: &[&str]) -> String {
    let group = |title: &&str| {
        let name = title.strip_prefix("lumen_group")?.trim();
        Some(format!("'{}'", shown(name)))
    };
    let groups: Vec<String> = titles.iter().filter_map(group).collect();
    match (&*groups, titles) {
        ([], []) => String::new(),
        ([], [title, ..]) => format!("[{}]", shown(title)),
        ([name], _) => format!("group {name}"),
        (names, _) => format!("groups {}", listed(names.iter().map(String::as_str))),
    }
}

/// What a section says of the order of a strip's channels.
pub(super) fn order<'a>(
    section: &SectionReader<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Declared<'a, ColorOrder>> {
    let text = section.text("color_order")?;
    let driver = section.choice("driver");
    if driver == Some(KLIPPER) {
        return None;
    }
    let value = ColorOrder::parse(text);
    let problem = match value {
        None => super::leds::bad_order(text),
        Some(order) if order.has_white() && driver == Some("apa102") => {
            format!("must have no W; APA102 and SK9822 have no white LED, got '{text}'")
        }
        Some(_) => String::new(),
    };
    if !problem.is_empty() {
        diagnostics.option(section.title, "color_order", &problem);
    }
    let title = section.title;
    value.map(|value| Declared { title, value })
}

/// What a section says of the order of LEDs that Klipper drives.
pub(super) fn own_order<'a>(section: &SectionReader<'a>) -> Option<Declared<'a, &'a str>> {
    let value = section.text("color_order")?;
    let title = section.title;
    (section.choice("driver") == Some(KLIPPER)).then_some(Declared { title, value })
}

/// What a section says of the type of a strip.
pub(super) fn strip_type<'a>(section: &SectionReader<'a>) -> Option<Declared<'a, StripType>> {
    section.text("strip_type")?;
    let value = match section.choice("strip_type")? {
        "sk6812" => StripType::Sk6812,
        _ => StripType::Ws281x,
    };
    let title = section.title;
    Some(Declared { title, value })
}

/// Holds what a section says against what another said of the same strip.
pub(super) fn merge<'a, T: PartialEq + Copy>(
    known: &mut Option<Declared<'a, T>>,
    new: Option<Declared<'a, T>>,
    what: &str,
    diagnostics: &mut Diagnostics,
) {
    match (&known, new) {
        (Some(old), Some(new)) if old.value != new.value => {
            let (first, second) = (shown(old.title), shown(new.title));
            diagnostics.whole(
                new.title,
                format!("Sections '{first}' and '{second}' disagree on the {what}"),
            );
        }
        (None, Some(_)) => *known = new,
        _ => {}
    }
}
