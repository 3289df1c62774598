//! One strip while its config is read: what the sections that share it declare.

use super::declared::{Declared, klipper_order, merge, order, owner};
use super::finish::DeclaredFinish;
use super::hardware::{Hardware, SPI_DEVICE, SPI_PIN};
use super::led_channels::StripChannels;
use crate::layout::{ColorOrder, Strip};
use crate::plan::driver::SentBy;
use crate::plan::{FinishPlan, OutputPlan, StripPlan, StripType};
use crate::spec::options::HardwareOptions;
use crate::spec::section::Diagnostics;
use crate::text::shown;

/// One strip while its config is read.
#[derive(Debug)]
pub(super) struct StripBuilder<'a> {
    /// The first section that declares it.
    pub(super) title: &'a str,
    /// The groups that declare it; empty for `[lumen_strip]`.
    pub(super) owners: Vec<&'a str>,
    pub(super) name: String,
    /// Whether it is from `[lumen_strip]`.
    pub(super) is_declared: bool,
    /// `None` if the section has errors.
    pub(super) hardware: Option<Hardware>,
    /// `None` if the section has errors. Without `[lumen_strip]`, the highest pixel in use.
    pub(super) pixels: Option<usize>,
    pub(super) order: Option<Declared<'a, ColorOrder>>,
    /// The unchecked `color_order` options for LEDs that Klipper drives.
    pub(super) klipper_orders: Vec<Declared<'a, &'a str>>,
    /// The channels of each pixel, for LEDs that Klipper drives.
    pub(super) channels: Option<StripChannels>,
    pub(super) strip_type: Option<Declared<'a, StripType>>,
    pub(super) finish: DeclaredFinish<'a>,
}

impl<'a> StripBuilder<'a> {
    /// Creates a strip without hardware, with what a section declares about it.
    pub(super) fn new(
        title: &'a str,
        options: &HardwareOptions<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        Self {
            title,
            owners: Vec::new(),
            name: String::new(),
            is_declared: false,
            hardware: None,
            pixels: None,
            order: order(title, options, diagnostics),
            klipper_orders: klipper_order(title, options).into_iter().collect(),
            channels: None,
            strip_type: Declared::of(title, options.strip_type),
            finish: DeclaredFinish::read(title, &options.finish, diagnostics),
        }
    }

    /// Merges what another group declares about the same strip.
    pub(super) fn merge(&mut self, new: Self, diagnostics: &mut Diagnostics) {
        let name = &self.name;
        let subject = format!("color_order of strip '{name}'");
        merge(&mut self.order, new.order, &subject, diagnostics);
        self.klipper_orders.extend(new.klipper_orders);
        let subject = format!("strip_type of strip '{name}'");
        merge(&mut self.strip_type, new.strip_type, &subject, diagnostics);
        self.finish.merge(&new.finish, name, diagnostics);
        self.owners.push(new.title);
    }

    /// Whether the strip sends its data on a GPIO.
    pub(super) fn sends_on(&self, pin: u8) -> bool {
        let Some(hardware) = &self.hardware else {
            return false;
        };
        match &hardware.output {
            OutputPlan::Pio { pin: known, .. } => *known == Some(pin),
            OutputPlan::Pin(known) => known.pin == pin,
            OutputPlan::Spi { device, .. } => pin == SPI_PIN && device == SPI_DEVICE,
            // Their data is not a single line of this computer.
            OutputPlan::Memory
            | OutputPlan::Apa102 { .. }
            | OutputPlan::Ddp { .. }
            | OutputPlan::Leds { .. }
            | OutputPlan::Lamp(_)
            | OutputPlan::Unsupported { .. } => false,
        }
    }

    /// Checks that a Klipper neopixel can use the strip. Returns the wrong option and the problem.
    pub(super) fn check_neopixel(&self, pixels: usize) -> Option<(&'static str, String)> {
        let name = shown(&self.name);
        let length = self.pixels?;
        match self.hardware.as_ref()?.output.driver().sent_by {
            SentBy::Klipper => {
                let problem = format!("Klipper drives strip '{name}' itself");
                Some(("pin", problem))
            }
            _ if self.is_declared && pixels > length => {
                let problem = format!(
                    "must not be above {length}, the length of strip '{name}', got {pixels}"
                );
                Some(("chain_count", problem))
            }
            _ => None,
        }
    }

    /// Returns why options for white LEDs have no effect, if the strip has no white LEDs.
    pub(super) fn reason_without_white(&self, hardware: &Hardware) -> Option<&'static str> {
        match &self.channels {
            Some(channels) => channels
                .has_no_white()
                .then_some("has no effect; Klipper's section of this strip has no white LED"),
            None if self.order(hardware).has_white() => None,
            None => Some("has no effect without a W in 'color_order'"),
        }
    }

    pub(super) fn order(&self, hardware: &Hardware) -> ColorOrder {
        match &self.channels {
            Some(channels) if channels.has_white() => return ColorOrder::RGBW,
            Some(_) => return ColorOrder::RGB,
            None => {}
        }
        let default = hardware.output.driver().default_order;
        self.order.map_or(default, |declared| declared.value)
    }

    pub(super) fn into_plan(self, dither: bool) -> StripPlan {
        let hardware = self.hardware.as_ref();
        let order = hardware.map_or(ColorOrder::GRB, |hardware| self.order(hardware));
        // WS281x chips have three channels, so a strip with white LEDs has SK6812 chips.
        let default = if order.has_white() {
            StripType::Sk6812
        } else {
            StripType::Ws281x
        };
        let strip_type = self.strip_type.map_or(default, |declared| declared.value);
        let mut leds = self.channels.map_or(Vec::new(), |it| it.leds);
        if leds.iter().all(|it| *it == order.leds()) {
            leds.clear();
        }
        let output = self
            .hardware
            .map_or(OutputPlan::Memory, |hardware| hardware.output(strip_type));
        StripPlan {
            owner: owner(&self.owners),
            strip: Strip {
                name: self.name,
                pixels: self.pixels.unwrap_or(0),
                order,
                format: output.driver().format,
            },
            finish: FinishPlan {
                leds,
                ..self.finish.plan(&output, dither)
            },
            output,
        }
    }
}
