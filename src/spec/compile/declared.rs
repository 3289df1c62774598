//! Values that several sections may declare for one strip. Sections that share a strip must agree.
//!
//! Each value keeps the title of its section, for messages.

use crate::layout::ColorOrder;
use crate::plan::driver;
use crate::spec::options::HardwareOptions;
use crate::spec::section::Diagnostics;
use crate::text::{listed, shown};

/// A value and the section that declares it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a, T> {
    pub(super) title: &'a str,
    pub(super) value: T,
}

impl<'a, T> Declared<'a, T> {
    /// Returns a value that a section declares.
    pub(super) fn of(title: &'a str, value: Option<T>) -> Option<Self> {
        value.map(|value| Self { title, value })
    }
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
    title: &'a str,
    options: &HardwareOptions<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Declared<'a, ColorOrder>> {
    let text = options.color_order?;
    let driver = options.driver;
    if driver == Some(&driver::KLIPPER) {
        return None;
    }
    let value = ColorOrder::parse(text);
    let problem = match value {
        None => super::led_channels::bad_order(text),
        Some(order) if order.has_white() && driver == Some(&driver::APA102) => {
            format!("must have no W; APA102 and SK9822 have no white LED, got '{text}'")
        }
        Some(_) => String::new(),
    };
    if !problem.is_empty() {
        diagnostics.option(title, "color_order", &problem);
    }
    value.map(|value| Declared { title, value })
}

/// Returns the unchecked `color_order` that a section declares for LEDs that Klipper drives.
pub(super) fn klipper_order<'a>(
    title: &'a str,
    options: &HardwareOptions<'a>,
) -> Option<Declared<'a, &'a str>> {
    let value = options.color_order?;
    (options.driver == Some(&driver::KLIPPER)).then_some(Declared { title, value })
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
