//! What sections say of a strip that they share.

use crate::spec::section::Problems;
use crate::text::shown;

/// A value with the section that it is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a, T> {
    pub(super) title: &'a str,
    pub(super) value: T,
}

/// Holds what a section says against what another said of the same strip.
pub(super) fn agree<'a, T: PartialEq + Copy>(
    known: &mut Option<Said<'a, T>>,
    new: Option<Said<'a, T>>,
    what: &str,
    problems: &mut Problems,
) {
    match (&known, new) {
        (Some(old), Some(new)) if old.value != new.value => {
            let (first, second) = (shown(old.title), shown(new.title));
            problems.whole(
                new.title,
                format!("Sections '{first}' and '{second}' disagree on the {what}"),
            );
        }
        (None, Some(_)) => *known = new,
        _ => {}
    }
}
