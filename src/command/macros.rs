//! Detects macros of LUMEN 1.x that have the name of a Lumen command.
//!
//! Klipper would only report that the command is already registered.

use super::table::requests;

const PREFIX: &str = "gcode_macro ";
/// A macro with this option replaces the command and may call it.
const RENAME: &str = "rename_existing";

/// Returns the error about a macro that conflicts with a Lumen command, if it does.
///
/// `section` is the full name of any section, and `options` are the names of its options.
pub fn old_macro(section: &str, options: &[String]) -> Option<String> {
    let (prefix, name) = section.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) || options.iter().any(|it| it == RENAME) {
        return None;
    }
    let name = name.trim().to_uppercase();
    let mut commands = requests().filter(|it| it.is_command());
    commands.any(|it| it.gcode() == name).then(|| {
        format!(
            "Section '{section}' must be removed: {name} is a command of Lumen now, and the macros \
             of LUMEN 1.x are no longer needed; to keep your own macro around the command, add \
             '{RENAME}: {name}_BASE'"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::old_macro;

    #[test]
    fn only_macros_that_hide_a_command_are_reported() {
        let found = old_macro("gcode_macro Lumen_Set", &["gcode".to_owned()]);
        assert!(
            found
                .unwrap()
                .ends_with("add 'rename_existing: LUMEN_SET_BASE'")
        );
        assert_eq!(
            old_macro("gcode_macro LUMEN_SET", &["rename_existing".to_owned()]),
            None
        );
        for section in ["gcode_macro SET_LED", "gcode_macro PARK", "lumen", "é"] {
            assert_eq!(old_macro(section, &[]), None, "{section}");
        }
    }
}
