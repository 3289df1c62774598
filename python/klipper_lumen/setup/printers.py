"""Finds the printers of a user: Klipper, the Python that runs it, printer.cfg and Moonraker."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNITS = Path("/etc/systemd/system")
# `klipper.service`, `klipper-1.service`, `kalico.service`, but not `klipper-mcu.service`.
UNIT_NAME = re.compile(r"(klipper|kalico)(-(?!mcu)[\w.@-]+)?\.service")
# A variable of an EnvironmentFile in ExecStart.
VARIABLE = re.compile(r"\$\{?(\w+)\}?")
# Where Klipper, its Python and its config are usually installed, below the home folder.
TREES = ("klipper", "kalico")
ENVIRONMENTS = ("klippy-env", "kalico-env")
CONFIGS = ("printer_data/config/printer.cfg", "klipper_config/printer.cfg")
# A unit or environment file is small.
MAX_BYTES = 64 * 1024


class SetupError(Exception):
    """Why Lumen cannot be installed or removed; nothing was changed."""


@dataclass(frozen=True)
class Printer:
    """One printer: a running klippy, or one that would run."""

    # The systemd unit; None if klippy is started in another way.
    service: Optional[str]
    tree: Path
    # The Python of klippy.
    python: Path
    config: Path

    @property
    def moonraker(self) -> Optional[Path]:
        """Moonraker's config beside printer.cfg."""
        path = self.config.with_name("moonraker.conf")
        return path if os.path.isfile(path) else None

    @property
    def label(self) -> str:
        """The name for messages."""
        return self.service.removesuffix(".service") if self.service else str(self.config)


def home_folder() -> Path:
    """Returns the home folder; one that does not exist if the user has none."""
    return Path(os.path.expanduser("~"))


# The functions of os.path take a file that the user may not see as one that does not exist.


def find(home: Path, units: Path = UNITS) -> list[Printer]:
    """Returns the printers that systemd starts from a home folder, else the usual one."""
    found = [printer for printer in _of_units(home, units) if os.path.isdir(printer.tree)]
    return found or list(_usual(home))


def chosen(
    printers: Sequence[Printer],
    tree: Optional[Path],
    python: Optional[Path],
    config: Optional[Path],
) -> list[Printer]:
    """Applies the options of the command line. A printer that no option names is left out."""
    left = [
        printer
        for printer in printers
        if (tree is None or printer.tree == tree)
        and (python is None or printer.python == python)
        and (config is None or printer.config == config)
    ]
    if left:
        return left
    # The options name a printer that was not found, or a part of one.
    base = printers[0] if printers else None
    tree = tree or (base.tree if base else None)
    python = python or (base.python if base else None)
    config = config or (base.config if base else None)
    if tree is None or python is None or config is None:
        missing = [
            name
            for name, value in (("--klipper", tree), ("--env", python), ("--config", config))
            if value is None
        ]
        raise SetupError("no Klipper found in the home folder; add %s" % " and ".join(missing))
    printer = Printer(None, tree, python, config)
    return [replace(printer, service=base.service) if base and base.tree == tree else printer]


def _of_units(home: Path, units: Path) -> Iterator[Printer]:
    for path in sorted(units.glob("k*.service")):
        if UNIT_NAME.fullmatch(path.name):
            words = _command(_settings(path), home)
            printer = _of_command(path.name, words)
            if printer is not None and _is_below(printer.tree, home):
                yield printer


def _of_command(service: str, words: Sequence[str]) -> Optional[Printer]:
    """Reads `PYTHON .../klippy/klippy.py PRINTER.CFG ...`."""
    for index, word in enumerate(words):
        script = Path(word)
        if script.name in ("klippy.py", "printer.py") and script.parent.name == "klippy":
            config = next((it for it in words[index + 1 :] if it.endswith(".cfg")), None)
            if index > 0 and config is not None:
                return Printer(service, script.parent.parent, Path(words[0]), Path(config))
    return None


def _settings(unit: Path) -> dict[str, str]:
    """Returns the last value of each setting of a unit; a line may continue with a backslash."""
    text = _read(unit).replace("\\\n", " ")
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _command(settings: dict[str, str], home: Path) -> list[str]:
    """Returns the words of ExecStart, with the variables of the EnvironmentFile."""
    file = settings.get("EnvironmentFile", "").lstrip("-").replace("%h", str(home))
    variables: dict[str, str] = {}
    for line in _read(Path(file)).splitlines() if file else []:
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith("#"):
            variables[name.strip()] = " ".join(_split(value))
    command = settings.get("ExecStart", "").replace("%h", str(home))
    return _split(VARIABLE.sub(lambda found: variables.get(found[1], ""), command))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _is_below(path: Path, home: Path) -> bool:
    return home in path.parents


def _usual(home: Path) -> Iterator[Printer]:
    trees = (home / name for name in TREES)
    tree = next((it for it in trees if os.path.isdir(it / "klippy")), None)
    pythons = (home / name / "bin" / "python" for name in ENVIRONMENTS)
    python = next((it for it in pythons if os.path.exists(it)), None)
    configs = (home / name for name in CONFIGS)
    config = next((it for it in configs if os.path.isfile(it)), None)
    if tree is not None and python is not None and config is not None:
        yield Printer(None, tree, python, config)
