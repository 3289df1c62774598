//! Checks Lumen's sections against Klipper's own: sections must exist and chains must be long
//! enough.
//!
//! Config files and the objects of a connected printer are checked in the same way, so
//! `klipper-lumen check`, the start and a reload give the same messages. Nothing is opened here.

use super::groups::Layout;
use super::hardware::{led_kind, words};
use super::led_channels;
use super::sections::Sections;
use crate::limits::PROBLEMS;
use crate::plan::driver;
use crate::spec::RawConfig;
use crate::spec::klipper::{KINDS, Klipper, KnownFrom, may_be_of_plug_in};
use crate::spec::options::{GroupOptions, HardwareOptions, StripOptions};
use crate::spec::section::{Diagnostics, SectionReader, hint};
use crate::text::shown;
use std::collections::HashSet;

/// The section types that `driver: pwm` can use.
const LAMP_KINDS: [&str; 4] = ["output_pin", "pwm_cycle_time", "pwm_tool", "led"];

/// A section type whose pin Klipper sets only in sync with moves.
const QUEUED_KIND: &str = "pwm_tool";

/// A section of a strip or a group.
#[derive(Clone, Copy)]
struct CheckedSection<'s, 'a> {
    section: &'s SectionReader<'a>,
    hardware: &'s HardwareOptions<'a>,
    /// The option with its last pixel, if it is set, and its value.
    last: Option<(&'static str, Option<usize>)>,
}

/// Checks Lumen's sections against Klipper's own.
pub(super) fn check(
    sections: &Sections<'_>,
    layout: &Layout<'_>,
    raw: &RawConfig,
    diagnostics: &mut Diagnostics,
) {
    if let Some(klipper) = &raw.klipper {
        report_faults(klipper, sections, diagnostics);
    }
    let known = KlipperSections::new(raw);
    let strips = sections.strips.iter().zip(&layout.strip_options);
    let strips = strips.map(|(section, options)| CheckedSection {
        section,
        hardware: &options.hardware,
        last: last_of_strip(section, options),
    });
    let groups = sections.groups.iter().zip(&layout.group_options);
    let groups = groups.map(|(section, options)| CheckedSection {
        section,
        hardware: &options.hardware,
        last: last_of_group(section, options),
    });
    for checked in strips.chain(groups) {
        let driver = checked.hardware.driver;
        let length = if driver == Some(&driver::KLIPPER) {
            known.check_leds(&checked, diagnostics)
        } else {
            None
        };
        if driver == Some(&driver::PWM) {
            known.check_lamp(&checked, diagnostics);
        }
        check_length(&checked, length, diagnostics);
        let title = checked.section.title;
        if let Some((_, device)) = layout.devices.iter().find(|(owner, _)| owner == title) {
            known.check_bus(title, device, diagnostics);
        }
    }
}

/// Reports the faults in Klipper's own sections, and a `[lumen]` without groups.
fn report_faults(klipper: &Klipper, sections: &Sections<'_>, diagnostics: &mut Diagnostics) {
    for fault in &klipper.faults {
        if fault.option.is_empty() {
            diagnostics.section(&fault.section, &fault.problem);
        } else {
            diagnostics.option(&fault.section, &fault.option, &fault.problem);
        }
    }
    let is_whole = klipper.known_from != KnownFrom::Part
        && sections.positions.contains_key(sections.lumen.title);
    if is_whole && sections.groups.is_empty() && sections.klipper_neopixels.is_empty() {
        let text = "Section 'lumen' has no effect without a [lumen_group NAME]";
        diagnostics.warn_whole("lumen", text.to_owned());
    }
}

/// Returns the option with the last pixel of a strip, if it is set. An option that strips do not
/// have was reported before.
fn last_of_strip(
    section: &SectionReader<'_>,
    options: &StripOptions<'_>,
) -> Option<(&'static str, Option<usize>)> {
    let all = [
        ("index_end", None),
        ("count", options.count),
        ("chain_count", options.chain_count),
    ];
    all.into_iter().find(|(option, _)| section.has(option))
}

/// Returns the same for a group.
fn last_of_group(
    section: &SectionReader<'_>,
    options: &GroupOptions<'_>,
) -> Option<(&'static str, Option<usize>)> {
    let all = [
        ("index_end", Some(options.index_end)),
        ("count", None),
        ("chain_count", None),
    ];
    all.into_iter().find(|(option, _)| section.has(option))
}

/// Checks the last pixel of a section against the number of LEDs.
fn check_length(
    checked: &CheckedSection<'_, '_>,
    length: Option<(usize, String)>,
    diagnostics: &mut Diagnostics,
) {
    let section = checked.section;
    if let Some((option, last)) = checked.last {
        if let Some((length, names)) = length
            && let Some(last) = last.filter(|last| *last > length)
        {
            let problem = format!("must not be above {length}, the length of {names}, got {last}");
            diagnostics.option(section.title, option, &problem);
        }
        return;
    }
    let is_usually_long = checked.hardware.driver.is_some_and(|it| it.is_usually_long);
    let is_one = match &length {
        Some((length, _)) => *length < 2,
        // The sections in this option mostly have a single LED.
        None => section.has("led"),
    };
    let has_range = section.has_entry("index_end") && !section.has("pixels");
    if has_range && !is_one && !section.has("index_start") && is_usually_long {
        let has = length.map_or(String::new(), |(length, names)| {
            format!("; {names} has {length}")
        });
        let text = format!(
            "Section '{}' has no 'index_end', so it uses only the first pixel{has}",
            shown(section.title)
        );
        diagnostics.warn_whole(section.title, text);
    }
}

/// Klipper's sections, with an index of their names.
struct KlipperSections<'a> {
    raw: &'a RawConfig,
    klipper: Option<&'a Klipper>,
    names: HashSet<&'a str>,
}

impl<'a> KlipperSections<'a> {
    fn new(raw: &'a RawConfig) -> Self {
        let klipper = raw.klipper.as_ref();
        let names = klipper.into_iter().flat_map(|it| &it.names);
        Self {
            raw,
            klipper,
            names: names.map(String::as_str).collect(),
        }
    }

    /// Checks that the LED sections of a strip exist. Returns the number of LEDs with the names of
    /// their sections, if known.
    fn check_leds(
        &self,
        checked: &CheckedSection<'_, '_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(usize, String)> {
        let (section, hardware) = (checked.section, checked.hardware);
        let written = [("neopixel", hardware.neopixel), ("led", hardware.led)];
        let (option, text) = written
            .into_iter()
            .find_map(|(option, text)| Some((option, text?)))?;
        let kind = led_kind(hardware, text);
        let kinds: Vec<&str> = led_channels::KINDS.into_iter().chain(LAMP_KINDS).collect();
        let mut length = Some(0);
        let mut names = Vec::new();
        let mut missing = Vec::new();
        for written in text.split(',').map(words) {
            let object = format!("{kind}{written}");
            let Some(name) = self.find(&object, &kinds) else {
                length = None;
                missing.push((written, object));
                continue;
            };
            self.check_has_leds((section, option), &name, diagnostics);
            let leds = self.raw.leds.get(&name).map(Vec::len);
            length = length.zip(leds).map(|(sum, leds)| sum + leds);
            names.push(format!("[{}]", shown(&name)));
        }
        for (written, object) in missing.iter().take(PROBLEMS) {
            self.report((section, option), (written, object), &kinds, diagnostics);
        }
        Some((length?, names.join(" and ")))
    }

    /// Checks that the pin of a lamp exists.
    fn check_lamp(&self, checked: &CheckedSection<'_, '_>, diagnostics: &mut Diagnostics) {
        let Some(written) = checked.hardware.pin_name.filter(|it| !it.is_empty()) else {
            return;
        };
        let section = checked.section;
        let object = words(written);
        let Some(name) = self.find(&object, &LAMP_KINDS) else {
            let place = (section, "pin_name");
            self.report(place, (&object, &object), &LAMP_KINDS, diagnostics);
            return;
        };
        if self.is_connected() {
            return;
        }
        let kind = kind_of(&name);
        let shown = shown(&name);
        let text = if kind == QUEUED_KIND {
            format!(
                "Klipper sets [{shown}] only in sync with moves, so it stays dark; use an \
                 [output_pin] for a lamp"
            )
        } else if is_foreign(kind, &LAMP_KINDS) {
            format!(
                "[{shown}] is not a lamp, so it stays dark; use an [output_pin] or a section with \
                 LEDs"
            )
        } else {
            return;
        };
        diagnostics.warn(section.title, "pin_name", &text);
    }

    /// Warns about a section without LEDs.
    fn check_has_leds(
        &self,
        (section, option): (&SectionReader<'_>, &str),
        name: &str,
        diagnostics: &mut Diagnostics,
    ) {
        let kind = kind_of(name);
        if self.is_connected() || !is_foreign(kind, &[]) {
            return;
        }
        let name = shown(name);
        let remedy = if LAMP_KINDS.contains(&kind) {
            let pin = last_word_of(&name);
            format!("; a lamp needs 'driver: pwm' and 'pin_name: {pin}'")
        } else {
            String::new()
        };
        let text = format!("[{name}] has no LEDs, so the strip stays dark{remedy}");
        diagnostics.warn(section.title, option, &text);
    }

    /// Reports other devices on the SPI bus of a strip.
    fn check_bus(&self, title: &str, device: &str, diagnostics: &mut Diagnostics) {
        let buses = self.klipper.into_iter().flat_map(|it| &it.spi_buses);
        for (section, bus) in buses {
            let (strip, other) = (shown(title), shown(section));
            let number = |name: &str| {
                let name = name.strip_prefix("/dev/").unwrap_or(name);
                let (number, _) = name.strip_prefix("spidev")?.split_once('.')?;
                Some(number.to_owned())
            };
            if device.strip_prefix("/dev/") == Some(bus) {
                let text = format!(
                    "Sections '{strip}' and '{other}' both use {device}; an LED strip needs its \
                     own SPI bus"
                );
                // Klipper starts with it, and the other device may not even be connected.
                diagnostics.warn_whole(title, text);
            } else if number(device).is_some() && number(device) == number(bus) {
                let text = format!(
                    "Sections '{strip}' and '{other}' use {device} and {bus}, which share one SPI \
                     bus; the strip flickers while the other device is in use"
                );
                diagnostics.warn_whole(title, text);
            }
        }
    }

    /// Returns the full name of an object's section. If Klipper's sections are unknown, returns the
    /// object unchanged.
    fn find(&self, object: &str, kinds: &[&str]) -> Option<String> {
        if self.klipper.is_none() {
            return Some(object.to_owned());
        }
        if object.contains(' ') {
            return self.names.contains(object).then(|| object.to_owned());
        }
        let mut names = kinds.iter().map(|kind| format!("{kind} {object}"));
        names.find(|name| self.names.contains(name.as_str()))
    }

    /// Whether the facts are from a printer, whose strips report what they cannot use.
    fn is_connected(&self) -> bool {
        self.known_from() == Some(KnownFrom::Printer)
    }

    fn known_from(&self) -> Option<KnownFrom> {
        self.klipper.map(|it| it.known_from)
    }

    /// Reports a section that does not exist: as an error, a warning or a note, depending on where
    /// the facts are from.
    fn report(
        &self,
        (section, option): (&SectionReader<'_>, &str),
        (written, object): (&str, &str),
        kinds: &[&str],
        diagnostics: &mut Diagnostics,
    ) {
        let title = section.title;
        let name = shown(object);
        if self.known_from() == Some(KnownFrom::Part) {
            let text =
                format!("there is no section '{name}' in this file; printer.cfg must have it");
            diagnostics.note(title, option, &text);
            return;
        }
        // Plug-ins create objects with the name of their section: `led NAME` for `[plug_in NAME]`.
        let is_of_plug_in = self.names_in_order().any(|it| {
            let name = it.split_once(' ').map(|(_, name)| name);
            name == Some(last_word_of(object)) && may_be_of_plug_in(it)
        });
        let is_foreign = object.contains(' ') && may_be_of_plug_in(object) || is_of_plug_in;
        if is_foreign && self.known_from() == Some(KnownFrom::Files) {
            let text = format!(
                "there is no section '{name}'; this needs a Klipper plug-in that creates it"
            );
            diagnostics.warn(title, option, &text);
            return;
        }
        let last_word = |name: &'a str| name.split(' ').next_back().unwrap_or(name);
        let candidates: Vec<&str> = self
            .names_in_order()
            .filter(|name| kinds.contains(&kind_of(name)))
            .collect();
        let same = candidates
            .iter()
            .copied()
            .find(|it| last_word(it) == last_word_of(written));
        let hint = match same {
            Some(same) => format!(" (did you mean '{}'?)", shown(same)),
            None if written.contains(' ') => hint(written, candidates),
            None => hint(written, candidates.into_iter().map(last_word)),
        };
        let problem = format!("there is no section '{name}'{hint}");
        diagnostics.option(title, option, &problem);
    }

    fn names_in_order(&self) -> impl Iterator<Item = &'a str> {
        self.klipper
            .into_iter()
            .flat_map(|it| &it.names)
            .map(String::as_str)
    }
}

/// Whether Klipper has sections of a type, and these are neither LEDs nor of the given types.
fn is_foreign(kind: &str, kinds: &[&str]) -> bool {
    KINDS.contains(&kind) && !led_channels::KINDS.contains(&kind) && !kinds.contains(&kind)
}

fn kind_of(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

fn last_word_of(text: &str) -> &str {
    text.split(' ').next_back().unwrap_or(text)
}
