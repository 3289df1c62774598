//! The helper's config file, owned by root: the strips and the users who may drive them.

use super::{HelperError, secure_read};
use crate::layout::{ColorOrder, PixelFormat, Strip};
use crate::plan::{FinishPlan, OutputPlan, PinPlan, Plan, StripPlan};
use crate::text::shown;
use crate::wire::StripType;
use crate::wire::helper::{MAX_MESSAGE, MAX_STRIPS, PinStrip, frames_message_bytes};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// Version of the file format.
const VERSION: u32 = 1;
/// The pin driver supports 400 to 800 kHz.
const FREQUENCIES_HZ: std::ops::RangeInclusive<u32> = 400_000..=800_000;

/// The config of the helper.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    version: u32,
    /// Users who may drive the strips, besides root.
    uids: Vec<u32>,
    strips: Vec<ConfigStrip>,
}

/// One strip that the helper may drive.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigStrip {
    name: String,
    pin: u8,
    pixels: u16,
    channels: u8,
    chip: Chip,
    frequency_hz: u32,
    dma: u8,
    invert: bool,
}

/// The timing family of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Chip {
    Ws281x,
    Sk6812,
}

impl Config {
    /// Reads a file that only root and the user of this process can write.
    ///
    /// # Errors
    /// When other users can write the file, or its content is invalid.
    pub fn load(path: &Path) -> Result<Self, HelperError> {
        let text = secure_read::read(path).map_err(HelperError::Config)?;
        Self::parse(&text)
            .map_err(|problem| HelperError::Config(format!("{}: {problem}", path.display())))
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// When the text is invalid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        config.check()?;
        Ok(config)
    }

    /// The config for the strips of a plan that are on pins.
    ///
    /// # Errors
    /// When the plan has no such strips, or the helper cannot drive them.
    pub fn of_plan(plan: &Plan, uids: Vec<u32>) -> Result<Self, String> {
        let strips = plan.strips.iter().filter_map(ConfigStrip::of_plan);
        let config = Self {
            version: VERSION,
            uids,
            strips: strips.collect::<Result<_, _>>()?,
        };
        config.check()?;
        Ok(config)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The strips, in the order of the file.
    pub fn strips(&self) -> &[ConfigStrip] {
        &self.strips
    }

    /// Whether a user may drive the strips.
    pub fn allows(&self, user: u32) -> bool {
        user == 0 || self.uids.contains(&user)
    }

    /// The plans for the pin driver.
    pub(super) fn plans(&self) -> Vec<StripPlan> {
        self.strips.iter().map(ConfigStrip::plan).collect()
    }

    /// The strips that clients can ask for.
    pub(super) fn pin_strips(&self) -> Vec<PinStrip> {
        self.strips.iter().map(ConfigStrip::pin_strip).collect()
    }

    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            let version = self.version;
            return Err(format!("has version {version}, not {VERSION}"));
        }
        if !(1..=MAX_STRIPS).contains(&self.strips.len()) {
            return Err("has no strip on a pin that the helper can drive".to_owned());
        }
        self.strips.iter().try_for_each(ConfigStrip::check)?;
        for (index, other) in self.strips.iter().enumerate() {
            let channel = other.pin_spec().channel();
            let mut previous = self.strips[..index].iter();
            if let Some(one) = previous.find(|it| it.pin_spec().channel() == channel) {
                let (one, other) = (&one.name, &other.name);
                return Err(format!(
                    "strips '{one}' and '{other}' are on the same data channel of the Pi; combine \
                     GPIO12 or GPIO18 with GPIO13 or GPIO19"
                ));
            }
        }
        if frames_message_bytes(&self.pin_strips()) > MAX_MESSAGE {
            return Err("has strips that are too long: their frames exceed 64 KiB".to_owned());
        }
        Ok(())
    }
}

impl ConfigStrip {
    /// The config for a strip of a plan; `None` if it is not on a pin.
    fn of_plan(plan: &StripPlan) -> Option<Result<Self, String>> {
        let OutputPlan::Pin(spec) = &plan.output else {
            return None;
        };
        let strip = &plan.strip;
        let Ok(pixels) = u16::try_from(strip.pixels) else {
            return Some(Err(format!("strip '{}' is too long", strip.name)));
        };
        Some(Ok(Self {
            name: strip.name.clone(),
            pin: spec.pin,
            pixels,
            channels: strip.order.bytes_per_pixel() as u8,
            chip: match spec.strip_type {
                StripType::Ws281x => Chip::Ws281x,
                StripType::Sk6812 => Chip::Sk6812,
            },
            frequency_hz: spec.frequency_hz,
            dma: spec.dma,
            invert: spec.invert,
        }))
    }

    fn plan(&self) -> StripPlan {
        let order = if self.channels == 4 { "GRBW" } else { "GRB" };
        StripPlan {
            owner: String::new(),
            strip: Strip {
                name: self.name.clone(),
                pixels: usize::from(self.pixels),
                // Frames arrive in wire order, so only the number of channels matters.
                order: ColorOrder::parse(order).unwrap_or(ColorOrder::GRB),
                format: PixelFormat::Bytes,
            },
            output: OutputPlan::Pin(self.pin_spec()),
            finish: FinishPlan::default(),
        }
    }

    fn pin_spec(&self) -> PinPlan {
        PinPlan {
            pin: self.pin,
            strip_type: match self.chip {
                Chip::Ws281x => StripType::Ws281x,
                Chip::Sk6812 => StripType::Sk6812,
            },
            frequency_hz: self.frequency_hz,
            dma: self.dma,
            invert: self.invert,
            by_helper: false,
        }
    }

    fn pin_strip(&self) -> PinStrip {
        PinStrip {
            pin: self.pin,
            channels: self.channels,
            pixels: self.pixels,
        }
    }

    fn check(&self) -> Result<(), String> {
        let error = |problem: String| Err(format!("strip '{}': {problem}", self.name));
        if self.name.chars().any(char::is_control) {
            return Err("the name of a strip has control characters".to_owned());
        }
        let pin_spec = self.pin_spec();
        if pin_spec.channel().is_none() {
            let pin = self.pin;
            return error(format!("pin must be 12, 13, 18, 19 or 21, got {pin}"));
        }
        if !matches!(self.channels, 3 | 4) {
            let channels = self.channels;
            return error(format!("channels must be 3 or 4, got {channels}"));
        }
        let max = pin_spec.max_pixels();
        if !(1..=max).contains(&usize::from(self.pixels)) {
            let pixels = self.pixels;
            return error(format!("pixels must be 1 to {max}, got {pixels}"));
        }
        if !FREQUENCIES_HZ.contains(&self.frequency_hz) {
            let hz = self.frequency_hz;
            return error(format!("frequency_hz must be 400000 to 800000, got {hz}"));
        }
        if !pin_spec.has_free_dma() {
            let dma = self.dma;
            return error(format!(
                "dma must be 4 or 8 to 14, got {dma}; the SD card may use other channels"
            ));
        }
        Ok(())
    }
}

impl fmt::Display for ConfigStrip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "strip '{}': {}", shown(&self.name), self.pin_strip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIP: &str = r#"{"name": "case", "pin": 18, "pixels": 30, "channels": 3,
        "chip": "ws281x", "frequency_hz": 800000, "dma": 10, "invert": false}"#;

    fn config(strips: &str) -> Result<Config, String> {
        Config::parse(&format!(
            r#"{{"version": 1, "uids": [1000], "strips": [{strips}]}}"#
        ))
    }

    fn parse_error(from: &str, to: &str) -> String {
        assert!(STRIP.contains(from));
        config(&STRIP.replace(from, to)).unwrap_err()
    }

    #[test]
    fn a_config_has_strips_and_users() {
        let config = config(STRIP).unwrap();
        assert_eq!(
            config.strips()[0].to_string(),
            "strip 'case': 30 pixels of 3 channels on GPIO18"
        );
        assert!(config.allows(1000) && config.allows(0) && !config.allows(1001));
        assert_eq!(Config::parse(&config.text()), Ok(config));
    }

    #[test]
    fn the_plans_match_the_config() {
        let config = config(&STRIP.replace("\"channels\": 3", "\"channels\": 4")).unwrap();
        let plan = &config.plans()[0];
        assert_eq!(plan.strip.bytes(), 120);
        assert_eq!(
            ConfigStrip::of_plan(plan),
            Some(Ok(config.strips[0].clone()))
        );
    }

    #[test]
    fn invalid_values_are_refused_with_a_message() {
        assert_eq!(
            parse_error(": 18", ": 10"),
            "strip 'case': pin must be 12, 13, 18, 19 or 21, got 10"
        );
        assert_eq!(
            parse_error("\"channels\": 3", "\"channels\": 5"),
            "strip 'case': channels must be 3 or 4, got 5"
        );
        assert_eq!(
            parse_error(": 30", ": 2701"),
            "strip 'case': pixels must be 1 to 2700, got 2701"
        );
        assert_eq!(
            parse_error("\"dma\": 10", "\"dma\": 5"),
            "strip 'case': dma must be 4 or 8 to 14, got 5; the SD card may use other channels"
        );
        assert_eq!(
            parse_error("800000", "900000"),
            "strip 'case': frequency_hz must be 400000 to 800000, got 900000"
        );
        assert_eq!(
            config("").unwrap_err(),
            "has no strip on a pin that the helper can drive"
        );
        assert!(parse_error("\"pin\"", "\"pins\"").starts_with("unknown field `pins`"));
        let version = r#"{"version": 2, "uids": [], "strips": []}"#;
        assert_eq!(Config::parse(version).unwrap_err(), "has version 2, not 1");
    }

    #[test]
    fn two_strips_on_one_data_channel_are_refused() {
        let other = STRIP.replace("case", "head").replace(": 18", ": 12");
        assert!(
            config(&format!("{STRIP}, {other}"))
                .unwrap_err()
                .starts_with("strips 'case' and 'head' are on the same data channel of the Pi")
        );
        let separate = STRIP.replace("case", "head").replace(": 18", ": 19");
        assert!(config(&format!("{STRIP}, {separate}")).is_ok());
    }
}
