//! Plain English, standard words: what a program can check of it.

use super::none;
use super::source::{Source, files};
use std::collections::BTreeMap;

/// Words that the project does not use, because each has a common word that says the same.
const BANNED: &[&str] = &[
    "anew",
    "cede",
    "colour",
    "colours",
    "desk",
    "easel",
    "fare",
    "fares",
    "guest",
    "guests",
    "heir",
    "hungry",
    "hush",
    "nobody",
    "obey",
    "quench",
    "rehearsal",
    "somebody",
    "tell",
    "tells",
    "told",
    "whoever",
];
/// The same, of several words.
const BANNED_PHRASES: &[&str] = &[
    "for ever",
    "its to",
    "where it is not told",
    "where not set",
    "which is well",
];
/// The longest line of prose, in characters.
const PROSE_COLUMNS: usize = 100;
/// A type of the Python edge wraps the type of the same name.
const EDGE: &str = "src/py/";
/// This file names the words.
const ITSELF: &str = "tests/rust/tidy/language.rs";

fn all() -> Vec<Source> {
    let folders = [
        "src",
        "tests",
        "benches",
        "python",
        "klippy_extra",
        "docs",
        "contrib",
    ];
    let kinds = ["rs", "py", "pyi", "md", "cfg", "c", "h"];
    let mut sources: Vec<Source> = kinds.iter().flat_map(|it| files(&folders, it)).collect();
    sources.extend(
        files(&["."], "md")
            .into_iter()
            .filter(|it| !it.path.contains('/')),
    );
    // Of fixtures some hold the words of users; `nobody` is also the name of a user of Linux.
    let exempt = [
        ITSELF,
        "tests/fixtures/",
        "tests/python/test_helper_trust.py",
    ];
    sources.retain(|source| !exempt.iter().any(|it| source.path.starts_with(it)));
    sources
}

#[test]
fn words_are_common_ones() {
    let mut findings = Vec::new();
    for source in all() {
        for (number, line) in source.text.lines().enumerate() {
            let line = line.to_lowercase();
            // The parts of an identifier are words too.
            let words: Vec<&str> = line.split(|c: char| !c.is_alphabetic()).collect();
            if let Some(word) = words.iter().find(|word| BANNED.contains(word)) {
                findings.push(format!("{}:{}: '{word}'", source.path, number + 1));
            }
            let line = format!(" {} ", words.join(" "));
            let has = |phrase: &&&str| line.contains(&format!(" {phrase} "));
            if let Some(phrase) = BANNED_PHRASES.iter().find(has) {
                findings.push(format!("{}:{}: '{phrase}'", source.path, number + 1));
            }
        }
    }
    none(&findings);
}

#[test]
fn a_name_of_a_type_has_one_meaning() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in files(&["src"], "rs") {
        if source.path.starts_with(EDGE) || source.path.ends_with("/test.rs") {
            continue;
        }
        for name in source.types() {
            places.entry(name).or_default().push(source.path.clone());
        }
    }
    let twice = places.into_iter().filter(|(_, paths)| paths.len() > 1);
    let findings: Vec<String> = twice
        .map(|(name, paths)| format!("{name}: {}", paths.join(", ")))
        .collect();
    none(&findings);
}

#[test]
fn prose_fits_a_page() {
    let mut findings = Vec::new();
    for source in all() {
        let extension = std::path::Path::new(&source.path).extension();
        let is_document = extension.is_some_and(|it| it == "md");
        let mut is_code = false;
        for (number, line) in source.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                is_code = !is_code;
            }
            // A table and a link cannot be wrapped.
            let is_prose = if is_document {
                !is_code && !line.starts_with('|') && !line.contains("](") && !line.contains("://")
            } else {
                line.trim_start().starts_with("//") || line.trim_start().starts_with("# ")
            };
            let columns = line.chars().count();
            if is_prose && columns > PROSE_COLUMNS {
                findings.push(format!("{}:{}: {columns} columns", source.path, number + 1));
            }
        }
    }
    none(&findings);
}

#[test]
fn the_map_lists_every_file_of_the_extra() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/Architecture.md")).unwrap();
    let (_, text) = text.split_once("## Files of the extra").unwrap();
    let (text, _) = text.split_once("## Threads").unwrap();
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|it| it.contains(".py"))
        .collect();
    let folder = "klippy_extra/lumen";
    let files: Vec<String> = files(&[folder], "py")
        .into_iter()
        .filter_map(|it| it.path.strip_prefix(folder).map(|it| it[1..].to_owned()))
        .filter(|it| it != "__init__.py")
        .collect();
    let missing = files.iter().filter(|it| !named.contains(&it.as_str()));
    let mut findings: Vec<String> = missing.map(|it| format!("{it}: not listed")).collect();
    let gone = named
        .iter()
        .filter(|it| !files.iter().any(|file| file == *it));
    findings.extend(gone.map(|it| format!("{it}: does not exist")));
    none(&findings);
}

#[test]
fn the_map_names_files_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/Architecture.md")).unwrap();
    let named = text.split('`').skip(1).step_by(2);
    let is_path = |it: &&str| {
        it.contains('/') && !it.contains(' ') && (it.ends_with('/') || it.contains('.'))
    };
    let findings: Vec<String> = named
        .filter(is_path)
        .map(|path| path.trim_end_matches("..."))
        .filter(|path| {
            let places =
                ["", "src", "klippy_extra/lumen"].map(|folder| root.join(folder).join(path));
            !places.iter().any(|it| it.exists())
        })
        .map(str::to_owned)
        .collect();
    none(&findings);
}
