//! Palettes as effects need them: as a loop without a seam, or from black on.

use crate::color::{Color, Palette, PaletteStop, PaletteTable};
use std::borrow::Cow;

/// The intervals in which [`steepest`] compares the colors: those of a [`PaletteTable`].
const INTERVALS: u8 = u8::MAX;

/// Returns a palette that ends with its first color, so that it can be repeated without a seam.
pub(super) fn closed(palette: &Palette) -> Cow<'_, Palette> {
    let (first, last) = (palette.first(), palette.last());
    if palette.len() < 2 || first.distance(last) <= 0.0 {
        return Cow::Borrowed(palette);
    }
    let count = palette.len() as f32;
    let moved = |stop: &PaletteStop| PaletteStop {
        place: stop.place * (count - 1.0) / count,
        ..*stop
    };
    let stops = palette.stops().iter().map(moved);
    let end = PaletteStop {
        color: first,
        place: 1.0,
    };
    Cow::Owned(Palette::from_stops(stops.chain([end]).collect()))
}

/// Returns a palette of at least two colors; a single color begins at black.
pub(super) fn from_black(palette: &Palette) -> Cow<'_, Palette> {
    match palette.len() {
        1 => Cow::Owned(Palette::new(&[Color::BLACK, palette.first()])),
        _ => Cow::Borrowed(palette),
    }
}

/// Returns the largest change of any channel from one end of a gradient to the other, if all of it
/// were as steep as its steepest part.
pub(super) fn steepest(table: &PaletteTable) -> f32 {
    let at = |index: u8| table.at(f32::from(index) / f32::from(INTERVALS));
    let change = |index: u8| at(index).distance(at(index + 1));
    f32::from(INTERVALS) * (0..INTERVALS).map(change).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);
    const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

    #[test]
    fn a_closed_palette_ends_with_its_first_color() {
        let palette = Palette::new(&[RED, BLUE]);
        let loop_of_two = closed(&palette);
        assert_eq!(
            [0.0, 0.5, 1.0].map(|it| loop_of_two.at(it)),
            [RED, BLUE, RED]
        );
        let has_no_seam = Palette::new(&[RED, BLUE, RED]);
        assert_eq!(*closed(&has_no_seam), has_no_seam);
        assert_eq!(closed(&RED.into()).len(), 1);
    }

    #[test]
    fn a_single_color_begins_at_black() {
        assert_eq!(from_black(&RED.into()).first(), Color::BLACK);
        assert_eq!(from_black(&Palette::new(&[RED, BLUE])).first(), RED);
    }

    #[test]
    fn the_steepest_part_counts() {
        assert!(steepest(&PaletteTable::new(&RED.into())) <= 0.0);
        let stop = |color, place| PaletteStop { color, place };
        let edge = Palette::from_stops(vec![stop(RED, 0.5), stop(BLUE, 0.5)]);
        assert!(steepest(&PaletteTable::new(&edge)) > 200.0);
    }
}
