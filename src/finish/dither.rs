//! Temporal dithering: which of its two neighbouring steps a level takes in which frame.
//!
//! A level between two steps takes the upper one in as many of four frames as comes nearest to it:
//! at 60 frames a second nothing flickers slower than 15 Hz, where carrying the rest from frame to
//! frame would let a LED that is almost dark blink once a second. Neighbours take turns, so that a
//! strip as a whole does not flicker at all, and each of four rounds its quarters at another place,
//! so that a strip that fades as one has sixteen steps between two. Channels take turns as well, but
//! round alike, so that a dark grey has no tint. Nothing is remembered: the pattern follows from the
//! pixel and the number of the frame.

/// How many frames the pattern has.
const FRAMES: usize = 4;

/// How many pixels the pattern has.
pub(super) const PIXELS: usize = 16;

/// What is added to a level, in steps, before its fraction is cut off: red, green, blue, white.
pub(super) type Bias = [f32; 4];

/// Rounds to the nearest step.
pub(super) const ROUND: Bias = [0.5; 4];

/// Quarters in the order that alternates fastest.
const ORDER: [usize; FRAMES] = [0, 2, 1, 3];

/// Green is the brightest to the eye; red and blue take their turns when it does not.
const CHANNEL_TURN: [usize; 4] = [2, 0, 3, 1];

static PATTERN: [[Bias; PIXELS]; FRAMES] = pattern();

/// The biases of sixteen pixels in one frame; the next sixteen have the same.
pub(super) fn biases(frame: usize) -> &'static [Bias; PIXELS] {
    &PATTERN[frame % FRAMES]
}

const fn pattern() -> [[Bias; PIXELS]; FRAMES] {
    let mut pattern = [[ROUND; PIXELS]; FRAMES];
    let mut place = 0;
    while place < FRAMES * PIXELS * 4 {
        let (frame, pixel, channel) = (place / (PIXELS * 4), place / 4 % PIXELS, place % 4);
        let quarter = ORDER[(frame + pixel + CHANNEL_TURN[channel]) % FRAMES];
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
    fn a_pixel_comes_within_a_quarter_step_of_its_level_in_four_frames() {
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
    fn sixteen_pixels_come_within_a_thirtieth_step_of_their_level() {
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
    fn four_neighbours_together_are_as_bright_in_every_frame() {
        for level in (0..100).map(|it| it as f32 / 100.0) {
            let sum = |frame| (0..4).map(|pixel| steps(level, frame, pixel)).sum::<f32>();
            let first = sum(0);
            assert!((1..FRAMES).all(|frame| (sum(frame) - first).abs() < 0.1));
        }
    }

    #[test]
    fn a_whole_level_stays_as_it_is() {
        for frame in 0..FRAMES {
            for pixel in 0..PIXELS {
                // Also where arithmetic missed it by a little.
                for level in [3.0, 2.99, 3.01] {
                    assert_eq!(steps(level, frame, pixel) as u8, 3);
                }
            }
        }
    }
}
