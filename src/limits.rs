//! The limits of everything that comes from outside: one table.
//!
//! Every edge (config files, G-code commands, endpoints, the helper's socket) checks these before
//! it looks at its input. Nothing here applies a limit.

/// Bytes of one value of a command or an endpoint.
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

/// Known words that a message lists when none of them is near.
pub const LISTED: usize = 20;

/// Characters of a word for which a message suggests another one.
pub const SUGGEST_CHARS: usize = 32;

/// Known words that are compared with a mistyped one.
pub const SUGGEST_CANDIDATES: usize = 256;

/// Bytes of one config file.
pub const FILE_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a config with all its includes.
pub const CONFIG_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of one line of a config file.
pub const LINE_BYTES: usize = 64 * 1024;

/// Depth to which config files include each other.
pub const INCLUDE_DEPTH: usize = 32;

/// `[include ...]` lines of a config, and files that they name.
pub const INCLUDES: usize = 1000;

/// Directory entries that the patterns of all includes are compared with.
pub const GLOB_ENTRIES: usize = 100_000;

/// Sections of a config.
pub const SECTIONS: usize = 2000;

/// Options of one section.
pub const SECTION_OPTIONS: usize = 1000;

/// Bytes of the value of one option in a Lumen section.
pub const OPTION_BYTES: usize = 16 * 1024;

/// Groups of a config.
pub const GROUPS: usize = 250;

/// Strips of a config, and Klipper's LED sections on Lumen's pins.
pub const STRIPS: usize = 128;

/// LEDs of Klipper's own sections whose channels are read from a config.
pub const LEDS: usize = 20_000;

/// Pixels of all strips of a config.
pub const PIXELS: usize = 50_000;

/// Bytes of all names and values in the Lumen sections of a config.
pub const LUMEN_BYTES: usize = 1024 * 1024;

/// Effect sections of a config.
pub const EFFECTS: usize = 250;

/// Seconds that a call waits for devices, whatever timeout it is given.
pub const WAIT_S: usize = 60;
