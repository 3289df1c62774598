//! Which pixels a group has: `index_start` and `index_end`, or `pixels: case 1-20, top 9-1`.
//! Pixels are 1-based in what users write and read, and 0-based from here on.

use super::strips::Strips;
use crate::layout::Segment;
use crate::limits::PROBLEMS;
use crate::spec::led_effect;
use crate::spec::options::{HARDWARE, MAX_PIXELS};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::shown;
use std::num::IntErrorKind;

/// Where the hardware of a group on a declared strip is.
const DECLARED: &str = "; the section of the strip has it";

/// Reads the segments of a group; nothing when they are wrong.
pub(super) fn read<'a>(
    section: &SectionReader<'a>,
    strips: &mut Strips<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let mut hardware = HARDWARE.iter().map(|option| option.name);
    let segments = if let Some(text) = section.text("pixels") {
        if let Some(problem) = misplaced(section, text, strips) {
            diagnostics.option(section.title, "pixels", &problem);
            return None;
        }
        let indices = ["index_start", "index_end"].into_iter();
        surplus(section, indices, "pixels", "", diagnostics);
        surplus(section, hardware, "pixels", DECLARED, diagnostics);
        list(section, text, strips, diagnostics)?
    } else if let Some(name) = section.text("strip") {
        surplus(section, hardware, "strip", DECLARED, diagnostics);
        let strip = strips.find(name);
        let strip = strip.map_err(|problem| diagnostics.option(section.title, "strip", &problem));
        one(section, strip.ok(), strips, diagnostics)?
    } else if hardware.any(|option| section.text(option).is_some()) {
        let strip = strips.share(section, diagnostics);
        one(section, strip, strips, diagnostics)?
    } else if section.has_stand_in("driver") {
        return None;
    } else {
        let problem = " has no pixels: it needs 'driver' with its options, 'strip' or 'pixels'";
        diagnostics.section(section.title, problem);
        return None;
    };
    for segment in &segments {
        strips.grow(segment);
    }
    Some(segments)
}

/// What to write instead of `pixels` that are written as for other options or plug-ins.
fn misplaced(section: &SectionReader<'_>, text: &str, strips: &Strips<'_>) -> Option<String> {
    if led_effect::is_form(text) {
        let names = led_effect::names(text);
        let are_strips = names.iter().all(|name| strips.find(name).is_ok());
        let pixels = led_effect::pixels(text).filter(|_| are_strips);
        return match pixels {
            Some(pixels) => Some(format!("write '{pixels}' instead of '{}'", shown(text))),
            None => led_effect::group_options(text).map(|options| {
                format!(
                    "remove it; write 'driver: klipper', {options} instead of '{}'",
                    shown(text)
                )
            }),
        };
    }
    let (first, last) = range(text)?;
    let has_driver = section.text("driver").is_some() && section.text("strip").is_none();
    has_driver.then(|| {
        format!("write 'index_start: {first}' and 'index_end: {last}' instead; 'pixels' is for [lumen_strip NAME]")
    })
}

/// `1-8`, or one number.
fn range(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((pixel(first)?, pixel(last)?))
}

/// The one segment of a group that says indices; they are read also when the strip is wrong.
fn one(
    section: &SectionReader<'_>,
    strip: Option<usize>,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let segment = indices(section, strip.unwrap_or(usize::MAX), strips, diagnostics);
    strip?;
    Some(vec![segment?])
}

/// Notes options that cannot be combined with another one.
fn surplus(
    section: &SectionReader<'_>,
    options: impl Iterator<Item = &'static str>,
    other: &str,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    for option in options.filter(|option| section.text(option).is_some()) {
        let problem = format!("cannot be combined with '{other}'{why}");
        diagnostics.option(section.title, option, &problem);
    }
}

/// `index_start` to `index_end`, both included.
fn indices(
    section: &SectionReader<'_>,
    strip: usize,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Segment> {
    let length = strips.length(strip);
    let whole = length.filter(|_| section.text("index_end").is_none());
    let start = section.count("index_start")?;
    let end = whole.or(section.count("index_end"))?;
    if let Some(length) = length.filter(|length| start.max(end) > *length) {
        let option = if end > length {
            "index_end"
        } else {
            "index_start"
        };
        let (name, got) = (shown(strips.name(strip)), start.max(end));
        let problem =
            format!("must not be above {length}, the length of strip '{name}', got {got}");
        diagnostics.option(section.title, option, &problem);
        return None;
    }
    if start > end {
        let problem = format!(
            "must not be above 'index_end' ({end}), got {start}; 'direction: reverse' reverses a group"
        );
        diagnostics.option(section.title, "index_start", &problem);
        return None;
    }
    Some(Segment {
        strip,
        first: start - 1,
        last: end - 1,
    })
}

/// `case 1-20, top 9-1`; an item without a name is on the strip of the one before.
fn list(
    section: &SectionReader<'_>,
    text: &str,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut name = section.text("strip").unwrap_or("");
    let mut wrong = 0;
    for item in text.split([',', '\n']).map(str::trim) {
        let range = match item.rsplit_once(char::is_whitespace) {
            Some((strip, range)) => {
                name = strip.trim();
                range
            }
            None => item,
        };
        if wrong == PROBLEMS {
            // Enough to mend first.
            break;
        }
        match segment(item, name, range, strips) {
            Ok(segment) => segments.push(segment),
            Err(problem) => {
                diagnostics.option(section.title, "pixels", &problem);
                wrong += 1;
            }
        }
    }
    (wrong == 0).then_some(segments)
}

fn segment(item: &str, name: &str, range: &str, strips: &Strips<'_>) -> Result<Segment, String> {
    let shown_item = shown(item);
    let Some((first, last)) = self::range(range) else {
        return Err(format!(
            "'{shown_item}' must be a strip and its pixels, as in 'case 1-20'"
        ));
    };
    if name.is_empty() {
        return Err(format!(
            "'{shown_item}' names no strip; write its name first, as in 'case {}'",
            shown(range)
        ));
    }
    let strip = strips.find(name)?;
    if first.min(last) == 0 {
        return Err(format!(
            "'{shown_item}' begins before the strip; pixels are counted from 1"
        ));
    }
    // A strip that is wrong itself has no length.
    match strips.length(strip).unwrap_or(MAX_PIXELS as usize) {
        length if first.max(last) > length => Err(format!(
            "'{shown_item}' ends beyond strip '{}', which has {length} pixels",
            shown(name)
        )),
        _ => Ok(Segment {
            strip,
            first: first - 1,
            last: last - 1,
        }),
    }
}

/// The number of a pixel; one that no machine can count to is beyond every strip.
fn pixel(text: &str) -> Option<usize> {
    match text.trim().parse::<usize>() {
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Some(usize::MAX),
        number => number.ok(),
    }
}
