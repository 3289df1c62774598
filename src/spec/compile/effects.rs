//! Reads `[lumen_effect NAME]` sections: changed defaults of an effect, or a variant with its own
//! name.

use super::lumen_section::items;
use crate::color::{PaletteNames, name};
use crate::effect::{AnySettings, EFFECTS, EffectSpec, find};
use crate::plan::GroupPlan;
use crate::spec::section::{Diagnostics, SectionReader, unknown, yes_or_no};
use crate::spec::synonyms::{self, unknown_effect};
use crate::spec::{EffectOffer, EffectResolver};
use crate::text::{did_you_mean, nearest, shown};

/// The option that makes the section a variant of an effect.
const EFFECT: &str = "effect";

/// The option that shows the effect in web interfaces.
const SHOW: &str = "show";

/// Reads the changed defaults first, then the variants, which start from them.
pub(super) fn read(
    sections: &[SectionReader<'_>],
    resolver: &mut EffectResolver,
    diagnostics: &mut Diagnostics,
) {
    let (effects, variants): (Vec<&SectionReader<'_>>, Vec<&SectionReader<'_>>) = sections
        .iter()
        .partition(|section| find(section.name).is_some());
    for section in effects.into_iter().chain(variants) {
        let Some(effect) = effect_of(section, diagnostics) else {
            continue;
        };
        let known = resolver.names.settings(effect.name).cloned();
        let mut settings = known.unwrap_or_else(effect.defaults);
        store(
            section,
            &mut settings,
            resolver.names.palettes(),
            diagnostics,
        );
        if let Some(problem) = settings.range_problem(resolver.temp_floor_c) {
            diagnostics.section(section.title, &format!(": {problem}"));
        }
        resolver.names.define(section.name, settings);
    }
}

/// Returns the effects that the sections add or change, for web interfaces and other programs.
pub(super) fn offers(
    sections: &[SectionReader<'_>],
    groups: &[GroupPlan],
    diagnostics: &mut Diagnostics,
) -> Vec<EffectOffer> {
    let mut offers = Vec::new();
    for section in sections {
        let word = section.text(EFFECT).unwrap_or(section.name).to_lowercase();
        let Some(effect) = find(&word) else {
            continue;
        };
        let options = section
            .family("")
            .filter(|(name, _)| effect.option(name).is_some());
        let (is_shown, groups) = shown_on(section, groups, diagnostics);
        offers.push(EffectOffer {
            name: section.name.to_owned(),
            effect: effect.name,
            options: options
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            is_shown,
            groups,
        });
    }
    offers
}

/// Reads `show`: whether web interfaces show the effect, and on which groups. No groups means all.
fn shown_on(
    section: &SectionReader<'_>,
    groups: &[GroupPlan],
    diagnostics: &mut Diagnostics,
) -> (bool, Vec<String>) {
    let text = section.text(SHOW).unwrap_or("no");
    if let Some(is_shown) = yes_or_no(text) {
        return (is_shown, Vec::new());
    }
    if items(text).next().is_none() {
        let problem = "must be True, False or the names of groups";
        diagnostics.option(section.title, SHOW, problem);
    }
    let mut named: Vec<String> = Vec::new();
    for word in items(text) {
        let names = || groups.iter().map(|it| it.group.name.as_str());
        if names().any(|name| name == word) {
            named.push(word.to_owned());
        } else {
            let problem = unknown("group", word, names());
            diagnostics.option(
                section.title,
                SHOW,
                &format!("{problem}; or use True or False"),
            );
        }
    }
    (true, named)
}

/// Returns the built-in effect of a section.
fn effect_of(
    section: &SectionReader<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<&'static EffectSpec> {
    let own = find(section.name);
    let names = EFFECTS.iter().map(|effect| effect.name);
    let Some(word) = section.text(EFFECT) else {
        if own.is_none() {
            report_missing_effect(section, diagnostics);
        }
        return own;
    };
    let Some(effect) = find(&word.to_lowercase()) else {
        let problem = name_only(word).unwrap_or_else(|| unknown_effect(word, names));
        diagnostics.option(section.title, EFFECT, &problem);
        return None;
    };
    if own.is_some_and(|own| own != effect) {
        let (name, effect) = (section.name, effect.name);
        let problem = format!(
            "'{name}' is a built-in effect; use another name for the variant of '{effect}'"
        );
        diagnostics.option(section.title, EFFECT, &problem);
        return None;
    }
    if own.is_none()
        && section
            .name
            .contains(|c: char| c.is_whitespace() || ":=,".contains(c))
    {
        diagnostics.section(section.title, ": the name of a variant must be one word");
        return None;
    }
    Some(effect)
}

/// Returns the message for an effect with options; `None` for another text.
fn name_only(text: &str) -> Option<String> {
    let (effect, options) = text.split_once(char::is_whitespace)?;
    let effect = find(&effect.to_lowercase())?.name;
    let option = options.trim();
    let example = match option.split_once('=') {
        Some((name, value)) if !value.contains(char::is_whitespace) => {
            format!("'{}: {}'", shown(name.trim()), shown(value.trim()))
        }
        None if name::parse(option).is_ok() => format!("'color: {}'", shown(option)),
        _ => "'speed: 2'".into(),
    };
    Some(format!(
        "must be only the name of an effect; write 'effect: {effect}', and each option in a line \
         of its own, as in {example}"
    ))
}

/// Reports a variant without `effect`, and its options that belong to other plug-ins.
fn report_missing_effect(section: &SectionReader<'_>, diagnostics: &mut Diagnostics) {
    let names = EFFECTS.iter().map(|effect| effect.name);
    let problem = match nearest(section.name, names.clone()) {
        Some(_) => format!(": {}", unknown_effect(section.name, names)),
        None => " needs 'effect', the effect that it is a variant of, as in 'effect: pulse'".into(),
    };
    diagnostics.section(section.title, &problem);
    for (name, text) in section.family("") {
        if synonyms::option("lumen_effect", name).is_some() {
            diagnostics.unknown_option(section.title, name, &section.advice(name, text));
        }
    }
}

fn store(
    section: &SectionReader<'_>,
    settings: &mut AnySettings,
    palettes: &PaletteNames,
    diagnostics: &mut Diagnostics,
) {
    let effect = settings.spec();
    for (name, text) in section.family("") {
        if name == EFFECT {
            continue;
        }
        if name == SHOW {
            section.check_one(name, text, diagnostics);
            continue;
        }
        match effect.option(name) {
            Some(option) => {
                if let Err(problem) = settings.store(option.name, text, palettes) {
                    let advice = synonyms::advice(option.name, text);
                    diagnostics.option(section.title, name, &format!("{problem}{advice}"));
                }
                let rival = option.replaces.iter().find(|it| section.text(it).is_some());
                if let Some(rival) = rival {
                    let problem = format!("cannot be combined with '{rival}'");
                    diagnostics.option(section.title, name, &problem);
                }
            }
            // LUMEN had one list of options for all effects, and many configs contain all of them.
            None if is_of_an_effect(name) => {
                let text = format!("has no effect; '{}' does not read it", effect.name);
                diagnostics.warn(section.title, name, &text);
            }
            None => {
                let options = effect.options.iter();
                let known = options.map(|option| option.name).chain([EFFECT, SHOW]);
                let advice = section.advice(name, text);
                let hint = if advice.is_empty() {
                    did_you_mean(name, known)
                } else {
                    advice
                };
                diagnostics.unknown_option(section.title, name, &hint);
            }
        }
    }
}

fn is_of_an_effect(option: &str) -> bool {
    let mut options = EFFECTS.iter().flat_map(|effect| effect.options);
    options.any(|it| it.name == option)
}
