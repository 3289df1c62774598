//! Messages about a config, with the lines that they are about.

use super::{ConfigFile, Location};
use crate::limits::GLOB_ENTRIES;
use crate::spec::{SpecError, SpecWarning};
use crate::text::escaped;
use std::path::Path;

/// A finding about a config, without its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Full name of the section. Empty for the count of unlisted problems.
    pub section: String,
    /// The option, if it concerns one option.
    pub option: Option<String>,
    /// The complete message.
    pub text: String,
}

impl From<SpecError> for Finding {
    fn from(error: SpecError) -> Self {
        Self {
            section: error.section,
            option: error.option,
            text: error.problem,
        }
    }
}

impl From<SpecWarning> for Finding {
    fn from(warning: SpecWarning) -> Self {
        Self {
            section: warning.section,
            option: warning.option,
            text: warning.text,
        }
    }
}

/// A message about a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `None` if it belongs to no line.
    pub location: Option<Location>,
    /// Full name of the section, if it concerns one.
    pub section: Option<String>,
    /// The option, if it concerns one option.
    pub option: Option<String>,
    /// The message, without the location.
    pub text: String,
}

impl ConfigFile {
    /// Returns findings as messages in the order of the lines, and the notes about single lines too
    /// if `with_notes` is set.
    ///
    /// Messages without a line come first, the count of unlisted problems last.
    pub fn messages(
        &self,
        findings: impl IntoIterator<Item = Finding>,
        with_notes: bool,
    ) -> Vec<Message> {
        let notes = if with_notes { self.notes() } else { &[] };
        let notes = notes.iter().map(|note| {
            let (section, option) = note.option.clone().unzip();
            Message {
                location: Some(note.location.clone()),
                section,
                option,
                text: note.text.clone(),
            }
        });
        let found = findings.into_iter().map(|it| Message {
            location: self.location(&it.section, it.option.as_deref()).cloned(),
            section: Some(it.section),
            option: it.option,
            text: it.text,
        });
        self.sorted(notes.chain(found).collect())
    }

    fn sorted(&self, messages: Vec<Message>) -> Vec<Message> {
        let key = |message: &Message| {
            let is_count = message.section.as_deref() == Some("");
            match &message.location {
                Some(location) => (false, Some(self.order(location))),
                None => (is_count, None),
            }
        };
        // There are few messages, and this is small.
        let mut sorted: Vec<Message> = Vec::with_capacity(messages.len());
        for message in messages {
            let place = sorted.partition_point(|it| key(it) <= key(&message));
            sorted.insert(place, message);
        }
        sorted
    }

    /// Formats a message as one line, with its file relative to the folder of the first file.
    pub fn line(&self, message: &Message) -> String {
        let first = self.files.first().map(|file| &**file);
        match (&message.location, first) {
            (Some(location), _) => {
                let folder = first.and_then(Path::parent).unwrap_or(Path::new(""));
                let file = location.file.strip_prefix(folder).unwrap_or(&location.file);
                format!("{}:{}: {}", file.display(), location.line, message.text)
            }
            (None, Some(first)) => {
                let name = first.file_name().unwrap_or(first.as_os_str());
                format!("{}: {}", name.display(), message.text)
            }
            (None, None) => message.text.clone(),
        }
    }
}

/// Returns the error for patterns that search too many directory entries.
pub(super) fn too_many_entries() -> String {
    format!("includes search more than {GLOB_ENTRIES} directory entries")
}

/// Formats a path for a message.
pub(super) fn display_path(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}
