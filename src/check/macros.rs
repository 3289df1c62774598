//! Detects macros of LUMEN 1.x that have the name of a Lumen command.
//!
//! Klipper would only report that the command is already registered.

use crate::text::ConvertCase;
const PREFIX: &str = "gcode_macro ";
/// A macro with this option replaces the command and may call it.
const RENAME: &str = "rename_existing";

/// The names of all commands of Lumen, sorted.
pub(crate) const COMMANDS: &[&str] = &[
    "LUMEN",
    "LUMEN_BRIGHTNESS",
    "LUMEN_CLEAR",
    "LUMEN_COLORS",
    "LUMEN_DOCTOR",
    "LUMEN_EFFECTS",
    "LUMEN_FILAMENT_END",
    "LUMEN_FILAMENT_START",
    "LUMEN_FLASH",
    "LUMEN_HELP",
    "LUMEN_HOMING_END",
    "LUMEN_HOMING_START",
    "LUMEN_LEVELING_END",
    "LUMEN_LEVELING_START",
    "LUMEN_MESHING_END",
    "LUMEN_MESHING_START",
    "LUMEN_OFF",
    "LUMEN_ON",
    "LUMEN_PROBING_END",
    "LUMEN_PROBING_START",
    "LUMEN_RELOAD",
    "LUMEN_SET",
    "LUMEN_STATE",
    "LUMEN_STATUS",
    "LUMEN_TEST",
    "LUMEN_TEST_NEXT_EFFECT",
    "LUMEN_TEST_NEXT_STATE",
    "LUMEN_TEST_PREV_EFFECT",
    "LUMEN_TEST_PREV_STATE",
    "LUMEN_TEST_START",
    "LUMEN_TEST_STOP",
    "LUMEN_WAKE",
];

/// Returns the error about a macro that conflicts with a Lumen command, if it does.
///
/// `section` is the full name of any section, and `options` are the names of its options.
pub fn old_macro(section: &str, options: &[String]) -> Option<String> {
    let (prefix, name) = section.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) || options.iter().any(|it| it == RENAME) {
        return None;
    }
    let name = name.trim().uppercase();
    COMMANDS.contains(&name.as_str()).then(|| {
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
