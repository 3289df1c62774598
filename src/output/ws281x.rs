//! PWM and PCM pins of a Raspberry Pi, through `rs_ws281x`.
//!
//! [`PinController`] avoids the pitfalls of the library. A controller is created, used and dropped
//! in one thread, and never cloned: a clone would free the same memory again. Its brightness is
//! set, because it starts at 0. A frame starts only after the previous one has left the wire. This
//! keeps the library from changing a frame that is being sent, and from waiting in its loop, which
//! polls every 10 µs. If the hardware clock never starts, the library hangs in the thread of the
//! pump.

use crate::output::pump::{instant, pause};
use crate::output::{Output, OutputError};
use crate::plan::{DataChannel, PinPlan};
use crate::time::Time;
use rs_ws281x::{ChannelBuilder, Controller, ControllerBuilder, StripType, WS2811Error};
use std::time::{Duration, Instant};

/// Bits that the library sends per pixel, with or without white (`LED_BIT_COUNT`).
const PIXEL_BITS: u64 = 32;
/// Time between two frames: `LED_RESET_WAIT_TIME` of 300 µs, and 80 µs to drain the FIFO.
const RESET: Duration = Duration::from_micros(380);

/// A strip on a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PinWire {
    /// Pin, timing and DMA channel.
    pub spec: PinPlan,
    /// Number of pixels.
    pub pixels: usize,
    /// Bytes per pixel: 3 or 4.
    pub channels: usize,
}

/// Drives all strips on the pins of a Raspberry Pi. Neither `Send` nor `Clone`.
pub(crate) struct PinController {
    peripherals: Vec<Peripheral>,
}

/// One controller: both channels of the PWM, or the PCM.
struct Peripheral {
    controller: Controller,
    channels: Vec<PinChannel>,
    /// Time of a frame on the wire, including the reset.
    busy: Duration,
    /// When the wire is free for the next frame.
    free_at: Option<Instant>,
}

/// A channel of a peripheral, the index of its strip, and its bytes per pixel.
#[derive(Clone, Copy)]
struct PinChannel {
    channel: usize,
    strip: usize,
    bytes: usize,
}

impl PinController {
    /// Opens the pins and turns the strips off. Blocks until the hardware responds.
    ///
    /// # Errors
    /// When the strips cannot be driven together, or the library returns an error.
    pub(crate) fn open(wires: &[PinWire]) -> Result<Self, OutputError> {
        let mut peripherals = Vec::new();
        for pcm in [false, true] {
            let members: Vec<(usize, PinWire)> = wires
                .iter()
                .copied()
                .enumerate()
                .filter(|(_, wire)| wire.spec.is_pcm() == pcm)
                .collect();
            if !members.is_empty() {
                peripherals.push(Peripheral::open(&members)?);
            }
        }
        Ok(Self { peripherals })
    }

    /// Shows one frame per strip, in the order of the wires, with one byte per channel in wire
    /// order. Waits until the wires are free, but not until this frame is sent.
    ///
    /// # Errors
    /// When the library returns an error.
    pub(crate) fn show(&mut self, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.peripherals
            .iter_mut()
            .try_for_each(|peripheral| peripheral.show(frames))
    }

    /// Turns the strips off, and waits until they are.
    ///
    /// # Errors
    /// As for [`PinController::show`].
    pub(crate) fn blank(&mut self) -> Result<(), OutputError> {
        self.show(&[])?;
        self.peripherals.iter_mut().for_each(Peripheral::settle);
        Ok(())
    }
}

impl Drop for PinController {
    fn drop(&mut self) {
        // The library would wait for the last frame in a busy loop.
        self.peripherals.iter_mut().for_each(Peripheral::settle);
    }
}

impl std::fmt::Debug for PinController {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PinController").finish_non_exhaustive()
    }
}

impl Output for PinController {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.show(frames)
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        PinController::blank(self)
    }
}

impl Peripheral {
    fn open(members: &[(usize, PinWire)]) -> Result<Self, OutputError> {
        let mut builder = ControllerBuilder::new();
        let mut channels: Vec<PinChannel> = Vec::new();
        let mut pixels = 0;
        let mut frequency_hz = u64::MAX;
        for (strip, wire) in members {
            let channel = channel(&wire.spec);
            if channels
                .iter()
                .any(|pin_channel| pin_channel.channel == channel)
            {
                let problem = format!("GPIO{} shares its PWM with another strip", wire.spec.pin);
                return Err(OutputError::new(problem, "GPIO12 or 18, and GPIO13 or 19"));
            }
            let pin_channel = PinChannel {
                channel,
                strip: *strip,
                bytes: wire.channels,
            };
            channels.push(pin_channel);
            pixels = pixels.max(wire.pixels as u64);
            frequency_hz = frequency_hz.min(u64::from(wire.spec.frequency_hz));
            builder
                .freq(wire.spec.frequency_hz)
                .dma(i32::from(wire.spec.dma))
                .channel(channel, build(wire)?);
        }
        let wire_ns = pixels * PIXEL_BITS * 1_000_000_000 / frequency_hz.max(1);
        let controller = builder
            .build()
            .map_err(|error| open_error(members, error))?;
        let mut peripheral = Self {
            controller,
            channels,
            busy: Duration::from_nanos(wire_ns) + RESET,
            free_at: None,
        };
        peripheral.show(&[])?;
        Ok(peripheral)
    }

    /// Shows the frames; a strip without one goes dark.
    fn show(&mut self, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.settle();
        for pin_channel in &self.channels {
            let frame = frames.get(pin_channel.strip).map_or(&[][..], Vec::as_slice);
            let mut pixels = frame.chunks_exact(pin_channel.bytes);
            for led in self.controller.leds_mut(pin_channel.channel) {
                *led = pixels.next().map_or([0; 4], raw);
            }
        }
        self.controller.render().map_err(fault)?;
        self.free_at = Some(instant() + self.busy);
        Ok(())
    }

    /// Waits until the wire is free.
    fn settle(&mut self) {
        if let Some(free_at) = self.free_at.take() {
            let left = free_at.saturating_duration_since(instant());
            if !left.is_zero() {
                pause(left);
            }
        }
    }
}

/// The channel of a pin in its controller; the PCM has only channel 0.
fn channel(spec: &PinPlan) -> usize {
    usize::from(spec.channel() == Some(DataChannel::Pwm1))
}

fn build(wire: &PinWire) -> Result<rs_ws281x::bindings::ws2811_channel_t, OutputError> {
    let count = i32::try_from(wire.pixels).map_err(|_| {
        let problem = format!("{} pixels are too many for one pin", wire.pixels);
        OutputError::new(problem, "")
    })?;
    // The native channel order of the library, so that it does not reorder our bytes.
    let strip_type = match wire.channels {
        4 => StripType::Sk6812Rgbw,
        _ => StripType::Ws2811Rgb,
    };
    let mut channel = ChannelBuilder::new();
    channel
        .pin(i32::from(wire.spec.pin))
        .count(count)
        .strip_type(strip_type)
        .invert(wire.spec.invert)
        .brightness(255);
    Ok(channel.build())
}

/// A pixel in the format of the library: 0xWWRRGGBB, sent from red to white.
fn raw(pixel: &[u8]) -> [u8; 4] {
    match *pixel {
        [first, second, third] => [third, second, first, 0],
        [first, second, third, fourth] => [third, second, first, fourth],
        _ => [0; 4],
    }
}

/// The error for pins that the library cannot open.
fn open_error(members: &[(usize, PinWire)], error: WS2811Error) -> OutputError {
    let pins: Vec<String> = members
        .iter()
        .map(|(_, wire)| format!("GPIO{}", wire.spec.pin))
        .collect();
    let fault = fault(error);
    OutputError::new(
        format!("{}: {}", pins.join(", "), fault.problem),
        fault.remedy,
    )
}

fn fault(error: WS2811Error) -> OutputError {
    let (problem, remedy) = match error {
        WS2811Error::HwNotSupported => (
            "rs_ws281x does not support this model of the Raspberry Pi",
            "move the data line to GPIO10 and use 'driver: spi'",
        ),
        WS2811Error::OutOfMemory | WS2811Error::MemLock => (
            "the VideoCore has no memory left for the pins",
            "reboot; a Klipper process that is killed does not free its memory",
        ),
        WS2811Error::MailboxDevice => (
            "/dev/vcio cannot be opened",
            "run the helper, see 'Pins by the helper' in Outputs.md",
        ),
        WS2811Error::Mmap | WS2811Error::MapRegisters => (
            "the kernel denies access to the registers in /dev/mem",
            "move the data line to GPIO10 and use 'driver: spi'",
        ),
        WS2811Error::IllegalGpio | WS2811Error::GpioInit => (
            "this model cannot send LED data on the pin",
            "GPIO12, 13, 18, 19 and 21 of models with 40 pins can",
        ),
        WS2811Error::Dma => (
            "the DMA channel stopped with an error",
            "try another 'dma:' channel",
        ),
        _ => (
            "rs_ws281x could not set up the pins",
            "see the kernel log (dmesg)",
        ),
    };
    OutputError::new(problem, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_frame_are_sent_in_their_order() {
        // The library sends bits 16-23 first, then 8-15, 0-7 and 24-31.
        let sent = |pixel: &[u8]| {
            let word = u32::from_le_bytes(raw(pixel));
            [word >> 16, word >> 8, word, word >> 24].map(|byte| byte as u8)
        };
        assert_eq!(sent(&[1, 2, 3]), [1, 2, 3, 0]);
        assert_eq!(sent(&[1, 2, 3, 4]), [1, 2, 3, 4]);
    }
}
