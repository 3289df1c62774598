//! Checks the size limits of a config. A config above a limit is not read any further.

use crate::limits::{
    EFFECTS, GROUPS, LUMEN_BYTES, NAME_BYTES, OPTION_BYTES, PALETTES, PIXELS, SECTION_OPTIONS,
    SECTIONS, STRIPS,
};
use crate::plan::StripPlan;
use crate::spec::RawConfig;
use crate::spec::section::Diagnostics;

/// The section types with their largest counts. `[neopixel]` is Klipper's own.
const KINDS: [(&str, usize); 5] = [
    ("lumen_group", GROUPS),
    ("lumen_strip", STRIPS),
    ("lumen_effect", EFFECTS),
    ("lumen_palette", PALETTES),
    ("neopixel", STRIPS),
];

/// Reports an error if all strips together have too many pixels.
pub(super) fn check_pixels(strips: &[StripPlan], diagnostics: &mut Diagnostics) {
    let pixels: usize = strips.iter().map(|it| it.strip.pixels).sum();
    if pixels > PIXELS {
        let problem =
            format!("All strips together must have at most {PIXELS} pixels, got {pixels}");
        diagnostics.whole("lumen", problem);
    }
}

/// Reports everything above its limit.
pub(super) fn check(raw: &RawConfig, diagnostics: &mut Diagnostics) {
    let mut counts = [0; KINDS.len()];
    let mut bytes = 0;
    for (index, (title, options)) in raw.sections.iter().enumerate() {
        if title.len() > NAME_BYTES {
            let problem = format!(
                " must have a name of at most {NAME_BYTES} bytes, got {}",
                title.len()
            );
            diagnostics.section(title, &problem);
        }
        // Keeps control characters out of all messages about groups and strips.
        if title.contains(|c: char| c.is_control() && c != '\t') {
            diagnostics.section(title, " must have a name without control characters");
        }
        let kind = title.split_whitespace().next().unwrap_or_default();
        if let Some(at) = KINDS.iter().position(|(known, _)| *known == kind) {
            counts[at] += 1;
            let most = KINDS[at].1;
            if counts[at] == most + 1 {
                let problem = format!(" is one too many; {most} [{kind}] sections are allowed");
                diagnostics.section(title, &problem);
            }
        }
        if index == SECTIONS {
            let problem = format!(" is one too many; {SECTIONS} sections are allowed");
            diagnostics.section(title, &problem);
        }
        if options.len() > SECTION_OPTIONS {
            let problem = format!(
                " must have at most {SECTION_OPTIONS} options, got {}",
                options.len()
            );
            diagnostics.section(title, &problem);
        }
        let was_small = bytes <= LUMEN_BYTES;
        bytes += title.len();
        bytes += options
            .iter()
            .map(|(it, text)| it.len() + text.len())
            .sum::<usize>();
        if was_small && bytes > LUMEN_BYTES {
            let problem = format!(
                " is too large; all Lumen sections together must have at most {LUMEN_BYTES} bytes"
            );
            diagnostics.section(title, &problem);
        }
        for (option, text) in options {
            if option.len() > NAME_BYTES {
                let problem = format!("must have a name of at most {NAME_BYTES} bytes");
                diagnostics.option(title, option, &problem);
            }
            if text.len() > OPTION_BYTES {
                let problem = format!("must have at most {OPTION_BYTES} bytes, got {}", text.len());
                diagnostics.option(title, option, &problem);
            }
        }
    }
}
