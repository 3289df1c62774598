//! How colours become the bytes of a strip: what `[lumen_strip]` or groups say of it.

use super::declared::{Declared, merge};
use crate::finish::{PowerPlan, White};
use crate::layout::ColorOrder;
use crate::plan::{FinishPlan, OutputPlan};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::shown;

/// The highest level of a white LED's colour: such LEDs are up to so much brighter than the others.
const MAX_WHITE: f32 = 4.0;

/// What sections say of the finish of one strip, as far as they do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FinishOptions<'a> {
    white_balance: Option<Declared<'a, [f32; 3]>>,
    white: Option<Declared<'a, &'static str>>,
    white_color: Option<Declared<'a, [f32; 3]>>,
    gamma: Option<Declared<'a, f32>>,
    dither: Option<Declared<'a, bool>>,
    max_current: Option<Declared<'a, f32>>,
    led_current: Option<Declared<'a, f32>>,
    white_current: Option<Declared<'a, f32>>,
    idle_current: Option<Declared<'a, f32>>,
}

impl<'a> FinishOptions<'a> {
    pub(super) fn read(section: &SectionReader<'a>, diagnostics: &mut Diagnostics) -> Self {
        let title = section.title;
        let number = |option| {
            section.text(option)?;
            let value = section.maybe_number(option)?;
            Some(Declared { title, value })
        };
        Self {
            white_balance: levels(section, "white_balance", 1.0, diagnostics),
            white: section.text("white").and_then(|_| {
                let value = section.choice("white")?;
                Some(Declared { title, value })
            }),
            white_color: levels(section, "white_color", MAX_WHITE, diagnostics),
            gamma: number("gamma"),
            dither: section.text("dither").map(|_| Declared {
                title,
                value: section.flag("dither"),
            }),
            max_current: number("max_current"),
            led_current: number("led_current"),
            white_current: number("white_current"),
            idle_current: number("idle_current"),
        }
    }

    /// That of a strip whose channels Klipper's own section sets, each by itself.
    pub(super) fn plain(title: &'a str, order: ColorOrder) -> Self {
        Self {
            white: order.has_white().then_some(Declared {
                title,
                value: "off",
            }),
            ..Self::default()
        }
    }

    /// Takes what another section says of the same strip.
    pub(super) fn join(&mut self, new: &Self, strip: &str, diagnostics: &mut Diagnostics) {
        let what = |option| format!("{option} of strip '{}'", shown(strip));
        let balance = what("white_balance");
        merge(
            &mut self.white_balance,
            new.white_balance,
            &balance,
            diagnostics,
        );
        merge(&mut self.white, new.white, &what("white"), diagnostics);
        let color = what("white_color");
        merge(&mut self.white_color, new.white_color, &color, diagnostics);
        merge(&mut self.gamma, new.gamma, &what("gamma"), diagnostics);
        merge(&mut self.dither, new.dither, &what("dither"), diagnostics);
        for (known, new, option) in [
            (&mut self.max_current, new.max_current, "max_current"),
            (&mut self.led_current, new.led_current, "led_current"),
            (&mut self.white_current, new.white_current, "white_current"),
            (&mut self.idle_current, new.idle_current, "idle_current"),
        ] {
            merge(known, new, &what(option), diagnostics);
        }
    }

    /// Warns of what is said of white LEDs that the strip does not have: `why` that has no effect.
    pub(super) fn warn_of_white(&self, why: &str, diagnostics: &mut Diagnostics) {
        let said = [
            (self.white.map(|it| it.title), "white"),
            (self.white_color.map(|it| it.title), "white_color"),
            (self.white_current.map(|it| it.title), "white_current"),
        ];
        for (title, option) in said {
            if let Some(title) = title {
                diagnostics.warn(title, option, why);
            }
        }
    }

    /// Tells of a limit that even a dark strip exceeds.
    pub(super) fn check_limit(&self, pixels: usize, diagnostics: &mut Diagnostics) {
        if let Some(limit) = self.max_current {
            let idle_ma = self.idle_ma(&OutputPlan::Memory, pixels);
            check_limit(limit, idle_ma, pixels, diagnostics);
        }
    }

    /// What so many pixels draw when they are dark, in mA.
    pub(super) fn idle_ma(&self, output: &OutputPlan, pixels: usize) -> f32 {
        self.power(output).idle_current_ma * pixels as f32
    }

    /// The finish as the plan has it; `dither` is what `[lumen]` says.
    pub(super) fn plan(&self, output: &OutputPlan, dither: bool) -> FinishPlan {
        let default = FinishPlan::default();
        FinishPlan {
            white_balance: value(self.white_balance, default.white_balance),
            white: match self.white.map(|said| said.value) {
                Some("off") => White::Off,
                _ => White::Extract(value(self.white_color, [1.0; 3])),
            },
            leds: default.leds,
            gamma: value(self.gamma, default.gamma),
            // Frames reach LEDs of an MCU and lamps too seldom: the pattern would flicker.
            dither: match output {
                OutputPlan::Leds { .. } => value(self.dither, false),
                OutputPlan::Lamp(_) => false,
                _ => value(self.dither, dither),
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
            max_current_ma: self.max_current.map(|said| said.value),
            led_current_ma: value(self.led_current, default.led_current_ma),
            white_current_ma: value(self.white_current, default.white_current_ma),
            idle_current_ma: value(self.idle_current, default.idle_current_ma),
        }
    }
}

/// Tells of a limit that `pixels` exceed when they are dark.
pub(super) fn check_limit(
    limit: Declared<'_, f32>,
    idle_ma: f32,
    pixels: usize,
    diagnostics: &mut Diagnostics,
) {
    let max_ma = limit.value;
    if max_ma <= idle_ma {
        let problem = format!(
            "must be above {idle_ma}, which {pixels} pixels draw when they are dark, got {max_ma}"
        );
        diagnostics.option(limit.title, "max_current", &problem);
    }
}

fn value<T: Copy>(said: Option<Declared<'_, T>>, default: T) -> T {
    said.map_or(default, |said| said.value)
}

/// Levels of red, green and blue, where they are there and right.
fn levels<'a>(
    section: &SectionReader<'a>,
    option: &str,
    max: f32,
    diagnostics: &mut Diagnostics,
) -> Option<Declared<'a, [f32; 3]>> {
    let text = section.text(option)?;
    let numbers: Option<Vec<f32>> = text
        .split(',')
        .map(|number| number.trim().parse().ok())
        .map(|number| number.filter(|number| (0.0..=max).contains(number)))
        .collect();
    let title = section.title;
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
