//! Wire formats: the bytes of a frame as the symbols that a strip's data line carries.
//!
//! Pure arithmetic from bytes to bytes. A frame comes as one byte a channel in the strip's own
//! order; what leaves is ready for the device. No device, clock or colour is known here.

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
