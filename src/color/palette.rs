//! Palettes: the colors that an effect shows, in order, and the gradient between them.

use super::Color;

/// The number of entries of a [`PaletteTable`].
const ENTRIES: usize = 256;

/// The index of the last entry.
const LAST: f32 = (ENTRIES - 1) as f32;

/// One or more colors, in the order in which an effect shows them, each with its place in a
/// gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette(Vec<PaletteStop>);

/// A color of a palette, and its place in the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaletteStop {
    /// The color.
    pub color: Color,
    /// The place, 0.0-1.0. Before the first and after the last stop the color does not change.
    pub place: f32,
}

impl Palette {
    /// Creates a palette of colors in equal distances. Without a color it is black.
    pub fn new(colors: &[Color]) -> Self {
        let last = colors.len().saturating_sub(1).max(1) as f32;
        let stop = |(index, color): (usize, &Color)| PaletteStop {
            color: *color,
            place: index as f32 / last,
        };
        Self(colors.iter().enumerate().map(stop).collect())
    }

    /// Creates a palette from stops, whose places must not decrease.
    pub fn from_stops(stops: Vec<PaletteStop>) -> Self {
        debug_assert!(stops.is_sorted_by_key(|stop| stop.place));
        Self(stops)
    }

    /// Returns the colors with their places.
    pub fn stops(&self) -> &[PaletteStop] {
        &self.0
    }

    /// Returns the colors.
    pub fn colors(&self) -> impl ExactSizeIterator<Item = Color> + DoubleEndedIterator + '_ {
        self.0.iter().map(|stop| stop.color)
    }

    /// Returns the number of colors.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is no color. An effect then shows black.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first color, which an effect shows if it shows only one.
    pub fn first(&self) -> Color {
        self.colors().next().unwrap_or(Color::BLACK)
    }

    /// Returns the last color.
    pub fn last(&self) -> Color {
        self.colors().next_back().unwrap_or(Color::BLACK)
    }

    /// Returns the highest level of any channel of any color.
    pub fn peak(&self) -> f32 {
        self.colors().map(Color::peak).fold(0.0, f32::max)
    }

    /// Returns the same palette with every color multiplied by `level`.
    #[must_use]
    pub fn scale(&self, level: f32) -> Self {
        let scaled = |stop: &PaletteStop| PaletteStop {
            color: stop.color.scale(level),
            ..*stop
        };
        Self(self.0.iter().map(scaled).collect())
    }

    /// Returns the color at a place of the gradient, 0.0-1.0. A [`PaletteTable`] is faster.
    pub fn at(&self, place: f32) -> Color {
        // The last of several stops at one place is the color from there on.
        let next = self.0.partition_point(|stop| stop.place <= place);
        let (Some(before), after) = (next.checked_sub(1).map(|it| self.0[it]), self.0.get(next))
        else {
            return self.first();
        };
        match after {
            None => before.color,
            Some(_) if before.place >= place => before.color,
            Some(after) => {
                let t = (place - before.place) / (after.place - before.place);
                before.color.mix(after.color, t)
            }
        }
    }
}

impl From<Color> for Palette {
    fn from(color: Color) -> Self {
        Self::new(&[color])
    }
}

impl Default for Palette {
    /// Creates the palette of white.
    fn default() -> Self {
        Color::WHITE.into()
    }
}

/// The gradient of a palette, computed once, so that a pixel costs nanoseconds.
///
/// Neighboring colors are mixed in Oklab. The colors of the palette are exact: each has the entry
/// nearest to its place.
#[derive(Clone)]
pub struct PaletteTable {
    /// The entries, and the last one again, so that every entry has a next one.
    entries: Box<[Color; ENTRIES + 1]>,
}

impl PaletteTable {
    /// Computes the gradient of a palette.
    pub fn new(palette: &Palette) -> Self {
        let snapped = |stop: &PaletteStop| PaletteStop {
            place: (stop.place * LAST).round() / LAST,
            ..*stop
        };
        let palette = Palette(palette.0.iter().map(snapped).collect());
        Self::from_fn(|place| palette.at(place))
    }

    /// Computes a gradient from the color at each place, 0.0-1.0.
    pub fn from_fn(color: impl Fn(f32) -> Color) -> Self {
        let entry = |index: usize| color(index.min(ENTRIES - 1) as f32 / LAST);
        Self {
            entries: Box::new(std::array::from_fn(entry)),
        }
    }

    /// Returns the color at a place, 0.0-1.0. Places outside are clamped; NaN is 0.0.
    #[inline]
    pub fn at(&self, place: f32) -> Color {
        // `max` returns the other operand if one is NaN.
        let exact = place.max(0.0).clamp(0.0, 1.0) * LAST;
        // A byte cannot exceed the table, so nothing is left to check.
        let index = exact as u8;
        let [before, after] = [0, 1].map(|next| self.entries[usize::from(index) + next]);
        before.lerp(after, exact - f32::from(index))
    }
}

impl std::fmt::Debug for PaletteTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, last) = (self.at(0.0), self.at(1.0));
        write!(f, "PaletteTable({first:?} to {last:?})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);
    const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

    fn any_palette() -> impl Strategy<Value = Palette> {
        let level = || 0.0f32..=1.0;
        let stop = (level(), level(), level(), level(), level());
        let stop = stop.prop_map(|(r, g, b, w, place)| PaletteStop {
            color: Color::rgbw(r, g, b, w),
            place,
        });
        vec(stop, 1..=16).prop_map(|mut stops| {
            stops.sort_by(|a, b| a.place.total_cmp(&b.place));
            Palette::from_stops(stops)
        })
    }

    #[test]
    fn colors_without_places_are_in_equal_distances() {
        let palette = Palette::new(&[RED, Color::WHITE, BLUE]);
        assert!((palette.stops()[1].place - 0.5).abs() < f32::EPSILON);
        assert_eq!(
            [0.0, 0.5, 1.0].map(|place| palette.at(place)),
            [RED, Color::WHITE, BLUE]
        );
        assert_eq!(Palette::from(RED).at(0.7), RED);
        assert_eq!(Palette::new(&[]).at(0.7), Color::BLACK);
    }

    #[test]
    fn two_colors_at_one_place_are_a_hard_edge() {
        let stop = |color, place| PaletteStop { color, place };
        let stops = vec![stop(RED, 0.5), stop(BLUE, 0.5)];
        let table = PaletteTable::new(&Palette::from_stops(stops));
        for (place, color) in [(0.0, RED), (0.49, RED), (0.51, BLUE), (1.0, BLUE)] {
            assert_eq!(table.at(place), color, "{place}");
        }
    }

    #[test]
    fn the_table_has_the_exact_colors_at_their_places() {
        let palette = Palette::new(&[RED, Color::WHITE, BLUE]);
        let table = PaletteTable::new(&palette);
        assert_eq!((table.at(0.0), table.at(1.0)), (RED, BLUE));
        assert_eq!(table.at(128.0 / 255.0), Color::WHITE);
        assert_eq!((table.at(-3.0), table.at(7.0)), (RED, BLUE));
        assert_eq!((table.at(f32::NAN), table.at(f32::INFINITY)), (RED, BLUE));
    }

    proptest! {
        #[test]
        fn a_table_is_in_range_and_ends_with_the_last_color(
            palette in any_palette(), place in -0.5f32..=1.5,
        ) {
            let table = PaletteTable::new(&palette);
            let color = table.at(place);
            for channel in [color.r, color.g, color.b, color.w] {
                prop_assert!((0.0..=1.0).contains(&channel), "{color:?}");
            }
            prop_assert_eq!(table.at(1.0), palette.last());
        }

        #[test]
        fn the_light_between_two_grays_never_falls(
            low in 0.0f32..=0.5, high in 0.5f32..=1.0, places in vec(0.0f32..=1.0, 2),
        ) {
            let gray = |level: f32| Color::rgb(level, level, level);
            let table = PaletteTable::new(&Palette::new(&[gray(low), gray(high)]));
            let [first, second] = [places[0].min(places[1]), places[0].max(places[1])];
            let (first, second) = (table.at(first), table.at(second));
            prop_assert!(second.r >= first.r - 1e-6, "{first:?} {second:?}");
            prop_assert!(first.r >= low - 1e-6 && second.r <= high + 1e-6);
            prop_assert!((first.r - first.g).abs() < 1e-4 && (first.g - first.b).abs() < 1e-4);
        }
    }
}
