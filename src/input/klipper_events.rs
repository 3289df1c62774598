//! Klipper's events that the engine needs. Some are sent by Kalico only; subscribing to an unknown
//! event costs nothing.

/// Events that are posted to the engine, and its name for each.
pub const POSTED_EVENTS: &[(&str, &str)] = &[
    ("klippy:shutdown", "shutdown"),
    ("klippy:notify_mcu_error", "shutdown"),
    ("gcode:command_error", "command_error"),
];

/// Events that change the printer's state: the next sample is taken immediately.
pub const CHANGE_EVENTS: &[&str] = &[
    "virtual_sdcard:reset_file",
    "print_stats:start_printing",
    "print_stats:paused_printing",
    "print_stats:complete_printing",
    "print_stats:error_printing",
    "print_stats:cancelled_printing",
    "filament:insert",
    "filament:runout",
];
