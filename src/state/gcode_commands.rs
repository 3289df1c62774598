//! The G-code commands that show as a state.
//!
//! The table contains commands of Klipper and Kalico and common names of user macros. Names that a
//! printer does not define are ignored.

use super::State;

/// The commands of each state; a user's `macro_STATE` list takes precedence.
pub const COMMANDS: &[(State, &[&str])] = &[
    (State::Homing, &["G28"]),
    (State::Meshing, &["BED_MESH_CALIBRATE"]),
    (
        State::Leveling,
        &[
            "QUAD_GANTRY_LEVEL",
            "Z_TILT_ADJUST",
            "Z_TILT_CALIBRATE",
            "Z_TILT_AUTODETECT",
            "BED_TILT_CALIBRATE",
            "SCREWS_TILT_CALCULATE",
            "BED_SCREWS_ADJUST",
        ],
    ),
    (
        State::Probing,
        &[
            "PROBE",
            "PROBE_ACCURACY",
            "PROBE_CALIBRATE",
            "PROBE_Z_ACCURACY",
            "CALIBRATE_Z",
            "MANUAL_PROBE",
            "Z_ENDSTOP_CALIBRATE",
        ],
    ),
    (
        State::Calibrating,
        &[
            "PID_CALIBRATE",
            "MPC_CALIBRATE",
            "SHAPER_CALIBRATE",
            "TEST_RESONANCES",
            "MEASURE_AXES_NOISE",
            "DELTA_CALIBRATE",
            "ENDSTOP_PHASE_CALIBRATE",
            "AXIS_TWIST_COMPENSATION_CALIBRATE",
            "PROBE_EDDY_CURRENT_CALIBRATE",
            "PROBE_EDDY_CURRENT_TAP_CALIBRATE",
            "LDC_CALIBRATE_DRIVE_CURRENT",
            "LOAD_CELL_CALIBRATE",
            "TEMPERATURE_PROBE_CALIBRATE",
            "ANGLE_CALIBRATE",
            "ANGLE_CHIP_CALIBRATE",
            "INDX_CALIBRATE",
            "INDX_FAN_CALIBRATE",
            "TOOL_CALIBRATE_TOOL_OFFSET",
            "TR_CALIBRATE_SELECTOR",
        ],
    ),
    (
        State::Cleaning,
        &[
            "CLEAN_NOZZLE",
            "NOZZLE_CLEAN",
            "BRUSH_NOZZLE",
            "WIPE_NOZZLE",
        ],
    ),
    (
        State::Filament,
        &[
            "M600",
            "M701",
            "M702",
            "LOAD_FILAMENT",
            "UNLOAD_FILAMENT",
            "FILAMENT_LOAD",
            "FILAMENT_UNLOAD",
            "CHANGE_FILAMENT",
            "FILAMENT_CHANGE",
            "COLOR_CHANGE",
        ],
    ),
    (State::Snapshot, &["TIMELAPSE_TAKE_FRAME"]),
    (State::Paused, &["PAUSE"]),
    (State::Cancelled, &["CANCEL_PRINT"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_maps_to_one_operation_state() {
        let mut known = Vec::new();
        for (state, commands) in COMMANDS {
            assert!(state.is_operation(), "{state}");
            for command in *commands {
                assert!(!known.contains(command), "{command}");
                known.push(command);
            }
        }
    }
}
