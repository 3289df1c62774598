//! All strips of a config: strips from `[lumen_strip NAME]`, and strips that groups declare with
//! their own hardware options. Groups with the same hardware share one strip.

use super::declared::Declared;
use super::finish::{DeclaredFinish, check_limit};
use super::hardware::{Hardware, HardwareSection, pin_number, required};
use super::klipper_neopixels::NeopixelChain;
use super::led_channels::{self, LedFacts};
use super::lumen_section::LumenSection;
use super::pins;
use super::strip_builder::StripBuilder;
use crate::layout::Segment;
use crate::limits::STRIPS;
use crate::plan::{OutputPlan, StripPlan};
use crate::spec::options::{HardwareOptions, StripOptions};
use crate::spec::section::{Diagnostics, SectionReader, unknown};
use crate::text::shown;
use std::collections::HashMap;

/// All strips of a config.
#[derive(Debug, Default)]
pub(super) struct Strips<'a> {
    list: Vec<StripBuilder<'a>>,
    /// The first strip with each name.
    by_name: HashMap<String, usize>,
    /// The first strip from `[lumen_strip]` with each name.
    declared: HashMap<String, usize>,
    /// The strips with each hardware address, in the order of the list.
    by_address: HashMap<String, Vec<usize>>,
}

impl<'a> Strips<'a> {
    /// Reads the `[lumen_strip]` sections. Also returns their options.
    pub(super) fn read(
        sections: &[SectionReader<'a>],
        diagnostics: &mut Diagnostics,
    ) -> (Self, Vec<StripOptions<'a>>) {
        let mut strips = Self::default();
        let mut all = Vec::new();
        for section in sections {
            let title = section.title;
            let options: StripOptions<'_> = section.read(diagnostics);
            let hardware = HardwareSection {
                section,
                pin: options.pin,
                options: &options.hardware,
            };
            let hardware = Hardware::read(&hardware, diagnostics);
            if let Some(hardware) = &hardware {
                strips.check_conflict(title, hardware, diagnostics);
            }
            let lamp = hardware
                .as_ref()
                .is_some_and(|it| it.output.dim().is_some());
            let pixels = count(section, &options, lamp, diagnostics);
            strips.add(StripBuilder {
                name: section.name.to_owned(),
                is_declared: true,
                hardware,
                pixels,
                ..StripBuilder::new(title, &options.hardware, diagnostics)
            });
            all.push(options);
        }
        (strips, all)
    }

    /// Returns the strip that a group declares: a strip of an earlier group with the same hardware,
    /// or a new one.
    pub(super) fn add_group(
        &mut self,
        group: &SectionReader<'a>,
        options: &HardwareOptions<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let new = StripBuilder::new(group.title, options, diagnostics);
        let hardware = HardwareSection {
            section: group,
            pin: None,
            options,
        };
        let hardware = Hardware::read(&hardware, diagnostics)?;
        let same = |index: &usize| {
            let entry = &self.list[*index];
            !entry.is_declared && entry.hardware.as_ref().is_some_and(|it| *it == hardware)
        };
        let mut known = self.at(&hardware.address).iter().copied();
        if let Some(index) = known.find(|it| same(it)) {
            self.list[index].merge(new, diagnostics);
            return Some(index);
        }
        if !self.has_room(group.title, diagnostics) {
            return None;
        }
        self.check_conflict(group.title, &hardware, diagnostics);
        self.add(StripBuilder {
            owners: vec![group.title],
            name: self.free_name(&hardware),
            pixels: Some(0),
            hardware: Some(hardware),
            ..new
        });
        Some(self.list.len() - 1)
    }

    /// Adds a strip.
    fn add(&mut self, entry: StripBuilder<'a>) {
        let index = self.list.len();
        if entry.is_declared {
            self.declared.entry(entry.name.clone()).or_insert(index);
        }
        if let Some(hardware) = &entry.hardware {
            let at = self.by_address.entry(hardware.address.clone()).or_default();
            at.push(index);
        }
        self.by_name.entry(entry.name.clone()).or_insert(index);
        self.list.push(entry);
    }

    /// Returns the strips with a hardware address.
    fn at(&self, address: &str) -> &[usize] {
        self.by_address.get(address).map_or(&[], Vec::as_slice)
    }

    /// Whether there is room for another strip; reports an error if not.
    fn has_room(&self, title: &str, diagnostics: &mut Diagnostics) -> bool {
        let has_room = self.list.len() < STRIPS;
        if !has_room {
            let problem = format!(" declares one strip too many; {STRIPS} strips are allowed");
            diagnostics.section(title, &problem);
        }
        has_room
    }

    /// Returns the strip of a Klipper neopixel: a strip of the config, or a new one on its pin.
    pub(super) fn attach_neopixel(
        &mut self,
        neopixel: &SectionReader<'a>,
        chain: NeopixelChain<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let number = pin_number(chain.pin);
        let sends = |it: &StripBuilder<'_>| number.is_some_and(|pin| it.sends_on(pin));
        let named = self.by_name.get(chain.pin).copied();
        let Some(index) = named.or_else(|| self.list.iter().position(sends)) else {
            if let Some(number) = number {
                return self.add_neopixel(neopixel, chain, number, diagnostics);
            }
            let names = self.list.iter().map(|entry| entry.name.as_str());
            let problem = unknown("strip", chain.pin, names);
            diagnostics.option(neopixel.title, "pin", &problem);
            return None;
        };
        let entry = &mut self.list[index];
        // Errors in the section of the strip are reported there.
        let length = entry.hardware.as_ref().and(entry.pixels)?;
        if let Some((option, problem)) = entry.check_neopixel(chain.pixels) {
            diagnostics.option(neopixel.title, option, &problem);
            return None;
        }
        entry.pixels = Some(length.max(chain.pixels));
        Some(index)
    }

    /// Reports strips that would light a Klipper section which itself is on a Lumen strip.
    pub(super) fn check_loops(
        &self,
        neopixel: &SectionReader<'_>,
        strip: usize,
        diagnostics: &mut Diagnostics,
    ) {
        for entry in &self.list {
            let output = entry.hardware.as_ref().map(|it| &it.output);
            let Some(OutputPlan::Leds { objects }) = output else {
                continue;
            };
            if objects
                .iter()
                .any(|it| it == neopixel.title || it == neopixel.name)
            {
                let problem = format!(
                    " cannot light [{}], which is itself on strip '{}'; use that strip instead",
                    shown(neopixel.title),
                    shown(self.name(strip))
                );
                diagnostics.section(entry.title, &problem);
            }
        }
    }

    /// Adds a strip for a Klipper neopixel.
    fn add_neopixel(
        &mut self,
        neopixel: &SectionReader<'a>,
        chain: NeopixelChain<'a>,
        number: u8,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let hardware = Hardware::of_neopixel(neopixel, (number, chain.pin), diagnostics)?;
        let title = neopixel.title;
        if !self.has_room(title, diagnostics) {
            return None;
        }
        self.add(StripBuilder {
            title,
            owners: vec![title],
            name: self.free_name(&hardware),
            is_declared: false,
            hardware: Some(hardware),
            pixels: Some(chain.pixels),
            order: Some(Declared {
                title,
                value: chain.order,
            }),
            klipper_orders: Vec::new(),
            channels: None,
            strip_type: None,
            finish: DeclaredFinish::for_neopixel(title, chain.order),
        });
        Some(self.list.len() - 1)
    }

    /// Returns the device files of the strips, each with the first section that declares it.
    pub(super) fn devices(&self) -> Vec<(String, String)> {
        let mut devices: Vec<(String, String)> = Vec::new();
        for entry in &self.list {
            let device = entry.hardware.as_ref().and_then(|it| it.output.device());
            if let Some(device) = device
                && !devices.iter().any(|(_, known)| *known == device)
            {
                devices.push((entry.title.to_owned(), device.to_owned()));
            }
        }
        devices
    }

    /// Finds a `[lumen_strip]` by name.
    pub(super) fn find(&self, name: &str) -> Result<usize, String> {
        let declared = self.list.iter().filter(|entry| entry.is_declared);
        self.declared.get(name).copied().ok_or_else(|| {
            if self.declared.is_empty() {
                let name = shown(name);
                return format!(
                    "unknown strip '{name}'; declare it in [lumen_strip {name}] with 'driver' and \
                     'count'"
                );
            }
            unknown("strip", name, declared.map(|entry| entry.name.as_str()))
        })
    }

    /// Returns the length of a `[lumen_strip]`; `None` for a strip that grows with its groups.
    pub(super) fn length(&self, strip: usize) -> Option<usize> {
        let entry = self.list.get(strip)?;
        entry.pixels.filter(|_| entry.is_declared)
    }

    /// Returns the name of a strip.
    pub(super) fn name(&self, strip: usize) -> &str {
        self.list.get(strip).map_or("", |entry| &entry.name)
    }

    /// Returns the brightness of the word `dim`, if the strip is a lamp.
    pub(super) fn dim(&self, strip: usize) -> Option<f32> {
        self.list.get(strip)?.hardware.as_ref()?.output.dim()
    }

    /// Extends a strip without `[lumen_strip]` to include a segment.
    pub(super) fn grow(&mut self, segment: &Segment) {
        if let Some(entry) = self
            .list
            .get_mut(segment.strip)
            .filter(|it| !it.is_declared)
        {
            let needed = segment.first.max(segment.last) + 1;
            entry.pixels = Some(entry.pixels.unwrap_or(0).max(needed));
        }
    }

    /// Reports pins that cannot be used together, and strips that are too long for their pin.
    pub(super) fn check_pins(&self, diagnostics: &mut Diagnostics) {
        let pin = |entry: &StripBuilder<'a>| Some((entry.title, entry.hardware.as_ref()?.pin()?));
        let pins: Vec<_> = self.list.iter().filter_map(pin).collect();
        pins::check(&pins, diagnostics);
        for entry in &self.list {
            let pin = entry.hardware.as_ref().and_then(Hardware::pin);
            if let Some((pin, pixels)) = pin.zip(entry.pixels) {
                pins::check_length(entry.title, &pin, pixels, diagnostics);
            }
        }
    }

    /// Creates the plans of all strips. Only valid if there were no errors.
    pub(super) fn into_plans(self, lumen: &LumenSection) -> Vec<StripPlan> {
        let entries = self.list.into_iter();
        entries.map(|entry| entry.into_plan(lumen.dither)).collect()
    }

    /// Reads the channels of the LEDs that Klipper drives.
    pub(super) fn read_leds(&mut self, facts: &LedFacts, diagnostics: &mut Diagnostics) {
        for entry in &mut self.list {
            let Some((hardware, pixels)) = entry.hardware.as_ref().zip(entry.pixels) else {
                continue;
            };
            let names = (entry.name.as_str(), entry.title);
            let orders = &entry.klipper_orders;
            entry.channels =
                led_channels::read(&hardware.output, pixels, names, orders, facts, diagnostics);
        }
    }

    /// Checks the options for white LEDs and power against the strips.
    pub(super) fn check_finish(&self, lumen: &LumenSection, diagnostics: &mut Diagnostics) {
        let (mut idle_ma, mut pixels) = (0.0, 0);
        for entry in &self.list {
            let Some((hardware, count)) = entry.hardware.as_ref().zip(entry.pixels) else {
                continue;
            };
            if let Some(why) = entry.reason_without_white(hardware) {
                entry.finish.warn_about_white(why, diagnostics);
            }
            entry.finish.check_limit(count, diagnostics);
            idle_ma += entry.finish.idle_ma(&hardware.output, count);
            pixels += count;
        }
        if let Some(limit) = lumen.max_current {
            check_limit(limit, idle_ma, pixels, diagnostics);
        }
    }

    /// Reports an error if another strip uses the same hardware.
    fn check_conflict(&self, title: &str, hardware: &Hardware, diagnostics: &mut Diagnostics) {
        let Some(first) = self.at(&hardware.address).first() else {
            return;
        };
        let other = &self.list[*first];
        let hint = match (other.is_declared, title.starts_with("lumen_group ")) {
            (true, true) => format!("; write 'strip: {}' in the group", shown(&other.name)),
            _ => String::new(),
        };
        let (first, second) = (shown(other.title), shown(title));
        let address = shown(&hardware.address);
        let text = format!("Sections '{first}' and '{second}' both drive {address}{hint}");
        diagnostics.whole(title, text);
    }

    fn free_name(&self, hardware: &Hardware) -> String {
        if self.by_name.contains_key(&hardware.name) {
            return format!("{} {}", hardware.driver, hardware.address);
        }
        hardware.name.clone()
    }
}

/// Returns the number of pixels of a `[lumen_strip]`. A lamp has one pixel by default.
fn count(
    section: &SectionReader<'_>,
    options: &StripOptions<'_>,
    lamp: bool,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let names = ["count", "chain_count"];
    if lamp && !names.iter().any(|name| section.has(name)) {
        return Some(1);
    }
    required(section, &names, diagnostics)?;
    options.count.or(options.chain_count)
}
