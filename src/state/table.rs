//! The table of the built-in states: one row holds everything about a state.
//!
//! The order of the rows is the priority. To add a state, add a variant to [`State`] and a row.

use super::State;
use super::machine::StateMachine;
use crate::time::Time;

/// What a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// Takes priority over everything that a user has set.
    Alarm,
    /// A running command can show as this state.
    Operation,
    /// The printer is not used; it shows only if nothing else is active for a time.
    Rest,
    /// Any other state.
    Other,
}

/// Everything about a built-in state.
#[derive(Clone, Copy, Debug)]
pub struct StateSpec {
    /// The state.
    pub state: State,
    /// The name in `on_NAME` and `LUMEN_STATE STATE=NAME`.
    pub name: &'static str,
    /// When it is active, for the documents.
    pub help: &'static str,
    /// What it is.
    pub kind: StateKind,
    /// The effect of a strip without `on_...` options, in the syntax of the config.
    ///
    /// The effects follow commercial printers: static dim white at rest, moving orange light during
    /// preparation, and a white bar for the print progress. Only states that need a person pulse or
    /// beat in amber or red. `thermal` follows the active extruder, or the first heater of a
    /// printer without an extruder.
    pub effect: &'static str,
    /// The light of a lamp without `on_...` options. A lamp lights a room and can be connected to a
    /// relay, so it never flashes.
    pub lamp: &'static str,
    /// The state whose `on_...` option applies if a group has none for this state.
    pub stand_in: Option<State>,
    /// The G-code commands that show as this state: of Klipper and Kalico, and common names of user
    /// macros. Names that a printer does not define are ignored. A user's `macro_STATE` list takes
    /// precedence.
    pub commands: &'static [&'static str],
    /// Whether it is active, apart from running commands; `None` if only commands show it.
    pub(super) is_active: Option<Condition>,
}

/// Whether a state is active at a time.
pub(super) type Condition = fn(&StateMachine, Time) -> bool;

/// All built-in states, highest priority first.
///
/// The operations have the same priority: the innermost running command is shown. `Filament` takes
/// priority over `Paused`, because a runout also pauses the job and the user must be able to
/// distinguish the two. `Snapshot` takes priority over `Paused`, because a timelapse pauses at
/// every layer. A custom state has the priority of an operation; if a command forces it, only
/// alarms take priority over it.
pub const STATES: &[StateSpec] = &[
    StateSpec {
        state: State::Error,
        name: "error",
        help: "Klipper is shut down or could not start; or a job has ended with an error, until \
          LUMEN_CLEAR, LUMEN_WAKE, homing, heating or the next job; or a command has failed while \
          no job prints, for `error_flash` seconds",
        kind: StateKind::Alarm,
        effect: "heartbeat red speed=0.9 min=0.05 max=1.0 fade=0.1",
        lamp: "on",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::has_error),
    },
    StateSpec {
        state: State::Disconnected,
        name: "disconnected",
        help: "Klipper has not responded for 3 seconds; or an MCU does not answer at the start, or \
          while no job runs and no heater has a target: the printer is switched off",
        kind: StateKind::Alarm,
        effect: "pulse steel speed=0.25 min=0.02 max=0.4",
        lamp: "dim",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_disconnected),
    },
    StateSpec {
        state: State::Startup,
        name: "startup",
        help: "Klipper is starting",
        kind: StateKind::Other,
        effect: "pulse white speed=0.25 min=0.02 max=0.25",
        lamp: "dim",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_starting),
    },
    StateSpec {
        state: State::Homing,
        name: "homing",
        help: "G28, and homing moves of other commands",
        kind: StateKind::Operation,
        effect: "comet orange speed=24 tail=12",
        lamp: "on",
        stand_in: None,
        commands: &["G28"],
        is_active: None,
    },
    StateSpec {
        state: State::Meshing,
        name: "meshing",
        help: "BED_MESH_CALIBRATE",
        kind: StateKind::Operation,
        effect: "kitt orange speed=0.4 tail=6",
        lamp: "on",
        stand_in: None,
        commands: &["BED_MESH_CALIBRATE"],
        is_active: None,
    },
    StateSpec {
        state: State::Leveling,
        name: "leveling",
        help: "QUAD_GANTRY_LEVEL, Z_TILT_ADJUST and Kalico's other Z_TILT commands, \
          BED_TILT_CALIBRATE, SCREWS_TILT_CALCULATE, BED_SCREWS_ADJUST",
        kind: StateKind::Operation,
        effect: "kitt orange speed=0.6 tail=6",
        lamp: "on",
        stand_in: None,
        commands: &[
            "QUAD_GANTRY_LEVEL",
            "Z_TILT_ADJUST",
            "Z_TILT_CALIBRATE",
            "Z_TILT_AUTODETECT",
            "BED_TILT_CALIBRATE",
            "SCREWS_TILT_CALCULATE",
            "BED_SCREWS_ADJUST",
        ],
        is_active: Some(StateMachine::is_leveling),
    },
    StateSpec {
        state: State::Probing,
        name: "probing",
        help: "PROBE, PROBE_ACCURACY, PROBE_CALIBRATE, Z_ENDSTOP_CALIBRATE and the like, until a \
          manual probe is accepted or aborted",
        kind: StateKind::Operation,
        effect: "kitt orange speed=0.4 tail=6",
        lamp: "on",
        stand_in: None,
        commands: &[
            "PROBE",
            "PROBE_ACCURACY",
            "PROBE_CALIBRATE",
            "PROBE_Z_ACCURACY",
            "CALIBRATE_Z",
            "MANUAL_PROBE",
            "Z_ENDSTOP_CALIBRATE",
        ],
        is_active: Some(StateMachine::is_probing),
    },
    StateSpec {
        state: State::Calibrating,
        name: "calibrating",
        help: "PID_CALIBRATE, MPC_CALIBRATE, SHAPER_CALIBRATE, TEST_RESONANCES, MEASURE_AXES_NOISE, \
          DELTA_CALIBRATE, ENDSTOP_PHASE_CALIBRATE, AXIS_TWIST_COMPENSATION_CALIBRATE, \
          PROBE_EDDY_CURRENT_CALIBRATE and the like",
        kind: StateKind::Operation,
        effect: "kitt orange speed=0.3 tail=8",
        lamp: "on",
        stand_in: None,
        commands: &[
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
        is_active: Some(StateMachine::is_calibrating),
    },
    StateSpec {
        state: State::Cleaning,
        name: "cleaning",
        help: "CLEAN_NOZZLE, NOZZLE_CLEAN, BRUSH_NOZZLE, WIPE_NOZZLE",
        kind: StateKind::Operation,
        effect: "comet orange speed=18 tail=8",
        lamp: "on",
        stand_in: None,
        commands: &[
            "CLEAN_NOZZLE",
            "NOZZLE_CLEAN",
            "BRUSH_NOZZLE",
            "WIPE_NOZZLE",
        ],
        is_active: None,
    },
    StateSpec {
        state: State::Filament,
        name: "filament",
        help: "M600, M701, M702, LOAD_FILAMENT, UNLOAD_FILAMENT, CHANGE_FILAMENT and the like, and as \
          long as the job stays paused after them; or a filament sensor reports a runout during \
          the job (`filament_sensors`), until there is filament again or the job resumes",
        kind: StateKind::Operation,
        effect: "heartbeat amber speed=0.6 min=0.1 max=0.8",
        lamp: "on",
        stand_in: None,
        commands: &[
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
        is_active: Some(StateMachine::lacks_filament),
    },
    StateSpec {
        state: State::Snapshot,
        name: "snapshot",
        help: "TIMELAPSE_TAKE_FRAME of moonraker-timelapse, until the job resumes, at most 60 s",
        kind: StateKind::Operation,
        effect: "progress white white 1.0",
        lamp: "on",
        stand_in: Some(State::Printing),
        commands: &["TIMELAPSE_TAKE_FRAME"],
        is_active: Some(StateMachine::takes_snapshot),
    },
    StateSpec {
        state: State::Paused,
        name: "paused",
        help: "PAUSE; or the job is paused. While the printer moves, only after `pause_delay`",
        kind: StateKind::Operation,
        effect: "pulse amber speed=0.4 min=0.15 max=0.8",
        lamp: "on",
        stand_in: None,
        commands: &["PAUSE"],
        is_active: Some(StateMachine::is_paused),
    },
    StateSpec {
        state: State::Cancelled,
        name: "cancelled",
        help: "CANCEL_PRINT, and `cancelled_timeout` seconds after it",
        kind: StateKind::Operation,
        effect: "solid orange",
        lamp: "on",
        stand_in: None,
        commands: &["CANCEL_PRINT"],
        is_active: Some(StateMachine::is_cancelled),
    },
    StateSpec {
        state: State::Printing,
        name: "printing",
        help: "the job has extruded; or a job runs on a printer without an extruder; or a host such as \
          OctoPrint sends a job: after 10 s of moves that extrude, or at the first M73 with a move \
          that extrudes, until 30 s without a move",
        kind: StateKind::Other,
        effect: "progress white white 1.0",
        lamp: "on",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_printing),
    },
    StateSpec {
        state: State::Heating,
        name: "heating",
        help: "a job has started and has not extruded yet; or, without a job, a heater is below its \
          target",
        kind: StateKind::Other,
        effect: "comet orange speed=12 tail=12",
        lamp: "on",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_heating),
    },
    StateSpec {
        state: State::Complete,
        name: "complete",
        help: "the job is complete, until the printer is used or for `complete_timeout` seconds",
        kind: StateKind::Other,
        effect: "solid green",
        lamp: "on",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_complete),
    },
    StateSpec {
        state: State::Cooldown,
        name: "cooldown",
        help: "no heater has a target, and one is still hot and cools down",
        kind: StateKind::Other,
        effect: "thermal ice orange 1.0",
        lamp: "dim",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_cooling),
    },
    StateSpec {
        state: State::Sleep,
        name: "sleep",
        help: "`bored` for `sleep_timeout` seconds, and no heater has a target",
        kind: StateKind::Rest,
        effect: "off fade=4",
        lamp: "off fade=4",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_asleep),
    },
    StateSpec {
        state: State::Bored,
        name: "bored",
        help: "no motion, no command, no job and no higher target for `bored_timeout` seconds",
        kind: StateKind::Rest,
        effect: "solid 0.1,0.1,0.1 fade=2",
        lamp: "0.1 fade=2",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_bored),
    },
    StateSpec {
        state: State::Idle,
        name: "idle",
        help: "no other state applies",
        kind: StateKind::Other,
        effect: "solid dimwhite",
        lamp: "dim",
        stand_in: None,
        commands: &[],
        is_active: Some(StateMachine::is_idle),
    },
];
