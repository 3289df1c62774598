//! Where pixels are: strips as they are wired, and groups as the user sees them.
//!
//! A group is an ordered list of segments, drawn as one canvas; the layout says which pixel of
//! which strip each place of the canvas is. `direction: reverse` mirrors the whole canvas here, so
//! no effect knows of it. Pixels are counted from 0 here and from 1 in configs and messages.

use std::fmt;

/// One chain of LEDs on one output, in wire order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Name as the user writes it; for a strip made from a group's pin, `gpio18` or the like.
    pub name: String,
    /// How many pixels are driven.
    pub pixels: usize,
    /// The order in which the strip takes its channels.
    pub order: ColorOrder,
    /// What its pixels take.
    pub format: PixelFormat,
}

impl Strip {
    /// How long a frame of it is, in bytes.
    pub fn bytes(&self) -> usize {
        self.pixels
            * match self.format {
                PixelFormat::Bytes => self.order.bytes_per_pixel(),
                PixelFormat::Apa102 => 4,
            }
    }
}

/// What a pixel takes of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelFormat {
    /// A byte a channel.
    #[default]
    Bytes,
    /// Three one-bits and five of a brightness that the pixel's LEDs share, then a byte a channel.
    Apa102,
}

/// The LEDs of one pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelLeds {
    /// Red, green and blue.
    #[default]
    Rgb,
    /// Red, green, blue and white.
    Rgbw,
    /// White alone.
    White,
}

impl PixelLeds {
    /// Reads the channels of a pixel, such as `GRBW`; `None` for an empty text.
    pub fn of_channels(channels: &str) -> Option<Self> {
        let has = |letter: char| channels.contains(letter);
        match (has('W'), has('R') || has('G') || has('B')) {
            (true, true) => Some(Self::Rgbw),
            (true, false) => Some(Self::White),
            (false, true) => Some(Self::Rgb),
            (false, false) => None,
        }
    }

    /// Whether the pixel has a white LED.
    pub fn has_white(self) -> bool {
        self != Self::Rgb
    }
}

/// The order of the channels on the wire, for example GRB or GRBW.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorOrder {
    channels: [u8; 4],
    count: u8,
}

impl ColorOrder {
    /// Green, red, blue: what WS2812 and SK6812 take.
    pub const GRB: Self = Self {
        channels: [1, 0, 2, 3],
        count: 3,
    };
    /// Red, green, blue.
    pub const RGB: Self = Self {
        channels: [0, 1, 2, 3],
        count: 3,
    };
    /// Red, green, blue, white.
    pub const RGBW: Self = Self {
        channels: [0, 1, 2, 3],
        count: 4,
    };

    /// Blue, green, red: what APA102 and SK9822 take.
    pub const BGR: Self = Self {
        channels: [2, 1, 0, 3],
        count: 3,
    };

    /// Reads `GRB`, `rgbw` and the like: each of R, G, B once, W at most once.
    pub fn parse(text: &str) -> Option<Self> {
        let mut channels = [0, 1, 2, 3];
        let count = text.len();
        if !(3..=4).contains(&count) {
            return None;
        }
        let mut seen = [false; 4];
        for (place, letter) in text.to_ascii_uppercase().chars().enumerate() {
            let channel = "RGBW".find(letter)?;
            if std::mem::replace(&mut seen[channel], true) {
                return None;
            }
            channels[place] = channel as u8;
        }
        (seen[0] && seen[1] && seen[2]).then_some(Self {
            channels,
            count: count as u8,
        })
    }

    /// For each byte on the wire, the channel it carries: 0 red, 1 green, 2 blue, 3 white.
    pub fn channels(&self) -> &[u8] {
        &self.channels[..usize::from(self.count)]
    }

    /// Bytes a pixel takes on the wire: 3 or 4.
    pub fn bytes_per_pixel(self) -> usize {
        usize::from(self.count)
    }

    /// Whether the strip has a white channel.
    pub fn has_white(self) -> bool {
        self.count == 4
    }

    /// The LEDs of a pixel that takes these channels.
    pub fn leds(self) -> PixelLeds {
        if self.has_white() {
            PixelLeds::Rgbw
        } else {
            PixelLeds::Rgb
        }
    }
}

impl fmt::Display for ColorOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channels()
            .iter()
            .try_for_each(|channel| f.write_str(["R", "G", "B", "W"][usize::from(*channel)]))
    }
}

/// A run of pixels of one strip. `first` > `last` runs backwards; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index of the strip in the plan.
    pub strip: usize,
    /// First pixel, from 0.
    pub first: usize,
    /// Last pixel, from 0.
    pub last: usize,
}

impl Segment {
    /// How many pixels the segment has; at least 1.
    pub fn pixels(&self) -> usize {
        self.first.abs_diff(self.last) + 1
    }
}

/// A named, ordered list of segments, drawn as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name as in `[lumen_group NAME]`.
    pub name: String,
    /// Its pixels, in canvas order.
    pub segments: Vec<Segment>,
    /// Mirrors the canvas: what an effect draws first comes last.
    pub reverse: bool,
}

/// The strip and pixel that a place of a canvas lights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the strip in the plan.
    pub strip: usize,
    /// Pixel on that strip, from 0.
    pub pixel: usize,
}

impl Group {
    /// How many pixels the canvas has.
    pub fn pixels(&self) -> usize {
        self.segments.iter().map(Segment::pixels).sum()
    }

    /// Where each place of the canvas is, in canvas order, with `reverse` applied.
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self
            .segments
            .iter()
            .flat_map(|segment| {
                (0..segment.pixels()).map(|step| Place {
                    strip: segment.strip,
                    pixel: if segment.first <= segment.last {
                        segment.first + step
                    } else {
                        segment.first - step
                    },
                })
            })
            .collect();
        if self.reverse {
            places.reverse();
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(strip: usize, first: usize, last: usize) -> Segment {
        Segment { strip, first, last }
    }

    fn group(reverse: bool, segments: &[Segment]) -> Group {
        Group {
            name: "case".into(),
            segments: segments.to_vec(),
            reverse,
        }
    }

    fn pixels(group: &Group) -> Vec<(usize, usize)> {
        group.places().iter().map(|p| (p.strip, p.pixel)).collect()
    }

    #[test]
    fn a_color_order_names_each_channel_once() {
        assert_eq!(ColorOrder::parse("grb"), Some(ColorOrder::GRB));
        assert_eq!(ColorOrder::parse("bgr"), Some(ColorOrder::BGR));
        assert_eq!(
            ColorOrder::parse("GRBW").map(|o| o.channels().to_vec()),
            Some(vec![1, 0, 2, 3])
        );
        for wrong in ["", "GR", "GGB", "GRW", "RGBX", "RGBWW", "grün"] {
            assert_eq!(ColorOrder::parse(wrong), None, "{wrong}");
        }
        assert_eq!(ColorOrder::GRB.to_string(), "GRB");
    }

    #[test]
    fn the_channels_of_a_pixel_say_which_leds_it_has() {
        let leds = PixelLeds::of_channels;
        assert_eq!(leds("GRB"), Some(PixelLeds::Rgb));
        assert_eq!(leds("GRBW"), Some(PixelLeds::Rgbw));
        assert_eq!(leds("RG"), Some(PixelLeds::Rgb));
        assert_eq!(leds("W"), Some(PixelLeds::White));
        assert_eq!(leds(""), None);
    }

    #[test]
    fn a_group_joins_segments_in_the_order_of_the_list() {
        let group = group(false, &[segment(0, 0, 2), segment(1, 8, 7)]);
        assert_eq!(group.pixels(), 5);
        assert_eq!(pixels(&group), [(0, 0), (0, 1), (0, 2), (1, 8), (1, 7)]);
    }

    #[test]
    fn reverse_mirrors_the_whole_canvas() {
        let group = group(true, &[segment(0, 0, 1), segment(1, 4, 5)]);
        assert_eq!(pixels(&group), [(1, 5), (1, 4), (0, 1), (0, 0)]);
    }
}
