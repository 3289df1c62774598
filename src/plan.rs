//! The plan: a checked and compiled config.
//!
//! A plan lists the strips, the effect of each group in each state, and the settings of the state
//! machine. It is immutable and is replaced as a whole. It opens no device. Only `spec` creates
//! plans.

pub(crate) mod driver;
mod order;
mod pin;

use crate::color::Color;
pub(crate) use crate::finish::FinishPlan;
use crate::layer::StackPlan;
use crate::layout::{Group, PixelLeds, Strip};
use crate::state::State;
pub(crate) use crate::state::StateSettings;
use crate::text::shown;
use crate::time::Span;
pub(crate) use crate::wire::StripType;
pub use order::{DrawOrder, draw_order};
pub use pin::{DataChannel, PinPlan};
use std::sync::Arc;

/// The output of a strip: its `driver:` and the options of that driver.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputPlan {
    /// Keeps frames in memory; drives no LEDs.
    Memory,
    /// WS281x on the data line of an SPI device.
    Spi {
        /// Path of the device, for example /dev/spidev0.0.
        device: String,
        /// LED type; it determines how long a one-bit stays high.
        strip_type: StripType,
    },
    /// APA102 or SK9822 on the data and clock lines of an SPI device.
    Apa102 {
        /// Path of the device, for example /dev/spidev0.0.
        device: String,
        /// Frequency of the clock line.
        clock_hz: u32,
    },
    /// WS281x through the kernel's ws2812-pio driver on a Raspberry Pi 5.
    Pio {
        /// Path of the device, for example /dev/leds0.
        device: String,
        /// GPIO of the data line, if configured; for messages only.
        pin: Option<u8>,
    },
    /// WS281x through the PWM or PCM of a pin, in this process or through the helper.
    Pin(PinPlan),
    /// Network pixels through the Distributed Display Protocol.
    Ddp {
        /// Name or address of the controller.
        host: String,
        /// Its UDP port.
        port: u16,
    },
    /// Klipper's own LED objects, concatenated.
    Leds {
        /// Section names, such as `neopixel case`, or names without the section type, `case`.
        objects: Vec<String>,
    },
    /// An output pin of Klipper.
    Lamp(LampPlan),
    /// A driver that LUMEN supports and Lumen does not; the strip stays dark.
    Unsupported {
        /// Its target, for example `10.0.0.7:3769 gpio18`.
        place: String,
    },
}

impl OutputPlan {
    /// Returns the device file that it writes to.
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Spi { device, .. } | Self::Apa102 { device, .. } | Self::Pio { device, .. } => {
                Some(device)
            }
            Self::Memory
            | Self::Pin(_)
            | Self::Ddp { .. }
            | Self::Leds { .. }
            | Self::Lamp(_)
            | Self::Unsupported { .. } => None,
        }
    }

    /// Returns the level of the `dim` effect (0.0-1.0); `None` if this is not a lamp.
    pub fn dim(&self) -> Option<f32> {
        match self {
            Self::Lamp(lamp) => Some(lamp.dim),
            _ => None,
        }
    }

    /// Returns whether two strips must be sent together.
    ///
    /// The PWM channels share one controller, and the helper receives all its strips in one
    /// message.
    pub fn shares_wire(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Pin(_), Self::Pin(_)))
    }
}

/// An output pin of Klipper that is used as a lamp.
#[derive(Clone, Debug, PartialEq)]
pub struct LampPlan {
    /// Name of its section; without the section type if that is `output_pin`.
    pub object: String,
    /// The value of the pin at full brightness; `None` reads it from the pin.
    pub scale: Option<f32>,
    /// Level of the `dim` effect, 0.0-1.0.
    pub dim: f32,
}

/// A strip and its output.
#[derive(Clone, Debug, PartialEq)]
pub struct StripPlan {
    /// Name, length and channel order.
    pub strip: Strip,
    /// The output.
    pub output: OutputPlan,
    /// The conversion from colors to bytes.
    pub finish: FinishPlan,
    /// The sections that define the strip, as in messages: `group 'case'`; empty if the strip has
    /// its own section.
    pub owner: String,
}

impl StripPlan {
    /// Returns the name for messages: `'case'`, or `'gpio18' of group 'top'`.
    pub fn label(&self) -> String {
        let name = shown(&self.strip.name);
        if self.owner.is_empty() {
            return format!("'{name}'");
        }
        format!("'{name}' of {}", self.owner)
    }

    /// Returns the LEDs of a pixel.
    pub fn leds(&self, pixel: usize) -> PixelLeds {
        let default = self.strip.order.leds();
        self.finish.leds.get(pixel).copied().unwrap_or(default)
    }
}

/// The effect of a group in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenePart {
    /// The state.
    pub state: State,
    /// The effect, or several that are blended.
    pub effect: StackPlan,
    /// The spec as the user wrote it, for the status.
    pub text: String,
    /// Duration of the cross-fade into the effect.
    pub fade: Span,
    /// Whether the config has no effect for the state, so this is the built-in one.
    pub is_built_in: bool,
}

/// The scheduling policy of the threads that draw and send frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// The policy of the process.
    #[default]
    Normal,
    /// `SCHED_FIFO` with the lowest real-time priority: ahead of all normal threads, Klipper's too.
    Realtime,
}

/// Behavior of a group with some `on_...` options in the other states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmapped {
    /// Shows the default scene. A custom state has none: the group keeps its effect.
    #[default]
    Default,
    /// Keeps the effect of the previous state.
    Keep,
    /// Switches the group off.
    Off,
}

/// A group and its effect in each state.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPlan {
    /// Name and pixels.
    pub group: Group,
    /// Brightness, 0.0-1.0.
    pub brightness: f32,
    /// Its effects, at most one per state.
    pub scenes: Vec<ScenePart>,
    /// Behavior in states that are not in `scenes`.
    pub unmapped: Unmapped,
    /// The channels of its color in web interfaces.
    pub light: LightChannels,
    /// The indices of the groups that this one covers where they share pixels. Where this group
    /// shows nothing, they shine through.
    pub over: Vec<usize>,
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
    /// Returns the name as in Klipper's `color_order`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rgb => "RGB",
            Self::Rgbw => "RGBW",
            Self::White => "W",
        }
    }

    /// Converts a color to the values that a light with these channels reports; missing channels
    /// are 0.
    pub fn reported(self, color: Color) -> Color {
        let Color { r, g, b, w } = color;
        match self {
            Self::Rgb => Color::rgb((r + w).min(1.0), (g + w).min(1.0), (b + w).min(1.0)),
            Self::Rgbw => color,
            Self::White => Color::rgbw(0.0, 0.0, 0.0, r.max(g).max(b).max(w)),
        }
    }

    /// Converts a color from a web interface's color picker to the color of a group with these
    /// channels.
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
    /// Whether other groups shine through where this one shows nothing.
    pub fn is_over(&self) -> bool {
        !self.over.is_empty()
    }

    /// Returns the effect of a state; `None` if the group has none for it.
    pub fn scene(&self, state: State) -> Option<&ScenePart> {
        self.scenes.iter().find(|part| part.state == state)
    }
}

/// An effect that a command set on a group. It takes priority over the scene of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The effect, or several that are blended.
    pub effect: StackPlan,
    /// The spec as the user wrote it, for the status.
    pub text: String,
    /// Duration of the cross-fade into the effect; `None` uses the plan's fade.
    pub fade: Option<Span>,
    /// Duration of the override; `None` shows it until it is cleared.
    pub duration: Option<Span>,
    /// Whether the color was picked in a web interface.
    pub is_picked: bool,
    /// Alive as long as the override; meanwhile the inputs of its effect are sampled.
    pub lease: Arc<()>,
}

/// A checked and compiled config.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// All strips.
    pub strips: Vec<StripPlan>,
    /// All groups, in the order of the config.
    pub groups: Vec<GroupPlan>,
    /// Names of the custom states; `State::Custom` holds an index into this list.
    pub custom_states: Vec<String>,
    /// Full object names of the temperature sources; at most `MAX_SOURCES`.
    pub sources: Vec<String>,
    /// Global brightness, 0.0-1.0.
    pub brightness: f32,
    /// Maximum current of all strips together in mA; `None` sets no limit.
    pub max_current_ma: Option<f32>,
    /// Frames per second while an effect moves, 1-240.
    pub fps: u16,
    /// The priority of the threads that draw and send frames.
    pub priority: Priority,
    /// Default duration of cross-fades.
    pub fade: Span,
    /// Settings of the state machine.
    pub states: StateSettings,
    /// Whether an effect follows the position of the toolhead.
    pub wants_position: bool,
    /// Whether an effect follows the progress of the job.
    pub wants_progress: bool,
    /// Whether changes of the state and the effects are posted as notices.
    pub has_debug_log: bool,
}

impl Plan {
    /// Returns the name of a built-in or custom state.
    pub fn state_name(&self, state: State) -> &str {
        state_name(&self.custom_states, state)
    }

    /// Returns the built-in or custom state with this name.
    pub fn state(&self, word: &str) -> Option<State> {
        named_state(&self.custom_states, word)
    }

    /// Returns the level of the `dim` effect for a group; `None` if the group is not a lamp.
    pub fn dim(&self, group: usize) -> Option<f32> {
        let segment = self.groups.get(group)?.group.segments.first()?;
        self.strips.get(segment.strip)?.output.dim()
    }

    /// Returns the index of the group with this name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|plan| plan.group.name == name)
    }
}

/// Returns the name of a state; `custom` holds the names of the custom states.
pub(crate) fn state_name(custom: &[String], state: State) -> &str {
    match state {
        State::Custom(index) => custom
            .get(usize::from(index))
            .map_or(state.name(), String::as_str),
        _ => state.name(),
    }
}

/// Returns the state with this name; `custom` holds the names of the custom states.
pub(crate) fn named_state(custom: &[String], word: &str) -> Option<State> {
    State::parse(word).or_else(|| {
        let index = custom.iter().position(|name| name == word)?;
        u8::try_from(index).ok().map(State::Custom)
    })
}
