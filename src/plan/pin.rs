//! Pins of a Raspberry Pi that send WS281x data through PWM or PCM, and their hardware limits.

use crate::wire::StripType;

/// DMA channels that the firmware, the SD card, the display or the GPU use on some model.
///
/// Channel 5 serves the SD card of a Pi 3, channel 15 the GPU. The system allocates channels 0-7
/// first, because they have more features than the lite channels.
const RESERVED_DMA: [u8; 8] = [0, 1, 2, 3, 5, 6, 7, 15];

/// The last DMA channel.
const LAST_DMA: u8 = 15;

/// The maximum number of pixels on a PWM pin and on a PCM pin. The DMA buffer of a frame has 64
/// KiB, which the two PWM channels share.
const MAX_PIXELS: [usize; 2] = [2700, 5400];

/// A pin of a Raspberry Pi that sends WS281x data through PWM or PCM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPlan {
    /// BCM number: 12, 13, 18, 19 or 21.
    pub pin: u8,
    /// LED type; it determines how long a one-bit stays high.
    pub strip_type: StripType,
    /// Bits per second on the data line.
    pub frequency_hz: u32,
    /// The DMA channel that feeds the pin.
    pub dma: u8,
    /// Whether the data signal is inverted, for an inverting level shifter.
    pub invert: bool,
    /// Whether the helper drives the pin, even if this process could.
    pub by_helper: bool,
}

/// The hardware unit that sends the data of a pin. Pins on the same unit send the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataChannel {
    /// The first PWM channel.
    Pwm0,
    /// The second PWM channel.
    Pwm1,
    /// The PCM controller.
    Pcm,
}

impl DataChannel {
    /// Returns the channel of a GPIO; `None` if the GPIO has none.
    pub const fn for_pin(pin: u8) -> Option<Self> {
        match pin {
            12 | 18 => Some(Self::Pwm0),
            13 | 19 => Some(Self::Pwm1),
            21 => Some(Self::Pcm),
            _ => None,
        }
    }
}

impl PinPlan {
    /// Returns the unit that sends the data.
    pub const fn channel(&self) -> Option<DataChannel> {
        DataChannel::for_pin(self.pin)
    }

    /// Returns whether the PCM sends the data.
    pub const fn is_pcm(&self) -> bool {
        matches!(self.channel(), Some(DataChannel::Pcm))
    }

    /// Returns the maximum number of pixels, for any number of channels.
    pub const fn max_pixels(&self) -> usize {
        let [pwm, pcm] = MAX_PIXELS;
        if self.is_pcm() { pcm } else { pwm }
    }

    /// Returns whether its DMA channel is unused on all models.
    pub fn has_free_dma(&self) -> bool {
        self.dma <= LAST_DMA && !RESERVED_DMA.contains(&self.dma)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pin_has_its_channel() {
        use DataChannel::{Pcm, Pwm0, Pwm1};
        let channels = [12, 13, 18, 19, 21].map(DataChannel::for_pin);
        assert_eq!(channels, [Pwm0, Pwm1, Pwm0, Pwm1, Pcm].map(Some));
        assert_eq!(DataChannel::for_pin(10), None);
    }

    #[test]
    fn only_dma_channels_that_are_unused_on_all_models_are_free() {
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
