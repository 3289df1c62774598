//! The commands whose run shows as a state: those of the `macro_...` lists, and the known ones.

use crate::state::STATES;
use std::collections::BTreeMap;

/// Commands that are never tracked. Tracking costs tens of microseconds, which is too much for
/// commands that run 200 times a second.
const MOVES: [&str; 4] = ["G0", "G1", "G2", "G3"];

/// Returns the state of each command by its name in upper case. `lists` are the user's commands of
/// each state, which take priority; the first entry of a command wins.
pub fn tracked_commands(lists: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    let known = STATES.iter().map(|spec| (spec.name, spec.commands));
    let known = known.flat_map(|(state, names)| names.iter().map(move |name| (state, *name)));
    for (state, name) in listed(lists).chain(known) {
        let name = name.to_uppercase();
        if !MOVES.contains(&name.as_str()) {
            states.entry(name).or_insert_with(|| state.to_owned());
        }
    }
    states
}

/// Returns a warning for each command of the user's lists that cannot be tracked. `absent` are the
/// commands that do not exist.
pub fn untracked_commands(lists: &BTreeMap<String, Vec<String>>, absent: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in listed(lists) {
        let name = name.to_uppercase();
        let is_untracked = MOVES.contains(&name.as_str()) || absent.contains(&name);
        if is_untracked && !names.contains(&name) {
            names.push(name);
        }
    }
    let text = |name: &String| {
        format!(
            "lumen: command '{name}' of a macro_... list in section 'lumen' is not tracked: it \
             does not exist, or it is G0, G1, G2 or G3"
        )
    };
    names.iter().map(text).collect()
}

fn listed(lists: &BTreeMap<String, Vec<String>>) -> impl Iterator<Item = (&str, &str)> {
    let lists = lists.iter();
    lists.flat_map(|(state, names)| {
        names
            .iter()
            .map(move |name| (state.as_str(), name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(lists: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let owned = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let lists = lists.iter();
        lists
            .map(|(state, names)| ((*state).to_owned(), owned(names)))
            .collect()
    }

    #[test]
    fn the_users_lists_take_priority_and_moves_are_never_tracked() {
        let lists = lists(&[("filament", &["probe_accuracy", "G1"]), ("purge", &["G28"])]);
        let tracked = tracked_commands(&lists);
        assert_eq!(tracked["PROBE_ACCURACY"], "filament");
        assert_eq!(tracked["G28"], "purge");
        assert_eq!(tracked["BED_MESH_CALIBRATE"], "meshing");
        assert!(!tracked.contains_key("G1"));
    }

    #[test]
    fn each_command_of_the_users_that_is_not_tracked_is_a_warning() {
        let lists = lists(&[("homing", &["home_alll", "G28", "G1"]), ("purge", &["G1"])]);
        let absent = ["HOME_ALLL".to_owned(), "M600".to_owned()];
        let warnings = untracked_commands(&lists, &absent);
        let starts: Vec<&str> = warnings.iter().map(|text| &text[..26]).collect();
        assert_eq!(
            starts,
            ["lumen: command 'HOME_ALLL'", "lumen: command 'G1' of a m"]
        );
    }
}
