//! The pixels of one object: what they show, and which of them need an update.
//!
//! A pixel needs one when the eye sees the difference between what it shows and the newest frame.
//! While a pixel of a long chain changes all the time, it is updated every `hold_s`; a pixel that
//! was at rest is updated at once. Differences that the eye does not see are corrected later, so
//! that a scene at rest is exact.

use super::object::LedObject;

/// When a difference that the eye does not see is corrected.
const SMALL_AFTER_S: f64 = 0.3;

/// The pixels of one object.
#[derive(Debug)]
pub(super) struct Pixels {
    owned: Vec<Pixel>,
    hold_s: f64,
    /// Whether what the object shows is known. If not, everything is sent.
    is_known: bool,
}

#[derive(Debug)]
struct Pixel {
    led: usize,
    mask: [bool; 4],
    shown: [u8; 4],
    /// Since when it differs by less than the eye sees; infinite if it does not.
    small_since: f64,
    /// Until when it keeps its color while it changes.
    held_until: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Difference {
    None,
    Small,
    Visible,
}

impl Pixels {
    pub(super) fn new(object: &LedObject) -> Self {
        let masks = object.masks();
        let owned = object.owned.iter().filter(|&&led| led < masks.len());
        Self {
            owned: owned.map(|&led| Pixel::new(led, masks[led])).collect(),
            hold_s: object.hold_s(),
            is_known: false,
        }
    }

    /// The LEDs, ascending.
    pub(super) fn leds(&self) -> impl Iterator<Item = usize> + '_ {
        self.owned.iter().map(|it| it.led)
    }

    /// Forces the next update to send everything.
    pub(super) fn invalidate(&mut self) {
        self.is_known = false;
    }

    /// Compares with the newest frame: returns when the first pixel is due; infinite for never.
    pub(super) fn due(&mut self, now: f64, frame: &[[u8; 4]]) -> f64 {
        if !self.is_known {
            return if self.owned.is_empty() {
                f64::INFINITY
            } else {
                now
            };
        }
        let is_exact = self.hold_s <= 0.0;
        let due = |pixel: &mut Pixel| pixel.due(now, target(frame, pixel.led), is_exact);
        self.owned.iter_mut().map(due).fold(f64::INFINITY, f64::min)
    }

    /// From when on some pixel that differs could be due.
    pub(super) fn free_at(&self) -> f64 {
        let held = self.owned.iter().map(|it| it.held_until);
        held.fold(f64::INFINITY, f64::min)
    }

    /// Selects the LEDs that are due before `until`, and single LEDs between them.
    pub(super) fn select(&self, until: f64, frame: &[[u8; 4]]) -> Vec<usize> {
        if !self.is_known {
            return self.leds().collect();
        }
        let is_exact = self.hold_s <= 0.0;
        let is_due = |it: &Pixel| it.due_at(target(frame, it.led), is_exact) <= until;
        let due: Vec<bool> = self.owned.iter().map(is_due).collect();
        let is_bridge = |place: usize| {
            let (Some(before), Some(after)) = (place.checked_sub(1), due.get(place + 1)) else {
                return false;
            };
            // A new command costs more bytes than one LED.
            let is_adjacent = self.owned[before].led + 2 == self.owned[place + 1].led;
            due[before] && *after && is_adjacent
        };
        let is_selected = |&place: &usize| due[place] || is_bridge(place);
        let selected = (0..due.len()).filter(is_selected);
        selected.map(|place| self.owned[place].led).collect()
    }

    /// Notes that these LEDs, ascending, show the frame.
    pub(super) fn sent(&mut self, now: f64, leds: &[usize], frame: &[[u8; 4]]) {
        self.is_known = true;
        let mut leds = leds.iter().peekable();
        for pixel in &mut self.owned {
            if leds.next_if(|&&led| led == pixel.led).is_some() {
                pixel.shown = target(frame, pixel.led);
                pixel.small_since = f64::INFINITY;
                pixel.held_until = now + self.hold_s;
            }
        }
    }

    /// Removes the LEDs of a successor.
    pub(super) fn release(&mut self, successor: &Self) {
        self.owned
            .retain(|it| successor.leds().all(|led| led != it.led));
    }
}

impl Pixel {
    fn new(led: usize, mask: [bool; 4]) -> Self {
        Self {
            led,
            mask,
            shown: [0; 4],
            small_since: f64::INFINITY,
            held_until: f64::NEG_INFINITY,
        }
    }

    /// Notes the difference to a frame and returns when the pixel is due.
    fn due(&mut self, now: f64, target: [u8; 4], is_exact: bool) -> f64 {
        match self.difference(target) {
            Difference::Small if !is_exact => self.small_since = self.small_since.min(now),
            Difference::None => self.small_since = f64::INFINITY,
            _ => {}
        }
        self.due_at(target, is_exact)
    }

    fn due_at(&self, target: [u8; 4], is_exact: bool) -> f64 {
        match self.difference(target) {
            Difference::None => f64::INFINITY,
            Difference::Small if !is_exact => self.held_until.max(self.small_since + SMALL_AFTER_S),
            _ => self.held_until,
        }
    }

    fn difference(&self, target: [u8; 4]) -> Difference {
        let mut found = Difference::None;
        for channel in (0..4).filter(|&it| self.mask[it]) {
            let (shown, wanted) = (self.shown[channel], target[channel]);
            if shown.abs_diff(wanted) > tolerance(shown.min(wanted)) {
                return Difference::Visible;
            }
            if shown != wanted {
                found = Difference::Small;
            }
        }
        found
    }
}

/// The difference that the eye does not see at a level; none in the dark.
fn tolerance(level: u8) -> u8 {
    match level {
        0..8 => 0,
        8..32 => 1,
        _ => 2,
    }
}

pub(super) fn target(frame: &[[u8; 4]], led: usize) -> [u8; 4] {
    frame.get(led).copied().unwrap_or_default()
}
