//! The contents of the catalog.

use lumen::{Catalog, EFFECTS, RawConfig, SectionOptionEntry, catalog, catalog_json, compile};
use std::collections::{BTreeMap, BTreeSet};

fn option(catalog: &Catalog, section: usize, name: &str) -> Option<SectionOptionEntry> {
    let mut options = catalog.sections[section].options.iter();
    options.find(|option| option.name == name).cloned()
}

#[test]
fn limits_defaults_and_choices_are_listed() {
    let catalog = catalog();
    let fps = option(&catalog, 0, "gpio_fps").unwrap();
    assert_eq!(
        (fps.default, fps.min, fps.max),
        (Some("60"), Some(1.0), Some(240.0))
    );
    assert_eq!(
        option(&catalog, 0, "bored_timeout").unwrap().above,
        Some(0.0)
    );
    let direction = option(&catalog, 2, "direction").unwrap();
    assert_eq!(direction.choices, ["standard", "reverse"]);
    assert!(
        option(&catalog, 0, "update_rate")
            .unwrap()
            .obsolete
            .is_some()
    );
    assert!(option(&catalog, 0, "debug").unwrap().obsolete.is_none());
}

#[test]
fn effects_and_states_are_listed_with_their_specs() {
    let catalog = catalog();
    let usage = |name: &str| {
        let mut effects = catalog.effects.iter();
        effects
            .find(|it| it.name == name)
            .map(|it| it.usage.as_str())
    };
    assert_eq!(usage("off"), Some("off [OPTION=VALUE ...]"));
    assert_eq!(usage("pulse"), Some("pulse [COLOR ...] [OPTION=VALUE ...]"));
    assert!(catalog.states.iter().all(|state| !state.default.is_empty()));
    let json: serde_json::Value = serde_json::from_str(&catalog_json()).unwrap();
    assert_eq!(json["effects"][1]["name"], "solid");
    assert_eq!(json["effects"][1]["options"][0]["name"], "base_color");
    assert_eq!(json["sections"][0]["name"], "lumen");
}

#[test]
fn every_default_is_a_valid_value() {
    for section in catalog().sections {
        let mut defaults: BTreeMap<String, String> = section
            .options
            .iter()
            .filter_map(|option| Some((option.name.to_owned(), option.default?.to_owned())))
            .collect();
        let title = section.name.replace("NAME", "case");
        let mut raw = RawConfig::default();
        if title == "neopixel case" {
            // Without a Lumen pin, Lumen ignores a [neopixel] section.
            raw.sections.push(("lumen".to_owned(), BTreeMap::new()));
            defaults.insert("pin".to_owned(), "lumen:gpio18".to_owned());
        }
        raw.sections.push((title, defaults));
        let errors = compile(&raw, None).err().unwrap_or_default();
        // Other options may be missing, but no default may be an error.
        for error in errors {
            let text = error.to_string();
            let missing =
                text.contains("must be specified") || text.contains("unknown effect 'case'");
            assert!(missing, "{text}");
        }
    }
}

/// The line of the fuzz dictionary after which the table of effects follows.
const GENERATED: &str = "# The effects and their options. A test of the catalog writes them.\n";

#[test]
fn the_fuzz_dictionary_has_every_effect_and_option() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/words.dict");
    let words = std::fs::read_to_string(path).unwrap();
    let (own, _) = words.split_once(GENERATED).unwrap();
    let effects = EFFECTS.iter().map(|effect| format!("{} ", effect.name));
    let options = EFFECTS.iter().flat_map(|effect| effect.options);
    let names: BTreeSet<&str> = options.flat_map(|it| [it.name, it.short]).collect();
    let names = names.into_iter().filter(|name| !name.is_empty());
    let words_of_effects = effects.chain(names.map(|name| format!("{name}=")));
    let lines = words_of_effects.fold(String::new(), |lines, word| lines + "\"" + &word + "\"\n");
    let expected = format!("{own}{GENERATED}{lines}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        std::fs::write(path, expected).unwrap();
        return;
    }
    assert_eq!(words, expected, "run: INSTA_UPDATE=always cargo test");
}
