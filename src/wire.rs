//! Wire formats: encoders from the bytes of a frame to the bytes for a device, and the messages of
//! the helper's protocol.
//!
//! A frame has one byte per channel, in the channel order of the strip. The encoders are pure
//! functions: they know no devices, clocks or colors.

pub mod apa102;
pub mod ddp;
pub mod helper;
pub mod ws2812_pio;
pub mod ws2812_spi;

/// The timing family of a one-wire strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripType {
    /// WS2811, WS2812, WS2813, WS2815.
    Ws281x,
    /// SK6812.
    Sk6812,
}
