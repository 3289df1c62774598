//! The layout of pixels: strips as they are wired, and groups as the user defines them.
//!
//! A group is an ordered list of segments that is drawn as one canvas. The layout maps each pixel
//! of the canvas to a pixel of a strip. `direction: reverse` mirrors the canvas here, so effects do
//! not handle it. Pixel numbers start at 0 here, and at 1 in configs and messages.

use std::fmt;

/// One chain of LEDs on one output, in wire order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Name in the config; a strip that is created from a group's pin is called `gpio18`, for
    /// example.
    pub name: String,
    /// Number of pixels.
    pub pixels: usize,
    /// Order of the channels on the wire.
    pub order: ColorOrder,
    /// Format of a pixel on the wire.
    pub format: PixelFormat,
}

impl Strip {
    /// Returns the length of a frame in bytes.
    pub fn bytes(&self) -> usize {
        self.pixels
            * match self.format {
                PixelFormat::Bytes => self.order.bytes_per_pixel(),
                PixelFormat::SharedBrightness => 1 + self.order.bytes_per_pixel(),
            }
    }
}

/// The format of a pixel in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelFormat {
    /// One byte per channel.
    #[default]
    Bytes,
    /// A brightness of 0-31 that all LEDs of the pixel share, then one byte per channel.
    SharedBrightness,
}

/// The LEDs of one pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelLeds {
    /// Red, green and blue.
    #[default]
    Rgb,
    /// Red, green, blue and white.
    Rgbw,
    /// White only.
    White,
}

impl PixelLeds {
    /// Parses the channels of a pixel, such as `GRBW`; `None` if there are none.
    pub fn from_channels(channels: &str) -> Option<Self> {
        let has = |letter: char| channels.contains(letter);
        match (has('W'), has('R') || has('G') || has('B')) {
            (true, true) => Some(Self::Rgbw),
            (true, false) => Some(Self::White),
            (false, true) => Some(Self::Rgb),
            (false, false) => None,
        }
    }

    /// Returns whether the pixel has a white LED.
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
    /// Green, red, blue: the order of WS2812 and SK6812.
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

    /// Blue, green, red: the order of APA102 and SK9822.
    pub const BGR: Self = Self {
        channels: [2, 1, 0, 3],
        count: 3,
    };

    /// Parses an order such as `GRB` or `rgbw`: each of R, G and B once, W at most once.
    pub fn parse(text: &str) -> Option<Self> {
        let mut channels = [0, 1, 2, 3];
        let count = text.len();
        if !(3..=4).contains(&count) {
            return None;
        }
        let mut has_channel = [false; 4];
        for (place, letter) in text.to_ascii_uppercase().chars().enumerate() {
            let channel = "RGBW".find(letter)?;
            if std::mem::replace(&mut has_channel[channel], true) {
                return None;
            }
            channels[place] = channel as u8;
        }
        (has_channel[0] && has_channel[1] && has_channel[2]).then_some(Self {
            channels,
            count: count as u8,
        })
    }

    /// Returns the channel of each byte on the wire: 0 red, 1 green, 2 blue, 3 white.
    pub fn channels(&self) -> &[u8] {
        &self.channels[..usize::from(self.count)]
    }

    /// Returns the bytes per pixel on the wire: 3 or 4.
    pub fn bytes_per_pixel(self) -> usize {
        usize::from(self.count)
    }

    /// Returns whether the order has a white channel.
    pub fn has_white(self) -> bool {
        self.count == 4
    }

    /// Returns the LEDs of a pixel with these channels.
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

/// A range of pixels of one strip, including both ends. It runs backward if `first` > `last`.
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
    /// Returns the number of pixels; at least 1.
    pub fn pixels(&self) -> usize {
        self.first.abs_diff(self.last) + 1
    }
}

/// A named, ordered list of segments that is drawn as one canvas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name as in `[lumen_group NAME]`.
    pub name: String,
    /// The pixels, in canvas order.
    pub segments: Vec<Segment>,
    /// Whether the canvas is mirrored.
    pub reverse: bool,
}

/// The strip and pixel of a position on a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the strip in the plan.
    pub strip: usize,
    /// Index of the pixel on that strip, from 0.
    pub pixel: usize,
}

impl Group {
    /// Returns the number of pixels of the canvas.
    pub fn pixels(&self) -> usize {
        self.segments.iter().map(Segment::pixels).sum()
    }

    /// Returns the segments in canvas order, with `reverse` applied.
    pub fn runs(&self) -> Vec<Segment> {
        if !self.reverse {
            return self.segments.clone();
        }
        let mirrored = self.segments.iter().rev().map(|segment| Segment {
            first: segment.last,
            last: segment.first,
            ..*segment
        });
        mirrored.collect()
    }

    /// Returns the strip and pixel of each position, in canvas order, with `reverse` applied.
    pub fn places(&self) -> Vec<Place> {
        let runs = self.runs();
        let places = runs.iter().flat_map(|segment| {
            (0..segment.pixels()).map(|step| Place {
                strip: segment.strip,
                pixel: if segment.first <= segment.last {
                    segment.first + step
                } else {
                    segment.first - step
                },
            })
        });
        places.collect()
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
    fn a_color_order_contains_each_channel_once() {
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
    fn the_channels_of_a_pixel_determine_its_leds() {
        let leds = PixelLeds::from_channels;
        assert_eq!(leds("GRB"), Some(PixelLeds::Rgb));
        assert_eq!(leds("GRBW"), Some(PixelLeds::Rgbw));
        assert_eq!(leds("RG"), Some(PixelLeds::Rgb));
        assert_eq!(leds("W"), Some(PixelLeds::White));
        assert_eq!(leds(""), None);
    }

    #[test]
    fn a_group_joins_segments_in_list_order() {
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
