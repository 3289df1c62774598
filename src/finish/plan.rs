//! The settings of a strip's finish.

use crate::layout::PixelLeds;

/// How colors become the duty cycles of a strip's LEDs.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishPlan {
    /// Levels of red, green and blue, 0.0-1.0, that together look white.
    pub white_balance: [f32; 3],
    /// How the white LED is used. Has no effect on strips without one.
    pub white: White,
    /// The LEDs of each pixel; empty if all have the LEDs of the strip's color order.
    pub leds: Vec<PixelLeds>,
    /// Exponent from the light of a color to the duty cycle; 1.0 for none.
    pub gamma: f32,
    /// Whether moving pixels are dithered.
    pub dither: bool,
    /// The power model and limit.
    pub power: PowerPlan,
}

/// How the white LED of a pixel is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum White {
    /// Shows the white part of the color. At full level the LED looks like red, green and blue at
    /// these levels.
    Extract([f32; 3]),
    /// Shows only the white channel of the color.
    Off,
}

/// The currents of a strip, in mA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerPlan {
    /// Maximum current of the strip; `None` sets no limit.
    pub max_current_ma: Option<f32>,
    /// Current of a red, green or blue LED at full level.
    pub led_current_ma: f32,
    /// Current of a white LED at full level.
    pub white_current_ma: f32,
    /// Current of a dark pixel.
    pub idle_current_ma: f32,
}

impl PowerPlan {
    /// For strips with their own power supply.
    pub const NOTHING: Self = Self {
        max_current_ma: None,
        led_current_ma: 0.0,
        white_current_ma: 0.0,
        idle_current_ma: 0.0,
    };
}

impl Default for FinishPlan {
    fn default() -> Self {
        Self {
            white_balance: [1.0; 3],
            white: White::Extract([1.0; 3]),
            leds: Vec::new(),
            gamma: 1.0,
            dither: true,
            power: PowerPlan::default(),
        }
    }
}

impl Default for PowerPlan {
    fn default() -> Self {
        // WS2812B: measured 1 mA dark and 16 mA per channel (disk91, 2021: I = 1 + (R+G+B)/16). The
        // data sheet of SK6812 gives 20 mA for the white LED.
        Self {
            max_current_ma: None,
            led_current_ma: 16.0,
            white_current_ma: 20.0,
            idle_current_ma: 1.0,
        }
    }
}
