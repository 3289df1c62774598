//! The limits of everything that comes from outside: one table.
//!
//! Every edge (config files, G-code commands, endpoints, the helper's socket) checks these before
//! it looks at its input. Nothing here applies a limit.

/// Bytes of one value of a command, an endpoint or the value of one option in a Lumen section.
pub const VALUE_BYTES: usize = 1024;

/// Bytes of the name of a section, group, strip, effect, state or parameter.
pub const NAME_BYTES: usize = 128;

/// Parameters of one command or endpoint call.
pub const PARAMETERS: usize = 64;

/// Characters of a user's word that a message repeats.
pub const SHOWN_CHARS: usize = 60;

/// Characters of one line that Lumen writes to a log or the console by itself.
pub const LINE_CHARS: usize = 500;

/// Problems of a config that are printed; the rest is counted.
pub const PROBLEMS: usize = 20;
