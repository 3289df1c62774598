//! What a config says of a strip's finish.

use crate::layout::PixelLeds;

/// How colours become the duty cycles of one strip's LEDs.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishPlan {
    /// Level of red, green and blue, 0.0-1.0, that together look white.
    pub white_balance: [f32; 3],
    /// What the white LED is given of a colour; of no meaning where there is none.
    pub white: White,
    /// The LEDs of each pixel; empty if all have those of the strip's order.
    pub leds: Vec<PixelLeds>,
    /// Exponent from the colour's light to the duty cycle; 1.0 is none.
    pub gamma: f32,
    /// Whether pixels that move are dithered.
    pub dither: bool,
    /// What the LEDs draw and may draw.
    pub power: PowerPlan,
}

/// What the white LED of a pixel is given of a colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum White {
    /// The white in it; the LED at full looks like red, green and blue at these levels.
    Extract([f32; 3]),
    /// Only what the colour itself has for it.
    Off,
}

/// What the LEDs of a strip draw and may draw, in mA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerPlan {
    /// What the strip may draw; `None` sets no limit.
    pub max_current_ma: Option<f32>,
    /// What a red, green or blue LED draws at full.
    pub led_current_ma: f32,
    /// What a white LED draws at full.
    pub white_current_ma: f32,
    /// What a pixel draws when it is dark.
    pub idle_current_ma: f32,
}

impl PowerPlan {
    /// What has a supply of its own.
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
        // WS2812B measured at 1 mA dark and 16 mA a channel (disk91, 2021: I = 1 + (R+G+B)/16); the
        // white LED of SK6812 has 20 mA in its data sheet.
        Self {
            max_current_ma: None,
            led_current_ma: 16.0,
            white_current_ma: 20.0,
            idle_current_ma: 1.0,
        }
    }
}
