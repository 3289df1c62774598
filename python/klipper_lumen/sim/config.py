"""The config file of the simulated klippy: Klipper's syntax, wrapper and error messages."""

from __future__ import annotations

import configparser
import logging
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

Error = configparser.Error


class _Required:
    """The default of a required option."""


def parse(text: str) -> configparser.RawConfigParser:
    """Parses a config as Klipper does: ``#`` starts a comment anywhere, ``;`` after a space."""
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    parser.read_string("\n".join(line.partition("#")[0] for line in text.splitlines()))
    return parser


class ConfigFile:
    """The printer object ``configfile``: the parsed file, the options that were read, warnings."""

    def __init__(self, text: str) -> None:
        self.parser = parse(text)
        self.read: dict[tuple[str, str], Any] = {}
        self.status_warnings: list[dict[str, str]] = []
        self._known_warnings: set[str] = set()

    def section(self, printer: Any, name: str) -> ConfigWrapper:
        """Returns a section, which need not exist."""
        return ConfigWrapper(printer, self, name)

    def runtime_warning(self, msg: str) -> None:
        """Shows each text once, as Klipper does."""
        if msg not in self._known_warnings:
            self._known_warnings.add(msg)
            warning = {"type": "runtime_warning", "message": msg}
            self.status_warnings = [*self.status_warnings, warning]
            log.warning(msg)

    def check_unused(self, prefix: str, objects: list[str]) -> None:
        """Raises for sections and options that were not read, in sections beginning with
        ``prefix``.

        Klipper checks all sections; the simulator does not know most of them.
        """
        known = {name.lower() for name in objects} | {section for section, _ in self.read}
        for name in self.parser.sections():
            if not name.startswith(prefix):
                continue
            if name.lower() not in known:
                raise Error("Section '%s' is not a valid config section" % name.lower())
            for option in self.parser.options(name):
                if (name.lower(), option) not in self.read:
                    raise Error("Option '%s' is not valid in section '%s'" % (option, name))

    def get_status(self, eventtime: float) -> dict[str, Any]:
        config = {name: dict(self.parser.items(name)) for name in self.parser.sections()}
        settings: dict[str, dict[str, Any]] = {name: dict(it) for name, it in config.items()}
        for (section, option), value in self.read.items():
            settings.setdefault(section, {})[option] = value
        return {
            "config": config,
            "warnings": self.status_warnings,
            "settings": settings,
            "save_config_pending": False,
        }


class ConfigWrapper:
    """One section, as Klipper passes it to load_config."""

    error = Error

    def __init__(self, printer: Any, file: ConfigFile, section: str) -> None:
        self._printer = printer
        self._file = file
        self._section = section

    def get_printer(self) -> Any:
        return self._printer

    def get_name(self) -> str:
        return self._section

    def get(self, option: str, default: Any = _Required, note_valid: bool = True) -> Any:
        if not self._file.parser.has_option(self._section, option):
            if default is _Required:
                raise Error(
                    "Option '%s' in section '%s' must be specified" % (option, self._section)
                )
            if default is not None and note_valid:
                self._note(option, default)
            return default
        value = self._file.parser.get(self._section, option)
        if note_valid:
            self._note(option, value)
        return value

    def getfloat(self, option: str, default: Optional[float] = None) -> Any:
        value = self.get(option, default)
        try:
            return value if value is None else float(value)
        except ValueError:
            raise Error(
                "Unable to parse option '%s' in section '%s'" % (option, self._section)
            ) from None

    def getint(self, option: str, default: int) -> int:
        value = int(self.get(option, default))
        self._note(option, value)
        return value

    def getlist(self, option: str, default: Sequence[str]) -> Sequence[str]:
        found = self.get(option, default)
        value = [part.strip() for part in found.split(",")] if isinstance(found, str) else found
        self._note(option, value)
        return value

    def has_section(self, section: str) -> bool:
        return self._file.parser.has_section(section)

    def getsection(self, section: str) -> ConfigWrapper:
        return ConfigWrapper(self._printer, self._file, section)

    def get_prefix_sections(self, prefix: str) -> list[ConfigWrapper]:
        names = self._file.parser.sections()
        return [self.getsection(name) for name in names if name.startswith(prefix)]

    def get_prefix_options(self, prefix: str) -> list[str]:
        names = self._file.parser.options(self._section)
        return [name for name in names if name.startswith(prefix)]

    def _note(self, option: str, value: Any) -> None:
        self._file.read[self._section.lower(), option.lower()] = value
