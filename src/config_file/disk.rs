//! Config files on disk: regular files only, within limits.
//!
//! Reading never blocks: a FIFO, a device or a directory is rejected before it is read.

use super::message::{display_path, too_many_entries};
use super::pattern::{ANY_DEPTH, Pattern, is_pattern};
use super::{ConfigFile, Dialect, Files, ReadError, TextError, read_as};
use crate::limits::{FILE_BYTES, GLOB_ENTRIES};
use rustix::fs::OFlags;
use std::fs::{FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

/// Reads a config file and all files that it includes from disk.
///
/// # Errors
/// Returns an error for text that Klipper cannot read either, for anything but a regular file, and
/// for input above a limit.
pub fn load(path: &Path) -> Result<ConfigFile, ReadError> {
    load_as(Dialect::Klipper, path)
}

/// Reads a config file from disk by the rules of Klipper or Kalico.
///
/// # Errors
/// See [`load`].
pub fn load_as(dialect: Dialect, path: &Path) -> Result<ConfigFile, ReadError> {
    read_as(dialect, path, &mut DiskFiles::default())
}

/// Reads files from disk.
#[derive(Clone, Debug, Default)]
pub struct DiskFiles {
    /// Number of directory entries that were compared with patterns.
    compared: usize,
}

impl Files for DiskFiles {
    fn text(&mut self, path: &Path) -> Result<String, TextError> {
        let name = display_path(path);
        let cannot = |error: &io::Error| format!("cannot open {name}: {}", error_text(error));
        // Some devices react to being opened, so check the type first. Check it again once the file
        // is open, because the name may refer to another file by then.
        check_is_regular(path, path.metadata().map_err(|it| cannot(&it))?.file_type())?;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(|it| cannot(&it))?;
        check_is_regular(path, file.metadata().map_err(|it| cannot(&it))?.file_type())?;
        let mut bytes = Vec::new();
        let most = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
        file.take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|it| format!("cannot read {name}: {}", error_text(&it)))?;
        if bytes.len() > FILE_BYTES {
            let problem = format!("{name} must have at most {FILE_BYTES} bytes");
            return Err(problem.into());
        }
        String::from_utf8(bytes).map_err(|it| {
            let end = it.utf8_error().valid_up_to();
            let bytes = it.as_bytes();
            TextError {
                problem: format!(
                    "the line has a byte that is not UTF-8 (0x{:02x}), so Klipper cannot read the \
                     file; save it as UTF-8",
                    bytes.get(end).copied().unwrap_or_default()
                ),
                line: Some(bytes[..end].split(|byte| *byte == b'\n').count()),
            }
        })
    }

    fn matching(&mut self, pattern: &Path, dialect: Dialect) -> Result<Vec<PathBuf>, String> {
        if !is_pattern(&pattern.to_string_lossy()) {
            let exists = pattern.symlink_metadata().is_ok();
            return Ok(exists.then(|| pattern.to_owned()).into_iter().collect());
        }
        let mut found = vec![PathBuf::new()];
        for part in pattern.components() {
            let name = part.as_os_str();
            let text = name.to_string_lossy();
            let wanted = Pattern::new(&text);
            if dialect == Dialect::Kalico && text == ANY_DEPTH {
                found = self.at_any_depth(found)?;
                continue;
            }
            let mut next = Vec::new();
            for folder in found {
                if !matches!(part, Component::Normal(_)) || !is_pattern(&text) {
                    next.push(folder.join(name));
                    continue;
                }
                for entry in self.names(&folder)? {
                    if wanted.matches(&entry.to_string_lossy()) {
                        next.push(folder.join(entry));
                    }
                }
            }
            found = next;
        }
        found.retain(|path| path.symlink_metadata().is_ok());
        // Sorted by text, as in Klipper.
        found.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        found.dedup();
        Ok(found)
    }
}

impl DiskFiles {
    /// Returns the paths and everything below them, except hidden entries.
    fn at_any_depth(&mut self, mut found: Vec<PathBuf>) -> Result<Vec<PathBuf>, String> {
        let mut at = 0;
        // The limit in `names` ends the loop even if a symbolic link points to a parent.
        while let Some(folder) = found.get(at).cloned() {
            let names = self.names(&folder)?.into_iter();
            let shown = names.filter(|name| !name.as_bytes().starts_with(b"."));
            found.extend(shown.map(|name| folder.join(name)));
            at += 1;
        }
        Ok(found)
    }

    /// Returns the names in a directory; none if the path is not a directory.
    fn names(&mut self, folder: &Path) -> Result<Vec<std::ffi::OsString>, String> {
        let is_current = folder.as_os_str().is_empty();
        let folder = if is_current { Path::new(".") } else { folder };
        let Ok(entries) = folder.read_dir() else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            self.compared += 1;
            if self.compared > GLOB_ENTRIES {
                return Err(too_many_entries());
            }
            names.push(entry.file_name());
        }
        Ok(names)
    }
}

/// Returns an error for everything but regular files.
fn check_is_regular(path: &Path, kind: FileType) -> Result<(), String> {
    let noun = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    let name = display_path(path);
    Err(format!(
        "cannot read {name}: it is {noun}, not a regular file"
    ))
}

/// Returns the text of a system error, without its number.
fn error_text(error: &io::Error) -> String {
    let text = error.to_string();
    let number = text.find(" (os error").unwrap_or(text.len());
    text[..number].to_owned()
}
