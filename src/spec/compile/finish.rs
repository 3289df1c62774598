//! Reads the options for color correction, white LEDs, power limits and dithering of a strip.

use super::declared::{Declared, merge};
use crate::finish::{PowerPlan, White};
use crate::layout::ColorOrder;
use crate::plan::driver::DitherDefault;
use crate::plan::{FinishPlan, OutputPlan};
use crate::spec::options::{FinishOptions, WhiteMode};
use crate::spec::section::Diagnostics;
use crate::text::{counted, parse_number, shown};

/// The highest level in `white_color`: white LEDs are up to this many times as bright as the
/// others.
const MAX_WHITE: f32 = 4.0;

/// The finish options that sections declare for one strip; `None` if none sets an option.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeclaredFinish<'a> {
    white_balance: Option<Declared<'a, [f32; 3]>>,
    white: Option<Declared<'a, WhiteMode>>,
    white_color: Option<Declared<'a, [f32; 3]>>,
    gamma: Option<Declared<'a, f32>>,
    dither: Option<Declared<'a, bool>>,
    max_current: Option<Declared<'a, f32>>,
    led_current: Option<Declared<'a, f32>>,
    white_current: Option<Declared<'a, f32>>,
    idle_current: Option<Declared<'a, f32>>,
}

impl<'a> DeclaredFinish<'a> {
    pub(super) fn read(
        title: &'a str,
        options: &FinishOptions<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut levels = |option, text, max| levels(title, (option, text?), max, diagnostics);
        Self {
            white_balance: levels("white_balance", options.white_balance, 1.0),
            white: Declared::of(title, options.white),
            white_color: levels("white_color", options.white_color, MAX_WHITE),
            gamma: Declared::of(title, options.gamma),
            dither: Declared::of(title, options.dither),
            max_current: Declared::of(title, options.max_current_ma),
            led_current: Declared::of(title, options.led_current_ma),
            white_current: Declared::of(title, options.white_current_ma),
            idle_current: Declared::of(title, options.idle_current_ma),
        }
    }

    /// Creates the options for a strip of a Klipper neopixel: Klipper sets each channel itself, so
    /// no white is extracted.
    pub(super) fn for_neopixel(title: &'a str, order: ColorOrder) -> Self {
        Self {
            white: order.has_white().then_some(Declared {
                title,
                value: WhiteMode::Off,
            }),
            ..Self::default()
        }
    }

    /// Merges the options of another section for the same strip.
    pub(super) fn merge(&mut self, new: &Self, strip: &str, diagnostics: &mut Diagnostics) {
        let subject = |option| format!("{option} of strip '{}'", shown(strip));
        let balance = subject("white_balance");
        merge(
            &mut self.white_balance,
            new.white_balance,
            &balance,
            diagnostics,
        );
        merge(&mut self.white, new.white, &subject("white"), diagnostics);
        let color = subject("white_color");
        merge(&mut self.white_color, new.white_color, &color, diagnostics);
        merge(&mut self.gamma, new.gamma, &subject("gamma"), diagnostics);
        merge(
            &mut self.dither,
            new.dither,
            &subject("dither"),
            diagnostics,
        );
        for (known, new, option) in [
            (&mut self.max_current, new.max_current, "max_current"),
            (&mut self.led_current, new.led_current, "led_current"),
            (&mut self.white_current, new.white_current, "white_current"),
            (&mut self.idle_current, new.idle_current, "idle_current"),
        ] {
            merge(known, new, &subject(option), diagnostics);
        }
    }

    /// Warns about options for white LEDs on a strip without white LEDs; `reason` is the message.
    pub(super) fn warn_about_white(&self, reason: &str, diagnostics: &mut Diagnostics) {
        let options = [
            (self.white.map(|it| it.title), "white"),
            (self.white_color.map(|it| it.title), "white_color"),
            (self.white_current.map(|it| it.title), "white_current"),
        ];
        for (title, option) in options {
            if let Some(title) = title {
                diagnostics.warn(title, option, reason);
            }
        }
    }

    /// Reports a current limit that even a dark strip exceeds.
    pub(super) fn check_limit(&self, pixels: usize, diagnostics: &mut Diagnostics) {
        if let Some(limit) = self.max_current {
            let idle_ma = self.idle_ma(&OutputPlan::Memory, pixels);
            check_limit(limit, idle_ma, pixels, diagnostics);
        }
    }

    /// Returns the current of `pixels` dark pixels, in mA.
    pub(super) fn idle_ma(&self, output: &OutputPlan, pixels: usize) -> f32 {
        self.power(output).idle_current_ma * pixels as f32
    }

    /// Creates the finish plan; `dither` is the setting in `[lumen]`.
    pub(super) fn plan(&self, output: &OutputPlan, dither: bool) -> FinishPlan {
        let default = FinishPlan::default();
        FinishPlan {
            white_balance: value(self.white_balance, default.white_balance),
            white: match self.white.map(|declared| declared.value) {
                Some(WhiteMode::Off) => White::Off,
                _ => White::Extract(value(self.white_color, [1.0; 3])),
            },
            leds: default.leds,
            gamma: value(self.gamma, default.gamma),
            dither: match output.driver().dither {
                DitherDefault::AsConfigured => value(self.dither, dither),
                DitherDefault::Off => value(self.dither, false),
                DitherDefault::Never => false,
            },
            power: self.power(output),
        }
    }

    fn power(&self, output: &OutputPlan) -> PowerPlan {
        let default = PowerPlan::default();
        if let OutputPlan::Lamp(_) = output {
            return PowerPlan::NOTHING;
        }
        PowerPlan {
            max_current_ma: self.max_current.map(|declared| declared.value),
            led_current_ma: value(self.led_current, default.led_current_ma),
            white_current_ma: value(self.white_current, default.white_current_ma),
            idle_current_ma: value(self.idle_current, default.idle_current_ma),
        }
    }
}

/// Reports a current limit that `pixels` dark pixels exceed.
pub(super) fn check_limit(
    limit: Declared<'_, f32>,
    idle_ma: f32,
    pixels: usize,
    diagnostics: &mut Diagnostics,
) {
    let max_ma = limit.value;
    if max_ma <= idle_ma {
        let pixels = counted(pixels, "dark pixel");
        let problem = format!("must be above {idle_ma}, the current of {pixels}, got {max_ma}");
        diagnostics.option(limit.title, "max_current", &problem);
    }
}

fn value<T: Copy>(declared: Option<Declared<'_, T>>, default: T) -> T {
    declared.map_or(default, |declared| declared.value)
}

/// Reads levels of red, green and blue; `None` if they are not set or invalid.
fn levels<'a>(
    title: &'a str,
    (option, text): (&str, &str),
    max: f32,
    diagnostics: &mut Diagnostics,
) -> Option<Declared<'a, [f32; 3]>> {
    let numbers: Option<Vec<f32>> = text
        .split(',')
        .map(|it| parse_number(it.trim()))
        .map(|number| number.filter(|number| (0.0..=max).contains(number)))
        .collect();
    let Some(Ok(value)) = numbers.map(<[f32; 3]>::try_from) else {
        let problem = format!(
            "must be three numbers from 0 to {max} for red, green and blue, got '{}'",
            shown(text)
        );
        diagnostics.option(title, option, &problem);
        return None;
    };
    Some(Declared { title, value })
}
