//! The section `[DEFAULT]`: Python's configparser, and therefore Klipper, adds its options to every
//! other section.

use super::{ConfigFile, Note, ReadError, Section};
use crate::limits::CONFIG_BYTES;

/// The name of the section; other cases are ordinary sections.
pub(super) const NAME: &str = "DEFAULT";

/// The size of an option besides its name and its value, in bytes.
const OPTION_OVERHEAD: usize = 100;

const TEXT: &str = "Klipper adds the options of [DEFAULT] to every section, and reports them as \
                    not valid in sections that do not know them";

impl ConfigFile {
    /// Removes the section from the list of sections.
    pub(super) fn take_defaults(&mut self) -> Option<Section> {
        let index = self.by_name.remove(NAME)?;
        for other in self.by_name.values_mut().filter(|it| **it > index) {
            *other -= 1;
        }
        Some(self.sections.remove(index))
    }

    /// Adds options to all sections that do not have them. `bytes` is the size of the config.
    ///
    /// # Errors
    /// Returns an error if the config becomes larger than [`CONFIG_BYTES`].
    pub(super) fn add_defaults(
        &mut self,
        defaults: &Section,
        bytes: &mut usize,
    ) -> Result<(), ReadError> {
        for section in &mut self.sections {
            for (name, option) in &defaults.options {
                if section.options.contains_key(name) {
                    continue;
                }
                *bytes += name.len() + option.text.len() + OPTION_OVERHEAD;
                if *bytes > CONFIG_BYTES {
                    let problem = format!(
                        "a config must have at most {CONFIG_BYTES} bytes in all, with the options \
                         of [DEFAULT] in every section"
                    );
                    return Err(ReadError {
                        problem,
                        location: Some(defaults.location.clone()),
                    });
                }
                section.options.insert(name.clone(), option.clone());
            }
        }
        Ok(())
    }

    /// Adds a note if there is an option that Klipper adds to every section.
    pub(super) fn note_defaults(&mut self, defaults: &Section) {
        if !defaults.options.is_empty() {
            self.note(Note {
                location: defaults.location.clone(),
                option: None,
                text: TEXT.to_owned(),
            });
        }
    }
}
