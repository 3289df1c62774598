"""The native engine. Every method returns at once; only ``Notice.log`` calls back into Python."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Optional, final

from typing_extensions import Self

__all__ = [
    "ConfigError",
    "ConfigFile",
    "ConfigFileError",
    "Engine",
    "LumenError",
    "Notice",
    "Prepared",
    "RequestError",
    "__version__",
    "blank",
    "catalog",
    "check",
    "colors",
    "effects",
    "guest_options",
    "helper_config",
    "helper_strips",
    "is_guest",
    "is_lumen",
    "limits",
    "nearest",
    "number_meant",
    "read_config",
    "serve_helper",
    "shown",
]

__version__: str

class LumenError(Exception):
    """What the engine refuses or cannot do, in words for the user."""

class ConfigError(LumenError):
    """Problems of a config. ``errors`` holds each as (section, option or None, message), the
    first 20 of them; of more the last one says how many, with an empty section. ``str()`` joins the
    messages, one a line."""

    errors: list[tuple[str, Optional[str], str]]

class ConfigFileError(LumenError):
    """Why a config file cannot be read. ``place`` is (file, line), or None if the first file itself
    cannot be read."""

    place: Optional[tuple[Path, int]]

class RequestError(LumenError):
    """A request that the engine refuses, in words for the user: an unknown name, a value out of
    range, too many requests that wait, an engine that is closed. Any other LumenError is the
    engine's own fault."""

def blank(config: str, timeout: float = 2.0) -> list[tuple[str, Optional[str], bool]]:
    """Darkens all strips of a config without running it, but those that klippy drives.

    Waits at most ``timeout`` seconds for all of them, and never more than 60. Returns for each way
    out its strips (``strip 'case'``), what kept them from it, or None, and whether that is because
    klippy drives them. Raises ConfigError, and
    RequestError for a ``timeout`` that is NaN."""

def check(config: str, facts: Optional[str] = None) -> dict[str, Any]:
    """Compiles a config without opening anything; returns what it found: ``{"warnings": [(section,
    option or None, message)], "notes": as warnings, what may be right in a part of a config,
    "devices": [(section, path)]}``, the devices that strips are on.

    ``config`` is JSON, ``{"sections": [["lumen", {"gpio_fps": "60"}], ["lumen_group case", {}]]}``,
    with option values as they stand in the file, in file order; of Klipper's own sections those
    whose ``pin`` is one of Lumen's. ``"leds": {"neopixel case": ["GRB", "GRBW"]}`` beside the
    sections gives the channels of each LED of Klipper's LED sections, and ``"klipper":
    {"known_from": "part", "files" or "printer", "names": [full names of its sections or objects]}``
    what there is for Lumen's sections to name; see ``ConfigFile.known_json``. ``facts`` is what is
    known of the printer, also JSON: ``{"heaters": ["extruder", "heater_bed"], "sensors":
    ["temperature_sensor chamber"], "travel": [[0, 200], [0, 200], [0, 200]]}``; without it,
    names of heaters and sensors are taken on trust. ``"plug_ins"`` there lists the sections that
    plug-ins may read, where config files and no connected printer say so. Raises ConfigError with
    the first problems and the count of the rest.
    """

@final
class ConfigFile:
    """A config in Klipper's syntax with all that it includes."""

    def sections(self) -> list[str]:
        """The full names of all sections, in the order of the files."""

    def options(self, section: str) -> Optional[list[tuple[str, str, tuple[Path, int]]]]:
        """The options of a section as (name, value, (file, line)), sorted by name; None if there is
        no such section."""

    def place(self, section: str, option: Optional[str] = None) -> Optional[tuple[Path, int]]:
        """File and line of an option, or of its section if it has no line of its own; None if there
        is no such section."""

    def discard(self) -> None:
        """Frees what was read, with the GIL released; nothing is in the config then."""

    def lumen_json(self, known: Optional[str] = None) -> str:
        """The sections of Lumen, those with a pin of Lumen's, and what there is of Klipper's own,
        as ``check`` takes them. Kalico's references to other options are resolved. ``known`` is
        taken instead of what the files say of Klipper, as JSON: ``{"sections": [], "leds":
        {"neopixel sb": ["GRBW"]}, "klipper": {...}}``."""

    def known_json(self) -> str:
        """What the files say of Klipper's own sections, as ``lumen_json`` takes it."""

    def notes(self) -> list[tuple[tuple[Path, int], Optional[tuple[str, str]], str]]:
        """What the user should know of single lines: place, (section, option) or None, message."""

    def order(self, file: os.PathLike[str], line: int) -> tuple[int, int]:
        """Where a line is among all lines that were read, to sort by."""

    def facts_json(self) -> Optional[str]:
        """What the config says of the printer, as ``check`` takes it; None without [printer]."""

def read_config(path: os.PathLike[str], is_kalico: bool = False) -> ConfigFile:
    """Reads a config file and all that it includes, as Klipper does, with the GIL released. To
    Kalico ``**`` in an include means any number of folders. Raises
    ConfigFileError for what Klipper could not read either, for what is no regular file, and for
    what is above a limit."""

def is_guest(name: str, pin: str) -> bool:
    """Whether a section of Klipper's has a pin of Lumen's."""

def is_lumen(name: str) -> bool:
    """Whether a section is meant for Lumen, also if its name is not written as it must be."""

def guest_options() -> Sequence[str]:
    """What Lumen reads of a section of Klipper's whose pin is one of Lumen's."""

def effects() -> str:
    """All effects as JSON: ``[{"name", "help", "usage", "options": [{"name", "short", "kind",
    "unit", "default", "above" or "min" and "max" where there are limits, "help"}]}]``, null where
    it has no short name, unit or default. ``kind`` is number, count, color, axis or source."""

def catalog() -> str:
    """All that a config may say, as JSON: ``{"sections": [{"name", "help", "options"}], "states":
    [{"name", "default"}], "effects": as effects() tells them}``, states by falling priority."""

def limits() -> list[tuple[str, int]]:
    """The limits of everything that comes from outside, by name: ``value_bytes`` of one value,
    ``name_bytes`` of one name, ``parameters`` of one call, ``shown_chars`` of a user's word in a
    message, ``line_chars`` of a line that Lumen logs or says by itself, ``problems`` of a config
    that are printed, ``listed`` known words in a message, ``suggest_chars`` and
    ``suggest_candidates`` of suggestions; of config files ``file_bytes``, ``config_bytes``,
    ``line_bytes``, ``include_depth``, ``includes``, ``glob_entries``, ``sections``,
    ``section_options``, ``option_bytes``, ``groups``, ``strips``, ``effects``, ``pixels``,
    ``lumen_bytes``, ``leds``; ``wait_s``
    that a call waits at most."""

def nearest(word: str, candidates: Sequence[str]) -> Optional[str]:
    """The candidate that was probably meant by a mistyped word, in any case; None where none is
    near. What is longer than ``name_bytes`` is passed over."""

def number_meant(text: str, is_share: bool) -> Optional[str]:
    """The number that was probably meant by a text with a decimal comma, a percent sign or a unit;
    None for any other text. A percentage is a share of 1 where ``is_share``."""

def shown(word: str) -> str:
    """A user's word as a message repeats it: control characters escaped, cut to ``shown_chars``
    with ``...`` behind them."""

def helper_config(config: str, facts: Optional[str], uids: Sequence[int]) -> str:
    """The config that the helper needs for the strips on PWM and PCM pins of a config, for clients
    of these users; the text of its file. Takes what ``check`` takes and raises ConfigError as it
    does; LumenError where there are no such strips or the helper cannot drive them."""

def helper_strips(path: str) -> list[str]:
    """The strips that the helper's config allows, in words. Raises LumenError when it cannot be
    used, also when others than root and the caller could have written it."""

def serve_helper(
    config: str,
    socket: str,
    stop: int,
    *,
    notify: Optional[str] = None,
    dry_run: Optional[str] = None,
) -> None:
    """Serves as the helper; returns when the pipe ``stop`` has something to read, after the strips
    are dark.

    ``notify`` is systemd's NOTIFY_SOCKET. With ``dry_run``, the frames go into that
    file. Raises LumenError when it cannot begin or go on; the process should end at once then,
    because a thread of it may hang in the driver of the pins.
    """

def colors() -> list[tuple[str, str]]:
    """All color names with their value as RRGGBB, sorted by name."""

@final
class Prepared:
    """A config that is compiled and does not run yet, for ``Engine.commit``."""

    def host_strips(self) -> list[dict[str, Any]]:
        """The strips that klippy is to drive, as ``Engine.host_strips``."""

@final
class Notice:
    """A message of the engine's threads, for the log."""

    def __new__(
        cls, level: Literal["info", "warning", "error"], text: str, about: Optional[str] = None
    ) -> Self:
        """Raises LumenError for another level."""

    @property
    def level(self) -> Literal["info", "warning", "error"]:
        """How serious it is: ``warning``, if something does not work as configured; ``error``, if
        Lumen has a fault."""

    @property
    def text(self) -> str:
        """What happened; ends with ``(again 57 times)`` if it happened more than once."""

    @property
    def about(self) -> Optional[str]:
        """The strips that it is about. An ``info`` about strips means that they are well again, and
        that earlier warnings about them no longer hold."""

    def log(self) -> None:
        """Logs it as ``lumen.engine`` of Python's ``logging``, as one line of at most 500
        characters. An error in a handler is swallowed."""

@final
class Engine:
    """One running engine: its render thread, its outputs, its mailbox."""

    def __new__(
        cls,
        config: str,
        facts: Optional[str] = None,
        *,
        clock: Literal["real", "manual"] = "real",
        seed: Optional[int] = None,
    ) -> Self:
        """Compiles ``config`` (see ``check``), then starts. Raises ConfigError; devices that
        cannot be opened are no error. With ``clock="manual"`` there is no thread: ``advance``
        renders, on the caller's thread, on memory outputs only. ``seed`` fixes all randomness."""

    def reload(
        self, config: str, facts: Optional[str] = None
    ) -> list[tuple[str, Optional[str], str]]:
        """Compiles a config and takes it over at a frame boundary; unchanged outputs stay open.
        Returns warnings. Raises ConfigError and leaves the old config running."""

    @staticmethod
    def prepare(config: str, facts: Optional[str] = None) -> Prepared:
        """Compiles a config for ``commit``. Raises ConfigError."""

    def commit(self, prepared: Prepared) -> list[tuple[str, Optional[str], str]]:
        """Lets a prepared config run, as ``reload``; once. Returns warnings."""

    def wants(self) -> dict[str, Any]:
        """What is to be sampled: ``{"sources": [full object names, in the order of ``sample``],
        "position": bool, "progress": bool, "states": {"homing": [names of macro_homing], ...}}``.
        An empty name among the sources keeps the place of one that nothing follows any more.
        ``states`` maps a state's name to the user's list of commands that show as it."""

    def offer(self) -> dict[str, Any]:
        """What the config offers to others: ``{"pins": [{"section", "pin", "strip", "pixels",
        "color_order"}], "lights": [(group, "RGB" | "RGBW" | "W")], "effects": [{"name",
        "effect", "options": {name: text}, "show", "groups"}]}``. ``pins`` are those that LED
        sections of Klipper's use, ``pin`` without the chip. ``effects`` are those of the config;
        one with ``show`` is a button for its ``groups``, none stands for all."""

    def changes(self) -> list[str]:
        """What of the config looks otherwise than an earlier version of Lumen showed it."""

    def paint(self, strip: str, frame: bytes) -> None:
        """Paints a strip from its first pixel, red, green, blue, white, four bytes a pixel. What is
        not black shows above what groups show there, but not above alarms, flashes and being off;
        it stays until it is painted anew. Of several frames the latest counts. Raises RequestError
        for an unknown strip."""

    def event(self, name: str, message: str = "") -> None:
        """Posts ``ready``, ``shutdown``, ``command_error`` or ``activity``. ``message`` is
        Klipper's, which says why it has shut down."""

    def begin(self, state: str) -> int:
        """Says that a command begins that shows as ``state``; returns the token for ``end``."""

    def end(self, token: int) -> None:
        """Ends an operation and all that began within it. Unknown tokens are ignored."""

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
        """Hands over one sample; it is a heartbeat too.

        ``job`` and ``message`` are print_stats' state and message (a word that the engine does not
        know counts as standby), progress 0.0-1.0, velocities in mm/s, position in mm, sources
        (temperature, target) in degrees Celsius, at most 24, filament sensors (enabled, detected),
        at most 32. What is not finite counts as None."""

    def heartbeat(self) -> None:
        """Says that the reactor lives. After 3 s without, the state is ``disconnected``."""

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
        """Shows an effect (a spec as in ``on_...``) on a group, above its state, until ``clear``
        or for ``duration`` seconds. ``options`` are more ``name=value`` pairs. ``group`` may be
        ``all``. What was ``picked`` in a web interface also switches the groups on. Raises
        RequestError in G-code words, without the command's name."""

    def pick(self, group: str, color: Sequence[float]) -> None:
        """Shows a color that was picked for a group in a web interface: red, green, blue, white,
        0.0-1.0. It switches the group on unless it is black. A color that ``tint`` of the status
        reports while the group follows its state or is switched off changes nothing. Raises
        RequestError."""

    def clear_picked(self, group: Optional[str] = None) -> None:
        """Takes back what was picked for a group, or for all, in a web interface."""

    def state(self, state: str, duration: Optional[float] = None) -> None:
        """Shows ``state`` whatever the printer does (alarms excepted), until ``clear`` or for
        ``duration`` seconds. Raises RequestError for a name nobody declared."""

    def clear(self, group: Optional[str] = None) -> None:
        """Takes back what ``set`` put on a group; without a group all of it and ``state``."""

    def brightness(
        self, value: float, group: Optional[str] = None, fade: Optional[float] = None
    ) -> None:
        """Fades the brightness of a group, or of everything, to 0.0-1.0; it holds until another is
        set, also over a reload. Raises RequestError."""

    def power(self, on: bool, group: Optional[str] = None) -> None:
        """Switches a group, or all, off or on again. Alarms and flashes show in any case.
        Raises RequestError for an unknown group."""

    def flash(self, group: str, color: str, count: int) -> None:
        """Lets a group, or ``all``, call for attention: ``count`` beats of a color, twice a
        second; then it goes on as before. Raises RequestError."""

    def notice_fd(self) -> int:
        """An eventfd that is readable while notices wait. It stays the engine's."""

    def notices(self) -> list[Notice]:
        """Takes the waiting notices, oldest first, repeats collapsed; resets the eventfd."""

    def host_strips(self) -> list[dict[str, Any]]:
        """The strips that klippy drives: ``{"name", "label", "pixels", "kind": "leds" | "lamp",
        "objects": [names], "scale": float or None, "drawn": [pixels from 0 that some group
        draws]}``. ``label`` is its name in messages: ``'sb' of group 'toolhead'``."""

    def host_fd(self, strip: str) -> int:
        """An eventfd that is readable once a frame has come after ``take_host`` found none; at
        first, once the first frame has come. It stays the engine's."""

    def take_host(self, strip: str) -> Optional[bytes]:
        """Takes the latest frame of a strip that klippy drives, red, green, blue, white, four
        bytes a pixel; None when there is nothing new. Resets the strip's eventfd."""

    def report_host(
        self,
        strip: str,
        state: Literal["ok", "degraded", "dark", "abandoned"],
        frames: int,
        problem: Optional[str] = None,
        remedy: Optional[str] = None,
    ) -> None:
        """Notes how a strip fares that klippy drives; ``frames`` have reached it."""

    def status(self) -> dict[str, Any]:
        """What is shown and why: ``{"state", "states": [all active, highest first], "forced":
        name or None, "moving": bool, "fps": float, "brightness": float, "groups": {name:
        {"effect": text, "source": "state" | "command", "tint": [red, green, blue, white],
        "pixels": int, "brightness": float}},
        "strips": {name: {"output": kind, "pixels": int, "health": "ok" | "degraded" | "dark" |
        "abandoned", "error": text or None, "failures_in_a_row", "failures", "retry_in_s": float or
        None, "frames", "dropped", "reconnects", "current_ma", "limited"}}}``. Strips that share a
        wire have one health. Always fresh containers; one lock held for nanoseconds."""

    def revision(self) -> int:
        """Another number whenever ``status`` says another state, effect or motion; rates and
        strips change without it. Costs next to nothing."""

    def metrics(self) -> dict[str, Any]:
        """Counters and histograms: ``{"frames", "written", "equal", "late", "wakeups",
        "cpu_seconds", "rss_bytes", "vms_bytes", "messages", "uptime_s", "panics", "posts_dropped",
        "windows": {"1": {...}, "10": {...}, "60": {...}}}``, each window with ``fps``, and with
        ``late_ms``, ``render_ms`` and ``period_ms`` as ``{"avg", "p50", "p95", "p99", "max"}``."""

    def profile(self) -> dict[str, Any]:
        """What effects and outputs cost, measured only while asked: ``{"ends_in_s": float or None,
        "found": dict or None}``. The first call begins a measurement of 5 s, which ``ends_in_s``
        is left of; ``found`` is what the last one found. For 10 s that is new; later a call begins
        another, and answers the old meanwhile. ``found`` has ``age_s``, ``seconds``; of whole
        frames ``frames``, ``avg_us``, ``max_us``; ``effects`` as ``[{"group", "effect", "frames",
        "avg_us", "max_us", "ns_per_pixel"}]``; ``outputs`` as ``[{"strips": [names], "output":
        kind, "frames", "cpu_us", "send_us"}]``, both ``{"avg", "p99", "max"}``, or None where an
        output has no thread of its own. A reload forgets all. Never waits."""

    def advance(self, seconds: float) -> None:
        """Manual clock only: lets time pass and renders every frame that falls due."""

    def frame(self, strip: str) -> bytes:
        """The last frame of a strip as RGBW, four bytes a pixel, in wire order."""

    def take_frames(self, strip: str) -> list[tuple[float, bytes]]:
        """Takes what a memory output has recorded since the last call: (seconds since the start,
        bytes in the strip's channel order). At most the last 65,536 frames are kept. With
        ``clock="real"`` the first call returns nothing and starts the recording."""

    def strips(self) -> list[tuple[str, int]]:
        """Names and pixel counts of all strips."""

    def group_names(self) -> list[str]:
        """Names of all groups, in the order of the config."""

    def groups_on(self, strip: str, first: int, last: int) -> list[str]:
        """Names of the groups that have a pixel of a strip, of those from ``first`` to ``last``,
        counted from 0."""

    def groups(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Names of all groups with their pixels in canvas order as (strip, pixel from 0)."""

    def close(self, timeout: float = 0.5) -> bool:
        """Darkens the strips and stops. Waits at most ``timeout`` seconds with the GIL released,
        never more than 60, and not at all if it is NaN;
        False says that a thread hangs in a driver and was abandoned. Idempotent."""
