"""The native engine. Every method returns at once; only ``Notice.log`` and ``Messages``, which log,
call back into Python."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Optional, final

from typing_extensions import Self

__all__ = [
    "ConfigError",
    "ConfigFile",
    "ConfigFileError",
    "ConsoleLimits",
    "Delivery",
    "DoctorRun",
    "Engine",
    "FrameSlot",
    "Holds",
    "KlipperLights",
    "LumenError",
    "Messages",
    "NeopixelChains",
    "Notice",
    "PrinterObjects",
    "Reload",
    "ReloadProgress",
    "ReplyLimits",
    "Request",
    "RequestError",
    "SampleClock",
    "__version__",
    "blank",
    "blank_object",
    "blank_objects",
    "board_model",
    "catalog",
    "check",
    "check_file",
    "check_leds",
    "colors",
    "counted",
    "effects",
    "examine",
    "find_leds",
    "helper_config",
    "helper_strips",
    "is_klipper_neopixel",
    "is_lumen",
    "klipper_events",
    "klipper_neopixel_options",
    "led_channels",
    "led_kinds",
    "limits",
    "mcu_bytes_per_second",
    "nearest",
    "neopixel_command",
    "number_meant",
    "old_macro",
    "palettes",
    "pin_refused",
    "read_config",
    "reload_lines",
    "request",
    "requests",
    "serve_helper",
    "set_led_script",
    "shown",
    "spi_commands",
    "unknown_name",
]

__version__: str

class LumenError(Exception):
    """An error of the engine, with a message for the user."""

class ConfigError(LumenError):
    """The problems of a config. ``errors`` holds the first 20 as (section, option or None,
    message). If there are more, a last entry with an empty section gives their number. ``str()``
    joins the messages, one per line."""

    errors: list[tuple[str, Optional[str], str]]

class ConfigFileError(LumenError):
    """A config file that cannot be read. ``place`` is (file, line), or None if the first file
    itself cannot be read."""

    place: Optional[tuple[Path, int]]

class RequestError(LumenError):
    """A request that the engine rejected, with a message for the user: an unknown name, a value out
    of range, too many pending requests, or a closed engine. Any other LumenError is a fault of the
    engine."""

def examine(facts: dict[str, Any]) -> dict[str, Any]:
    """Looks for what keeps a strip dark: ``{"ok": bool, "findings": [{"check", "level", "text",
    "advice"}], "lines": [str]}``; the level is ``ok``, ``warning`` or ``problem``. It reads files
    with the GIL released. ``facts`` has the fields of ``DoctorInput`` in ``src/doctor.rs``. Raises
    LumenError for other fields."""

def check_file(path: os.PathLike[str], is_kalico: bool, with_devices: bool) -> list[dict[str, Any]]:
    """Checks a config file: ``[{"level", "file", "line", "section", "option", "message"}]``, with
    the problems last; the level is ``problem``, ``warning`` or ``note``. ``with_devices`` also
    warns about missing devices. Reads the files with the GIL released."""

def spi_commands(root: os.PathLike[str], uid: int, groups: Sequence[int]) -> list[str]:
    """Returns the commands, each for root, that a strip on SPI still needs on the computer with
    these files, for the user that runs Klipper."""

def board_model(root: os.PathLike[str]) -> str:
    """Returns the model of a single-board computer; empty for others."""

def blank(config: str, timeout: float = 2.0) -> list[tuple[str, Optional[str], bool]]:
    """Blanks all strips of a config without running it.

    Waits at most ``timeout`` seconds in total, and never more than 60. Returns for each output its
    strips (``strip 'case'``), the error or None, and whether Klipper drives the strips, which is
    why they cannot be blanked. Raises ConfigError, and RequestError if ``timeout`` is NaN."""

def blank_object(kind: Literal["groups", "strips", "lights"]) -> dict[str, Any]:
    """Returns the fields of a printer object that does not exist in the config."""

def blank_objects(facts: dict[str, Any]) -> dict[str, Any]:
    """Returns ``Engine.objects`` while no engine runs."""

def requests() -> list[Request]:
    """Returns the table of all requests."""

def request(
    name: str, parameters: dict[str, Any], as_text: bool
) -> tuple[Any, Optional[Literal["sample", "reload", "doctor", "measure"]], float]:
    """Answers a request like ``Engine.request`` while no engine runs. Raises RequestError."""

def old_macro(section: str, options: Sequence[str]) -> Optional[str]:
    """Returns the error about a macro of LUMEN 1.x with the name of a Lumen command; None for any
    other section. ``options`` are the names of its options."""

def check(config: str, facts: Optional[str] = None) -> dict[str, Any]:
    """Compiles a config without opening any device. Returns ``{"warnings": [(section, option or
    None, message)], "notes": like warnings, for things that may be fine in an incomplete config,
    "devices": [(section, path)]}``, where ``devices`` are those of the strips.

    ``config`` is JSON, ``{"sections": [["lumen", {"gpio_fps": "60"}], ["lumen_group case", {}]]}``,
    with the option values of the file, in file order. It also contains Klipper's own sections
    whose ``pin`` belongs to Lumen. The key ``"leds": {"neopixel case": ["GRB", "GRBW"]}`` gives the
    channels of each LED of Klipper's LED sections. The key ``"klipper": {"known_from": "part",
    "files" or "printer", "names": [full names of its sections or objects]}`` lists what Lumen's
    sections may name; see ``ConfigFile.known_json``. ``facts`` describes the printer, also as JSON:
    ``{"heaters": ["extruder", "heater_bed"], "sensors": ["temperature_sensor chamber"], "travel":
    [[0, 200], [0, 200], [0, 200]]}``. Without it, names of heaters and sensors are not checked.
    Its key ``"plug_ins"`` lists the sections that plug-ins may read, if the facts come from config
    files and not from a connected printer. Raises ConfigError.
    """

@final
class ConfigFile:
    """A config in Klipper's syntax with all included files."""

    def sections(self) -> list[str]:
        """Returns the full names of all sections, in the order of the files."""

    def options(self, section: str) -> Optional[list[tuple[str, str, tuple[Path, int]]]]:
        """Returns the options of a section as (name, value, (file, line)), sorted by name; None if
        there is no such section."""

    def place(self, section: str, option: Optional[str] = None) -> Optional[tuple[Path, int]]:
        """Returns the file and line of an option, or of its section if the option is not set; None
        if there is no such section."""

    def discard(self) -> None:
        """Frees the config, with the GIL released. It is empty afterwards."""

    def lumen_json(self, known: Optional[str] = None) -> str:
        """Returns Lumen's sections, the sections with a pin of Lumen, and what is known of
        Klipper's own, in the format of ``check``. Kalico's references to other options are
        resolved. ``known`` replaces what the files say about Klipper, as JSON: ``{"sections": [],
        "leds": {"neopixel sb": ["GRBW"]}, "klipper": {...}}``."""

    def known_json(self) -> str:
        """Returns what the files say about Klipper's own sections, for ``lumen_json``."""

    def messages(
        self,
        findings: list[tuple[str, Optional[str], str]] = ...,
        with_notes: bool = False,
    ) -> list[tuple[Optional[tuple[Path, int]], Optional[str], Optional[str], str, str]]:
        """Returns findings (section, option or None, message), and notes about single lines if
        ``with_notes`` is set, in the order of the lines: place, section, option, message, and the
        message as one line with its place. Messages without a place come first, the count of
        unlisted problems last."""

    def facts_json(self) -> Optional[str]:
        """Returns the facts about the printer, in the format of ``check``; None without
        [printer]."""

def read_config(path: os.PathLike[str], is_kalico: bool = False) -> ConfigFile:
    """Reads a config file and all included files, as Klipper does, with the GIL released. For
    Kalico, ``**`` in an include means any number of folders. Raises ConfigFileError if Klipper
    could not read the file either, if it is not a regular file, or if it exceeds a limit."""

def is_klipper_neopixel(name: str, pin: str) -> bool:
    """Whether a section of Klipper has a pin of Lumen."""

def is_lumen(name: str) -> bool:
    """Whether a section is meant for Lumen, also if its name is not written as it must be."""

def klipper_neopixel_options() -> Sequence[str]:
    """Returns the options that Lumen reads from a section of Klipper with a pin of Lumen."""

def effects() -> str:
    """Returns all effects as JSON: ``[{"name", "help", "usage", "options": [{"name", "short",
    "kind", "unit", "default", "above" or "min" and "max" if limited, "help"}]}]``. A missing short
    name, unit or default is null. ``kind`` is number, count, color, colors, palette, axis or
    source."""

def palettes() -> str:
    """Returns the built-in palettes as JSON: ``[{"name", "colors": [{"color": RRGGBB,
    "place"}]}]``, places from 0.0 to 1.0."""

def catalog() -> str:
    """Returns everything that a config may contain, as JSON: ``{"sections": [{"name", "help",
    "options"}], "states": [{"name", "help", "default"}], "effects": see effects(), "pictures":
    [{"effect", "text", "length_s"}], "palettes": see palettes()}``, states in descending
    priority. ``pictures`` are those of the effects in the documentation."""

def limits() -> list[tuple[str, int]]:
    """Returns the limits of all external input by name: ``value_bytes`` of a value, ``name_bytes``
    of a name, ``parameters`` of a call, ``shown_chars`` of a user's word in a message,
    ``line_chars`` of a log line or message, ``replies_shown``, ``reply_repeats``,
    ``replies_logged``, ``reply_texts_of_command`` and ``reply_answers`` of commands per minute,
    ``problems`` of a config that are printed, ``listed`` known words in a message,
    ``suggest_chars`` and ``suggest_candidates`` of suggestions; for config files ``file_bytes``,
    ``config_bytes``, ``line_bytes``, ``include_depth``, ``includes``, ``glob_entries``,
    ``sections``, ``section_options``, ``option_bytes``, ``groups``, ``strips``, ``effects``,
    ``palettes``, ``palette_colors``, ``pixels``, ``lumen_bytes``, ``leds``; ``wait_s``, the longest
    wait of a call."""

def nearest(word: str, candidates: Sequence[str]) -> Optional[str]:
    """Returns the candidate that is closest to a mistyped word, ignoring case; None if none is
    close. Words longer than ``name_bytes`` are ignored."""

def number_meant(text: str, is_share: bool) -> Optional[str]:
    """Returns the number that a text with a decimal comma, a percent sign or a unit probably means;
    None for any other text. With ``is_share``, a percentage is converted to 0.0-1.0."""

def counted(count: int, noun: str) -> str:
    """Returns a count with its noun: ``1 pixel``, ``2 pixels``."""

def shown(word: str) -> str:
    """Returns a user's word as shown in a message: control characters escaped, cut to
    ``shown_chars`` followed by ``...``."""

def helper_config(config: str, facts: Optional[str], uids: Sequence[int]) -> str:
    """Returns the text of the helper's config file for the strips on PWM and PCM pins of a config,
    with these users as clients. Takes the same arguments as ``check``. Raises ConfigError, and
    LumenError if there are no such strips or the helper cannot drive them."""

def helper_strips(path: str) -> list[str]:
    """Returns a description of each strip that the helper's config allows. Raises LumenError if the
    config cannot be used, for example because users other than root and the caller can write
    it."""

def serve_helper(
    config: str,
    socket: str,
    stop: int,
    *,
    notify: Optional[str] = None,
    dry_run: Optional[str] = None,
) -> None:
    """Runs the helper until the pipe ``stop`` is readable. Blanks the strips before it returns.

    ``notify`` is systemd's NOTIFY_SOCKET. With ``dry_run``, the frames are written to that file
    instead of the pins. Raises LumenError if the helper cannot start or continue. The process
    should then exit at once, because a thread may hang in the driver of the pins.
    """

def colors() -> list[tuple[str, str]]:
    """Returns all color names with their value as RRGGBB, sorted by name."""

@final
class Holds:
    """How long calls into Lumen block Klipper's reactor, in seconds."""

    def __new__(cls, now: float) -> Self:
        """Begins to count at a time."""

    def add(self, held_s: float, own_s: float) -> None:
        """Counts a call by its duration, and by its duration without other programs."""

    @property
    def held_s(self) -> float:
        """The total time."""

    def reset_totals(self) -> None:
        """Resets the totals since Klipper was ready."""

    def clear_recent(self) -> None:
        """Begins a new window of the performance figures."""

    def update_window(self, now: float) -> None:
        """Ends the window of the share when its time is over; must be called regularly."""

    def facts(self) -> dict[str, float]:
        """Returns all figures, as the fact ``reactor`` of ``Engine.request``."""

@final
class ReplyLimits:
    """Decides which replies to commands are shown and logged."""

    def __new__(cls) -> Self:
        """Begins without any reply."""

    def refuse(self, text: str, now: float) -> tuple[bool, bool]:
        """Counts a reply to a refused command; returns whether it is shown, and whether it is
        logged. ``text`` begins with the command and a colon."""

    def answer(self, now: float) -> bool:
        """Counts an answer; returns whether it is logged."""

    @property
    def texts(self) -> int:
        """The number of texts that are counted."""

    def end_minute(self) -> tuple[list[str], Optional[str], Optional[str]]:
        """Ends the minute. Returns the repeated texts, how many were not logged, and how many were
        not shown."""

@final
class Messages:
    """Decides which notices are logged, which warnings are current, and what the console gets."""

    def __new__(cls) -> Self:
        """Begins without any warning."""

    def notice(self, notice: Notice, now: float) -> Delivery:
        """Logs a notice, unless a limit is reached, and returns what else to do."""

    def warn(self, text: str, about: Optional[str], now: float) -> Delivery:
        """Does the same with a warning of the caller. ``about`` names the strips whose recovery
        clears it."""

    def clear(self, about: str) -> Delivery:
        """Clears the warnings about strips."""

    def warnings(self) -> list[str]:
        """Returns the current warnings, oldest first."""

@final
class Delivery:
    """What to do with a message, from ``Messages``."""

    @property
    def cleared(self) -> list[str]:
        """The warnings that are no longer current."""

    @property
    def warning(self) -> Optional[str]:
        """A new warning, to log and to show."""

    @property
    def message(self) -> Optional[str]:
        """A message for the console, without a count of repeats."""

    @property
    def is_error(self) -> bool:
        """Whether that message is an error."""

@final
class ConsoleLimits:
    """Decides which messages, other than answers, the console shows; at first none."""

    def __new__(cls) -> Self:
        """Begins without any message."""

    def enable(self, is_on: bool) -> None:
        """Enables or disables messages."""

    def write(self, text: str, is_error: bool, now: float, is_printing: bool) -> list[str]:
        """Returns the line to show for a message; none if the limits do not allow it now."""

    def update(self, now: float, is_printing: bool) -> list[str]:
        """Returns the lines about counted messages; must be called regularly."""

    def count_reply(self, now: float) -> None:
        """Counts a reply to a command towards the limit."""

    @property
    def is_on(self) -> bool:
        """Whether messages are enabled."""

    @property
    def is_waiting(self) -> bool:
        """Whether ``update`` has something to do now or later."""

    @property
    def sends(self) -> int:
        """The number of messages and replies that were sent."""

@final
class Request:
    """A request to Lumen: a G-code command, an endpoint, or both."""

    @property
    def name(self) -> str:
        """The name of the endpoint, ``lumen/NAME``, or of a command of web interfaces."""

    @property
    def gcode(self) -> str:
        """The name of the command."""

    @property
    def help(self) -> str:
        """What it does, then the parameters; those in brackets are optional."""

    @property
    def parameters(self) -> list[str]:
        """The names of its own parameters, in upper case."""

    @property
    def kind(self) -> Literal["lumen", "old", "web"]:
        """``old`` for a command that LUMEN's documentation recommended for macros, ``web`` for one
        that web interfaces send."""

    @property
    def command(self) -> bool:
        """Whether it is a command of Lumen."""

    @property
    def endpoint(self) -> bool:
        """Whether it is an endpoint."""

    @property
    def always(self) -> bool:
        """Whether it also works before Klipper is ready and after a shutdown."""

    @property
    def reads_facts(self) -> bool:
        """Whether it needs the facts of ``Engine.request``."""

@final
class Reload:
    """A reload on a thread of its own, from ``Engine.start_reload``. The thread reads and compiles
    the files, waits for ``accept``, and commits the config to the engine."""

    def host_strips(self) -> Optional[list[dict[str, Any]]]:
        """Returns the strips that Klipper drives, like ``Engine.host_strips``, while the thread
        waits for ``accept``; None otherwise."""

    def accept(self) -> None:
        """Lets the thread commit the config."""

    def cancel(self) -> None:
        """Cancels the reload. A config that is already being committed is still applied."""

    def outcome(self) -> Optional[tuple[bool, list[str], list[str]]]:
        """Returns whether the config was applied, the warnings, and the problems, each with file
        and line. None while the thread runs, and after ``cancel``."""

    def join(self, timeout: float = 0.0) -> bool:
        """Waits at most ``timeout`` seconds for the end of the thread, with the GIL released;
        returns whether it has ended."""

@final
class ReloadProgress:
    """The caller's side of a reload: says what to do next."""

    def __new__(cls, now: float, is_busy: bool, hanging: int) -> Self:
        """Begins a reload. ``hanging`` is the number of threads of canceled reloads that still run.
        Raises RequestError if ``is_busy`` or too many hang."""

    def poll(
        self,
        now: float,
        outcome: Optional[tuple[bool, list[str], list[str]]],
        problems: Optional[list[str]],
    ) -> list[
        tuple[
            Literal["pause", "accept", "resume", "abandon", "warn", "report", "adopt"],
            str,
            Optional[tuple[bool, list[str], list[str]]],
        ]
    ]:
        """Returns the next steps, each with the text of ``warn`` and the outcome of ``report`` and
        ``adopt``. ``outcome`` is that of the thread; ``problems`` are the differences between the
        compiled config and Klipper's objects, while the thread waits for ``accept``."""

def reload_lines(outcome: tuple[bool, list[str], list[str]]) -> list[str]:
    """Returns the lines about the outcome of a reload that a user sees."""

@final
class DoctorRun:
    """A run of ``examine`` on a thread of its own, which never takes the GIL."""

    def __new__(
        cls,
        facts: dict[str, Any],
        now: float,
        last: Optional[float] = None,
        is_running: bool = False,
    ) -> Self:
        """Starts a run. ``last`` is when the last one began, and ``is_running`` whether it still
        runs. Raises RequestError if none can start now."""

    def poll(self, now: float) -> Optional[dict[str, Any]]:
        """Returns the result once, when the thread has ended or takes too long."""

    def is_running(self) -> bool:
        """Whether the thread still runs."""

@final
class FrameSlot:
    """The newest frame of a strip that Klipper drives."""

    @property
    def fd(self) -> int:
        """An eventfd that becomes readable with the first frame, and when a frame arrives after
        ``KlipperLights.take`` found none. Closes with this object and its strips."""

@final
class PrinterObjects:
    """Klipper's objects that a config reads, and what is known of the last sample."""

    def __new__(cls, sources: Sequence[str], filament_sensors: Sequence[str]) -> Self:
        """``sources`` and ``filament_sensors`` are those of ``Engine.wants``."""

    def names(self) -> list[str]:
        """Returns the names of the objects; an empty name is a source that is not in use."""

    def check(self, name: str, status: object) -> None:
        """Raises TypeError if the status of an object is invalid."""

    def temperatures(self) -> list[tuple[str, tuple[Optional[float], Optional[float]]]]:
        """Returns temperature and target of each source, as last sampled."""

@final
class SampleClock:
    """When the next sample is due, in seconds of the caller's clock."""

    def __new__(cls) -> Self: ...
    def hurry(self) -> None:
        """Makes the next sample due now."""

    def sampled(self, now: float) -> float:
        """Records a sample; returns when the next one is due."""

    def failed(self, now: float) -> float:
        """Records a failed sample; returns when the next one is due."""

    def queried(self, now: float) -> Optional[float]:
        """Moves the next sample close to a query of the objects, without increasing the rate.
        Returns its new time, if that has changed."""

@final
class KlipperLights:
    """The strips of one config that Klipper drives: what to send to which object, and when. Times
    are in seconds; numbers count from 0 in the order of the calls."""

    def __new__(cls, previous: Optional[KlipperLights] = None) -> Self:
        """The counts of frames of ``previous``, its pending writes and its measured times
        continue."""

    def add_mcu(self, name: str, bytes_per_second: float) -> int:
        """Adds an MCU with its limit; returns its number."""

    def add_strip(self, slot: FrameSlot, name: str, label: str, drawn: Sequence[int]) -> int:
        """Adds a strip; returns its number. ``label`` is its name in messages, ``drawn`` are the
        indices of the pixels that belong to a group."""

    def set_unsupported(self, strip: int, problem: str) -> str:
        """Notes that a strip has an object that is not supported: it stays dark. Returns the
        warning."""

    def add_part(
        self,
        strip: int,
        mcu: int,
        name: str,
        kind: str,
        count: int,
        color_map: Optional[object],
        takes_pieces: bool,
        gain: float,
    ) -> int:
        """Adds an object that shows the next pixels of a strip; returns its number.

        ``kind`` is ``lamp``, ``switch``, ``command`` or the first word of a section. ``color_map``
        is Klipper's, with the LED and the channel of each byte of a chain. ``takes_pieces`` says
        whether pieces of its data can be sent. ``gain`` is the value of a lamp's pin at full
        brightness."""

    def start(self, now: float) -> None:
        """Starts the updates: pins wait until Klipper has configured them."""

    def stop(self) -> None:
        """Ends the updates."""

    def check_lateness(self, now: float) -> float:
        """Checks whether the caller's timers run on time; returns when to check again. Infinite
        while there are no pins."""

    def measure(self, until: float) -> None:
        """Measures how long updates take, until a time."""

    def update_times(self) -> dict[str, list[list[float]]]:
        """Returns the measured times of the objects of each strip, in microseconds."""

    def chains(self) -> dict[str, list[tuple[str, int, int]]]:
        """Returns the strips on each object: name, first pixel and number of LEDs."""

    def release(self, now: float, previous: KlipperLights) -> list[tuple[str, int, int]]:
        """Adds parts that turn off, once, what ``previous`` lit and this one does not drive.
        Returns their objects, each with the number of its MCU and of its part. Empties
        ``previous``."""

    def wake(self, strip: int) -> None:
        """Notes that a strip's eventfd is readable, and resets it."""

    def take(
        self,
        mcu: int,
        now: float,
        is_gone: bool,
        took_s: Optional[float],
        conditions: Sequence[tuple[bool, Optional[tuple[float, float]]]],
    ) -> tuple[
        Optional[
            tuple[
                int,
                list[tuple[int, tuple[float, float, float, float]]],
                list[tuple[int, bytes]],
                Optional[float],
            ]
        ],
        float,
    ]:
        """Returns the next update of an MCU, and when to ask again. An update is the number of the
        part, the colors of LEDs, pieces of the chain's data with their positions, and for pins the
        print time of the write.

        ``took_s`` is how long the last update took, if it did not fail. ``conditions`` has one
        entry for each part of the MCU: whether it is busy, and for pins the print time and that of
        the last write; a pin without them is not written."""

    def failed(self, part: int, now: float, problem: str) -> float:
        """Records that the last update of a part has failed; returns when it is retried."""

    def invalidate(self, part: int) -> None:
        """Forces the newest frame to be sent again completely."""

    def set_quiet(self, is_quiet: bool) -> None:
        """Notes that the printer homes or probes, or has ended it."""

    def shut_down(self) -> None:
        """Notes that Klipper is shut down."""

    def poll(self, now: float, busy: Sequence[bool]) -> list[tuple[str, Optional[str], bool]]:
        """Updates the health of all strips. ``busy`` says of each part whether its last update is
        in progress. Returns the strips whose health has changed: the name in messages, a warning to
        show, and whether the warnings about it no longer apply."""

    def rates(self) -> dict[str, tuple[float, float]]:
        """Returns the recent updates and bytes per second of each strip."""

    def wire_bytes(self) -> dict[str, float]:
        """Returns the bytes sent to each MCU so far."""

@final
class NeopixelChains:
    """The bytes that Klipper's ``[neopixel]`` sections have sent to pins of Lumen."""

    def __new__(cls) -> Self: ...
    def add(self, command: str) -> None:
        """Adds the chain of a section; ``command`` is ``config_neopixel oid=0 pin=gpio18 ...``.
        Raises RequestError."""

    def update(self, oid: int, position: int, data: Sequence[int]) -> None:
        """Changes bytes of a chain from a position on; ignores what does not fit."""

    def chain(self, oid: int) -> Optional[tuple[str, bytes]]:
        """Returns the pin and the bytes of a chain."""

def neopixel_command(form: str) -> Literal["update", "send"]:
    """Returns the command of a ``[neopixel]`` with a format. Raises RequestError for another."""

def pin_refused(pin_type: str, pin: str) -> str:
    """Returns the error for a pin of Lumen that is not that of a ``[neopixel]``."""

def unknown_name(key: str, name: Optional[str], names: Sequence[str]) -> str:
    """Returns the error for a name that a command of web interfaces does not have; ``key`` is its
    parameter."""

def klipper_events() -> tuple[list[tuple[str, str]], list[str]]:
    """Returns Klipper's events that are posted to the engine, each with its name there, and those
    after which the next sample is taken immediately."""

def set_led_script(
    section: str, colors: Sequence[tuple[int, tuple[float, float, float, float]]]
) -> str:
    """Returns the commands SET_LED for new colors of LEDs, counted from 0."""

def led_kinds() -> list[str]:
    """Returns Klipper's sections with an LED helper."""

def led_channels(
    kind: str, count: int, color_map: Optional[object], pins: Optional[object]
) -> list[str]:
    """Returns the channels of each LED of an object, such as ``GRBW``; empty if unknown. ``kind``
    is the first word of its section, ``color_map`` and ``pins`` are the attributes of Klipper's
    object."""

def find_leds(label: str, texts: Sequence[str], is_lamp: bool, names: Sequence[str]) -> list[str]:
    """Returns the full names of the objects of a strip. Each text is the name of a section or the
    last word of it; ``names`` are those of Klipper's objects. Raises RequestError."""

def check_leds(label: str, pixels: int, objects: Sequence[tuple[str, int]]) -> None:
    """Raises RequestError if the objects of a strip, each with its number of LEDs, have too few."""

def mcu_bytes_per_second(section: dict[str, Any], constants: dict[str, Any]) -> float:
    """Returns the bytes per second for lights on the connection to an MCU with this section and
    these constants of its firmware."""

@final
class Notice:
    """A message from the engine's threads, for the log."""

    def __new__(
        cls, level: Literal["info", "warning", "error"], text: str, about: Optional[str] = None
    ) -> Self:
        """Raises LumenError for any other level."""

    @property
    def level(self) -> Literal["info", "warning", "error"]:
        """The severity: ``warning`` if something does not work as configured, ``error`` if Lumen
        has a bug."""

    @property
    def text(self) -> str:
        """What happened. Ends with ``(again 57 times)`` if it happened more than once."""

    @property
    def about(self) -> Optional[str]:
        """The strips that it is about. An ``info`` notice about strips means that they work again
        and that earlier warnings about them no longer apply."""

    def log(self) -> None:
        """Logs it to the logger ``lumen.engine`` of Python's ``logging``, as one line of at most
        500 characters. An error in a handler is ignored."""

@final
class Engine:
    """A running engine with its render thread and outputs."""

    def __new__(
        cls,
        config: str,
        facts: Optional[str] = None,
        *,
        clock: Literal["real", "manual"] = "real",
        seed: Optional[int] = None,
    ) -> Self:
        """Compiles ``config`` (see ``check``) and starts. Raises ConfigError. A device that cannot
        be opened is not an error. With ``clock="manual"`` there is no thread: ``advance`` renders
        on the caller's thread, to memory outputs only. ``seed`` makes all random numbers
        repeatable."""

    def reload(
        self, config: str, facts: Optional[str] = None
    ) -> list[tuple[str, Optional[str], str]]:
        """Compiles a config and replaces the running one between two frames. Unchanged outputs stay
        open. Returns warnings. After a ConfigError the old config keeps running."""

    def start_reload(
        self,
        path: os.PathLike[str],
        *,
        known: str,
        facts: Optional[str] = None,
        is_kalico: bool = False,
    ) -> Reload:
        """Starts to read a changed config file on a new thread, which never takes the GIL.
        ``known`` and ``facts`` are as for ``ConfigFile.lumen_json`` and ``check``. Raises
        RequestError if no thread can be started."""

    def wants(self) -> dict[str, Any]:
        """Returns what to sample: ``{"sources": [full object names, in the order of ``sample``],
        "position": bool, "progress": bool, "states": {"homing": [names of macro_homing], ...},
        "commands": {"G28": "homing", ...}}``. An empty source name marks an index that is no longer
        in use. ``states`` maps the name of a state to the user's commands that show as it, and
        ``commands`` each of these and of the known commands to its state."""

    def offer(self) -> dict[str, Any]:
        """Returns what the config offers to Klipper's own LED sections and to web interfaces:
        ``{"pins": [{"section", "pin", "strip", "pixels", "color_order"}], "lights": [(group,
        "RGB" | "RGBW" | "W")], "effects": [{"name", "effect", "options": {name: text}, "show",
        "groups"}], "palettes": see palettes(), "debug": "off" | "log" | "console",
        "mcu_bytes_per_second": number or None}``. ``pins`` are those used by Klipper's LED
        sections, without the chip name. ``effects`` and ``palettes`` are those of the config. An
        effect with ``show`` is a button for its ``groups``; an empty list means all groups. The
        last two are options of ``[lumen]``."""

    def log_header(self, version: str) -> str:
        """Returns the line for the head of each log file: the version and the strips."""

    def paint(self, strip: str, frame: bytes, color_order: str = "RGBW") -> None:
        """Paints a strip from its first pixel on, with the bytes of each pixel in ``color_order``.
        Pixels that are not black cover what the groups show, except for the states ``error`` and
        ``disconnected``, flashes and groups that are switched off. They stay until the next paint.
        Of several frames only the latest counts. Raises RequestError for an unknown strip."""

    def event(self, name: str, message: str = "") -> None:
        """Posts ``ready``, ``shutdown``, ``command_error``, ``activity`` or ``trigger``.
        ``message`` is Klipper's reason for a shutdown, or the names of the endstops that have
        triggered, with commas between them."""

    def begin(self, state: str) -> int:
        """Reports the start of an operation that shows as ``state``. Returns the token for
        ``end``."""

    def end(self, token: int, is_ok: Optional[bool] = None) -> None:
        """Ends an operation and all operations that began within it. Unknown tokens are ignored.
        With ``is_ok``, a command of Klipper has succeeded or failed: operations that macros report
        within it continue if it succeeded."""

    def move_event(self, event: str, endstops: list[str], now: float) -> None:
        """Handles one of Klipper's events ``homing:EVENT``. Homing and probing outside the
        operations of ``begin`` show as their own. ``endstops`` are the names of the endstops of the
        move."""

    def end_move(self, now: Optional[float] = None) -> None:
        """Ends homing and probing outside the operations of ``begin``; with ``now`` only if the
        last move was a second ago."""

    def untracked_commands(self, absent: list[str]) -> list[str]:
        """Returns a warning for each command of the ``macro_...`` lists that is not tracked.
        ``absent`` are commands that Klipper does not have."""

    def sample(
        self,
        job: str = "standby",
        message: str = "",
        *,
        sources: Sequence[tuple[Optional[float], Optional[float]]] = ...,
        paused: bool = False,
        filament_used: float = 0.0,
        velocity: float = 0.0,
        extruder_velocity: float = 0.0,
        commanded: bool = False,
        manual_probe: bool = False,
        bed_screws: bool = False,
        taking_frame: bool = False,
        filament: Sequence[tuple[bool, bool]] = ...,
        progress: Optional[float] = None,
        file_progress: Optional[float] = None,
        position: Optional[tuple[float, float, float]] = None,
    ) -> None:
        """Passes on one sample of the printer. It counts as a heartbeat.

        ``job`` and ``message`` are the state and message of print_stats; an unknown state counts as
        standby. Progress is 0.0-1.0, velocities are in mm/s, the position is in mm. Sources are
        (temperature, target) in degrees Celsius, at most 24. Filament sensors are (enabled,
        detected), at most 32. Values that are not finite count as None."""

    def sample_objects(
        self, objects: PrinterObjects, statuses: Sequence[Any], commanded: bool
    ) -> None:
        """Passes on one sample, read from the statuses of ``objects.names()``, in their order; an
        object that does not exist has an empty one. Raises TypeError if a status is invalid."""

    def request(
        self,
        name: str,
        parameters: dict[str, Any],
        now: float,
        facts: Optional[dict[str, Any]] = None,
        *,
        as_text: bool = False,
    ) -> tuple[Any, Optional[Literal["sample", "reload", "doctor", "measure"]], float]:
        """Answers a request of the table ``requests`` with data, or with ``as_text`` with a text
        or None. ``now`` is the caller's clock. ``facts`` are those of the crate's
        ``command::CallerFacts``, if the request reads them. Also returns what the caller does
        next: sample what ``wants`` returns, start a reload, or measure the updates of LEDs for so
        many seconds. Raises RequestError."""

    def objects(self, now: float, facts: dict[str, Any]) -> dict[str, Any]:
        """Returns the fields of all printer objects: ``{"lumen": {...}, "groups": {name: {...}},
        "strips": {name: {...}}, "lights": {name: {"color_data": [(red, green, blue, white)]}},
        "picked": [effects that groups show by command], "follows_printer": bool}``. Returns new
        containers. ``facts`` has ``version``, ``warnings`` and ``rates``."""

    def figures_due(self, now: float) -> bool:
        """Returns whether the performance figures are older than ten seconds."""

    def update_figures(self, now: float, facts: dict[str, Any]) -> None:
        """Computes the performance figures since the last call. ``facts`` has ``reactor``,
        ``console_sends`` and ``mcu_bytes``."""

    def statistics(self, held_s: float) -> str:
        """Returns the line for Klipper's statistics; ``held_s`` is how long the reactor was
        blocked."""

    def heartbeat(self) -> None:
        """Reports that Klipper's reactor is alive. After 3 s without a heartbeat the state is
        ``disconnected``."""

    def set(
        self,
        group: str,
        effect: str,
        options: dict[str, str],
        duration: Optional[float] = None,
        fade: Optional[float] = None,
        *,
        picked: bool = False,
    ) -> None:
        """Shows an effect (written as in ``on_...``) on a group, above its state, until ``clear``
        or for ``duration`` seconds. ``options`` are additional ``name=value`` pairs. ``group`` may
        be ``all``. With ``picked``, which marks a request from a web interface, the groups are also
        switched on. Raises RequestError with a message for the console."""

    def state(self, state: str, duration: Optional[float] = None) -> None:
        """Shows ``state`` regardless of the printer, until ``clear`` or for ``duration`` seconds.
        Alarms still show. Raises RequestError for an unknown state."""

    def clear(self, group: Optional[str] = None) -> None:
        """Removes what ``set`` put on a group. Without a group, clears all groups and ``state``."""

    def brightness(
        self, value: float, group: Optional[str] = None, fade: Optional[float] = None
    ) -> None:
        """Fades the brightness of a group, or of everything, to 0.0-1.0. The value holds until the
        next call, also after a reload. Raises RequestError."""

    def notice_fd(self) -> int:
        """Returns an eventfd that is readable while notices are waiting. The engine keeps
        ownership."""

    def notices(self) -> list[Notice]:
        """Takes the waiting notices, oldest first, with repeats combined. Resets the eventfd."""

    def host_strips(self) -> list[dict[str, Any]]:
        """Returns the strips that Klipper drives: ``{"name", "label", "pixels", "kind": "leds" |
        "lamp", "objects": [names], "scale": float or None, "drawn": [indices of pixels that belong
        to a group]}``. ``label`` is the name in messages: ``'sb' of group 'toolhead'``."""

    def frame_slot(self, strip: str) -> Optional[FrameSlot]:
        """Returns the newest frame of a strip that Klipper drives; None after ``close``."""

    def status(self) -> dict[str, Any]:
        """Returns what is shown and why: ``{"state", "states": [all active, highest priority
        first], "forced": name or None, "moving": bool, "fps": float, "brightness": float,
        "groups": {name: {"effect": text, "source": "state" | "command",
        "tint": [red, green, blue, white],
        "pixels": int, "brightness": float}},
        "strips": {name: {"output": kind, "pixels": int, "health": "ok" | "degraded" | "dark" |
        "abandoned", "error": text or None, "failures_in_a_row", "failures", "retry_in_s": float or
        None, "frames", "dropped", "reconnects", "current_ma", "limited"}}}``. Strips that share a
        wire share one health. Returns new containers. Holds one lock for nanoseconds."""

    def revision(self) -> int:
        """Returns a number that changes when ``status`` changes its state, effects or motion. Rates
        and strip health change without it. Very cheap."""

    def metrics(self) -> dict[str, Any]:
        """Returns counters and timing: ``{"frames", "written", "equal", "late", "wakeups",
        "cpu_seconds", "rss_bytes", "vms_bytes", "messages", "uptime_s", "panics", "posts_dropped",
        "windows": {"1": {...}, "10": {...}, "60": {...}}}``. Each window has ``fps``, and
        ``late_ms``, ``render_ms`` and ``period_ms`` as ``{"avg", "p50", "p95", "p99", "max"}``."""

    def advance(self, seconds: float) -> None:
        """Advances a manual clock and renders every frame that is due."""

    def frame(self, strip: str) -> bytes:
        """Returns the last frame of a strip in wire order as RGBW, four bytes per pixel."""

    def take_frames(self, strip: str) -> list[tuple[float, bytes]]:
        """Takes the frames that a memory output recorded since the last call: (seconds since the
        start, bytes in the strip's channel order). At most the last 65,536 frames are kept. With
        ``clock="real"`` the first call returns nothing and enables the recording."""

    def strips(self) -> list[tuple[str, int]]:
        """Returns the names and pixel counts of all strips."""

    def group_names(self) -> list[str]:
        """Returns the names of all groups, in the order of the config."""

    def groups(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Returns all groups with their pixels in canvas order as (strip name, pixel index)."""

    def close(self, timeout: float = 0.5) -> bool:
        """Blanks the strips and stops. Waits at most ``timeout`` seconds with the GIL released,
        never more than 60, and not at all if it is NaN. Returns False if a thread hangs in a driver
        and was abandoned. Idempotent."""
