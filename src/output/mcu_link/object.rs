//! Kinds of Klipper objects that show colors, and what an update of each costs.

/// The names of the channels of a pixel, in the order of its bytes.
const CHANNELS: usize = 4;

/// Klipper schedules the first value of a pin 0.2 s after it has configured the MCU and holds back
/// later values until then. A value that is due earlier reaches the MCU too late, and an MCU that
/// gets a change too late shuts down.
pub(super) const SETTLE_S: f64 = 0.5;

/// Faster updates are not visible on LEDs, and each one costs the reactor time.
pub(super) const MIN_PERIOD_S: f64 = 1.0 / 30.0;

/// Only one write of a pin may be pending, and it is made this far ahead.
const PIN_PERIOD_S: f64 = 1.0;

/// Klipper shuts down after a failed transfer, and one change is up to five transfers, so a bus
/// with a bad connection is used less often than LEDs could change.
const I2C_PERIOD_S: f64 = 1.0;

/// A `SET_LED` script may pause a running job's stream of moves for 50 ms.
const COMMAND_PERIOD_S: f64 = 0.5;

/// A pixel of a long chain is updated at most this often while it changes. The first frame that
/// differs comes after the update, so no pixel is wrong for longer than 0.1 s.
const MAX_HOLD_S: f64 = 0.095;

/// Bytes of colors per second of a chain that changes all the time, if `MAX_HOLD_S` allows it.
const CHAIN_BYTES_PER_S: f64 = 4700.0;

/// The longest piece of data that fits into one message to an MCU with the command around it.
pub(super) const PIECE_BYTES: usize = 52;

/// The share of a serial line, which sends 10 bits per byte.
const SERIAL_SHARE: f64 = 0.15;
/// A CAN bus of 1 Mbit/s carries 50-60 kB/s of payload; this is a tenth of it.
const CAN_BYTES_PER_BIT: f64 = 0.005;
const CAN_HZ: f64 = 1_000_000.0;
/// USB and processes on the host have no relevant byte limit, only a time limit.
const FREE_BYTES_PER_S: f64 = 20_000.0;
const BAUD: f64 = 250_000.0;

/// The connection to an MCU, as far as its section and its firmware say.
#[derive(Clone, Copy, Debug, Default)]
pub struct McuConnection {
    /// Whether it is a CAN bus.
    pub is_can: bool,
    /// Whether the firmware reports constants. If it does so without a baud rate, it uses USB or
    /// runs on the host.
    pub has_constants: bool,
    /// The frequency of its CAN bus.
    pub can_hz: Option<f64>,
    /// The baud rate in the firmware.
    pub firmware_baud: Option<f64>,
    /// The baud rate in the section.
    pub baud: Option<f64>,
}

impl McuConnection {
    /// The bytes per second for lights.
    pub fn bytes_per_s(&self) -> f64 {
        if self.is_can {
            return self.can_hz.unwrap_or(CAN_HZ) * CAN_BYTES_PER_BIT;
        }
        if self.has_constants && self.firmware_baud.is_none() {
            return FREE_BYTES_PER_S;
        }
        self.firmware_baud.or(self.baud).unwrap_or(BAUD) / 10.0 * SERIAL_SHARE
    }
}

/// What one update costs an MCU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct UpdateCost {
    /// Bytes on the connection.
    pub(super) wire: f64,
    /// Seconds of its command task.
    pub(super) mcu_s: f64,
}

/// A kind of Klipper object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A chain that the MCU sends bit by bit; also every unknown object.
    Chain,
    /// A chain on a software SPI bus.
    Dotstar,
    /// An `[led]`: one LED on pins, whose changes have a time.
    Led,
    /// One LED on an I2C bus.
    I2c,
    /// LEDs that can only be set with `SET_LED`.
    Command,
    /// An output pin with a brightness.
    Lamp,
    /// An output pin that is on or off.
    Switch,
}

/// A Klipper object that shows pixels of a strip.
#[derive(Clone, Debug)]
pub struct LedObject {
    /// Its section's name.
    pub name: String,
    /// Its kind.
    pub kind: ObjectKind,
    /// Number of its LEDs; of a lamp, the number of pixels whose brightest channel it shows.
    pub count: usize,
    /// The LEDs that belong to a group, ascending. The others remain available for `SET_LED`.
    pub owned: Vec<usize>,
    /// The LED and the channel of each byte of a chain; empty if unknown.
    pub bytes: Vec<(usize, usize)>,
    /// Whether pieces of the chain's data can be sent, instead of whole updates by Klipper.
    pub takes_pieces: bool,
    /// The value of a lamp's pin at full brightness; at most 1.0 is written.
    pub gain: f64,
}

impl ObjectKind {
    /// The kind of a section, by the first word of its name.
    pub fn of_section(word: &str) -> Self {
        match word {
            "dotstar" => Self::Dotstar,
            "led" => Self::Led,
            "pca9533" | "pca9632" => Self::I2c,
            _ => Self::Chain,
        }
    }

    /// Whether it shows one brightness instead of colors.
    pub(super) fn is_lamp(self) -> bool {
        matches!(self, Self::Lamp | Self::Switch)
    }

    /// The shortest time between two updates.
    pub(super) fn period_s(self) -> f64 {
        match self {
            Self::Chain | Self::Dotstar => MIN_PERIOD_S,
            Self::Led | Self::Lamp | Self::Switch => PIN_PERIOD_S,
            Self::I2c => I2C_PERIOD_S,
            Self::Command => COMMAND_PERIOD_S,
        }
    }

    /// The delay of the first update after Klipper is ready.
    pub(super) fn settle_s(self) -> f64 {
        match self {
            it if it.is_pin() => SETTLE_S,
            _ => 0.0,
        }
    }

    /// Whether its writes have a time that the MCU checks.
    pub(super) fn is_pin(self) -> bool {
        matches!(self, Self::Led | Self::Lamp | Self::Switch)
    }
}

impl LedObject {
    fn channels(&self) -> f64 {
        (self.bytes.len() / self.count.max(1)).max(3) as f64
    }

    /// How long a pixel keeps its color while it changes; zero if each change is shown.
    pub(super) fn hold_s(&self) -> f64 {
        match self.kind {
            ObjectKind::Chain | ObjectKind::Dotstar => {
                let bytes = self.channels() * self.count as f64;
                (bytes / CHAIN_BYTES_PER_S).clamp(MIN_PERIOD_S, MAX_HOLD_S)
            }
            _ => 0.0,
        }
    }

    /// Which channels each LED has.
    pub(super) fn masks(&self) -> Vec<[bool; CHANNELS]> {
        if self.bytes.is_empty() {
            return vec![[true; CHANNELS]; self.count];
        }
        let mut masks = vec![[false; CHANNELS]; self.count];
        for &(led, channel) in &self.bytes {
            if let Some(mask) = masks.get_mut(led)
                && channel < CHANNELS
            {
                mask[channel] = true;
            }
        }
        masks
    }

    /// The cost of an update of these LEDs, ascending. Bytes were measured on the connection of a
    /// neopixel: 18 for one LED, 267 for 60, 662 for 150 by Klipper, 561 for 150 in pieces.
    pub(super) fn cost(&self, leds: &[usize]) -> UpdateCost {
        let (count, changed) = (self.count as f64, leds.len() as f64);
        // 1.25 us per bit, during which the MCU handles no other command.
        let bits_s = 10e-6 * self.channels() * count;
        let (wire, mcu_s) = match self.kind {
            ObjectKind::Chain if self.takes_pieces => {
                let bytes: usize = self.pieces(leds).iter().map(|&(_, len)| len + 11).sum();
                (12.0 + bytes as f64, bits_s)
            }
            ObjectKind::Chain => {
                let bytes = 1.47 * self.channels() * changed;
                (12.0 + 5.0 * runs(leds) as f64 + bytes, bits_s)
            }
            // The whole chain each time, by software SPI at 500 kHz: 64 us per LED.
            ObjectKind::Dotstar => (1.4 * 4.0 * (count + 2.0), 64e-6 * (count + 2.0)),
            ObjectKind::Led => (48.0, 0.0002),
            ObjectKind::I2c => (48.0, 0.0015),
            ObjectKind::Command => (12.0 + 10.0 * changed, 10e-6 * 3.0 * count),
            // Includes the command that makes Klipper send it at once.
            ObjectKind::Lamp | ObjectKind::Switch => (20.0, 0.0002),
        };
        UpdateCost { wire, mcu_s }
    }

    /// The stretches of the chain's data, position and length, that contain these LEDs.
    pub(super) fn pieces(&self, leds: &[usize]) -> Vec<(usize, usize)> {
        let mut is_sent = vec![false; self.count];
        for &led in leds {
            is_sent[led] = true;
        }
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        for (place, &(led, _)) in self.bytes.iter().enumerate() {
            if !is_sent.get(led).copied().unwrap_or(false) {
                continue;
            }
            match pieces.last_mut() {
                Some((start, len)) if *start + *len == place && *len < PIECE_BYTES => *len += 1,
                _ => pieces.push((place, 1)),
            }
        }
        pieces
    }
}

/// Counts the stretches without a gap in ascending numbers.
fn runs(leds: &[usize]) -> usize {
    let gaps = leds.windows(2).filter(|pair| pair[1] != pair[0] + 1);
    gaps.count() + usize::from(!leds.is_empty())
}
