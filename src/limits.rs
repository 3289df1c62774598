//! The limits of all external input.
//!
//! The code that receives input (config files, G-code commands, endpoints, the helper's socket)
//! checks these limits before it processes the input.

/// Bytes of one value in a command or an endpoint call.
pub const VALUE_BYTES: usize = 1024;

/// Bytes of the name of a section, group, strip, effect, state or parameter.
pub const NAME_BYTES: usize = 128;

/// Parameters of a command or an endpoint call.
pub const PARAMETERS: usize = 64;

/// Characters of a user's word in a message.
pub const SHOWN_CHARS: usize = 60;

/// Characters of a line that Lumen writes to a log or the console.
pub const LINE_CHARS: usize = 500;

/// Replies to refused commands on the console, per minute.
pub const REPLIES_SHOWN: usize = 10;

/// Repeats of such a reply on the console, per minute.
pub const REPLY_REPEATS: usize = 3;

/// Different replies in the log, per minute.
pub const REPLIES_LOGGED: usize = 30;

/// Different replies to one command in the log, per minute.
pub const REPLY_TEXTS_OF_COMMAND: usize = 6;

/// Complete answers to commands in the log, per minute.
pub const REPLY_ANSWERS: usize = 10;

/// Messages on the console that are no answers, per minute, with the replies to refused commands.
pub const CONSOLE_MESSAGES: usize = 10;

/// How many of these are reserved for errors.
pub const CONSOLE_RESERVED: usize = 2;

/// Notices in the log, per minute.
pub const LOG_NOTICES: usize = 20;

/// Lines of the debug log about states and effects, per minute, and as many about temperatures.
pub const DEBUG_LINES: usize = 60;

/// Warnings that are shown at the same time.
pub const WARNINGS: usize = 32;

/// Printed problems of a config; the rest is only counted.
pub const PROBLEMS: usize = 20;

/// Valid words that a message lists if none of them is similar.
pub const LISTED: usize = 20;

/// Characters of a word that gets a suggestion.
pub const SUGGEST_CHARS: usize = 32;

/// Candidates that are compared with a mistyped word.
pub const SUGGEST_CANDIDATES: usize = 256;

/// Bytes of one config file.
pub const FILE_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a config including all included files.
pub const CONFIG_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of one line of a config file.
pub const LINE_BYTES: usize = 64 * 1024;

/// Nesting depth of `[include ...]` lines.
pub const INCLUDE_DEPTH: usize = 32;

/// `[include ...]` lines of a config, and files that they include.
pub const INCLUDES: usize = 1000;

/// Directory entries that are compared with the patterns of all includes.
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

/// LEDs of Klipper's LED sections whose channels are read from a config.
pub const LEDS: usize = 20_000;

/// Pixels of all strips of a config.
pub const PIXELS: usize = 50_000;

/// Bytes of all names and values in the Lumen sections of a config.
pub const LUMEN_BYTES: usize = 1024 * 1024;

/// Pixels in one answer of `lumen/preview`.
pub const PREVIEW_PIXELS: usize = 2000;

/// Effect sections of a config.
pub const EFFECTS: usize = 250;

/// Palette sections of a config.
pub const PALETTES: usize = 250;

/// Colors of a palette, or of an effect.
pub const PALETTE_COLORS: usize = 16;

/// Effects that are blended in one stack.
pub const LAYERS: usize = 8;

/// Seconds that a call waits for devices, regardless of its timeout.
pub const WAIT_S: usize = 60;
