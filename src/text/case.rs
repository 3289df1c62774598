//! Upper and lower case.
//!
//! The WebAssembly module converts only ASCII letters: with the tables of Unicode it would be
//! larger by a twentieth. All names of Klipper and Lumen are ASCII, so only a word of the user in a
//! message can differ.

/// Returns a letter in lower case, which may be several letters.
#[cfg(not(target_family = "wasm"))]
pub(super) fn lowercase_letters(letter: char) -> impl Iterator<Item = char> {
    letter.to_lowercase()
}

/// Returns a letter in lower case.
#[cfg(target_family = "wasm")]
pub(super) fn lowercase_letters(letter: char) -> impl Iterator<Item = char> {
    std::iter::once(letter.to_ascii_lowercase())
}

/// Converts the case of a text.
pub(crate) trait ConvertCase {
    /// Returns the text in lower case.
    fn lowercase(&self) -> String;

    /// Returns the text in upper case.
    fn uppercase(&self) -> String;
}

#[cfg(not(target_family = "wasm"))]
impl ConvertCase for str {
    fn lowercase(&self) -> String {
        self.to_lowercase()
    }

    fn uppercase(&self) -> String {
        self.to_uppercase()
    }
}

#[cfg(target_family = "wasm")]
impl ConvertCase for str {
    fn lowercase(&self) -> String {
        self.to_ascii_lowercase()
    }

    fn uppercase(&self) -> String {
        self.to_ascii_uppercase()
    }
}
