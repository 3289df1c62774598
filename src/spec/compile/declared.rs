//! Values that several sections may declare for one strip. Sections that share a strip must agree.
//!
//! Each value keeps the title of its section, for messages.

use crate::layout::ColorOrder;
use crate::plan::StripType;
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::{listed, shown};

/// The driver of LEDs that Klipper drives.
const KLIPPER: &str = "klipper";

/// A value and the section that declares it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a, T> {
    pub(super) title: &'a str,
    pub(super) value: T,
}

/// Returns the sections that declare a strip, as text for messages.
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

/// Reads the color order that a section declares; `None` with `driver: klipper`.
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
        None => super::led_channels::bad_order(text),
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

/// Returns the unchecked `color_order` that a section declares for LEDs that Klipper drives.
pub(super) fn klipper_order<'a>(section: &SectionReader<'a>) -> Option<Declared<'a, &'a str>> {
    let value = section.text("color_order")?;
    let title = section.title;
    (section.choice("driver") == Some(KLIPPER)).then_some(Declared { title, value })
}

/// Reads the chip type that a section declares.
pub(super) fn strip_type<'a>(section: &SectionReader<'a>) -> Option<Declared<'a, StripType>> {
    section.text("strip_type")?;
    let value = match section.choice("strip_type")? {
        "sk6812" => StripType::Sk6812,
        _ => StripType::Ws281x,
    };
    let title = section.title;
    Some(Declared { title, value })
}

/// Adds the value of another section for the same strip; reports an error if the two differ.
pub(super) fn merge<'a, T: PartialEq + Copy>(
    known: &mut Option<Declared<'a, T>>,
    new: Option<Declared<'a, T>>,
    subject: &str,
    diagnostics: &mut Diagnostics,
) {
    match (&known, new) {
        (Some(old), Some(new)) if old.value != new.value => {
            let (first, second) = (shown(old.title), shown(new.title));
            diagnostics.whole(
                new.title,
                format!("Sections '{first}' and '{second}' disagree on the {subject}"),
            );
        }
        (None, Some(_)) => *known = new,
        _ => {}
    }
}
