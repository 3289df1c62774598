//! The options that every layer of a stack takes: blend mode, opacity, place.

use crate::effect::options::{OptionKind, OptionSpec};
use crate::layer::blend::{self, BLENDS, BlendSpec, OVER};
use crate::spec::options::MAX_PIXELS;
use crate::spec::section::unknown;
use crate::text::{ConvertCase, shown};
use std::ops::Range;

/// The range of an opacity.
const OPACITY: OptionKind = OptionKind::Within(0.0, 1.0);

/// The options.
pub(in crate::spec) const OPTIONS: [OptionSpec; 4] = [
    OptionSpec::new(
        "blend",
        OptionKind::Choice(&BLEND_NAMES),
        "over",
        "How the layer is combined with the layers below it",
    ),
    OptionSpec::new("opacity", OPACITY, "1.0", "How much of the layer shows"),
    OptionSpec::new(
        "pixels",
        OptionKind::Pixels,
        "",
        "The pixels of the group that the layer draws on, such as 3 or 1-5; default: all",
    ),
    OptionSpec::new(
        "offset",
        OptionKind::Number,
        "0",
        "How far the layer is moved towards the end of its pixels",
    )
    .unit("pixels"),
];

/// The names of all blend modes.
const BLEND_NAMES: [&str; BLENDS.len()] = {
    let mut names = [""; BLENDS.len()];
    let mut index = 0;
    while index < BLENDS.len() {
        names[index] = BLENDS[index].name;
        index += 1;
    }
    names
};

/// How a layer is combined with the layers below it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::spec) struct LayerOptions {
    pub(in crate::spec) blend: &'static BlendSpec,
    pub(in crate::spec) opacity: f32,
    /// The pixels of the group, counted from 0; `None` for all.
    pub(in crate::spec) pixels: Option<Range<usize>>,
    pub(in crate::spec) offset: f32,
}

impl Default for LayerOptions {
    fn default() -> Self {
        Self {
            blend: OVER,
            opacity: 1.0,
            pixels: None,
            offset: 0.0,
        }
    }
}

impl LayerOptions {
    /// Returns the name of an option of layers.
    pub(super) fn name(key: &str) -> Option<&'static str> {
        Self::names().find(|name| *name == key)
    }

    /// Returns the names of all options.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        OPTIONS.iter().map(|it| it.name)
    }

    /// Parses and stores a value.
    ///
    /// # Errors
    /// Returns a message.
    pub(super) fn store(&mut self, name: &str, text: &str) -> Result<(), String> {
        let named = |problem| format!("'{name}' {problem}");
        match name {
            "blend" => self.blend = blend_mode(text)?,
            "opacity" => self.opacity = OPACITY.number(text).map_err(named)?,
            "pixels" => self.pixels = Some(pixels(text).map_err(named)?),
            _ => self.offset = OptionKind::Number.number(text).map_err(named)?,
        }
        Ok(())
    }
}

fn blend_mode(text: &str) -> Result<&'static BlendSpec, String> {
    let names = BLENDS.iter().map(|it| it.name);
    blend::find(&text.lowercase()).ok_or_else(|| unknown("blend mode", text, names))
}

/// Parses one pixel, `3`, or a range, `1-5`.
fn pixels(text: &str) -> Result<Range<usize>, String> {
    let number = |text: &str| {
        let number = text.parse::<usize>().ok();
        number.filter(|number| (1..=MAX_PIXELS as usize).contains(number))
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first - 1..last),
        (Some(first), Some(last)) => {
            Err(format!("must begin with the lower pixel: {last}-{first}"))
        }
        _ if text.contains(',') => Err(format!(
            "takes one range, such as 1-5, got '{}'; write a layer for each",
            shown(text)
        )),
        _ => Err(format!(
            "must be a pixel of the group or a range, such as 3 or 1-5, got '{}'",
            shown(text)
        )),
    }
}
