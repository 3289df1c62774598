//! `chase` on one group: two segments run after each other.
//!
//! The chase on a ring of groups is in [`ring`](super::ring).

use super::options::{OptionKind, color, number, unset_palette, unset_pixels};
use super::ring::Ring;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};
use std::f64::consts::{PI, TAU};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "chase",
    help: "Two segments chase each other, on one group or around a ring of groups",
    synonyms: &["alternating"],
    arguments: Arguments {
        has_ring: true,
        colors: &["chase_color_1", "chase_color_2"],
        usage: " [RING_NUMBER] [COLOR ...]",
        ..Arguments::NONE
    },
    options: ChaseSettings::OPTIONS,
    example: EffectExample {
        text: "chase 1",
        length_s: 8.0,
    },
    defaults: ChaseSettings::defaults,
};

effect_settings! {
    /// Settings of `chase`.
    pub struct ChaseSettings {
        speed_px_s: Option<f32> = rows::GROUP_SPEED
            .help("Speed of the effect; if not set, once along the group or the ring in 2.5 s"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        color_1: Color = color("chase_color_1", "red")
            .help("Color of the first segment, which starts as the chaser"),
        color_2: Color = color("chase_color_2", "blue").help("Color of the second segment"),
        palette: Option<Palette> = unset_palette("palette")
            .replaces(&["chase_color_1", "chase_color_2"])
            .help(
                "Palette of both segments, or its colors, in place of chase_color_1 and \
                 chase_color_2: the first half for the first segment, the rest for the second",
            ),
        size: Option<u32> = unset_pixels("chase_size", 1).short("size").help(
            "Length of each segment; limited to half of the group, or a quarter of a ring; if not \
             set, a twelfth of it, at least 2",
        ),
        offset_base: f32 = number("chase_offset_base", OptionKind::Within(0.0, 1.0), "0.5")
            .unit("group lengths")
            .help("On a single group: distance between the two segments"),
        offset_variation: f32 =
            number("chase_offset_variation", OptionKind::Within(0.0, 1.0), "0.1")
                .unit("group lengths")
                .help("On a single group: variation of that distance"),
        proximity_threshold: f32 =
            number("chase_proximity_threshold", OptionKind::Within(0.0, 1.0), "0.15")
                .unit("ring lengths")
                .help("On a ring: distance below which both segments speed up"),
        accel_factor: f32 = number("chase_accel_factor", OptionKind::Above(0.0), "1.5")
            .help("On a ring: speed factor below that distance"),
        role_swap_interval_s: f32 =
            number("chase_role_swap_interval", OptionKind::Above(0.0), "7.0")
                .unit("s")
                .help("On a ring: average time between role swaps"),
        collision_pause_s: f32 = number("chase_collision_pause", OptionKind::Within(0.0, 60.0), "0.3")
            .unit("s")
            .help("On a ring: pause after a collision"),
    }
}

impl EffectSettings for ChaseSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.as_ref().map_or(self.color_1, Palette::first)
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        match cx.ring {
            Some(place) => Box::new(Ring::new(self, place)),
            None => Box::new(Chase::new(self, cx.pixels)),
        }
    }
}

impl ChaseSettings {
    /// Returns the length of a segment on a group or ring of `pixels`.
    pub(super) fn size_px(&self, pixels: usize) -> f32 {
        let default = (pixels / 12).max(MIN_SIZE);
        self.size.map_or(default, |px| px as usize) as f32
    }

    /// Returns the colors of the two segments from front to back, scaled to `max_brightness`.
    pub(super) fn colors(&self) -> [PaletteTable; 2] {
        let palettes = match &self.palette {
            None => [self.color_1.into(), self.color_2.into()],
            Some(palette) => {
                let colors: Vec<Color> = palette.colors().collect();
                let (first, second) = colors.split_at(colors.len().div_ceil(2));
                // A palette of one color is the color of both.
                let second = if second.is_empty() { first } else { second };
                [Palette::new(first), Palette::new(second)]
            }
        };
        palettes.map(|it| PaletteTable::new(&it.scale(self.max_brightness)))
    }
}

/// The shortest segment if no length is set.
const MIN_SIZE: usize = 2;

/// Angular frequency of the variation in distance, in radians per second.
const VARIATION_RAD_S: f64 = 0.5;

/// The maximum rate at which a canvas of one color changes, in changes per second; a higher rate
/// would flash.
const MAX_CHANGES_HZ: f64 = 1.0;

/// Moves two segments of `chase_size` pixels along the group at `speed` pixels per second.
///
/// Several colors of a segment follow each other from its front to its back. The distance of the
/// segments varies slightly over time. Both move smoothly and wrap around at the ends. A
/// segment is limited to half of the group, so both stay visible. A single pixel alternates between
/// the two colors. `direction: reverse` moves the segments toward the first pixel.
#[derive(Debug)]
struct Chase {
    colors: [PaletteTable; 2],
    speed_px_s: f64,
    size_px: f32,
    offset: f64,
    variation: f64,
}

impl Chase {
    fn new(settings: &ChaseSettings, pixels: usize) -> Self {
        Self {
            colors: settings.colors(),
            speed_px_s: rows::speed_px_s(settings.speed_px_s, pixels as f64),
            size_px: settings.size_px(pixels),
            offset: f64::from(settings.offset_base),
            variation: f64::from(settings.offset_variation),
        }
    }
}

impl Effect for Chase {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let elapsed_s = cx.elapsed_s();
        if canvas.len() <= 1 {
            return alternate(canvas, &self.colors, elapsed_s, self.speed_px_s);
        }
        let pixels = canvas.len() as f64;
        let swing = ((elapsed_s * VARIATION_RAD_S) % TAU).sin() * self.variation;
        let first = (elapsed_s * self.speed_px_s) % pixels;
        let second = (first + pixels * (self.offset + swing).clamp(0.2, 0.8)) % pixels;
        let pair = SegmentPair {
            colors: &self.colors,
            centers: [first as f32, second as f32],
            size_px: self.size_px.min(pixels as f32 / 2.0),
            ring_px: pixels as f32,
        };
        pair.draw(canvas, 0.0);
        Motion::for_rate(cx.now, self.speed_px_s as f32)
    }
}

/// Fades the whole canvas between the first colors of both segments, `speed_hz` times per second.
///
/// This replaces the chase on a canvas that is too short for it.
pub(super) fn alternate(
    canvas: &mut Canvas<'_>,
    colors: &[PaletteTable; 2],
    elapsed_s: f64,
    speed_hz: f64,
) -> Motion {
    let changes = elapsed_s * speed_hz.min(MAX_CHANGES_HZ);
    let swing = (0.5 - 0.5 * ((changes % 2.0) * PI).cos()) as f32;
    canvas.fill(colors[0].at(0.0).fade(colors[1].at(0.0), swing));
    if canvas.is_empty() {
        return Motion::Still;
    }
    Motion::Moving
}

/// Two segments on a ring. Where they overlap, the first covers the second.
#[derive(Debug)]
pub(super) struct SegmentPair<'c> {
    /// The colors of each segment from front to back.
    pub(super) colors: &'c [PaletteTable; 2],
    /// Centers of the segments in pixels from the start of the ring, less than `ring_px`.
    pub(super) centers: [f32; 2],
    pub(super) size_px: f32,
    pub(super) ring_px: f32,
}

impl SegmentPair<'_> {
    /// Draws the part of the ring that starts at pixel `first`.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, first: f32) {
        canvas.set_each(|pixel| {
            let place = first + pixel as f32;
            let [front, back] = self.centers.map(|center| self.coverage(place, center));
            let back = back * (1.0 - front);
            self.part(0, place, front) + self.part(1, place, back)
        });
    }

    /// Returns the covered part of a pixel, 0.0-1.0.
    fn coverage(&self, place: f32, center: f32) -> f32 {
        let distance = (place - center).abs();
        let distance = distance.min(self.ring_px - distance);
        (self.size_px / 2.0 + 0.5 - distance).clamp(0.0, 1.0)
    }

    /// Returns what a segment adds to a pixel. Its front is the end toward the last pixel.
    fn part(&self, segment: usize, place: f32, coverage: f32) -> CanvasPixel {
        if coverage <= 0.0 {
            return CanvasPixel::new(Color::BLACK, 0.0);
        }
        let ahead = place - self.centers[segment];
        let half = self.ring_px / 2.0;
        let ahead = if ahead > half {
            ahead - self.ring_px
        } else if ahead < -half {
            ahead + self.ring_px
        } else {
            ahead
        };
        let color = self.colors[segment].at(0.5 - ahead / self.size_px);
        CanvasPixel::new(color, coverage)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    #[test]
    fn a_segment_keeps_its_length_when_it_wraps_around() {
        let plan = plan(&SPEC, "speed=10 size=4 max=1.0 chase_color_2=black");
        for step in 0..100 {
            let canvas = draw(&plan, 20, f64::from(step) * 0.037);
            let lit: f32 = canvas.iter().map(|color| color.r).sum();
            assert!((lit - 4.0).abs() < 1e-3, "step {step}: {lit}");
        }
    }

    #[test]
    fn the_second_segment_is_half_a_group_away() {
        let plan = plan(&SPEC, "speed=10 size=1 max=1.0 chase_offset_variation=0");
        let canvas = draw(&plan, 20, 0.3);
        assert!((canvas[3].r - 1.0).abs() < 1e-4);
        assert!((canvas[13].b - 1.0).abs() < 1e-4);
    }

    #[test]
    fn one_pixel_alternates_between_both_colors() {
        let plan = plan(&SPEC, "speed=1 max=1.0");
        assert!(draw(&plan, 1, 0.0)[0].r > 0.99);
        assert!(draw(&plan, 1, 1.0)[0].b > 0.99);
        assert!(draw(&plan, 1, 2.0)[0].r > 0.99);
    }

    #[test]
    fn one_pixel_never_changes_faster_than_once_per_second() {
        let plan = plan(&SPEC, "speed=50 max=1.0");
        assert!(draw(&plan, 1, 1.0)[0].b > 0.99);
        assert!(draw(&plan, 1, 2.0)[0].r > 0.99);
    }

    #[test]
    fn two_pixels_show_both_colors_and_swap_them() {
        let plan = plan(&SPEC, "speed=2 max=1.0 chase_offset_variation=0");
        let [before, after] = [0.0, 0.5].map(|time| draw(&plan, 2, time));
        assert!(before[0].r > 0.99 && before[1].b > 0.99, "{before:?}");
        assert!(after[1].r > 0.99 && after[0].b > 0.99, "{after:?}");
    }

    #[test]
    fn the_first_half_of_the_colors_is_for_the_first_segment() {
        let options = "speed=10 size=5 max=1.0 chase_offset_variation=0 palette=red,lime,blue,cyan";
        let canvas = draw(&plan(&SPEC, options), 20, 0.5);
        // The centers are on the pixels 5 and 15; the front is ahead.
        assert!(
            canvas[7].r > canvas[7].g && canvas[3].g > canvas[3].r,
            "{canvas:?}"
        );
        assert!(
            canvas[17].b > canvas[17].g && canvas[13].g > 0.5,
            "{canvas:?}"
        );
        assert!(canvas[5].b < 1e-3 && canvas[15].r < 1e-3, "{canvas:?}");
    }

    #[test]
    fn a_palette_of_one_color_is_the_color_of_both_segments() {
        let options = "speed=10 size=1 max=1.0 chase_offset_variation=0 palette=red";
        let canvas = draw(&plan(&SPEC, options), 20, 0.3);
        assert!((canvas[3].r - 1.0).abs() < 1e-4 && (canvas[13].r - 1.0).abs() < 1e-4);
    }
}
