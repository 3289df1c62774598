//! Pins of a Raspberry Pi that send WS281x data by PWM or PCM, and what is known of such pins.

use crate::wire::StripType;

/// DMA channels that the firmware, the SD card, the display or the GPU use on some model: 5 is the
/// SD card's of a Pi 3, 15 is the GPU's, 0-7 do more than a light one and so are taken first.
const TAKEN_DMA: [u8; 8] = [0, 1, 2, 3, 5, 6, 7, 15];

/// The last DMA channel.
const LAST_DMA: u8 = 15;

/// The most pixels that a pin of the PWM, or of the PCM, sends: a frame's DMA buffer is 64 KiB, and
/// both channels of the PWM share it.
const MOST_PIXELS: [usize; 2] = [2700, 5400];

/// A pin of a Raspberry Pi that sends WS281x data by PWM or PCM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPlan {
    /// Its BCM number: 12, 13, 18, 19 or 21.
    pub pin: u8,
    /// How long a one-bit stays high.
    pub strip_type: StripType,
    /// Bits a second on the data line.
    pub frequency_hz: u32,
    /// The DMA channel that feeds the pin.
    pub dma: u8,
    /// Whether the line's levels are exchanged, for an inverting level shifter.
    pub invert: bool,
    /// Driven by the helper whether or not this process may drive it.
    pub by_helper: bool,
}

/// What sends the data of a pin; pins that share it send the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataChannel {
    /// The first channel of the PWM.
    Pwm0,
    /// The second channel of the PWM.
    Pwm1,
    /// The PCM.
    Pcm,
}

impl DataChannel {
    /// That of a GPIO; `None` for one that sends no data.
    pub const fn of(pin: u8) -> Option<Self> {
        match pin {
            12 | 18 => Some(Self::Pwm0),
            13 | 19 => Some(Self::Pwm1),
            21 => Some(Self::Pcm),
            _ => None,
        }
    }
}

impl PinPlan {
    /// What sends its data.
    pub const fn channel(&self) -> Option<DataChannel> {
        DataChannel::of(self.pin)
    }

    /// Whether the PCM sends its data, and not the PWM.
    pub const fn is_pcm(&self) -> bool {
        matches!(self.channel(), Some(DataChannel::Pcm))
    }

    /// How many pixels it sends at the most, whatever their channels.
    pub const fn most_pixels(&self) -> usize {
        let [pwm, pcm] = MOST_PIXELS;
        if self.is_pcm() { pcm } else { pwm }
    }

    /// Whether its DMA channel has no other work on any model.
    pub fn has_free_dma(&self) -> bool {
        self.dma <= LAST_DMA && !TAKEN_DMA.contains(&self.dma)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pin_has_its_channel() {
        use DataChannel::{Pcm, Pwm0, Pwm1};
        let channels = [12, 13, 18, 19, 21].map(DataChannel::of);
        assert_eq!(channels, [Pwm0, Pwm1, Pwm0, Pwm1, Pcm].map(Some));
        assert_eq!(DataChannel::of(10), None);
    }

    #[test]
    fn light_takes_only_dma_channels_that_no_model_needs() {
        let free = |dma: u8| {
            let spec = PinPlan {
                pin: 18,
                strip_type: StripType::Ws281x,
                frequency_hz: 800_000,
                dma,
                invert: false,
                by_helper: false,
            };
            spec.has_free_dma()
        };
        let channels: Vec<u8> = (0..=u8::MAX).filter(|dma| free(*dma)).collect();
        assert_eq!(channels, [4, 8, 9, 10, 11, 12, 13, 14]);
    }
}
