//! A part: a Klipper object with the pixels of a strip that it shows.

use super::TOLERANCE_S;
use super::object::{LedObject, ObjectKind, UpdateCost};
use super::pixels::{Pixels, target};

/// First and longest interval for checking whether an update is finished.
const POLL_S: f64 = 0.004;
const MAX_POLL_S: f64 = 0.25;
/// A longer update is a fault.
const STUCK_S: f64 = 2.0;
/// Failed updates are retried after `RETRY_S`, doubled each time.
const RETRY_S: f64 = 0.5;
const MAX_RETRY_S: f64 = 30.0;
const MAX_FAULTS: u32 = 10;

/// What a part shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartSource {
    /// Pixels of a strip, from `first` on.
    Strip { strip: usize, first: usize },
    /// Black, once.
    Dark,
}

/// What to send to an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The part's number.
    pub part: usize,
    /// The new colors of LEDs, ascending; of a lamp, its brightness in each channel.
    pub colors: Vec<(usize, [u8; 4])>,
    /// Data of the chain, each piece with its position; empty if Klipper sends the colors.
    pub pieces: Vec<(usize, Vec<u8>)>,
    /// The print time of the write, for pins.
    pub print_time: Option<f64>,
    /// The factor of the brightness of a lamp; `None` for LEDs.
    gain: Option<f64>,
}

impl Update {
    /// Converts a byte to a level from 0.0 to 1.0. For LEDs it is the shortest number that Klipper
    /// converts back to the byte: Klipper sends the color of every LED to web interfaces as text,
    /// four times a second.
    pub fn level(&self, byte: u8) -> f64 {
        let level = f64::from(byte) / 255.0;
        if let Some(gain) = self.gain {
            return (level * gain).min(1.0);
        }
        (level * 1000.0).round() / 1000.0
    }
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) source: PartSource,
    pub(super) mcu: usize,
    object: LedObject,
    pixels: Pixels,
    /// Before this time no update can be due.
    pub(super) look_at: f64,
    /// Earliest time of the next update.
    next_at: f64,
    sent_at: f64,
    /// Number of updates.
    pub(super) frames: u64,
    pub(super) wire_bytes: f64,
    faults_in_a_row: u32,
    fault: Option<(f64, String)>,
}

impl Part {
    pub(super) fn new(source: PartSource, mcu: usize, object: LedObject, frames: u64) -> Self {
        let object = if object.kind.is_lamp() {
            LedObject {
                owned: vec![0],
                ..object
            }
        } else {
            object
        };
        Self {
            source,
            mcu,
            pixels: Pixels::new(&object),
            object,
            look_at: 0.0,
            next_at: 0.0,
            sent_at: 0.0,
            frames,
            wire_bytes: 0.0,
            faults_in_a_row: 0,
            fault: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.object.name
    }

    pub(super) fn count(&self) -> usize {
        self.object.count
    }

    /// Whether its writes have a time.
    pub(super) fn is_pin(&self) -> bool {
        self.object.kind.is_pin()
    }

    pub(super) fn start(&mut self, now: f64) {
        self.next_at = now + self.object.kind.settle_s();
    }

    /// Gives up the pixels that the successor drives, if it is on the same object.
    pub(super) fn release(&mut self, successor: &Self) {
        if successor.name() == self.name() {
            self.pixels.release(&successor.pixels);
        }
    }

    pub(super) fn has_pixels(&self) -> bool {
        self.pixels.leds().next().is_some()
    }

    /// Turns into a part that turns its pixels off, once.
    pub(super) fn blank_after(&mut self, now: f64) {
        self.source = PartSource::Dark;
        self.invalidate();
        self.next_at = now + self.object.kind.period_s();
    }

    pub(super) fn invalidate(&mut self) {
        self.pixels.invalidate();
        self.look_at = 0.0;
    }

    /// Sends everything again, not before `next_at`.
    pub(super) fn restart(&mut self, next_at: f64) {
        self.invalidate();
        self.next_at = next_at;
    }

    /// Ends a series of faults when an update has finished.
    pub(super) fn note_progress(&mut self, is_busy: bool) {
        let fault_at = self.fault.as_ref().map(|it| it.0);
        if !is_busy && fault_at.is_some_and(|it| self.sent_at > it) {
            self.faults_in_a_row = 0;
        }
    }

    pub(super) fn busy_poll_at(&self, now: f64) -> f64 {
        now + ((now - self.sent_at) / 8.0).clamp(POLL_S, MAX_POLL_S)
    }

    /// When the first pixel is due; infinite for never.
    pub(super) fn due(&mut self, now: f64, frame: &[[u8; 4]]) -> f64 {
        let (level, first);
        let own = if self.object.kind.is_lamp() {
            level = [self.level(frame)];
            &level[..]
        } else {
            first = self.first().min(frame.len());
            &frame[first..]
        };
        self.pixels.due(now, own)
    }

    /// When the part may be updated. `earliest` is the condition of a pin.
    pub(super) fn ready_at(&self, earliest: f64, now: f64) -> f64 {
        if self.faults_in_a_row > 0 && self.next_at > now {
            return self.next_at;
        }
        self.next_at.max(earliest)
    }

    /// Takes the update of all pixels that are due before the next one is possible.
    pub(super) fn take(
        &mut self,
        number: usize,
        now: f64,
        frame: &[[u8; 4]],
        budget_time_s: impl Fn(UpdateCost) -> f64,
    ) -> (Update, UpdateCost) {
        let level = [self.level(frame)];
        let first = self.first().min(frame.len());
        let own = if self.object.kind.is_lamp() {
            &level[..]
        } else {
            &frame[first..]
        };
        let period_s = self.object.kind.period_s();
        let urgent = self.pixels.select(now + TOLERANCE_S, own);
        let wait_s = period_s.max(budget_time_s(self.object.cost(&urgent)));
        let leds = self.pixels.select(now + wait_s, own);
        let cost = self.object.cost(&leds);
        let update = Update {
            part: number,
            colors: leds.iter().map(|&led| (led, target(own, led))).collect(),
            pieces: self.pieces(&leds, own),
            print_time: None,
            gain: self.object.kind.is_lamp().then_some(self.object.gain),
        };
        self.pixels.sent(now, &leds, own);
        self.sent_at = now;
        self.next_at = now + period_s;
        self.look_at = self.next_at.max(self.pixels.free_at());
        self.frames += 1;
        self.wire_bytes += cost.wire;
        (update, cost)
    }

    fn pieces(&self, leds: &[usize], frame: &[[u8; 4]]) -> Vec<(usize, Vec<u8>)> {
        if !self.object.takes_pieces {
            return Vec::new();
        }
        let byte = |&(led, channel): &(usize, usize)| target(frame, led)[channel % 4];
        let pieces = self.object.pieces(leds).into_iter();
        let data = |(start, len)| {
            self.object.bytes[start..start + len]
                .iter()
                .map(byte)
                .collect()
        };
        pieces
            .map(|(start, len)| (start, data((start, len))))
            .collect()
    }

    fn first(&self) -> usize {
        match self.source {
            PartSource::Strip { first, .. } => first,
            PartSource::Dark => 0,
        }
    }

    /// The brightness of a lamp: that of the brightest channel of its pixels.
    fn level(&self, frame: &[[u8; 4]]) -> [u8; 4] {
        let level = frame.iter().take(self.object.count).flatten().max();
        let level = level.copied().unwrap_or(0);
        match self.object.kind {
            ObjectKind::Switch => [if level > 0 { 255 } else { 0 }; 4],
            _ => [level; 4],
        }
    }

    /// Records a failed update; returns when it is retried.
    pub(super) fn failed(&mut self, now: f64, problem: String) -> f64 {
        let factor = f64::from(1_u32 << self.faults_in_a_row);
        self.fault = Some((now, problem));
        self.next_at = now + (RETRY_S * factor).min(MAX_RETRY_S);
        self.faults_in_a_row = (self.faults_in_a_row + 1).min(MAX_FAULTS);
        self.invalidate();
        self.next_at
    }

    /// Whether the last update has taken too long.
    pub(super) fn is_stuck(&self, now: f64, is_busy: bool) -> bool {
        is_busy && now - self.sent_at > STUCK_S
    }

    /// The last fault, if it occurred after `since`, and whether it persists.
    pub(super) fn fault_since(&self, since: f64) -> Option<(&str, bool)> {
        let (at, text) = self.fault.as_ref()?;
        (*at >= since).then_some((text, self.faults_in_a_row > 0))
    }
}
