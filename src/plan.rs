//! The plan: what a config says, checked and compiled. Immutable, swapped whole.
//!
//! A plan opens nothing and knows no device; it says which strips there are, what each group shows
//! in which state, and how the state machine is set. `spec` is the only maker of plans.

mod pin;

use crate::color::Color;
use crate::effect::EffectPlan;
pub use crate::finish::FinishPlan;
use crate::layout::{ColorOrder, Group, PixelLeds, Strip};
use crate::state::State;
pub use crate::state::StateSettings;
use crate::text::shown;
use crate::time::Span;
pub use crate::wire::StripType;
pub use pin::{DataChannel, PinPlan};
use std::sync::Arc;

/// How a strip is reached: what `driver:` and its companions say.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputPlan {
    /// Keeps frames in memory, lights nothing.
    Memory,
    /// WS281x by the SPI device's data line.
    Spi {
        /// Path of the device, for example /dev/spidev0.0.
        device: String,
        /// How long a one-bit stays high.
        strip_type: StripType,
    },
    /// APA102 or SK9822 by the SPI device's data and clock lines.
    Apa102 {
        /// Path of the device, for example /dev/spidev0.0.
        device: String,
        /// Frequency of the clock line.
        clock_hz: u32,
    },
    /// WS281x by the kernel's ws2812-pio driver of a Raspberry Pi 5.
    Pio {
        /// Path of the device, for example /dev/leds0.
        device: String,
        /// GPIO of the data line, where the user says; only for words.
        pin: Option<u8>,
    },
    /// WS281x by a pin's PWM or PCM, in process or by the helper.
    Pin(PinPlan),
    /// Pixels on the network by the Distributed Display Protocol.
    Ddp {
        /// Name or address of the controller.
        host: String,
        /// Its UDP port.
        port: u16,
    },
    /// LED objects of Klipper, one after the other.
    Leds {
        /// Their names as in the config, `neopixel case`; or without their kind, `case`.
        objects: Vec<String>,
    },
    /// An output pin of Klipper.
    Lamp(LampPlan),
    /// What LUMEN could drive and Lumen does not; the strip stays dark.
    Unsupported {
        /// The word in `driver:`.
        driver: String,
        /// What it was to drive, for example `10.0.0.7:3769 gpio18`.
        place: String,
    },
}

impl OutputPlan {
    /// The word in `driver:` that means it.
    pub fn driver(&self) -> &str {
        match self {
            Self::Memory => "memory",
            Self::Spi { .. } => "spi",
            Self::Apa102 { .. } => "apa102",
            Self::Pio { .. } => "pio",
            Self::Pin(pin) if pin.by_helper => "proxy",
            Self::Pin(_) => "gpio",
            Self::Ddp { .. } => "ddp",
            Self::Leds { .. } => "klipper",
            Self::Lamp(_) => "pwm",
            Self::Unsupported { driver, .. } => driver,
        }
    }

    /// The order of the channels where nobody says another.
    pub fn usual_order(&self) -> ColorOrder {
        match self {
            Self::Apa102 { .. } => ColorOrder::BGR,
            // The controller knows its LEDs.
            Self::Ddp { .. } => ColorOrder::RGB,
            _ => ColorOrder::GRB,
        }
    }

    /// What the word `dim` means, 0.0-1.0; `None` where it is no lamp.
    pub fn dim(&self) -> Option<f32> {
        match self {
            Self::Lamp(lamp) => Some(lamp.dim),
            _ => None,
        }
    }

    /// Whether two strips must be carried together: the PWM channels have one controller, and the
    /// helper takes all its strips in one message.
    pub fn shares_wire(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Pin(_), Self::Pin(_)))
    }
}

/// An output pin of Klipper as a lamp.
#[derive(Clone, Debug, PartialEq)]
pub struct LampPlan {
    /// Name of its section without the kind, or with another kind than `output_pin`.
    pub object: String,
    /// The pin's value that is full light; `None` asks the pin.
    pub scale: Option<f32>,
    /// What the word `dim` means, 0.0-1.0.
    pub dim: f32,
}

/// One strip with its way out.
#[derive(Clone, Debug, PartialEq)]
pub struct StripPlan {
    /// Name, length and channel order.
    pub strip: Strip,
    /// How it is reached.
    pub output: OutputPlan,
    /// How colors become its bytes.
    pub finish: FinishPlan,
    /// The sections that bring it along, as messages name them: `group 'case'`; empty if it has a
    /// section of its own.
    pub owner: String,
}

impl StripPlan {
    /// Its name in messages: `'case'`, or `'gpio18' of group 'top'`.
    pub fn label(&self) -> String {
        let name = shown(&self.strip.name);
        if self.owner.is_empty() {
            return format!("'{name}'");
        }
        format!("'{name}' of {}", self.owner)
    }

    /// The LEDs of a pixel.
    pub fn leds(&self, pixel: usize) -> PixelLeds {
        let usual = self.strip.order.leds();
        self.finish.leds.get(pixel).copied().unwrap_or(usual)
    }
}

/// What a group shows in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenePart {
    /// In which state.
    pub state: State,
    /// What it shows.
    pub effect: EffectPlan,
    /// How the user wrote it, for the status.
    pub text: String,
    /// Cross-fade into it.
    pub fade: Span,
}

/// What a group with some `on_...` options shows in the other states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmapped {
    /// The built-in scene; in a state of the user's own, which has none, what it showed before.
    #[default]
    Default,
    /// What it showed before.
    Keep,
    /// Nothing.
    Off,
}

/// One group with what it shows in each state.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPlan {
    /// Name and pixels.
    pub group: Group,
    /// Its brightness, 0.0-1.0.
    pub brightness: f32,
    /// What it shows, at most one part a state.
    pub scenes: Vec<ScenePart>,
    /// What it shows in the states without a part.
    pub unmapped: Unmapped,
    /// What web interfaces see of its color.
    pub light: LightChannels,
}

/// The channels of a group's color in web interfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LightChannels {
    /// Red, green and blue.
    #[default]
    Rgb,
    /// Red, green, blue and white.
    Rgbw,
    /// White only: a lamp, or white LEDs.
    White,
}

impl LightChannels {
    /// The name, as `color_order` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rgb => "RGB",
            Self::Rgbw => "RGBW",
            Self::White => "W",
        }
    }

    /// A color as a light with these channels reports it; the others are 0.
    pub fn reported(self, color: Color) -> Color {
        let Color { r, g, b, w } = color;
        match self {
            Self::Rgb => Color::rgb((r + w).min(1.0), (g + w).min(1.0), (b + w).min(1.0)),
            Self::Rgbw => color,
            Self::White => Color::rgbw(0.0, 0.0, 0.0, r.max(g).max(b).max(w)),
        }
    }

    /// The color that a picked one means to a group with these channels.
    pub fn picked(self, color: Color) -> Color {
        match self {
            Self::Rgb | Self::Rgbw => color,
            Self::White => {
                let Color { w, .. } = self.reported(color);
                Color::rgb(w, w, w)
            }
        }
    }
}

impl GroupPlan {
    /// What the group shows in a state; `None` where it has no line for it.
    pub fn scene(&self, state: State) -> Option<&ScenePart> {
        self.scenes.iter().find(|part| part.state == state)
    }
}

/// What a command put on a group, above the scene of its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// What it shows.
    pub effect: EffectPlan,
    /// How the user wrote it, for the status.
    pub text: String,
    /// Cross-fade into it; `None` takes the plan's.
    pub fade: Option<Span>,
    /// How long it shows; `None` until it is cleared.
    pub duration: Option<Span>,
    /// It was picked in a web interface.
    pub is_picked: bool,
    /// Lives as long as the override: while it does, what the effect follows is wanted.
    pub lease: Arc<()>,
}

/// A whole config, checked and compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// All strips.
    pub strips: Vec<StripPlan>,
    /// All groups, in the order of the config.
    pub groups: Vec<GroupPlan>,
    /// Names of the user's own states; `State::Custom` counts into it.
    pub custom_states: Vec<String>,
    /// Full object names of the temperature sources; at most `MAX_SOURCES`.
    pub sources: Vec<String>,
    /// Brightness of everything, 0.0-1.0.
    pub brightness: f32,
    /// What all strips together may draw, in mA; `None` sets no limit.
    pub max_current_ma: Option<f32>,
    /// Frames a second while something moves, 1-240.
    pub fps: u16,
    /// Cross-fade where neither the scene nor the command says otherwise.
    pub fade: Span,
    /// The state machine's settings.
    pub states: StateSettings,
    /// Some effect follows the position of the tool head.
    pub wants_position: bool,
    /// Some effect follows the progress of the job.
    pub wants_progress: bool,
}

impl Plan {
    /// The name of a state, also of one of the user's own.
    pub fn state_name(&self, state: State) -> &str {
        state_name(&self.custom_states, state)
    }

    /// The state that a word names, built in or declared by the user.
    pub fn state(&self, word: &str) -> Option<State> {
        named_state(&self.custom_states, word)
    }

    /// What the word `dim` means to a group; `None` where it is no lamp.
    pub fn dim(&self, group: usize) -> Option<f32> {
        let segment = self.groups.get(group)?.group.segments.first()?;
        self.strips.get(segment.strip)?.output.dim()
    }

    /// The index of the group with a name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|plan| plan.group.name == name)
    }
}

/// The name of a state; `custom` are those of the user's own.
pub(crate) fn state_name(custom: &[String], state: State) -> &str {
    match state {
        State::Custom(index) => custom
            .get(usize::from(index))
            .map_or(state.name(), String::as_str),
        _ => state.name(),
    }
}

/// The state that a word names; `custom` are the names of the user's own.
pub(crate) fn named_state(custom: &[String], word: &str) -> Option<State> {
    State::parse(word).or_else(|| {
        let index = custom.iter().position(|name| name == word)?;
        u8::try_from(index).ok().map(State::Custom)
    })
}
