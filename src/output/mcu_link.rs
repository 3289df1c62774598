//! LEDs on an MCU and lamps, which Klipper drives: what to send to which object, and when.
//!
//! The objects on an MCU share one budget: bytes per second on the connection, and a share of the
//! MCU's time, because an MCU that sends a neopixel chain handles no other command. The next update
//! waits until the budget allows it and the last update of the object is finished. An object that
//! is behind shows the newest frame; there is no queue. While the printer homes or probes, updates
//! get a quarter of the budget.
//!
//! The caller is the Klipper extra. It passes the time, says which objects are busy, hands the
//! updates to Klipper's objects, and reports faults. Times are seconds of its clock.

mod health;
mod look_up;
mod object;
mod part;
mod pin_writes;
mod pixels;
#[cfg(test)]
mod test;
mod update_times;

pub use health::{Change, Rate, Warning};
pub use look_up::{LED_KINDS, check_length, find_objects, led_channels, set_led_script};
pub use object::{LedObject, McuConnection, ObjectKind};
pub use part::Update;
pub use pin_writes::PinClock;

use crate::output::klipper_slot::KlipperSlot;
use health::StripHealth;
use object::{MIN_PERIOD_S, SETTLE_S, UpdateCost};
use part::{Part, PartSource};
use pin_writes::{CallerLateness, PinWrites};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use update_times::UpdateTimes;

/// The share of an MCU's time for sending chains.
const MCU_SHARE: f64 = 0.1;
/// Divisor of the budget while the printer homes or probes.
const QUIET_FACTOR: f64 = 4.0;
/// How often an MCU that is not connected is checked.
const GONE_POLL_S: f64 = 1.0;
/// A timer that runs this early counts as on time.
const TOLERANCE_S: f64 = 1e-6;

/// All strips that Klipper drives, with their objects and MCUs, for one config.
#[derive(Debug, Default)]
pub struct KlipperLights {
    strips: Vec<Strip>,
    mcus: Vec<Mcu>,
    parts: Vec<Part>,
    /// Counts of frames of the previous config, by strip and object.
    kept_frames: Vec<(String, String, u64)>,
    /// The writes of pins, by object. They outlive a config: a write may be pending.
    pins: HashMap<String, PinWrites>,
    lateness: CallerLateness,
    update_times: UpdateTimes,
    is_quiet: bool,
    is_shut_down: bool,
}

/// A strip and its newest frame.
#[derive(Debug)]
struct Strip {
    name: String,
    /// Its name in messages: `strip 'sb' of group 'toolhead'`.
    label: String,
    slot: Arc<KlipperSlot>,
    /// Indices of the pixels that belong to a group.
    drawn: Vec<usize>,
    frame: Vec<[u8; 4]>,
    /// Number of the newest frame; 0 before the first.
    number: u64,
    /// The slot was empty; its descriptor signals the next frame.
    is_drained: bool,
    /// Why the strip cannot be driven.
    unsupported: Option<String>,
    health: StripHealth,
}

/// A micro-controller.
#[derive(Debug)]
struct Mcu {
    name: String,
    bytes_per_s: f64,
    /// Its parts, in the order in which the caller passes their conditions.
    parts: Vec<usize>,
    /// The part that is considered first; rotates.
    first: usize,
    /// Earliest time for the next update within the budget.
    budget_at: f64,
    is_gone: bool,
    /// The part that was updated last, and when, until it is known how long that took.
    last_update: Option<(usize, f64)>,
}

/// What the caller knows about an object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Condition {
    /// Whether the last update is still in progress.
    pub is_busy: bool,
    /// For pins, their clock. A pin without one is not written.
    pub pin: Option<PinClock>,
}

impl KlipperLights {
    /// Creates an empty set. The counts of frames of the previous one, its pending writes and its
    /// measured times continue.
    pub fn new(previous: Option<&Self>) -> Self {
        let Some(previous) = previous else {
            return Self::default();
        };
        let strip_of = |part: &Part| previous.strip_of(part).map(|it| it.name.clone());
        let frames = |part: &Part| Some((strip_of(part)?, part.name().to_owned(), part.frames));
        Self {
            kept_frames: previous.parts.iter().filter_map(frames).collect(),
            pins: previous.pins.clone(),
            lateness: previous.lateness.stopped(),
            update_times: previous.update_times.ended(),
            ..Self::default()
        }
    }

    /// Adds an MCU with its limit in bytes per second; returns its number.
    pub fn add_mcu(&mut self, name: String, bytes_per_s: f64) -> usize {
        self.mcus.push(Mcu {
            name,
            bytes_per_s,
            parts: Vec::new(),
            first: 0,
            budget_at: 0.0,
            is_gone: false,
            last_update: None,
        });
        self.mcus.len() - 1
    }

    /// Adds a strip; returns its number. `label` is its name in messages, `drawn` are the indices
    /// of the pixels that belong to a group.
    pub fn add_strip(
        &mut self,
        name: String,
        label: &str,
        drawn: Vec<usize>,
        slot: Arc<KlipperSlot>,
    ) -> usize {
        self.strips.push(Strip {
            name,
            label: format!("strip {label}"),
            slot,
            drawn,
            frame: Vec::new(),
            number: 0,
            is_drained: false,
            unsupported: None,
            health: StripHealth::default(),
        });
        self.strips.len() - 1
    }

    /// Notes that a strip has an object that is not supported: it stays dark. Returns the warning.
    pub fn set_unsupported(&mut self, strip: usize, problem: String) -> String {
        let Some(strip) = self.strips.get_mut(strip) else {
            return problem;
        };
        let label = &strip.label;
        let warning = format!(
            "lumen: {label}: {problem}; the strip stays dark, other strips are not affected"
        );
        strip.unsupported = Some(problem);
        warning
    }

    /// Returns where the next object of a strip starts, and which of its LEDs belong to a group.
    pub fn next_place(&self, strip: usize, count: usize) -> (usize, Vec<usize>) {
        let parts = self.parts_of(strip);
        let first: usize = parts.map(|(_, part)| part.count()).sum();
        let drawn = self.strips.get(strip).map(|it| it.drawn.iter());
        let own = drawn
            .into_iter()
            .flatten()
            .filter_map(|it| it.checked_sub(first));
        (first, own.filter(|it| *it < count).collect())
    }

    /// Adds an object that shows a strip from pixel `first` on; returns its number. Numbers that
    /// do not exist are ignored, here and below.
    pub fn add_part(&mut self, strip: usize, first: usize, mcu: usize, object: LedObject) -> usize {
        let name = self.strips.get(strip).map(|it| it.name.as_str());
        let same = |it: &&(String, String, u64)| Some(&*it.0) == name && it.1 == object.name;
        let frames = self.kept_frames.iter().find(same).map_or(0, |it| it.2);
        let source = PartSource::Strip { strip, first };
        self.push_part(Part::new(source, mcu, object, frames))
    }

    fn push_part(&mut self, part: Part) -> usize {
        let number = self.parts.len();
        if let Some(mcu) = self.mcus.get_mut(part.mcu) {
            mcu.parts.push(number);
        }
        self.parts.push(part);
        number
    }

    /// Starts the updates: pins wait until Klipper has configured them.
    pub fn start(&mut self, now: f64) {
        for part in &mut self.parts {
            part.start(now);
        }
        self.watch_pins(now);
    }

    /// Checks whether the caller's timers run on time; returns when to check again. Infinite while
    /// there are no pins.
    pub fn check_lateness(&mut self, now: f64) -> f64 {
        self.lateness.check(now)
    }

    fn watch_pins(&mut self, now: f64) {
        if !self.lateness.is_started() && self.parts.iter().any(Part::is_pin) {
            self.lateness.start(now);
        }
    }

    /// Ends the updates.
    pub fn stop(&mut self) {
        self.lateness = self.lateness.stopped();
    }

    /// Adds parts that turn off, once, what the previous config lit and this one does not drive.
    /// Returns their objects, each with the number of its MCU and of its part.
    pub fn release(&mut self, now: f64, mut previous: Self) -> Vec<(String, usize, usize)> {
        let mut released = Vec::new();
        for mut part in std::mem::take(&mut previous.parts) {
            for successor in &self.parts {
                part.release(successor);
            }
            if !part.has_pixels() {
                continue;
            }
            let old = &previous.mcus[part.mcu];
            let known = self.mcus.iter().position(|it| it.name == old.name);
            part.mcu = known.unwrap_or_else(|| self.add_mcu(old.name.clone(), old.bytes_per_s));
            // The last update may be recent.
            part.blank_after(now);
            let (name, mcu) = (part.name().to_owned(), part.mcu);
            released.push((name, mcu, self.push_part(part)));
        }
        self.watch_pins(now);
        released
    }

    /// Notes that a strip's descriptor is readable.
    pub fn wake(&mut self, strip: usize) {
        if let Some(strip) = self.strips.get_mut(strip) {
            strip.is_drained = false;
            strip.refresh();
        }
    }

    /// Returns the next update of an MCU and when to ask again. `conditions` has one entry for each
    /// part of the MCU, in the order in which the parts were added. `took_s` is how long the caller
    /// took for the last update, if it did not fail.
    pub fn take(
        &mut self,
        mcu: usize,
        now: f64,
        is_gone: bool,
        took_s: Option<f64>,
        conditions: &[Condition],
    ) -> (Option<Update>, f64) {
        let Some(link) = self.mcus.get_mut(mcu) else {
            return (None, f64::INFINITY);
        };
        if let (Some((part, begun)), Some(took_s)) = (link.last_update.take(), took_s) {
            self.update_times.add(part, begun, took_s);
        }
        link.is_gone = is_gone;
        if is_gone {
            for &part in &link.parts {
                // Klipper configures the MCU again after it reconnects.
                self.parts[part].restart(now + GONE_POLL_S + SETTLE_S);
            }
            return (None, now + GONE_POLL_S);
        }
        if now < link.budget_at - TOLERANCE_S {
            return (None, link.budget_at);
        }
        let (count, first) = (link.parts.len(), link.first);
        let mut wake_at = f64::INFINITY;
        for turn in 0..count {
            let place = (first + turn) % count;
            let condition = conditions.get(place).copied().unwrap_or_default();
            let part = self.mcus[mcu].parts[place];
            let (update, ready_at) = self.update(part, now, condition);
            if update.is_some() {
                // The other parts come first next time.
                self.mcus[mcu].first = (place + 1) % count;
                self.mcus[mcu].last_update = Some((part, now));
                return (update, self.next_at(mcu));
            }
            wake_at = wake_at.min(ready_at);
        }
        (None, wake_at)
    }

    /// Returns the update of a part if it may be sent now, or when to look again.
    fn update(&mut self, part: usize, now: f64, condition: Condition) -> (Option<Update>, f64) {
        let part_number = part;
        let part = &mut self.parts[part];
        let mut earliest = 0.0;
        let mut writes = None;
        if part.is_pin() {
            let entry = self.pins.entry(part.name().to_owned());
            let (pin, late_until) = (entry.or_default(), self.lateness.late_until(now));
            // By then a newer frame may be available, which is shown instead.
            let free_at = |clock| late_until.max(now + pin.wait_s(now, clock));
            earliest = condition.pin.map_or(f64::INFINITY, free_at);
            writes = condition.pin.map(|clock| (pin, clock));
        }
        part.note_progress(condition.is_busy);
        if condition.is_busy {
            return (None, part.busy_poll_at(now));
        }
        if now < part.look_at - TOLERANCE_S {
            return (None, part.look_at);
        }
        let strip = match part.source {
            PartSource::Strip { strip, .. } => self.strips.get_mut(strip),
            PartSource::Dark => None,
        };
        let mut is_drained = true;
        let frame: &[[u8; 4]] = match strip {
            Some(strip) => {
                strip.refresh();
                is_drained = strip.is_drained;
                if strip.number == 0 {
                    return (None, f64::INFINITY);
                }
                &strip.frame
            }
            None => &[],
        };
        let due = part.due(now, frame);
        let ready_at = part.ready_at(earliest, now);
        if due.max(ready_at) > now + TOLERANCE_S {
            let look = if is_drained {
                f64::INFINITY
            } else {
                now + MIN_PERIOD_S
            };
            return (None, due.min(look).max(ready_at));
        }
        let link = &mut self.mcus[part.mcu];
        let factor = if self.is_quiet { QUIET_FACTOR } else { 1.0 };
        let (mut update, cost) = part.take(part_number, now, frame, |cost| {
            factor * budget_time_s(link.bytes_per_s, cost)
        });
        link.budget_at = now + factor * budget_time_s(link.bytes_per_s, cost);
        update.print_time = writes.map(|(pin, clock)| pin.write(clock));
        (Some(update), now)
    }

    /// When the next update of an MCU can be due after one was taken.
    fn next_at(&self, mcu: usize) -> f64 {
        let link = &self.mcus[mcu];
        let looks = link.parts.iter().map(|&part| self.parts[part].look_at);
        looks.fold(f64::INFINITY, f64::min).max(link.budget_at)
    }

    /// Records that the last update of a part has failed; returns when the next attempt is made.
    pub fn failed(&mut self, part: usize, now: f64, problem: String) -> f64 {
        let part = self.parts.get_mut(part);
        part.map_or(now, |part| part.failed(now, problem))
    }

    /// Forces the newest frame to be sent again completely, because the last one was not sent.
    pub fn invalidate(&mut self, part: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            part.invalidate();
        }
    }

    /// Notes that the printer homes or probes, or has ended it.
    pub fn set_quiet(&mut self, is_quiet: bool) {
        self.is_quiet = is_quiet;
    }

    /// Notes that Klipper is shut down and sends nothing.
    pub fn shut_down(&mut self) {
        self.is_shut_down = true;
    }

    /// Returns the bytes sent to each MCU so far.
    pub fn wire_bytes(&self) -> Vec<(String, f64)> {
        let bytes = |mcu: &Mcu| mcu.parts.iter().map(|&it| self.parts[it].wire_bytes).sum();
        self.mcus
            .iter()
            .map(|it| (it.name.clone(), bytes(it)))
            .collect()
    }

    /// Measures how long updates take, until a time.
    pub fn measure(&mut self, until: f64) {
        let parts = self.parts.iter().enumerate();
        let named =
            parts.filter_map(|(number, part)| Some((number, self.strip_of(part)?.name.clone())));
        let named: Vec<_> = named.collect();
        self.update_times.start(until, named.into_iter());
        for mcu in &mut self.mcus {
            mcu.last_update = None;
        }
    }

    /// Returns the measured times of the parts of each strip, in microseconds.
    pub fn update_times(&self) -> BTreeMap<String, Vec<Vec<f64>>> {
        self.update_times.by_strip()
    }

    /// Returns the strips on each object: name, first pixel and number of LEDs.
    pub fn chains(&self) -> BTreeMap<String, Vec<(String, usize, usize)>> {
        let mut chains: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for part in &self.parts {
            if let (Some(strip), PartSource::Strip { first, .. }) =
                (self.strip_of(part), part.source)
            {
                let place = (strip.name.clone(), first, part.count());
                chains
                    .entry(part.name().to_owned())
                    .or_default()
                    .push(place);
            }
        }
        chains
    }

    fn strip_of(&self, part: &Part) -> Option<&Strip> {
        match part.source {
            PartSource::Strip { strip, .. } => self.strips.get(strip),
            PartSource::Dark => None,
        }
    }
}

impl Strip {
    /// Takes a new frame from the slot, if there is one.
    fn refresh(&mut self) {
        if self.is_drained {
            return;
        }
        if self.slot.take_into(&mut self.frame) {
            self.number += 1;
        } else {
            self.is_drained = true;
        }
    }
}

/// How long a cost uses up the budget.
fn budget_time_s(bytes_per_s: f64, cost: UpdateCost) -> f64 {
    (cost.wire / bytes_per_s.max(1.0)).max(cost.mcu_s / MCU_SHARE)
}
