//! The names of palettes: those of `[lumen_palette NAME]` sections, and the built-in ones. Parses
//! what users write where an effect takes several colors.

use super::name::{self, ColorError};
use super::{Color, Palette, PaletteStop, list};
use crate::limits::PALETTE_COLORS;
use crate::text::{MAY_BE_NEWER, did_you_mean, listed, parse_number, shown};

/// The built-in palettes, each with its colors as in a `[lumen_palette NAME]`. The names are those
/// that users know from WLED and `FastLED`; the colors are our own.
pub const BUILT_IN: &[(&str, &str)] = &[
    (
        "rainbow",
        "ff0000, ff3c00, ffb000, 20ff00, 00ff78, 0068ff, 1800ff, b000ff, ff0040",
    ),
    (
        "party",
        "2000ff, 9000ff, ff0070, ff0008, ff3000, ffa000, ff1400, a80058",
    ),
    ("heat", "black 0%, ff0000 40%, ffa000 75%, white 100%"),
    ("fire", "0c0000, 700400, ff2000, ff7800, ffc040"),
    ("lava", "040000, 400000, d00400, ff2400, ff9010"),
    ("ocean", "000008, 000838, 0030a0, 00a0c0, 70ffd8"),
    ("forest", "000800, 001c02, 046008, 38a000, a0d820"),
    ("cloud", "0018b0, 1050ff, 70b0ff, white, 60a0ff"),
    ("sunset", "080028, 380060, c00030, ff3004, ffa020"),
    ("aurora", "000418, 003020, 00d048, 28ff90, 3010b8"),
    ("icefire", "black 0%, 0010a0 35%, 0898ff 70%, white 100%"),
    ("autumn", "200200, 900800, ff2c00, d87000, 302000"),
    ("sakura", "400014, d01040, ff4888, ffb0cc"),
    ("pastel", "ff4848, ffa038, c0ff50, 48ff98, 4898ff, a858ff"),
    ("temperature", "0018ff, 00a8ff, 10ff20, ffb000, ff0400"),
];

/// All names of palettes in one config.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaletteNames {
    /// Sorted by name.
    own: Vec<(String, Palette)>,
}

impl PaletteNames {
    /// Adds a palette of the config. It hides a color or a built-in palette with the same name.
    pub fn define(&mut self, name: &str, palette: Palette) {
        match self.place(name) {
            Ok(index) => self.own[index].1 = palette,
            Err(index) => self.own.insert(index, (name.to_owned(), palette)),
        }
    }

    /// Returns the palette with this name in any case: one of the config, or a built-in one.
    pub fn find(&self, word: &str) -> Option<Palette> {
        self.find_own(word).cloned().or_else(|| built_in(word))
    }

    /// Whether a word means a palette among colors. A color has precedence over a built-in
    /// palette.
    pub fn is_palette(&self, word: &str) -> bool {
        let is_built_in = || BUILT_IN.iter().any(|(it, _)| it.eq_ignore_ascii_case(word));
        self.find_own(word).is_some() || (name::find(word).is_none() && is_built_in())
    }

    /// Returns all names: the built-in palettes in the order of the documentation, then those of
    /// the config, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let is_own = |word: &&str| !BUILT_IN.iter().any(|(it, _)| it == word);
        let own = self.own.iter().map(|(name, _)| name.as_str());
        BUILT_IN.iter().map(|(it, _)| *it).chain(own.filter(is_own))
    }

    /// Parses a color, a list of colors, or the name of a palette.
    ///
    /// # Errors
    /// Describes the problem.
    pub fn parse(&self, text: &str) -> Result<Palette, String> {
        let items = list::items(text);
        let [word] = items.as_slice() else {
            return self.parse_list(&items);
        };
        if let Some(palette) = self.find_own(word) {
            return Ok(palette.clone());
        }
        match name::parse(word) {
            Ok(color) => Ok(color.into()),
            Err(error) => built_in(word).ok_or_else(|| self.problem(&error)),
        }
    }

    /// Parses the name of a palette, or else as [`PaletteNames::parse`]: here the name of a palette
    /// has precedence over that of a color.
    ///
    /// # Errors
    /// Describes the problem.
    pub fn parse_palette(&self, text: &str) -> Result<Palette, String> {
        let items = list::items(text);
        let [word] = items.as_slice() else {
            return self.parse_list(&items);
        };
        if let Some(palette) = self.find(word) {
            return Ok(palette);
        }
        match name::parse(word) {
            Ok(color) => Ok(color.into()),
            Err(ColorError::Unknown(..)) => {
                let near = did_you_mean(word, self.names());
                let hint = if near.is_empty() {
                    format!(" (known: {}){MAY_BE_NEWER}", listed(self.names()))
                } else {
                    near
                };
                Err(format!("unknown palette '{}'{hint}", shown(word)))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn find_own(&self, word: &str) -> Option<&Palette> {
        let any_case = || {
            let mut all = self.own.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(word))
        };
        let exact = self.place(word).ok().and_then(|index| self.own.get(index));
        exact.or_else(any_case).map(|(_, palette)| palette)
    }

    /// Returns the index of a name, or where to insert it.
    fn place(&self, word: &str) -> Result<usize, usize> {
        let name = |(name, _): &(String, Palette)| name.as_str().cmp(word);
        self.own.binary_search_by(name)
    }

    fn parse_list(&self, items: &[String]) -> Result<Palette, String> {
        if items.is_empty() {
            return Err(ColorError::Empty.to_string());
        }
        check_count(items.len())?;
        let color = |word: &String| {
            if self.is_palette(word) {
                let word = shown(word);
                return Err(format!(
                    "'{word}' is a palette; it cannot be one of several colors"
                ));
            }
            name::parse(word).map_err(|error| self.problem(&error))
        };
        let colors: Vec<Color> = items.iter().map(color).collect::<Result<_, _>>()?;
        Ok(Palette::new(&colors))
    }

    /// Returns the message for an error; an unknown word may be meant as a palette.
    fn problem(&self, error: &ColorError) -> String {
        if let ColorError::Unknown(word, None) = error {
            let near = did_you_mean(word, self.names());
            if !near.is_empty() {
                return format!("unknown color '{}'{near}", shown(word));
            }
        }
        error.to_string()
    }
}

/// Parses the colors of a `[lumen_palette NAME]`: colors with optional places,
/// `black 0%, red 40%, ffcc00, white 100%`. Colors without a place are in equal distances between
/// their neighbors.
///
/// # Errors
/// Describes the first problem.
pub(crate) fn parse_stops(text: &str) -> Result<Palette, String> {
    let items = list::items(text);
    let is_place = |item: &String| item.ends_with('%');
    check_count(items.iter().filter(|item| !is_place(item)).count())?;
    let mut colors: Vec<(Color, Option<f32>)> = Vec::new();
    for item in &items {
        if !is_place(item) {
            let color = name::parse(item).map_err(|error| error.to_string())?;
            colors.push((color, None));
            continue;
        }
        let percent = parse_number(item.trim_end_matches('%'));
        let Some(percent) = percent.filter(|it: &f32| (0.0..=100.0).contains(it)) else {
            return Err(format!("'{}' must be from 0% to 100%", shown(item)));
        };
        let Some((_, place @ None)) = colors.last_mut() else {
            let item = shown(item);
            return Err(format!("'{item}' must follow a color, as in 'red 40%'"));
        };
        *place = Some(percent);
    }
    if colors.is_empty() {
        return Err(ColorError::Empty.to_string());
    }
    let percents = percents(&colors)?;
    let stops = colors.iter().zip(percents);
    let stop = |((color, _), percent): (&(Color, Option<f32>), f32)| PaletteStop {
        color: *color,
        place: percent / 100.0,
    };
    Ok(Palette::from_stops(stops.map(stop).collect()))
}

/// Returns the place of every color in percent. The first and the last color are at the ends if
/// they have no place.
fn percents(colors: &[(Color, Option<f32>)]) -> Result<Vec<f32>, String> {
    let last = colors.len() - 1;
    let given = |index: usize| match (colors[index].1, index) {
        (None, 0) => Some(0.0),
        (None, _) if index == last => Some(100.0),
        (percent, _) => percent,
    };
    let mut percents: Vec<f32> = Vec::new();
    for index in 0..=last {
        let before = percents.last().copied().unwrap_or(0.0);
        let next = (index..=last).find_map(|it| Some((it, given(it)?)));
        let (at, percent) = next.unwrap_or((last, 100.0));
        if percent < before {
            return Err(format!(
                "the places must not decrease: {percent}% follows {before}%"
            ));
        }
        // In equal distances up to the next color with a place.
        percents.push(before + (percent - before) / (at + 1 - index) as f32);
    }
    Ok(percents)
}

fn check_count(count: usize) -> Result<(), String> {
    if count > PALETTE_COLORS {
        return Err(format!(
            "must have at most {PALETTE_COLORS} colors, got {count}"
        ));
    }
    Ok(())
}

fn built_in(word: &str) -> Option<Palette> {
    let mut all = BUILT_IN.iter();
    let (_, colors) = all.find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    // Every built-in palette is valid; a test checks that.
    parse_stops(colors).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);
    const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

    fn places(text: &str) -> Vec<f32> {
        let palette = parse_stops(text).unwrap();
        palette.stops().iter().map(|stop| stop.place).collect()
    }

    fn names() -> PaletteNames {
        let mut names = PaletteNames::default();
        names.define("Mine", Palette::new(&[RED, BLUE]));
        names.define("lava", Palette::new(&[BLUE]));
        names
    }

    #[test]
    fn every_built_in_palette_is_valid_and_every_name_is_a_palette() {
        for (name, colors) in BUILT_IN {
            let palette = parse_stops(colors).unwrap();
            assert!(palette.len() > 1, "{name}");
            assert!(names().find(name).is_some());
            assert!(name.bytes().all(|c| c.is_ascii_lowercase()), "{name}");
        }
        assert_eq!(names().names().count(), BUILT_IN.len() + 1);
    }

    #[test]
    fn colors_without_a_place_are_spread_between_their_neighbors() {
        assert_eq!(places("red"), [0.0]);
        assert_eq!(places("red, blue"), [0.0, 1.0]);
        assert_eq!(places("red blue white"), [0.0, 0.5, 1.0]);
        assert_eq!(
            places("black 0%, red 40%, ffcc00 80%, white 100%"),
            [0.0, 0.4, 0.8, 1.0]
        );
        assert_eq!(places("black, red 50%, blue, white"), [0.0, 0.5, 0.75, 1.0]);
        assert_eq!(places("red 30%, blue 30%"), [0.3, 0.3]);
        assert_eq!(places("\nhsv(0, 100%, 100%) 10%\n2700K 20%"), [0.1, 0.2]);
    }

    #[test]
    fn wrong_stops_say_what_is_right() {
        for (text, problem) in [
            ("red 101%", "'101%' must be from 0% to 100%"),
            ("red -1%", "'-1%' must be from 0% to 100%"),
            ("red half%", "'half%' must be from 0% to 100%"),
            ("20% red", "'20%' must follow a color, as in 'red 40%'"),
            ("red 20% 30%", "'30%' must follow a color, as in 'red 40%'"),
            (
                "red 50%, blue 20.5%",
                "the places must not decrease: 20.5% follows 50%",
            ),
            (
                "red, blue 50%, white 20%, black",
                "the places must not decrease: 20% follows 50%",
            ),
            ("rde, blue", "unknown color 'rde' (did you mean 'red'?)"),
        ] {
            assert_eq!(parse_stops(text).unwrap_err(), problem, "{text}");
        }
        let many = vec!["red 1%"; PALETTE_COLORS + 1].join(", ");
        let problem = "must have at most 16 colors, got 17";
        assert_eq!(parse_stops(&many).unwrap_err(), problem);
        assert!(parse_stops(" ").unwrap_err().starts_with("empty color"));
    }

    #[test]
    fn a_palette_of_the_config_comes_before_a_color_and_a_built_in_palette_after_it() {
        let own = names();
        let built_in = PaletteNames::default();
        assert_eq!(own.parse("mine").unwrap().len(), 2);
        assert_eq!(own.parse("lava").unwrap().first(), BLUE);
        assert_eq!(
            built_in.parse("lava").unwrap(),
            Color::rgb(1.0, 0.2, 0.0).into()
        );
        assert_eq!(built_in.parse_palette("lava").unwrap().len(), 5);
        assert_eq!(built_in.parse("Party"), built_in.parse_palette("party"));
        assert_eq!(built_in.parse_palette("red").unwrap(), RED.into());
        assert!(built_in.is_palette("party") && !built_in.is_palette("lava"));
        assert!(own.is_palette("lava") && !own.is_palette("red"));
    }

    #[test]
    fn a_list_of_colors_is_a_palette() {
        let names = PaletteNames::default();
        for text in [
            "red blue",
            "red, blue",
            "(1, 0, 0), (0, 0, 1)",
            "ff0000,0000ff",
        ] {
            let palette = names.parse(text).unwrap();
            assert_eq!(palette.colors().collect::<Vec<_>>(), [RED, BLUE], "{text}");
            assert_eq!(names.parse_palette(text), Ok(palette));
        }
        assert_eq!(names.parse("1.0, 0, 0"), Ok(RED.into()));
    }

    #[test]
    fn wrong_colors_say_what_is_right() {
        let names = names();
        let problem = |text| names.parse(text).unwrap_err();
        assert_eq!(
            problem("mien"),
            "unknown color 'mien' (did you mean 'Mine'?)"
        );
        assert_eq!(
            problem("partyy"),
            "unknown color 'partyy' (did you mean 'party'?)"
        );
        assert_eq!(
            problem("red rde"),
            "unknown color 'rde' (did you mean 'red'?)"
        );
        assert_eq!(
            problem("red party"),
            "'party' is a palette; it cannot be one of several colors"
        );
        assert_eq!(
            problem(&"red ".repeat(17)),
            "must have at most 16 colors, got 17"
        );
        let problem = |text| names.parse_palette(text).unwrap_err();
        assert_eq!(
            problem("oceen"),
            "unknown palette 'oceen' (did you mean 'ocean'?)"
        );
        assert!(problem("zzzzzz").starts_with("unknown palette 'zzzzzz' (known: rainbow, party,"));
        assert!(problem("hsv(1)").starts_with("color 'hsv(1)' is not valid"));
    }
}
