//! What Klipper's own LED sections paint on strips, over what groups show.
//!
//! A pixel that is painted in a colour covers what a group shows there; a black one covers nothing,
//! so that a picture gives a pixel back. Where no group is, the picture is all there is.

use crate::color::Color;
use crate::finish::Frame;
use crate::layout::Place;
use crate::plan::Plan;

/// The pictures of all strips.
#[derive(Debug)]
pub(super) struct PaintOverlay {
    strips: Vec<StripPaint>,
    /// The lights are switched off.
    is_off: bool,
}

/// The picture of one strip.
#[derive(Debug)]
struct StripPaint {
    colors: Vec<Color>,
    /// The pixels that no group has.
    ungrouped: Vec<usize>,
    /// It was painted since it was last shown.
    fresh: bool,
    /// Some pixel is not black.
    is_lit: bool,
    /// The brightness that the bare pixels were put with last.
    put_at: f32,
}

impl PaintOverlay {
    /// Makes black ones.
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

    /// Takes the pictures of another plan over; they go with the names of their strips.
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

    /// Paints a strip from its first pixel; what is beyond is black.
    pub(super) fn paint(&mut self, strip: usize, rgbw: &[[u8; 4]]) {
        if let Some(paint) = self.strips.get_mut(strip) {
            paint.paint(rgbw.iter().map(|bytes| color(*bytes)));
        }
    }

    /// Switches all off or on.
    pub(super) fn switch(&mut self, is_on: bool) {
        self.is_off = !is_on;
    }

    /// The color that covers a pixel.
    pub(super) fn at(&self, place: Place) -> Option<Color> {
        let paint = self.strips.get(place.strip).filter(|it| it.is_lit)?;
        let painted = paint.colors.get(place.pixel);
        painted.copied().filter(|color| *color != Color::BLACK)
    }

    /// Whether a strip was painted since its picture was last shown.
    pub(super) fn is_fresh(&self, strip: usize) -> bool {
        self.strips.get(strip).is_some_and(|it| it.fresh)
    }

    /// Whether there is anything to see.
    pub(super) fn are_lit(&self) -> bool {
        self.strips.iter().any(|it| it.is_lit)
    }

    /// Puts what no group covers, and has shown everything.
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
            fresh: false,
            is_lit: false,
            put_at: 0.0,
        }
    }

    fn paint(&mut self, painted: impl Iterator<Item = Color>) {
        self.colors.fill(Color::BLACK);
        for (color, painted) in self.colors.iter_mut().zip(painted) {
            *color = painted;
        }
        self.is_lit = self.colors.iter().any(|color| *color != Color::BLACK);
        self.fresh = true;
    }

    fn put(&mut self, frame: &mut Frame, brightness: f32) {
        let dims = self.is_lit && self.put_at.to_bits() != brightness.to_bits();
        if std::mem::take(&mut self.fresh) || dims {
            self.put_at = brightness;
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
