//! `chase` on one group: two segments run after each other.
//!
//! The chase on a ring of groups is in [`ring`](super::ring).

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;
use std::f64::consts::{PI, TAU};

/// Angular frequency of the variation in distance, in radians per second.
const VARIATION_RAD_S: f64 = 0.5;

/// The maximum rate at which a canvas of one color changes, in changes per second; a higher rate
/// would flash.
const MAX_CHANGES_HZ: f64 = 1.0;

/// Moves two segments of `chase_size` pixels along the group at `speed` pixels per second.
///
/// Their distance varies slightly over time. Both move smoothly and wrap around at the ends. A
/// segment is limited to half of the group, so both stay visible. A single pixel alternates between
/// the two colors. `direction: reverse` moves the segments toward the first pixel.
#[derive(Debug)]
pub(super) struct Chase {
    colors: [Color; 2],
    speed_px_s: f64,
    size_px: f32,
    offset: f64,
    variation: f64,
}

impl Chase {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            colors: colors(settings),
            speed_px_s: f64::from(settings.speed),
            size_px: settings.chase_size as f32,
            offset: f64::from(settings.chase_offset_base),
            variation: f64::from(settings.chase_offset_variation),
        }
    }
}

impl Effect for Chase {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        let elapsed_s = cx.elapsed_s();
        if canvas.len() <= 1 {
            return alternate(canvas, self.colors, elapsed_s, self.speed_px_s);
        }
        let pixels = canvas.len() as f64;
        let swing = ((elapsed_s * VARIATION_RAD_S) % TAU).sin() * self.variation;
        let first = (elapsed_s * self.speed_px_s) % pixels;
        let second = (first + pixels * (self.offset + swing).clamp(0.2, 0.8)) % pixels;
        let pair = SegmentPair {
            colors: self.colors,
            centers: [first as f32, second as f32],
            size_px: self.size_px.min(pixels as f32 / 2.0),
            ring_px: pixels as f32,
        };
        pair.draw(canvas, 0.0);
        Motion::for_rate(cx.now, self.speed_px_s as f32)
    }
}

/// Returns the colors of the two segments, scaled to `max_brightness`.
pub(super) fn colors(settings: &Settings) -> [Color; 2] {
    [settings.chase_color_1, settings.chase_color_2].map(|it| it.scale(settings.max_brightness))
}

/// Fades the whole canvas between the two colors, `speed_hz` times per second.
///
/// This replaces the chase on a canvas that is too short for it.
pub(super) fn alternate(
    canvas: &mut [Color],
    colors: [Color; 2],
    elapsed_s: f64,
    speed_hz: f64,
) -> Motion {
    let changes = elapsed_s * speed_hz.min(MAX_CHANGES_HZ);
    let swing = (0.5 - 0.5 * ((changes % 2.0) * PI).cos()) as f32;
    canvas.fill(colors[0].fade(colors[1], swing));
    if canvas.is_empty() {
        return Motion::Still;
    }
    Motion::Moving
}

/// Two segments on a ring. Where they overlap, the first covers the second.
#[derive(Debug)]
pub(super) struct SegmentPair {
    pub(super) colors: [Color; 2],
    /// Centers of the segments in pixels from the start of the ring, less than `ring_px`.
    pub(super) centers: [f32; 2],
    pub(super) size_px: f32,
    pub(super) ring_px: f32,
}

impl SegmentPair {
    /// Draws the part of the ring that starts at pixel `first`.
    pub(super) fn draw(&self, canvas: &mut [Color], first: f32) {
        for (pixel, color) in canvas.iter_mut().enumerate() {
            let place = first + pixel as f32;
            let [front, back] = self.centers.map(|center| self.coverage(place, center));
            let back = back * (1.0 - front);
            *color = self.colors[0].scale(front) + self.colors[1].scale(back);
        }
    }

    /// Returns the covered part of a pixel, 0.0-1.0.
    fn coverage(&self, place: f32, center: f32) -> f32 {
        let distance = (place - center).abs();
        let distance = distance.min(self.ring_px - distance);
        (self.size_px / 2.0 + 0.5 - distance).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Chase;
    use super::super::test::{draw, plan};

    #[test]
    fn a_segment_keeps_its_length_when_it_wraps_around() {
        let plan = plan(Chase, "speed=10 size=4 max=1.0 chase_color_2=black");
        for step in 0..100 {
            let canvas = draw(&plan, 20, f64::from(step) * 0.037);
            let lit: f32 = canvas.iter().map(|color| color.r).sum();
            assert!((lit - 4.0).abs() < 1e-3, "step {step}: {lit}");
        }
    }

    #[test]
    fn the_second_segment_is_half_a_group_away() {
        let plan = plan(Chase, "speed=10 size=1 max=1.0 chase_offset_variation=0");
        let canvas = draw(&plan, 20, 0.3);
        assert!((canvas[3].r - 1.0).abs() < 1e-4);
        assert!((canvas[13].b - 1.0).abs() < 1e-4);
    }

    #[test]
    fn one_pixel_alternates_between_both_colors() {
        let plan = plan(Chase, "speed=1 max=1.0");
        assert!(draw(&plan, 1, 0.0)[0].r > 0.99);
        assert!(draw(&plan, 1, 1.0)[0].b > 0.99);
        assert!(draw(&plan, 1, 2.0)[0].r > 0.99);
    }

    #[test]
    fn one_pixel_never_changes_faster_than_once_per_second() {
        let plan = plan(Chase, "speed=50 max=1.0");
        assert!(draw(&plan, 1, 1.0)[0].b > 0.99);
        assert!(draw(&plan, 1, 2.0)[0].r > 0.99);
    }

    #[test]
    fn two_pixels_show_both_colors_and_swap_them() {
        let plan = plan(Chase, "speed=2 max=1.0 chase_offset_variation=0");
        let [before, after] = [0.0, 0.5].map(|time| draw(&plan, 2, time));
        assert!(before[0].r > 0.99 && before[1].b > 0.99, "{before:?}");
        assert!(after[1].r > 0.99 && after[0].b > 0.99, "{after:?}");
    }
}
