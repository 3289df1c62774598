//! The table of the drivers: what all strips with a driver have in common.

use super::OutputPlan;
use crate::layout::{ColorOrder, PixelFormat};

/// Who sends the frames of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBy {
    /// A driver in this process, in a thread of its own.
    Thread,
    /// Klipper, through its own objects.
    Klipper,
    /// Not sent: frames stay in memory.
    None,
}

/// Whether a strip is dithered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DitherDefault {
    /// As `[lumen]` says.
    AsConfigured,
    /// Only if the strip asks for it: it gets too few frames, and the pattern would flicker.
    Off,
    /// Never.
    Never,
}

/// A driver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriverSpec {
    /// The value of `driver:`.
    pub name: &'static str,
    /// Who sends its frames.
    pub sent_by: SentBy,
    /// The order of the color channels if the config sets none.
    pub default_order: ColorOrder,
    /// The format of a pixel in a frame.
    pub format: PixelFormat,
    /// Whether its strips are dithered.
    pub dither: DitherDefault,
    /// Whether its strips are usually long, so that one with a single pixel is probably a mistake.
    pub is_usually_long: bool,
    /// Whether opening it looks up a name in the network, which can take a minute.
    pub looks_up_name: bool,
}

/// Most drivers: WS281x LEDs on the computer that runs Klipper.
const WS281X: DriverSpec = DriverSpec {
    name: "",
    sent_by: SentBy::Thread,
    default_order: ColorOrder::GRB,
    format: PixelFormat::Bytes,
    dither: DitherDefault::AsConfigured,
    is_usually_long: true,
    looks_up_name: false,
};

/// PWM or PCM of a pin.
pub(crate) const GPIO: DriverSpec = DriverSpec {
    name: "gpio",
    ..WS281X
};

/// The data line of an SPI device.
pub(crate) const SPI: DriverSpec = DriverSpec {
    name: "spi",
    ..WS281X
};

/// The kernel's ws2812-pio driver on a Raspberry Pi 5.
pub(crate) const PIO: DriverSpec = DriverSpec {
    name: "pio",
    ..WS281X
};

/// APA102 on an SPI device.
pub(crate) const APA102: DriverSpec = DriverSpec {
    name: "apa102",
    default_order: ColorOrder::BGR,
    format: PixelFormat::SharedBrightness,
    ..WS281X
};

/// Network pixels. The controller maps the channels to its LEDs.
pub(crate) const DDP: DriverSpec = DriverSpec {
    name: "ddp",
    default_order: ColorOrder::RGB,
    looks_up_name: true,
    ..WS281X
};

/// Klipper's own LED sections.
pub(crate) const KLIPPER: DriverSpec = DriverSpec {
    name: "klipper",
    sent_by: SentBy::Klipper,
    dither: DitherDefault::Off,
    ..WS281X
};

/// An output pin of Klipper.
pub(crate) const PWM: DriverSpec = DriverSpec {
    name: "pwm",
    sent_by: SentBy::Klipper,
    dither: DitherDefault::Never,
    is_usually_long: false,
    ..WS281X
};

/// The helper's pins, or LUMEN's proxy on another host.
pub(crate) const PROXY: DriverSpec = DriverSpec {
    name: "proxy",
    ..WS281X
};

/// Memory.
pub(crate) const MEMORY: DriverSpec = DriverSpec {
    name: "memory",
    sent_by: SentBy::None,
    is_usually_long: false,
    ..WS281X
};

/// All drivers, in the order of the documents.
pub(crate) const DRIVERS: [&DriverSpec; 9] = [
    &GPIO, &SPI, &PIO, &APA102, &DDP, &KLIPPER, &PWM, &PROXY, &MEMORY,
];

impl OutputPlan {
    /// Returns the driver of this output.
    pub fn driver(&self) -> &'static DriverSpec {
        match self {
            Self::Memory => &MEMORY,
            Self::Spi { .. } => &SPI,
            Self::Apa102 { .. } => &APA102,
            Self::Pio { .. } => &PIO,
            Self::Pin(pin) if pin.by_helper => &PROXY,
            Self::Pin(_) => &GPIO,
            Self::Ddp { .. } => &DDP,
            Self::Leds { .. } => &KLIPPER,
            Self::Lamp(_) => &PWM,
            Self::Unsupported { .. } => &PROXY,
        }
    }
}
