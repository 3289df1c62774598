//! Checks the commands of the `macro_...` lists against the config files.
//!
//! This is only a warning, because plug-ins register commands too. Klippy knows the real commands
//! once it is ready and reports the missing ones then.

use crate::limits::PROBLEMS;
use crate::spec::diagnostics::Diagnostics;
use crate::spec::klipper::gcode_names::{is_known, is_move, is_traditional, names};
use crate::spec::klipper::{Klipper, KnownFrom, may_be_of_plug_in};
use crate::text::{ConvertCase, did_you_mean, shown};
use std::collections::{BTreeMap, HashSet};

/// The shortest name of a plug-in that its commands are recognized by.
const MIN_NAME: usize = 3;

/// Warns about commands that no macro, and neither Klipper nor Kalico, defines. `commands` are
/// those of the `macro_...` lists, by state. Only a complete config is checked.
pub(super) fn check(
    commands: &BTreeMap<String, Vec<String>>,
    klipper: Option<&Klipper>,
    diagnostics: &mut Diagnostics,
) {
    let Some(klipper) = klipper.filter(|it| it.known_from == KnownFrom::Files) else {
        return;
    };
    let macros: HashSet<&str> = klipper.macros.iter().map(String::as_str).collect();
    let mut count = 0;
    for (state, names) in commands {
        for name in names {
            let is_move = is_move(name);
            if macros.contains(name.as_str())
                || !is_move && (is_known(name) || is_of_plug_in(name, &klipper.names))
            {
                continue;
            }
            count += 1;
            let text = if is_move {
                format!("'{name}' cannot show a state; moves are not tracked")
            } else {
                // Only the first warnings are shown, and a suggestion takes time.
                missing(name, &klipper.macros, count <= PROBLEMS)
            };
            diagnostics.warn("lumen", &format!("macro_{state}"), &text);
        }
    }
}

/// Whether a plug-in with one of the sections probably defines a command: the number of a tool, or
/// a name that begins as the section does, such as `MMU_LOAD` of `[mmu]`.
fn is_of_plug_in(name: &str, sections: &[String]) -> bool {
    let number = name.strip_prefix('T').unwrap_or_default();
    let is_tool = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    let first = name.split_once('_').map_or("", |(first, _)| first);
    let has_name = |section: &str| {
        let own = section.split([' ', '_']).next().unwrap_or_default();
        own.len() >= MIN_NAME && own.uppercase() == first
    };
    let mut plug_ins = sections.iter().filter(|it| may_be_of_plug_in(it));
    plug_ins.any(|section| is_tool || has_name(section))
}

/// Returns the warning about a command that does not exist.
fn missing(name: &str, macros: &[String], may_suggest: bool) -> String {
    let word = shown(name);
    let is_near =
        |it: &&str| !is_traditional(it) && it.len().abs_diff(name.len()) <= name.len() / 3;
    let known = macros.iter().map(String::as_str).chain(names());
    let near = if may_suggest && !is_traditional(name) {
        did_you_mean(name, known.filter(is_near))
    } else {
        String::new()
    };
    if near.is_empty() {
        return format!(
            "there is no command '{word}'; this needs a [gcode_macro {word}] or a Klipper plug-in \
             that adds it"
        );
    }
    format!("there is no command '{word}'{near}")
}
