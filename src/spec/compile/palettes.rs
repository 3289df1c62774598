//! Reads `[lumen_palette NAME]` sections.

use crate::color::palette_names::parse_stops;
use crate::color::{PaletteNames, list, name};
use crate::spec::PaletteOffer;
use crate::spec::options::PaletteOptions;
use crate::spec::section::{Diagnostics, SectionReader};

/// The option with the colors.
const COLORS: &str = "colors";

/// Reads the palettes. A palette with a mistake is still known by its name, so that the effects
/// that use it are not reported too.
pub(super) fn read(
    sections: &[SectionReader<'_>],
    diagnostics: &mut Diagnostics,
) -> (PaletteNames, Vec<PaletteOffer>) {
    let mut names = PaletteNames::default();
    let mut offers = Vec::new();
    for section in sections {
        let options: PaletteOptions<'_> = section.read(diagnostics);
        if let Some(problem) = name_problem(section.name) {
            diagnostics.section(section.title, &format!(": {problem}"));
            continue;
        }
        let palette = match options.colors {
            Some(text) => parse_stops(text),
            None => Err("must be specified, as in 'colors: black, red 40%, white'".to_owned()),
        };
        if let Err(problem) = &palette {
            diagnostics.option(section.title, COLORS, problem);
        }
        let palette = palette.unwrap_or_default();
        names.define(section.name, palette.clone());
        offers.push(PaletteOffer {
            name: section.name.to_owned(),
            palette,
        });
    }
    (names, offers)
}

/// A name must be one item of a list of colors, and no number or other notation of a color.
fn name_problem(word: &str) -> Option<&'static str> {
    let is_word = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    if !word.chars().all(is_word) {
        return Some("the name of a palette must be one word of letters, digits, '_', '-' or '.'");
    }
    let is_name = name::NAMES
        .iter()
        .any(|(known, _)| known.eq_ignore_ascii_case(word));
    let is_notation = name::is_color(word) && !is_name;
    (is_notation || list::is_number(word)).then_some("the name of a palette must not be a number")
}
