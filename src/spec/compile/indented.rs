//! Explains errors about an option that contains another one: a line that begins with a space
//! belongs to the option above it.

use crate::spec::diagnostics::about_option;
use crate::spec::options::place_of;
use crate::spec::{RawConfig, SpecError};
use crate::text::{ConvertCase, shown};

/// Replaces the errors about options that contain the line of another option.
pub(super) fn explain(raw: &RawConfig, errors: &mut Vec<SpecError>) {
    for error in &mut *errors {
        let Some(option) = &error.option else {
            continue;
        };
        let mut sections = raw.sections.iter();
        let section = sections.find(|(title, _)| *title == error.section);
        let Some(text) = section.and_then(|(_, options)| options.get(option)) else {
            continue;
        };
        // In other sections, the options of an effect are never lines of their own.
        let is_of_effect = error.section.starts_with("lumen_effect ") && option != "layers";
        let mut names = text.lines().skip(1).filter_map(name);
        if let Some(name) = names.find(|name| is_option(name, is_of_effect)) {
            let (own, name) = (shown(option), shown(&name));
            let text = format!(
                "the line '{name}: ...' below begins with a space, so it belongs to '{own}'; \
                 remove the space"
            );
            error.problem = about_option(&error.section, option, &text);
        }
    }
    errors.dedup();
}

/// Returns the name of an option in a line such as `name: value`, but not of `name=value`, which
/// follows an effect.
fn name(line: &str) -> Option<String> {
    let (name, value) = line.split_once([':', '='])?;
    let is_apart = value.is_empty() || value.starts_with(' ') || name.ends_with(' ');
    is_apart.then(|| name.trim().lowercase())
}

fn is_option(name: &str, is_of_effect: bool) -> bool {
    name.starts_with("on_")
        || place_of(name).is_some_and(|place| is_of_effect || place.starts_with("in "))
}

#[cfg(test)]
mod tests {
    use crate::spec::{RawConfig, compile};
    use std::collections::BTreeMap;

    fn problems(section: &str, option: &str, text: &str) -> Vec<String> {
        let options = [(option, text), ("driver", "memory"), ("index_end", "3")];
        let options = options
            .iter()
            .filter(|(name, _)| section.starts_with("lumen_group") || *name == option);
        let owned = options.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let raw = RawConfig {
            sections: vec![
                ("lumen".to_owned(), BTreeMap::new()),
                (section.to_owned(), owned.collect()),
            ],
            ..RawConfig::default()
        };
        let errors = compile(&raw, None).err().unwrap_or_default();
        errors.into_iter().map(|it| it.problem).collect()
    }

    #[test]
    fn a_line_that_begins_with_a_space_is_explained_once() {
        for (section, option, text, name) in [
            (
                "lumen_group a",
                "on_printing",
                "progress\non_paused: solid blue",
                "on_paused",
            ),
            (
                "lumen_group a",
                "on_printing",
                "progress\non_paused = solid blue",
                "on_paused",
            ),
            (
                "lumen_group a",
                "on_idle",
                "fire\n\ndirection: reverse\nfade:",
                "direction",
            ),
            (
                "lumen_group a",
                "on_idle",
                "fire\non_whatever: fire\non_error: fire",
                "on_whatever",
            ),
            ("lumen_group a", "fade", "1\nFade: 2", "fade"),
            ("lumen_effect a", "effect", "pulse\nspeed: 2", "speed"),
            ("lumen_effect a", "layers", "\npulse\nshow: True", "show"),
        ] {
            let expected = format!(
                "Option '{option}' in section '{section}': the line '{name}: ...' below begins \
                 with a space, so it belongs to '{option}'; remove the space"
            );
            assert_eq!(problems(section, option, text), [expected], "{text}");
        }
    }

    #[test]
    fn other_lines_keep_their_messages() {
        for (option, text) in [
            ("on_idle", "pulse red\nspeed: 2"),
            ("on_idle", "pulse red\ndirection=reverse"),
            ("on_idle", "on_paused: solid blue"),
            ("on_idle", "solid red\nfoo: blue"),
        ] {
            let found = problems("lumen_group a", option, text);
            assert_eq!(found.len(), 1, "{text} {found:?}");
            assert!(!found[0].contains("begins with a space"), "{found:?}");
        }
        let valid = problems("lumen_group a", "on_idle", "solid red\nfade: red blue");
        assert_eq!(valid, [""; 0]);
    }
}
