//! Painted frames from Klipper's own LED sections, shown over the groups.
//!
//! A painted pixel covers what its group shows. A black pixel covers nothing and so returns the
//! pixel to the group. Pixels without a group show only the painted frame.

use crate::color::Color;
use crate::finish::Frame;
use crate::layout::Place;
use crate::plan::Plan;

/// The painted frames of all strips.
#[derive(Debug)]
pub(super) struct PaintOverlay {
    strips: Vec<StripPaint>,
    /// Whether the lights are switched off.
    is_off: bool,
}

/// The painted frame of a strip.
#[derive(Debug)]
struct StripPaint {
    colors: Vec<Color>,
    /// The pixels that belong to no group.
    ungrouped: Vec<usize>,
    /// Whether it was painted since it was last written.
    is_dirty: bool,
    /// Whether any pixel is not black.
    is_lit: bool,
    /// Brightness of the last write of the ungrouped pixels.
    last_brightness: f32,
}

impl PaintOverlay {
    /// Creates black frames.
    pub(super) fn new(plan: &Plan) -> Self {
        let pixels = plan.strips.iter().map(|it| it.strip.pixels);
        let mut is_ungrouped: Vec<Vec<bool>> = pixels.map(|pixels| vec![true; pixels]).collect();
        for place in plan.groups.iter().flat_map(|it| it.group.places()) {
            let strip = is_ungrouped.get_mut(place.strip);
            if let Some(is_ungrouped) = strip.and_then(|it| it.get_mut(place.pixel)) {
                *is_ungrouped = false;
            }
        }
        Self {
            strips: is_ungrouped.iter().map(|it| StripPaint::new(it)).collect(),
            is_off: false,
        }
    }

    /// Adopts the frames of the old plan, by the names of their strips.
    pub(super) fn adopt(&mut self, old: Self, plans: (&Plan, &Plan)) {
        let (from, to) = plans;
        self.is_off = old.is_off;
        for (paint, known) in old.strips.into_iter().zip(&from.strips) {
            let named = |it: &crate::plan::StripPlan| it.strip.name == known.strip.name;
            let new = to.strips.iter().position(named);
            if let Some(new) = new.and_then(|index| self.strips.get_mut(index)) {
                new.paint(paint.colors.into_iter());
            }
        }
    }

    /// Paints a strip from its first pixel on. The remaining pixels become black.
    pub(super) fn paint(&mut self, strip: usize, rgbw: &[[u8; 4]]) {
        if let Some(paint) = self.strips.get_mut(strip) {
            paint.paint(rgbw.iter().map(|bytes| color(*bytes)));
        }
    }

    /// Switches all painted frames off or on.
    pub(super) fn switch(&mut self, is_on: bool) {
        self.is_off = !is_on;
    }

    /// Returns the color that covers a pixel.
    pub(super) fn at(&self, place: Place) -> Option<Color> {
        let paint = self.strips.get(place.strip).filter(|it| it.is_lit)?;
        let painted = paint.colors.get(place.pixel);
        painted.copied().filter(|color| *color != Color::BLACK)
    }

    /// Whether a strip was painted since it was last written.
    pub(super) fn is_dirty(&self, strip: usize) -> bool {
        self.strips.get(strip).is_some_and(|it| it.is_dirty)
    }

    /// Whether any painted pixel is lit.
    pub(super) fn is_lit(&self) -> bool {
        self.strips.iter().any(|it| it.is_lit)
    }

    /// Writes the pixels without a group and marks all frames as written.
    pub(super) fn put(&mut self, frames: &mut [Frame], brightness: f32) {
        let brightness = if self.is_off { 0.0 } else { brightness };
        for (paint, frame) in self.strips.iter_mut().zip(frames) {
            paint.put(frame, brightness);
        }
    }
}

impl StripPaint {
    fn new(is_ungrouped: &[bool]) -> Self {
        Self {
            colors: vec![Color::BLACK; is_ungrouped.len()],
            ungrouped: (0..is_ungrouped.len())
                .filter(|it| is_ungrouped[*it])
                .collect(),
            is_dirty: false,
            is_lit: false,
            last_brightness: 0.0,
        }
    }

    fn paint(&mut self, painted: impl Iterator<Item = Color>) {
        self.colors.fill(Color::BLACK);
        for (color, painted) in self.colors.iter_mut().zip(painted) {
            *color = painted;
        }
        self.is_lit = self.colors.iter().any(|color| *color != Color::BLACK);
        self.is_dirty = true;
    }

    fn put(&mut self, frame: &mut Frame, brightness: f32) {
        let is_dimmed_differently =
            self.is_lit && self.last_brightness.to_bits() != brightness.to_bits();
        if std::mem::take(&mut self.is_dirty) || is_dimmed_differently {
            self.last_brightness = brightness;
            for pixel in &self.ungrouped {
                frame.put(*pixel, self.colors[*pixel], brightness, false);
            }
        }
    }
}

fn color(bytes: [u8; 4]) -> Color {
    let [r, g, b, w] = bytes.map(|byte| f32::from(byte) / 255.0);
    Color::rgbw(r, g, b, w)
}
