//! Reads `[lumen_effect NAME]` sections: changed defaults of an effect, or a variant with its own
//! name.

use super::looks::{self, LAYERS};
use super::lumen_section::items;
use crate::color::{PaletteNames, name};
use crate::effect::{AnySettings, EFFECTS, EffectSpec, find};
use crate::plan::GroupPlan;
use crate::spec::options::{EffectOptions, SectionValues};
use crate::spec::section::{Diagnostics, SectionReader, unknown, yes_or_no};
use crate::spec::synonyms::{self, effect_spec, unknown_effect};
use crate::spec::{EffectOffer, EffectResolver};
use crate::text::{ConvertCase, did_you_mean, nearest, shown};

/// The option that makes the section a variant of an effect.
const EFFECT: &str = "effect";

/// The effects of the first version, whose names a variant cannot have.
const FIRST_EFFECTS: [&str; 12] = [
    "off",
    "solid",
    "pulse",
    "heartbeat",
    "disco",
    "rainbow",
    "fire",
    "comet",
    "chase",
    "kitt",
    "thermal",
    "progress",
];

/// The option that shows the effect in web interfaces.
const SHOW: &str = "show";

/// A section with the effect that it changes.
#[derive(Debug)]
pub(super) struct ChangedEffect<'a> {
    section: SectionReader<'a>,
    /// The effect; `None` if the section has layers.
    effect: Option<&'static EffectSpec>,
    show: &'a str,
}

/// Reads the changed defaults first, then the variants, which start from them. Returns the changed
/// effects in the order of the sections.
pub(super) fn read<'a>(
    sections: &[SectionReader<'a>],
    resolver: &mut EffectResolver,
    diagnostics: &mut Diagnostics,
) -> Vec<ChangedEffect<'a>> {
    let mut changed: Vec<Option<ChangedEffect<'a>>> = sections.iter().map(|_| None).collect();
    let (effects, variants): (Vec<usize>, Vec<usize>) = (0..sections.len()).partition(|index| {
        let section = &sections[*index];
        find(section.name).is_some() && !is_shadowing(section)
    });
    let mut looks = Vec::new();
    for index in effects.into_iter().chain(variants) {
        let section = &sections[index];
        let (options, others) = own_options(section);
        if let Some(layers) = options.layers {
            looks::check(section, (options.effect, &others), diagnostics);
            looks.push((section, layers));
            changed[index] = Some(ChangedEffect {
                section: *section,
                effect: None,
                show: options.show,
            });
            continue;
        }
        let Some(effect) = effect_of(section, options.effect, diagnostics) else {
            continue;
        };
        changed[index] = Some(ChangedEffect {
            section: *section,
            effect: Some(effect),
            show: options.show,
        });
        let known = resolver.names.settings(effect.name).cloned();
        // A variant can have the name of the effect.
        let known = known.filter(|settings| settings.spec() == effect);
        let mut settings = known.unwrap_or_else(effect.defaults);
        if let Some(alias) = options.effect.and_then(synonyms::alias_named) {
            alias.apply(&mut settings);
        }
        store(
            (section, &others),
            &mut settings,
            resolver.names.palettes(),
            diagnostics,
        );
        if let Some(problem) = settings.range_problem(resolver.temp_floor_c) {
            diagnostics.section(section.title, &format!(": {problem}"));
        }
        resolver.names.define(section.name, settings);
    }
    looks::read(&looks, resolver, diagnostics);
    changed.into_iter().flatten().collect()
}

/// The name and the text of an option.
type NamedText<'a> = (&'a str, &'a str);

/// Reads the options of the section itself, and returns the others, which are those of the effect.
fn own_options<'a>(section: &SectionReader<'a>) -> (EffectOptions<'a>, Vec<NamedText<'a>>) {
    let mut options = EffectOptions::defaults();
    // The texts are not checked here, so storing one does not fail.
    let others = section.all();
    let others = others.filter(|(name, text)| options.store(name, text).is_none());
    let others = others.collect();
    (options, others)
}

/// Returns the effects that the sections add or change, for web interfaces and other programs.
pub(super) fn offers(
    changed: &[ChangedEffect<'_>],
    groups: &[GroupPlan],
    diagnostics: &mut Diagnostics,
) -> Vec<EffectOffer> {
    let mut offers = Vec::new();
    for changed in changed {
        let options = changed.section.all();
        let is_own = |name: &str| match changed.effect {
            Some(effect) => effect.option(name).is_some(),
            None => name == LAYERS,
        };
        let options = options.filter(|(name, _)| is_own(name));
        let (is_shown, groups) = shown_on(changed, groups, diagnostics);
        offers.push(EffectOffer {
            name: changed.section.name.to_owned(),
            effect: changed.effect.map_or(LAYERS, |it| it.name),
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
    changed: &ChangedEffect<'_>,
    groups: &[GroupPlan],
    diagnostics: &mut Diagnostics,
) -> (bool, Vec<String>) {
    let (title, text) = (changed.section.title, changed.show);
    if let Some(is_shown) = yes_or_no(text) {
        return (is_shown, Vec::new());
    }
    if items(text).next().is_none() {
        let problem = "must be True, False or the names of groups";
        diagnostics.option(title, SHOW, problem);
    }
    let mut named: Vec<String> = Vec::new();
    for word in items(text) {
        let names = || groups.iter().map(|it| it.group.name.as_str());
        if names().any(|name| name == word) {
            named.push(word.to_owned());
        } else {
            let problem = unknown("group", word, names());
            diagnostics.option(title, SHOW, &format!("{problem}; or use True or False"));
        }
    }
    (true, named)
}

/// Whether a section is a variant with the name of another effect, which it hides. A config written
/// before Lumen had the effect must keep working; earlier names cannot be used.
fn is_shadowing(section: &SectionReader<'_>) -> bool {
    let word = section.options.get(EFFECT).map(|text| text.trim());
    let effect = word.and_then(effect_spec);
    let is_later = !FIRST_EFFECTS.contains(&section.name);
    is_later && effect.is_some_and(|effect| effect.name != section.name)
}

/// Returns the built-in effect of a section.
fn effect_of(
    section: &SectionReader<'_>,
    word: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Option<&'static EffectSpec> {
    let own = find(section.name);
    let names = EFFECTS.iter().map(|effect| effect.name);
    let Some(word) = word else {
        if own.is_none() {
            report_missing_effect(section, diagnostics);
        }
        return own;
    };
    let Some(effect) = effect_spec(word) else {
        let problem = name_only(word).unwrap_or_else(|| unknown_effect(word, names));
        diagnostics.option(section.title, EFFECT, &problem);
        return None;
    };
    if own.is_some_and(|own| own != effect) && !is_shadowing(section) {
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
            .contains(|c: char| c.is_whitespace() || ":=,|".contains(c))
    {
        diagnostics.section(section.title, ": the name of a variant must be one word");
        return None;
    }
    Some(effect)
}

/// Returns the message for an effect with options; `None` for another text.
fn name_only(text: &str) -> Option<String> {
    let (effect, options) = text.split_once(char::is_whitespace)?;
    let effect = find(&effect.lowercase())?.name;
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
    for (name, text) in section.all() {
        if synonyms::option("lumen_effect", name).is_some() {
            diagnostics.unknown_option(section.title, name, &section.advice(name, text));
        }
    }
}

fn store(
    (section, options): (&SectionReader<'_>, &[NamedText<'_>]),
    settings: &mut AnySettings,
    palettes: &PaletteNames,
    diagnostics: &mut Diagnostics,
) {
    let effect = settings.spec();
    for &(name, text) in options {
        match effect.option(name) {
            Some(option) => {
                if let Err(problem) = settings.store(option.name, text, palettes) {
                    let advice = synonyms::advice(option.name, text);
                    diagnostics.option(section.title, name, &format!("{problem}{advice}"));
                }
                let rival = option.replaces.iter().find(|it| section.has(it));
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
