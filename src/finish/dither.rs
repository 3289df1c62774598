//! Temporal dithering: decides which of its two neighboring steps a level takes in which frame.
//!
//! A level between two steps takes the upper one in the number of four frames that fits best. At 60
//! frames per second nothing then flickers slower than 15 Hz, while error diffusion from frame to
//! frame would make an almost dark LED blink once per second. Neighboring pixels alternate, so that
//! a strip as a whole does not flicker. Each of four neighbors rounds its quarters at a different
//! place, so that a uniform fade has sixteen steps between two. The channels alternate too but
//! round alike, so that a dark gray has no tint. No state is kept: the pattern depends only on the
//! pixel and the number of the frame.

/// Length of the pattern in frames.
const FRAMES: usize = 4;

/// Length of the pattern in pixels. Frames are quantized in blocks of this length.
pub(super) const PIXELS: usize = 16;

/// Offsets added to a level, in steps, before its fraction is cut off: red, green, blue, white.
pub(super) type Bias = [f32; 4];

/// Rounds to the nearest step.
const ROUND: Bias = [0.5; 4];

/// The quarters in the order that alternates fastest.
const ORDER: [usize; FRAMES] = [0, 2, 1, 3];

/// Green looks brightest, so red and blue alternate with it.
const CHANNEL_OFFSET: [usize; 4] = [2, 0, 3, 1];

static PATTERN: [[Bias; PIXELS]; FRAMES] = pattern();

/// Returns the offsets of sixteen pixels in a frame. They repeat every sixteen pixels.
pub(super) fn biases(frame: usize) -> &'static [Bias; PIXELS] {
    &PATTERN[frame % FRAMES]
}

/// The offsets of one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameBiases {
    pattern: &'static [Bias; PIXELS],
    /// Whether all pixels are dithered, also those that do not move.
    all: bool,
}

impl FrameBiases {
    pub(super) fn new(frame: usize, all: bool) -> Self {
        Self {
            pattern: biases(frame),
            all,
        }
    }

    /// Returns the offsets of sixteen pixels: moving ones are dithered, the others are rounded.
    /// `mixed` is the place for offsets of pixels that differ in this.
    #[inline]
    pub(super) fn of<'a>(
        &self,
        is_moving: &[bool; PIXELS],
        mixed: &'a mut [Bias; PIXELS],
    ) -> &'a [Bias; PIXELS] {
        if self.all || *is_moving == [true; PIXELS] {
            return self.pattern;
        }
        *mixed = [ROUND; PIXELS];
        if *is_moving != [false; PIXELS] {
            for ((bias, dithered), is_moving) in mixed.iter_mut().zip(self.pattern).zip(is_moving) {
                *bias = if *is_moving { *dithered } else { ROUND };
            }
        }
        mixed
    }
}

const fn pattern() -> [[Bias; PIXELS]; FRAMES] {
    let mut pattern = [[ROUND; PIXELS]; FRAMES];
    let mut place = 0;
    while place < FRAMES * PIXELS * 4 {
        let (frame, pixel, channel) = (place / (PIXELS * 4), place / 4 % PIXELS, place % 4);
        let quarter = ORDER[(frame + pixel + CHANNEL_OFFSET[channel]) % FRAMES];
        let place_in_quarter = ORDER[pixel / FRAMES % FRAMES];
        // In the middle of its sixteenth, so that a whole level never takes another step.
        pattern[frame][pixel][channel] =
            (quarter * FRAMES + place_in_quarter) as f32 / 16.0 + 1.0 / 32.0;
        place += 1;
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(level: f32, frame: usize, pixel: usize) -> f32 {
        (level + biases(frame)[pixel][1]).floor()
    }

    #[test]
    fn four_frames_of_a_pixel_average_to_a_quarter_step() {
        for level in (0..300).map(|it| it as f32 / 100.0) {
            for pixel in 0..PIXELS {
                let sum: f32 = (0..FRAMES).map(|frame| steps(level, frame, pixel)).sum();
                assert!(
                    (sum / 4.0 - level).abs() < 0.25,
                    "{level} at {pixel}: {sum}"
                );
            }
        }
    }

    #[test]
    fn sixteen_pixels_average_to_a_thirtieth_step() {
        for level in (0..300).map(|it| it as f32 / 100.0) {
            let mut sum = 0.0;
            for frame in 0..FRAMES {
                sum += (0..PIXELS)
                    .map(|pixel| steps(level, frame, pixel))
                    .sum::<f32>();
            }
            assert!((sum / 64.0 - level).abs() < 1.0 / 30.0, "{level}: {sum}");
        }
    }

    #[test]
    fn four_neighbors_together_are_equally_bright_in_every_frame() {
        for level in (0..100).map(|it| it as f32 / 100.0) {
            let sum = |frame| (0..4).map(|pixel| steps(level, frame, pixel)).sum::<f32>();
            let first = sum(0);
            assert!((1..FRAMES).all(|frame| (sum(frame) - first).abs() < 0.1));
        }
    }

    #[test]
    fn a_whole_level_is_not_dithered() {
        for frame in 0..FRAMES {
            for pixel in 0..PIXELS {
                // Also if arithmetic missed it slightly.
                for level in [3.0, 2.99, 3.01] {
                    assert_eq!(steps(level, frame, pixel) as u8, 3);
                }
            }
        }
    }
}
