//! The computer: its model, its settings for the boot, and the names of its users and groups.
//!
//! It reads files below a root, so that tests can fake them. It opens no device.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of config.txt and cmdline.txt: since Raspberry Pi OS 12, and before.
const BOOT: [&str; 2] = ["boot/firmware", "boot"];

/// The longest file that is read; those of interest are small.
const MAX_BYTES: u64 = 64 * 1024;

/// The sections of config.txt for some models, with the beginnings of their names. Other sections
/// may apply to every model.
const MODELS: [(&str, &[&str]); 17] = [
    ("none", &[]),
    ("pi0", &["Zero"]),
    ("pi0w", &["Zero W", "Zero 2"]),
    ("pi02", &["Zero 2"]),
    ("pi1", &["Model", "Compute Module Rev"]),
    ("pi2", &["2 "]),
    ("pi3", &["3 ", "Compute Module 3"]),
    ("pi3+", &["3 Model A Plus", "3 Model B Plus"]),
    ("pi4", &["4 ", "400", "Compute Module 4"]),
    ("pi400", &["400"]),
    ("pi5", &["5 ", "500", "Compute Module 5"]),
    ("pi500", &["500"]),
    ("cm3", &["Compute Module 3"]),
    ("cm3+", &["Compute Module 3 Plus"]),
    ("cm4", &["Compute Module 4 "]),
    ("cm4s", &["Compute Module 4S"]),
    ("cm5", &["Compute Module 5"]),
];

/// The section of config.txt that applies to every model.
const ALL: &str = "all";

/// A generation of the Raspberry Pi, as far as outputs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pi {
    /// Zero, 1 and 2.
    Early,
    /// 3, Zero 2 W and CM3.
    Three,
    /// 4, 400 and CM4.
    Four,
    /// 5, 500 and CM5.
    Five,
}

/// A computer, by the root of its files.
#[derive(Clone, Debug)]
pub struct Board {
    root: PathBuf,
}

impl Board {
    /// Creates a computer from the root of its files; `/` is this computer.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns this computer.
    pub(crate) fn here() -> Self {
        Self::new("/")
    }

    /// Whether it is this computer.
    pub(crate) fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Returns the name of a single-board computer; empty for others.
    pub fn model(&self) -> String {
        let text = self.text("proc/device-tree/model");
        text.trim_matches(['\0', '\n', ' ']).to_owned()
    }

    /// Returns the generation, if this is a Raspberry Pi.
    pub(crate) fn pi(&self) -> Option<Pi> {
        let model = self.model();
        let name = model.strip_prefix("Raspberry Pi ")?;
        let name = name.strip_prefix("Compute Module ").unwrap_or(name);
        Some(match name.as_bytes().first() {
            Some(b'5') => Pi::Five,
            Some(b'4') => Pi::Four,
            Some(b'3') => Pi::Three,
            _ if name.starts_with("Zero 2") => Pi::Three,
            _ => Pi::Early,
        })
    }

    /// Returns the first 64 KiB of a file as text; empty if it cannot be read.
    pub(crate) fn text(&self, name: &str) -> String {
        use std::io::Read;
        let mut bytes = Vec::new();
        let path = self.path(name);
        // A FIFO would block.
        let is_file = fs::metadata(&path).is_ok_and(|it| it.is_file());
        if let Some(file) = is_file.then(|| fs::File::open(path).ok()).flatten() {
            // A text that breaks off is used as far as it goes.
            let _ = file.take(MAX_BYTES).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name.trim_start_matches('/'))
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Returns the path of a file for the boot of a Raspberry Pi; `None` if there is none.
    pub(crate) fn boot_file(&self, name: &str) -> Option<String> {
        let mut paths = BOOT.iter().map(|folder| format!("/{folder}/{name}"));
        paths.find(|path| self.path(path).is_file())
    }

    /// Returns the path of config.txt; `None` if there is none.
    pub(crate) fn config_txt(&self) -> Option<String> {
        self.boot_file("config.txt")
    }

    /// Whether the last line of a file has no end.
    pub(crate) fn ends_in_line(&self, name: &str) -> bool {
        let text = self.text(name);
        !text.is_empty() && !text.ends_with('\n')
    }

    fn config_lines(&self) -> Vec<String> {
        let Some(path) = self.config_txt() else {
            return Vec::new();
        };
        let text = self.text(&path);
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or(""));
        lines.map(|line| line.trim().to_owned()).collect()
    }

    /// Whether config.txt has a setting, such as `dtparam=spi=on`, that may apply to this model.
    pub(crate) fn has_setting(&self, setting: &str) -> bool {
        let model = self.model();
        let name = model.strip_prefix("Raspberry Pi ").unwrap_or(&model);
        let mut may_apply = true;
        self.config_lines().iter().any(|line| {
            match section(line) {
                Some(ALL) => may_apply = true,
                // Sections about other things than the model do not end those of the model.
                Some(section) => {
                    let found = MODELS.iter().find(|(known, _)| *known == section);
                    let is_own = |names: &[&str]| names.iter().any(|it| name.starts_with(it));
                    may_apply = found.map_or(may_apply, |(_, names)| is_own(names));
                }
                None => return may_apply && line == setting,
            }
            false
        })
    }

    /// Whether a line at the end of config.txt applies only in some cases.
    pub(crate) fn ends_in_section(&self) -> bool {
        let lines = self.config_lines();
        let last = lines.iter().rev().find_map(|line| section(line));
        last.is_some_and(|section| section != ALL)
    }

    /// Returns the SPI devices, such as /dev/spidev0.0.
    pub fn spi_devices(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("dev")).into_iter().flatten();
        let names = entries
            .filter_map(|it| it.ok()?.file_name().into_string().ok())
            .filter(|it| it.starts_with("spidev"));
        let mut paths: Vec<String> = names.map(|it| format!("/dev/{it}")).collect();
        paths.sort();
        paths
    }

    /// Returns the name of a group.
    pub(crate) fn group_name(&self, id: u32) -> Option<String> {
        name_in(&self.text("etc/group"), id)
    }

    /// Returns the name of a user.
    pub(crate) fn user_name(&self, id: u32) -> Option<String> {
        name_in(&self.text("etc/passwd"), id)
    }
}

/// Returns the name of a section of config.txt.
fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// Returns the name of a user or group: the lines are `name:password:id:...`.
fn name_in(table: &str, id: u32) -> Option<String> {
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_number() {
        let table = "root:x:0:\nspi:x:989:pi\nbroken\n";
        assert_eq!(name_in(table, 989), Some("spi".to_owned()));
        assert_eq!(name_in(table, 98), None);
    }
}
