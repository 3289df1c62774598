//! Config files that are in memory, for tests and for programs without a disk.

use super::Files;
use super::disk::{too_many_entries, written};
use super::pattern::{Pattern, is_pattern};
use crate::limits::GLOB_ENTRIES;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Texts by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    texts: BTreeMap<PathBuf, String>,
    compared: usize,
}

impl MemoryFiles {
    /// Files with their paths.
    pub fn new<P: AsRef<Path>>(files: impl IntoIterator<Item = (P, String)>) -> Self {
        let files = files.into_iter();
        Self {
            texts: files
                .map(|(path, text)| (normal(path.as_ref()), text))
                .collect(),
            compared: 0,
        }
    }
}

impl Files for MemoryFiles {
    fn text(&mut self, path: &Path) -> Result<String, String> {
        let text = self.texts.get(&normal(path)).cloned();
        text.ok_or_else(|| format!("cannot open {}: No such file or directory", written(path)))
    }

    fn matching(&mut self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        if !is_pattern(&pattern.to_string_lossy()) {
            let is_known = self.texts.contains_key(&normal(pattern));
            return Ok(is_known.then(|| pattern.to_owned()).into_iter().collect());
        }
        self.compared += self.texts.len();
        if self.compared > GLOB_ENTRIES {
            return Err(too_many_entries());
        }
        let wanted = normal(pattern);
        let parts: Vec<Pattern> = wanted
            .components()
            .map(|it| Pattern::new(&it.as_os_str().to_string_lossy()))
            .collect();
        let files = self.texts.keys();
        let found = files.filter(|path| path_matches(&parts, path));
        let mut found: Vec<PathBuf> = found.cloned().collect();
        // As Klipper sorts them: by their text.
        found.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
        Ok(found)
    }
}

fn path_matches(pattern: &[Pattern], path: &Path) -> bool {
    let path = path.components();
    pattern.len() == path.clone().count()
        && pattern
            .iter()
            .zip(path)
            .all(|(wanted, name)| wanted.matches(&name.as_os_str().to_string_lossy()))
}

/// A path without `.` and `..`, as far as its text says.
pub(super) fn normal(path: &Path) -> PathBuf {
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
