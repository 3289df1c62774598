//! Reads lines into a config, as Klipper's configfile.py does.

use super::disk::written;
use super::memory::normal;
use super::{
    ConfigFile, Dialect, Files, Location, Note, OptionText, ReadError, TextError, is_lumen, lines,
    pattern,
};
use crate::limits::{
    CONFIG_BYTES, INCLUDE_DEPTH, INCLUDES, LINE_BYTES, SECTION_OPTIONS, SECTIONS, VALUE_BYTES,
};
use crate::text::shown;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What Klipper writes above the options that `SAVE_CONFIG` keeps.
const AUTOSAVE: [&str; 3] = [
    "#*# <---------------------- SAVE_CONFIG ---------------------->",
    "#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.",
    "#*#",
];

/// What some editors write at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a line means that makes Klipper ignore the block of `SAVE_CONFIG`.
const FOREIGN: &str = "Klipper ignores all values that SAVE_CONFIG has saved because of this line; \
                       everything of your own must be above the line '#*# <---------------------- \
                       SAVE_CONFIG ---------------------->'";

/// How an include begins, within its brackets.
const INCLUDE: &str = "include ";

/// Reads a config file and all that it includes.
///
/// # Errors
/// What Klipper could not read either, and what is above a limit.
pub fn read(path: &Path, files: &mut dyn Files) -> Result<ConfigFile, ReadError> {
    read_as(Dialect::Klipper, path, files)
}

/// Reads a config file and all that it includes, by the rules of Klipper or Kalico.
///
/// # Errors
/// What Klipper could not read either, and what is above a limit.
pub fn read_as(
    dialect: Dialect,
    path: &Path,
    files: &mut dyn Files,
) -> Result<ConfigFile, ReadError> {
    let path: Arc<Path> = Arc::from(path);
    let text = text_of(&path, files, None)?;
    let lines: Vec<&str> = text.split('\n').collect();
    let parts = split_autosave(&lines);
    let mut reader = ConfigReader::new(files, dialect);
    reader.bytes = text.len();
    reader.file(&path, parts.regular)?;
    if let Some(line) = parts.foreign {
        reader.config.note(Note {
            location: Location {
                file: path.clone(),
                line,
            },
            option: None,
            text: FOREIGN.to_owned(),
        });
    }
    let mut config = std::mem::take(&mut reader.config);
    reader.lines(&path, &parts.saved, parts.first_saved)?;
    // What the file itself says goes before what SAVE_CONFIG kept.
    for section in reader.config.sections {
        let own = config.section_mut(&section.name, &section.location);
        for (name, option) in section.options {
            own.options.entry(name).or_insert(option);
        }
    }
    Ok(config)
}

/// The text of a file, its lines ended as on Linux. `include` is the line that names the file.
fn text_of(
    path: &Arc<Path>,
    files: &mut dyn Files,
    include: Option<&Location>,
) -> Result<String, ReadError> {
    let at = |line| Location {
        file: path.clone(),
        line,
    };
    let text = files.text(path).map_err(|error| {
        let TextError { problem, line } = error;
        let location = line.map(at).or_else(|| include.cloned());
        ReadError { problem, location }
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        let problem = "the file begins with a byte-order mark, which Klipper cannot read; save it \
                       as UTF-8 without BOM";
        return Err(wrong(problem.to_owned(), &at(1)));
    }
    Ok(unified(text))
}

/// A text whose lines end as on Linux.
fn unified(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

/// A file with the block of `SAVE_CONFIG`.
struct Parts<'t, 'l> {
    /// The lines before the block; all lines if Klipper ignores the block.
    regular: &'l [&'t str],
    /// The lines of the block without their prefix.
    saved: Vec<&'t str>,
    /// The number of the first of them.
    first_saved: usize,
    /// The number of the line that makes Klipper ignore the block.
    foreign: Option<usize>,
}

fn split_autosave<'t, 'l>(lines: &'l [&'t str]) -> Parts<'t, 'l> {
    let whole = |foreign: Option<usize>| Parts {
        regular: lines,
        saved: Vec::new(),
        first_saved: 0,
        foreign: foreign.map(|index| index + 1),
    };
    let mut starts = (1..lines.len()).filter(|at| lines[*at..].starts_with(&AUTOSAVE));
    let start = starts.next();
    let regular = &lines[..start.unwrap_or(lines.len())];
    let stray = (1..regular.len()).find(|at| lines[*at].starts_with("#*# "));
    let Some(start) = start.filter(|_| stray.is_none()) else {
        return whole(stray);
    };
    if let Some(second) = starts.next() {
        return whole(Some(second));
    }
    let first = start + AUTOSAVE.len();
    let is_text = |line: &&str| !lines::trim(line).is_empty();
    let first = first + lines[first..].iter().position(is_text).unwrap_or(0);
    let count = lines[first..].iter().rposition(is_text);
    let mut saved = lines[first..first + count.map_or(0, |last| last + 1)].to_vec();
    if let Some(last) = saved.last_mut() {
        *last = last.trim_end_matches(lines::is_space);
    }
    let is_own = |line: &&str| *line == "#*#" || line.starts_with("#*# ");
    if let Some(foreign) = saved.iter().position(|line| !is_own(line)) {
        return whole(Some(first + foreign));
    }
    if saved.is_empty() {
        return whole(None);
    }
    let saved = saved.iter().map(|line| line.get(4..).unwrap_or_default());
    Parts {
        regular,
        saved: saved.collect(),
        first_saved: first + 1,
        foreign: None,
    }
}

/// Reads lines into a config.
struct ConfigReader<'f> {
    files: &'f mut dyn Files,
    dialect: Dialect,
    config: ConfigFile,
    /// The files that are being read, the first one first.
    above: Vec<PathBuf>,
    includes: usize,
    file_count: usize,
    bytes: usize,
    /// The section, by its place in the config.
    section: Option<usize>,
    /// The option that deeper lines belong to; it is no part of the config yet.
    option: Option<OpenOption>,
    indent: usize,
}

impl<'f> ConfigReader<'f> {
    fn new(files: &'f mut dyn Files, dialect: Dialect) -> Self {
        Self {
            files,
            dialect,
            config: ConfigFile::default(),
            above: Vec::new(),
            includes: 0,
            file_count: 0,
            bytes: 0,
            section: None,
            option: None,
            indent: 0,
        }
    }

    /// Reads the lines of a file.
    fn file(&mut self, path: &Arc<Path>, lines: &[&str]) -> Result<(), ReadError> {
        self.above.push(absolute(path));
        if !self.config.files.contains(path) {
            self.config.files.push(path.clone());
        }
        let mut start = 0;
        for (index, line) in lines.iter().enumerate() {
            let header = lines::section(lines::without_hash(line));
            let Some(wanted) = header.and_then(|name| name.strip_prefix(INCLUDE)) else {
                continue;
            };
            self.lines(path, &lines[start..index], start + 1)?;
            start = index + 1;
            let location = Location {
                file: path.clone(),
                line: start,
            };
            self.include(lines::trim(wanted), &location)?;
        }
        self.lines(path, &lines[start..], start + 1)?;
        self.above.pop();
        Ok(())
    }

    fn include(&mut self, wanted: &str, location: &Location) -> Result<(), ReadError> {
        self.includes += 1;
        if self.includes > INCLUDES {
            let problem = format!("a config must have at most {INCLUDES} includes");
            return Err(wrong(problem, location));
        }
        if wanted.len() > VALUE_BYTES {
            let problem = format!("an include must have at most {VALUE_BYTES} bytes");
            return Err(wrong(problem, location));
        }
        let folder = location.file.parent().unwrap_or(Path::new(""));
        let wanted = folder.join(wanted);
        let found = self.files.matching(&wanted, self.dialect);
        let found = found.map_err(|problem| wrong(problem, location))?;
        if found.is_empty() && !pattern::is_pattern(&wanted.to_string_lossy()) {
            let problem = format!("include file '{}' does not exist", written(&wanted));
            return Err(wrong(problem, location));
        }
        if self.above.len() == INCLUDE_DEPTH {
            let problem = format!("includes must not be nested deeper than {INCLUDE_DEPTH} files");
            return Err(wrong(problem, location));
        }
        for path in found {
            if self.above.contains(&absolute(&path)) {
                let problem = format!("'{}' includes itself", written(&path));
                return Err(wrong(problem, location));
            }
            self.file_count += 1;
            if self.file_count > INCLUDES {
                let problem = format!("a config must have at most {INCLUDES} included files");
                return Err(wrong(problem, location));
            }
            let path: Arc<Path> = Arc::from(path);
            let text = text_of(&path, self.files, Some(location))?;
            self.bytes += text.len();
            if self.bytes > CONFIG_BYTES {
                let problem = format!("a config must have at most {CONFIG_BYTES} bytes in all");
                return Err(wrong(problem, location));
            }
            let lines: Vec<&str> = text.split('\n').collect();
            self.file(&path, &lines)?;
        }
        Ok(())
    }

    /// Reads lines without includes; they begin outside of any section.
    fn lines(&mut self, path: &Arc<Path>, lines: &[&str], first: usize) -> Result<(), ReadError> {
        self.section = None;
        self.indent = 0;
        for (index, line) in lines.iter().enumerate() {
            let location = Location {
                file: path.clone(),
                line: first + index,
            };
            self.line(line, &location)?;
        }
        self.close_option();
        Ok(())
    }

    fn line(&mut self, line: &str, location: &Location) -> Result<(), ReadError> {
        if line.len() > LINE_BYTES {
            let problem = format!("a line must have at most {LINE_BYTES} bytes");
            return Err(wrong(problem, location));
        }
        let bare = lines::without_comment(line);
        let text = lines::trim(bare);
        if text.is_empty() {
            // An empty line, also one of a # comment alone, belongs to the value above it.
            if bare.len() == lines::without_hash(line).len() {
                self.add_to_value("");
            }
            if lines::without_hash(line).starts_with(lines::is_space) {
                self.note_cut_color(line, location);
            }
            return Ok(());
        }
        let indent = bare.chars().take_while(|c| lines::is_space(*c)).count();
        if self.option.is_some() && indent > self.indent {
            self.add_to_value(text);
            self.note_cut_color(line, location);
            return Ok(());
        }
        self.indent = indent;
        self.close_option();
        if let Some(name) = lines::section(text) {
            return self.begin_section(name, location);
        }
        self.set(text, location.clone())?;
        self.note_cut_color(line, location);
        Ok(())
    }

    /// Notes a color of a Lumen section that is cut off as a comment.
    fn note_cut_color(&mut self, line: &str, location: &Location) {
        let Some((color, open)) = lines::cut_color(line).zip(self.option.as_ref()) else {
            return;
        };
        let section = &self.config.sections[open.section].name;
        if !is_lumen(section) {
            return;
        }
        let text = format!(
            "Option '{}' in section '{}': '#' starts a comment, so Klipper does not read \
             '#{color}'; write {color} without '#'",
            shown(&open.name),
            shown(section)
        );
        let option = Some((section.clone(), open.name.clone()));
        let location = location.clone();
        self.config.note(Note {
            location,
            option,
            text,
        });
    }

    fn begin_section(&mut self, name: &str, location: &Location) -> Result<(), ReadError> {
        self.config.section_mut(name, location);
        if self.config.sections.len() > SECTIONS {
            let problem = format!("a config must have at most {SECTIONS} sections");
            return Err(wrong(problem, location));
        }
        self.section = self.config.by_name.get(name).copied();
        Ok(())
    }

    fn set(&mut self, text: &str, location: Location) -> Result<(), ReadError> {
        let Some(index) = self.section else {
            let problem = format!("'{}' stands outside of any section", shown(text));
            return Err(wrong(problem, &location));
        };
        let Some((name, value)) = lines::option(text) else {
            let problem = format!("'{}' is neither an option nor a section", shown(text));
            return Err(wrong(problem, &location));
        };
        let name = name.to_lowercase();
        let section = &self.config.sections[index];
        let options = &section.options;
        if options.len() == SECTION_OPTIONS && !options.contains_key(&name) {
            let section = shown(&section.name);
            let problem =
                format!("section '{section}' must have at most {SECTION_OPTIONS} options");
            return Err(wrong(problem, &location));
        }
        let text = value.to_owned();
        self.option = Some(OpenOption {
            section: index,
            name,
            option: OptionText { text, location },
        });
        Ok(())
    }

    /// Adds a line to the value above it, if there is one.
    fn add_to_value(&mut self, text: &str) {
        if let Some(open) = &mut self.option {
            open.option.text.push('\n');
            open.option.text.push_str(text);
        }
    }

    /// Ends the value of an option; a later one goes before an earlier one.
    fn close_option(&mut self) {
        if let Some(open) = self.option.take() {
            let section = &mut self.config.sections[open.section];
            section.options.insert(open.name, open.option);
        }
    }
}

/// An option whose value may go on.
struct OpenOption {
    section: usize,
    name: String,
    option: OptionText,
}

fn absolute(path: &Path) -> PathBuf {
    normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

fn wrong(problem: String, location: &Location) -> ReadError {
    ReadError {
        problem,
        location: Some(location.clone()),
    }
}
