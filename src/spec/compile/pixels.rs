//! The pixels of a group: `index_start` and `index_end`, or `pixels: case 1-20, top 9-1`.
//!
//! Pixel numbers are 1-based in configs and messages, and 0-based in the segments that this module
//! returns.

use super::strips::Strips;
use crate::layout::Segment;
use crate::limits::PROBLEMS;
use crate::spec::led_effect;
use crate::spec::options::{GroupOptions, HARDWARE, MAX_PIXELS};
use crate::spec::section::{Diagnostics, SectionReader};
use crate::text::{counted, shown};
use std::num::IntErrorKind;

/// The hint for hardware options in a group on a `[lumen_strip]`.
const DECLARED: &str = "; set it in the section of the strip";

/// Reads the segments of a group; `None` if there are errors.
pub(super) fn read<'a>(
    (section, options): (&SectionReader<'a>, &GroupOptions<'a>),
    strips: &mut Strips<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let mut hardware = HARDWARE.iter().map(|option| option.name);
    let segments = if let Some(text) = options.pixels {
        if let Some(problem) = misplaced(section, text, strips) {
            diagnostics.option(section.title, "pixels", &problem);
            return None;
        }
        let indices = ["index_start", "index_end"].into_iter();
        check_unused(section, indices, "pixels", "", diagnostics);
        check_unused(section, hardware, "pixels", DECLARED, diagnostics);
        list((section.title, options), text, strips, diagnostics)?
    } else if let Some(name) = options.strip {
        check_unused(section, hardware, "strip", DECLARED, diagnostics);
        let strip = strips.find(name);
        let strip = strip.map_err(|problem| diagnostics.option(section.title, "strip", &problem));
        one((section, options), strip.ok(), strips, diagnostics)?
    } else if hardware.any(|option| section.has(option)) {
        let strip = strips.add_group(section, &options.hardware, diagnostics);
        one((section, options), strip, strips, diagnostics)?
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

/// Returns the correction if `pixels` has the syntax of another option or plug-in.
fn misplaced(section: &SectionReader<'_>, text: &str, strips: &Strips<'_>) -> Option<String> {
    if led_effect::is_led_effect_syntax(text) {
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
    let has_driver = section.has("driver") && !section.has("strip");
    has_driver.then(|| {
        format!(
            "write 'index_start: {first}' and 'index_end: {last}' instead; 'pixels' is for \
                 [lumen_strip NAME]"
        )
    })
}

/// Parses `1-8`, or one number.
fn range(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((pixel(first)?, pixel(last)?))
}

/// Reads the segment of a group with `index_start` and `index_end`. The indices are checked even if
/// the strip is invalid.
fn one(
    group: (&SectionReader<'_>, &GroupOptions<'_>),
    strip: Option<usize>,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let segment = indices(group, strip.unwrap_or(usize::MAX), strips, diagnostics);
    strip?;
    Some(vec![segment?])
}

/// Reports options that cannot be combined with another one.
fn check_unused(
    section: &SectionReader<'_>,
    options: impl Iterator<Item = &'static str>,
    other: &str,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    for option in options.filter(|option| section.has(option)) {
        let problem = format!("cannot be combined with '{other}'{why}");
        diagnostics.option(section.title, option, &problem);
    }
}

/// Reads `index_start` and `index_end`; both ends are included.
fn indices(
    (section, options): (&SectionReader<'_>, &GroupOptions<'_>),
    strip: usize,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Segment> {
    let length = strips.length(strip);
    let whole = length.filter(|_| !section.has("index_end"));
    let start = options.index_start;
    let end = whole.unwrap_or(options.index_end);
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
            "must not be above 'index_end' ({end}), got {start}; 'direction: reverse' reverses a \
             group"
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

/// Reads a list such as `case 1-20, top 9-1`. An item without a name is on the strip of the item
/// before it.
fn list(
    (title, options): (&str, &GroupOptions<'_>),
    text: &str,
    strips: &Strips<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Segment>> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut name = options.strip.unwrap_or("");
    let mut error_count = 0;
    for item in text.split([',', '\n']).map(str::trim) {
        let range = match item.rsplit_once(char::is_whitespace) {
            Some((strip, range)) => {
                name = strip.trim();
                range
            }
            None => item,
        };
        if error_count == PROBLEMS {
            // Enough errors to fix at once.
            break;
        }
        match segment(item, name, range, strips) {
            Ok(segment) => segments.push(segment),
            Err(problem) => {
                diagnostics.option(title, "pixels", &problem);
                error_count += 1;
            }
        }
    }
    (error_count == 0).then_some(segments)
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
            "'{shown_item}' has no strip name; write the name first, as in 'case {}'",
            shown(range)
        ));
    }
    let strip = strips.find(name)?;
    if first.min(last) == 0 {
        return Err(format!(
            "'{shown_item}' starts before the strip; pixel numbers start at 1"
        ));
    }
    // A strip with errors has no length.
    match strips.length(strip).unwrap_or(MAX_PIXELS as usize) {
        length if first.max(last) > length => Err(format!(
            "'{shown_item}' ends beyond strip '{}', which has {}",
            shown(name),
            counted(length, "pixel")
        )),
        _ => Ok(Segment {
            strip,
            first: first - 1,
            last: last - 1,
        }),
    }
}

/// Parses a pixel number. A number that overflows is beyond the end of every strip.
fn pixel(text: &str) -> Option<usize> {
    match text.trim().parse::<usize>() {
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Some(usize::MAX),
        number => number.ok(),
    }
}
