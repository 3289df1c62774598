//! Reads `[lumen_effect NAME]` sections with `layers`: several effects under one name.

use crate::effect::find;
use crate::spec::EffectResolver;
use crate::spec::options::place_of;
use crate::spec::parse::{Look, ParsedStack};
use crate::spec::section::{Diagnostics, SectionReader};

/// The option with the layers.
pub(super) const LAYERS: &str = "layers";

/// Reads the layers of all sections that have some, with their text. The effects that they name are
/// known already.
pub(super) fn read(
    sections: &[(&SectionReader<'_>, &str)],
    resolver: &mut EffectResolver,
    diagnostics: &mut Diagnostics,
) {
    for (section, _) in sections {
        // Known to all of them, so that the message about a layer that is one of them is right.
        resolver.names.define_look(section.name, Look::default());
    }
    for (section, text) in sections {
        let stack = ParsedStack::parse(text, None, &resolver.names);
        match stack.and_then(ParsedStack::into_look) {
            Ok(look) => resolver.names.define_look(section.name, look),
            Err(problems) => {
                for problem in problems {
                    diagnostics.option(section.title, LAYERS, &problem);
                }
            }
        }
    }
}

/// Reports a wrong name, and the options that layers have themselves.
pub(super) fn check(
    section: &SectionReader<'_>,
    (effect, others): (Option<&str>, &[(&str, &str)]),
    diagnostics: &mut Diagnostics,
) {
    let name = section.name;
    if find(name).is_some() {
        let problem = format!("'{name}' is a built-in effect; use another name for the layers");
        diagnostics.option(section.title, LAYERS, &problem);
    } else if name.contains(|c: char| c.is_whitespace() || ":=,|".contains(c)) {
        diagnostics.section(section.title, ": the name of layers must be one word");
    }
    let effect = effect.map(|text| ("effect", text));
    for (option, text) in effect.into_iter().chain(others.iter().copied()) {
        if option == "effect" || place_of(option).is_some() {
            let problem = "cannot be combined with 'layers'; write it in the line of a layer";
            diagnostics.option(section.title, option, problem);
        } else {
            diagnostics.unknown_option(section.title, option, &section.advice(option, text));
        }
    }
}
