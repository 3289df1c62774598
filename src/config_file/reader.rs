//! Parses the lines of config files in the same way as Klipper's configfile.py.

use super::memory::normalize;
use super::message::display_path;
use super::{
    ConfigFile, Dialect, Files, Location, Note, OptionText, ReadError, TextError, is_lumen, lines,
    pattern,
};
use crate::limits::{
    CONFIG_BYTES, INCLUDE_DEPTH, INCLUDES, LINE_BYTES, SECTION_OPTIONS, SECTIONS, VALUE_BYTES,
};
use crate::text::{ConvertCase, shown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The header that Klipper writes above the values of `SAVE_CONFIG`.
const AUTOSAVE: [&str; 3] = [
    "#*# <---------------------- SAVE_CONFIG ---------------------->",
    "#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.",
    "#*#",
];

/// A mark that some editors write at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The note about a line that makes Klipper ignore the `SAVE_CONFIG` block.
const IGNORED: &str =
    "Klipper ignores all values that SAVE_CONFIG has saved because of this line; ";

/// How it goes on for a line of another kind.
const FOREIGN: &str = "move your own lines above the line '#*# <---------------------- SAVE_CONFIG \
     ---------------------->'";

/// How it goes on for the first line of an incomplete header.
const INCOMPLETE: &str = "the next two lines must be '#*# DO NOT EDIT THIS BLOCK OR BELOW. The \
                          contents are auto-generated.' and '#*#'";

/// Prefix of an include header, without the brackets.
const INCLUDE: &str = "include ";

/// Reads a config file and all files that it includes.
///
/// # Errors
/// Returns an error for text that Klipper cannot read either, and for input above a limit.
pub fn read(path: &Path, files: &mut dyn Files) -> Result<ConfigFile, ReadError> {
    read_as(Dialect::Klipper, path, files)
}

/// Reads a config file and all files that it includes, by the rules of Klipper or Kalico.
///
/// # Errors
/// Returns an error for text that Klipper cannot read either, and for input above a limit.
pub fn read_as(
    dialect: Dialect,
    path: &Path,
    files: &mut dyn Files,
) -> Result<ConfigFile, ReadError> {
    let path: Arc<Path> = Arc::from(path);
    let text = text_of(&path, files, None)?;
    let lines: Vec<&str> = text.split('\n').collect();
    let split = split_autosave(&lines);
    let mut reader = ConfigReader::new(files, dialect);
    reader.bytes = text.len();
    reader.read_file(&path, split.regular)?;
    if let Some(line) = split.invalid_line {
        let rest = &lines[line - 1..];
        let is_header = rest[0] == AUTOSAVE[0] && !rest.starts_with(&AUTOSAVE);
        let advice = if is_header { INCOMPLETE } else { FOREIGN };
        reader.config.note(Note {
            location: Location {
                file: path.clone(),
                line,
            },
            option: None,
            text: IGNORED.to_owned() + advice,
        });
    }
    let mut bytes = reader.bytes;
    let mut config = std::mem::take(&mut reader.config);
    let mut defaults = config.take_defaults();
    if let Some(defaults) = &defaults {
        config.note_defaults(defaults);
        config.add_defaults(defaults, &mut bytes)?;
    }
    reader.read_lines(&path, &split.saved, split.first_saved)?;
    let saved_defaults = reader.config.take_defaults();
    // Values in the file take priority over values from SAVE_CONFIG.
    for section in reader.config.sections {
        let own = config.section_mut(&section.name, &section.location);
        own.add_options(section.options);
    }
    match (&mut defaults, saved_defaults) {
        (Some(defaults), Some(saved)) => defaults.add_options(saved.options),
        (defaults, saved) => *defaults = defaults.take().or(saved),
    }
    if let Some(defaults) = &defaults {
        config.add_defaults(defaults, &mut bytes)?;
    }
    config.defaults = defaults;
    Ok(config)
}

/// Returns the text of a file with Unix line endings. `include` is the location of its include.
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
        let problem = "the file starts with a byte-order mark, which Klipper cannot read; save it \
                       as UTF-8 without BOM";
        return Err(error_at(problem.to_owned(), &at(1)));
    }
    Ok(with_unix_line_endings(text))
}

/// Converts line endings to those of Unix.
fn with_unix_line_endings(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

/// A file, split at its `SAVE_CONFIG` block.
struct SplitFile<'t, 'l> {
    /// The lines before the block; all lines if Klipper ignores the block.
    regular: &'l [&'t str],
    /// The lines of the block without their prefix.
    saved: Vec<&'t str>,
    /// The line number of the first of these lines.
    first_saved: usize,
    /// The line number of a line that makes Klipper ignore the block.
    invalid_line: Option<usize>,
}

fn split_autosave<'t, 'l>(lines: &'l [&'t str]) -> SplitFile<'t, 'l> {
    let whole = |invalid_line: Option<usize>| SplitFile {
        regular: lines,
        saved: Vec::new(),
        first_saved: 0,
        invalid_line: invalid_line.map(|index| index + 1),
    };
    let mut starts = (1..lines.len()).filter(|at| lines[*at..].starts_with(&AUTOSAVE));
    let start = starts.next();
    let regular = &lines[..start.unwrap_or(lines.len())];
    let stray_line = (1..regular.len()).find(|at| lines[*at].starts_with("#*# "));
    let Some(start) = start.filter(|_| stray_line.is_none()) else {
        return whole(stray_line);
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
    if let Some(invalid_line) = saved.iter().position(|line| !is_own(line)) {
        return whole(Some(first + invalid_line));
    }
    if saved.is_empty() {
        return whole(None);
    }
    let saved = saved.iter().map(|line| line.get(4..).unwrap_or_default());
    SplitFile {
        regular,
        saved: saved.collect(),
        first_saved: first + 1,
        invalid_line: None,
    }
}

/// The state of the parser.
struct ConfigReader<'f> {
    files: &'f mut dyn Files,
    dialect: Dialect,
    config: ConfigFile,
    /// The paths of the current file and of all files that include it, outermost first.
    open_files: Vec<PathBuf>,
    includes: usize,
    file_count: usize,
    bytes: usize,
    /// Index of the current section.
    section: Option<usize>,
    /// The option that more indented lines continue. It is not in the config yet.
    option: Option<OpenOption>,
    indent: usize,
}

impl<'f> ConfigReader<'f> {
    fn new(files: &'f mut dyn Files, dialect: Dialect) -> Self {
        Self {
            files,
            dialect,
            config: ConfigFile::default(),
            open_files: Vec::new(),
            includes: 0,
            file_count: 0,
            bytes: 0,
            section: None,
            option: None,
            indent: 0,
        }
    }

    /// Reads the lines of a file, with its includes.
    fn read_file(&mut self, path: &Arc<Path>, lines: &[&str]) -> Result<(), ReadError> {
        self.open_files.push(absolute(path));
        if !self.config.files.contains(path) {
            self.config.files.push(path.clone());
        }
        let mut start = 0;
        for (index, line) in lines.iter().enumerate() {
            let header = lines::section(lines::without_hash(line));
            let Some(wanted) = header.and_then(|name| name.strip_prefix(INCLUDE)) else {
                continue;
            };
            self.read_lines(path, &lines[start..index], start + 1)?;
            start = index + 1;
            let location = Location {
                file: path.clone(),
                line: start,
            };
            self.read_include(lines::trim(wanted), &location)?;
        }
        self.read_lines(path, &lines[start..], start + 1)?;
        self.open_files.pop();
        Ok(())
    }

    fn read_include(&mut self, wanted: &str, location: &Location) -> Result<(), ReadError> {
        self.includes += 1;
        if self.includes > INCLUDES {
            let problem = format!("a config must have at most {INCLUDES} includes");
            return Err(error_at(problem, location));
        }
        if wanted.len() > VALUE_BYTES {
            let problem = format!("an include must have at most {VALUE_BYTES} bytes");
            return Err(error_at(problem, location));
        }
        let folder = location.file.parent().unwrap_or(Path::new(""));
        let wanted = folder.join(wanted);
        let found = self.files.matching(&wanted, self.dialect);
        let found = found.map_err(|problem| error_at(problem, location))?;
        if found.is_empty() && !pattern::is_pattern(&wanted.to_string_lossy()) {
            let problem = format!("include file '{}' does not exist", display_path(&wanted));
            return Err(error_at(problem, location));
        }
        if self.open_files.len() == INCLUDE_DEPTH {
            let problem = format!("includes must not be nested deeper than {INCLUDE_DEPTH} files");
            return Err(error_at(problem, location));
        }
        for path in found {
            if self.open_files.contains(&absolute(&path)) {
                let problem = format!("'{}' includes itself", display_path(&path));
                return Err(error_at(problem, location));
            }
            self.file_count += 1;
            if self.file_count > INCLUDES {
                let problem = format!("a config must have at most {INCLUDES} included files");
                return Err(error_at(problem, location));
            }
            let path: Arc<Path> = Arc::from(path);
            let text = text_of(&path, self.files, Some(location))?;
            self.bytes += text.len();
            if self.bytes > CONFIG_BYTES {
                let problem = format!("a config must have at most {CONFIG_BYTES} bytes in all");
                return Err(error_at(problem, location));
            }
            let lines: Vec<&str> = text.split('\n').collect();
            self.read_file(&path, &lines)?;
        }
        Ok(())
    }

    /// Reads lines between includes. They start outside of any section, as in Klipper.
    fn read_lines(
        &mut self,
        path: &Arc<Path>,
        lines: &[&str],
        first: usize,
    ) -> Result<(), ReadError> {
        self.section = None;
        self.indent = 0;
        for (index, line) in lines.iter().enumerate() {
            let location = Location {
                file: path.clone(),
                line: first + index,
            };
            self.read_line(line, &location)?;
        }
        self.close_option();
        Ok(())
    }

    fn read_line(&mut self, line: &str, location: &Location) -> Result<(), ReadError> {
        if line.len() > LINE_BYTES {
            let problem = format!("a line must have at most {LINE_BYTES} bytes");
            return Err(error_at(problem, location));
        }
        let bare = lines::without_comment(line);
        let text = lines::trim(bare);
        if text.is_empty() {
            // An empty line, or one with only a # comment, belongs to the value above it.
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

    /// Adds a note about a color in a Lumen section that is cut off as a comment.
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
            return Err(error_at(problem, location));
        }
        self.section = self.config.by_name.get(name).copied();
        Ok(())
    }

    fn set(&mut self, text: &str, location: Location) -> Result<(), ReadError> {
        let Some(index) = self.section else {
            let problem = format!("'{}' is outside of any section", shown(text));
            return Err(error_at(problem, &location));
        };
        let Some((name, value)) = lines::option(text) else {
            let problem = format!("'{}' is neither an option nor a section", shown(text));
            return Err(error_at(problem, &location));
        };
        let name = name.lowercase();
        let section = &self.config.sections[index];
        let options = &section.options;
        if options.len() == SECTION_OPTIONS && !options.contains_key(&name) {
            let section = shown(&section.name);
            let problem =
                format!("section '{section}' must have at most {SECTION_OPTIONS} options");
            return Err(error_at(problem, &location));
        }
        let text = value.to_owned();
        self.option = Some(OpenOption {
            section: index,
            name,
            option: OptionText { text, location },
        });
        Ok(())
    }

    /// Adds a line to the current value, if there is one.
    fn add_to_value(&mut self, text: &str) {
        if let Some(open) = &mut self.option {
            open.option.text.push('\n');
            open.option.text.push_str(text);
        }
    }

    /// Ends the current option. A later value replaces an earlier one.
    fn close_option(&mut self) {
        if let Some(open) = self.option.take() {
            let section = &mut self.config.sections[open.section];
            section.options.insert(open.name, open.option);
        }
    }
}

/// An option whose value may continue on the next line.
struct OpenOption {
    section: usize,
    name: String,
    option: OptionText,
}

fn absolute(path: &Path) -> PathBuf {
    normalize(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

fn error_at(problem: String, location: &Location) -> ReadError {
    ReadError {
        problem,
        location: Some(location.clone()),
    }
}
