//! Reading config files: Klipper's syntax, errors and limits.

mod bounds;
mod disk;
mod syntax;

use lumen::{ConfigFile, Dialect, MemoryFiles, ReadError, read_config_as};
use std::path::Path;

/// Reads `printer.cfg`, with other files given as name and text.
fn parse(text: &str, more: &[(&str, &str)]) -> Result<ConfigFile, ReadError> {
    parse_as(Dialect::Klipper, text, more)
}

fn parse_as(dialect: Dialect, text: &str, more: &[(&str, &str)]) -> Result<ConfigFile, ReadError> {
    let files = [("printer.cfg", text)]
        .into_iter()
        .chain(more.iter().copied());
    let mut files = MemoryFiles::new(files.map(|(name, text)| (name, text.to_owned())));
    read_config_as(dialect, Path::new("printer.cfg"), &mut files)
}

fn config(text: &str, more: &[(&str, &str)]) -> ConfigFile {
    let read = parse(text, more);
    let problem = read.as_ref().err().map(ToString::to_string);
    assert_eq!(problem, None);
    read.unwrap_or_default()
}

fn problem(text: &str, more: &[(&str, &str)]) -> String {
    let read = parse(text, more);
    read.err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

/// Returns the options of a section as `name=value`, with `|` for the end of a line.
fn values(config: &ConfigFile, section: &str) -> Vec<String> {
    let section = config.section(section);
    let options = section.into_iter().flat_map(|section| &section.options);
    options
        .map(|(name, option)| format!("{name}={}", option.value().replace('\n', "|")))
        .collect()
}

/// Returns all notes with their locations.
fn notes(config: &ConfigFile) -> Vec<String> {
    let notes = config.notes().iter();
    notes
        .map(|note| format!("{}: {}", note.location, note.text))
        .collect()
}

/// Returns the location of an option as text.
fn location(config: &ConfigFile, section: &str, option: &str) -> String {
    let location = config.location(section, Some(option));
    location.map(ToString::to_string).unwrap_or_default()
}
