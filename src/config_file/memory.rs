//! Config files in memory, for tests and for programs without a disk.

use super::message::{display_path, too_many_entries};
use super::pattern::{ANY_DEPTH, Pattern, is_pattern};
use super::{Dialect, Files, TextError};
use crate::limits::GLOB_ENTRIES;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// File texts by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    /// By path as text, which is the order of Klipper.
    texts: BTreeMap<String, String>,
    compared: usize,
}

impl MemoryFiles {
    /// Creates files from paths and texts.
    pub fn new<P: AsRef<Path>>(files: impl IntoIterator<Item = (P, String)>) -> Self {
        let mut texts = BTreeMap::new();
        for (path, text) in files {
            texts.insert(key(path.as_ref()), text);
        }
        Self { texts, compared: 0 }
    }
}

impl Files for MemoryFiles {
    fn text(&mut self, path: &Path) -> Result<String, TextError> {
        let text = self.texts.get(&key(path)).cloned();
        text.ok_or_else(|| {
            format!(
                "cannot open {}: No such file or directory",
                display_path(path)
            )
            .into()
        })
    }

    fn matching(&mut self, pattern: &Path, dialect: Dialect) -> Result<Vec<PathBuf>, String> {
        if !is_pattern(&pattern.to_string_lossy()) {
            let is_known = self.texts.contains_key(&key(pattern));
            return Ok(is_known.then(|| pattern.to_owned()).into_iter().collect());
        }
        self.compared += self.texts.len();
        if self.compared > GLOB_ENTRIES {
            return Err(too_many_entries());
        }
        let wanted = normalize(pattern);
        let part = |it: Component<'_>| {
            let text = it.as_os_str().to_string_lossy();
            let is_any = dialect == Dialect::Kalico && text == ANY_DEPTH;
            (!is_any).then(|| Pattern::new(&text))
        };
        let parts: Vec<_> = wanted.components().map(part).collect();
        let files = self.texts.keys().map(PathBuf::from);
        Ok(files.filter(|path| path_matches(&parts, path)).collect())
    }
}

fn key(path: &Path) -> String {
    normalize(path).to_string_lossy().into_owned()
}

/// Whether a path matches a pattern; `None` in the pattern matches any number of directory levels.
fn path_matches(pattern: &[Option<Pattern>], path: &Path) -> bool {
    let names: Vec<_> = path
        .components()
        .map(|name| name.as_os_str().to_string_lossy().into_owned())
        .collect();
    names_match(pattern, &names)
}

fn names_match(pattern: &[Option<Pattern>], names: &[String]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, _) => names.is_empty(),
        (Some((None, rest)), _) => (0..=names.len()).any(|skipped| {
            let are_shown = names[..skipped].iter().all(|name| !name.starts_with('.'));
            are_shown && names_match(rest, &names[skipped..])
        }),
        (Some((Some(wanted), rest)), Some((name, names))) => {
            wanted.matches(name) && names_match(rest, names)
        }
        (Some(_), None) => false,
    }
}

/// Removes `.` and `..` from a path, by its text only.
pub(super) fn normalize(path: &Path) -> PathBuf {
    let mut new = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if new.file_name().is_some_and(|name| name != "..") => {
                new.pop();
            }
            Component::ParentDir if new.has_root() => {}
            other => new.push(other),
        }
    }
    new
}
