"""The steps of `setup`, each with the way back."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Optional

from .. import __version__, install, live
from ..cli import check
from . import starter
from .packages import PACKAGE, Environment, is_older
from .printers import Printer, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

UPDATE_MANAGER = """
[update_manager klipper-lumen]
type: python
channel: stable
virtualenv: {environment}
project_name: klipper-lumen
is_system_service: False
managed_services: klipper
info_tags: desc=Lumen
"""
LEFT = """nothing was changed, because Klipper does not start without Lumen with these sections.
Remove them, then run this again:"""
LIVE = """the live page stays in %s; to remove it, run this first:
  %s -m klipper_lumen live uninstall"""
ASK_S = 2.0


@dataclass(frozen=True)
class Step:
    """One step; ``undo`` takes it back."""

    description: str
    do: Callable[[], object]
    undo: Optional[Callable[[], object]] = None


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    wheels: Optional[Path]
    wanted: starter.Wanted
    is_repair: bool
    with_moonraker: bool
    # A temporary folder for the wheels.
    downloads: Path


@dataclass
class Plan:
    """All steps for all printers."""

    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The packages that are replaced, by their Python: the old and the new version.
    replaced: dict[Path, tuple[str, str]] = field(default_factory=dict)
    has_spi_strip: bool = False
    needs_restart: bool = False

    def described(self) -> Iterator[str]:
        """Returns the lines that say what will be done."""
        yield from self.notes
        for step in self.steps:
            yield "  " + step.description

    def run(self) -> None:
        """Does the steps; undoes them if one fails."""
        done: list[Step] = []
        try:
            for step in self.steps:
                step.do()
                done.append(step)
        except BaseException as error:
            failed = [text for step in reversed(done) for text in _undo(step)]
            if failed and isinstance(error, Exception):
                raise SetupError("\n".join([str(error), *failed])) from error
            raise


def _undo(step: Step) -> list[str]:
    """Takes a step back; returns what went wrong."""
    try:
        if step.undo is not None:
            step.undo()
    except (SetupError, OSError) as error:
        return ["this step could not be undone: %s (%s)" % (step.description.strip(), error)]
    return []


def check_idle(printers: Sequence[Printer], services: Sequence[str]) -> None:
    """Raises SetupError if a print is running or paused."""
    for printer in printers:
        state = _job_state(printer)
        if state in ("printing", "paused"):
            raise SetupError(
                "%s is %s; restart it afterwards with\n  sudo systemctl restart %s"
                % (printer.label, state, " ".join(services))
            )


def plan_setup(printers: Sequence[Printer], options: Options) -> Plan:
    """Returns the steps that set up all printers. Raises SetupError if one is impossible."""
    plan = Plan()
    for python in dict.fromkeys(printer.python for printer in printers):
        _add_package(plan, Environment.probe(python), options)
    for printer in printers:
        _check_config(plan, printer)
    for root in dict.fromkeys(printer.tree for printer in printers):
        for step in install.plan_install(install.find(str(root))):
            # A package that was replaced stays, so the loader that fits it must stay too.
            undo = _restorer(_files_of(root)) if not plan.replaced else None
            plan.steps.append(Step(step.description, step.do, undo))
            plan.needs_restart = True
    for printer in printers:
        plan.notes.append(
            "%sKlipper in %s, Python %s, config %s"
            % (
                "%s: " % printer.label if printer.service else "",
                printer.tree,
                printer.python,
                printer.config,
            )
        )
        _add_config(plan, printer, options)
        if options.with_moonraker:
            _add_moonraker(plan, printer)
    return plan


def _add_package(plan: Plan, found: Environment, options: Options) -> None:
    wheels = options.wheels
    if wheels is None and found.version is not None and not options.is_repair:
        # Installed already; updates are Moonraker's or pip's.
        return
    folder = options.downloads / str(len(plan.steps))
    folder.mkdir()
    source = wheels.parent if wheels is not None and wheels.is_file() else wheels
    version = found.download(source, folder)
    if version == found.version and not options.is_repair:
        return
    where = found.python.parent.parent
    text = "install  %s %s in %s" % (PACKAGE, version, where)
    if found.version is not None:
        plan.replaced[found.python] = (found.version, version)
        text = text.replace("install ", "update  ")
        if is_older(version, found.version):
            text = "replace  %s %s by the older %s in %s" % (PACKAGE, found.version, version, where)
    plan.steps.append(
        Step(
            text,
            lambda: found.install(folder, version, options.is_repair),
            found.uninstall if found.version is None else None,
        )
    )
    plan.needs_restart = True


def _check_config(plan: Plan, printer: Printer) -> None:
    """Refuses an older version that does not accept the config, because Klipper could not start."""
    before, version = plan.replaced.get(printer.python, ("", ""))
    # Only this version can be asked. `install.sh` runs the one that it installs.
    if version != __version__ or not is_older(version, before):
        return
    if not starter.read(printer.config, install.Tree(printer.tree).is_kalico).has_section("lumen"):
        return
    problems, _ = check.check(printer.config)
    if problems:
        raise SetupError(
            "\n".join(
                [
                    "%s %s is installed, and the older %s does not accept the config:"
                    % (PACKAGE, before, version),
                    *map(str, problems),
                ]
            )
        )


def _add_config(plan: Plan, printer: Printer, options: Options) -> None:
    is_kalico = install.Tree(printer.tree).is_kalico
    found = starter.read(printer.config, is_kalico)
    wanted = options.wanted
    path = printer.config.with_name(starter.FILE)
    text = starter.text(found, wanted)
    is_new = not path.exists()
    # It may be that of a set-up that was interrupted.
    is_other = not is_new and "".join(starter.lines_of(path)) != text
    if found.has_section("lumen"):
        if wanted.leds is not None and (is_new or is_other):
            raise SetupError(
                "%s has Lumen sections already, and --leds is for the first config only; change or "
                "add the group there, see docs/Outputs.md" % printer.config
            )
        return
    if wanted.leds is not None and is_other:
        raise SetupError("%s exists already; add the strip there" % path)
    if is_new or wanted.leds is not None:
        plan.has_spi_strip |= "gpio_pin" in text or "driver: spi" in text
    if is_new:
        plan.steps.append(
            Step("write    %s" % path, lambda: starter.replace_file(path, text), path.unlink)
        )
    what = "add      %s to %s" % (starter.INCLUDE, printer.config)
    edit = _Edit(printer.config, starter.with_include, is_checked=True)
    plan.steps.append(Step(what, edit.do, edit.undo))
    plan.needs_restart = True


class _Edit:
    """A change of a file. It is read when it is changed: the user may have saved it meanwhile."""

    def __init__(
        self, path: Path, change: Callable[[Sequence[str]], str], is_checked: bool = False
    ) -> None:
        """``change`` gets the lines and returns the new text."""
        self._path = path
        self._change = change
        self._is_checked = is_checked
        self._before: Optional[str] = None

    def do(self) -> None:
        """Changes the file; raises SetupError if it is a config that would have mistakes."""
        lines = starter.lines_of(self._path)
        text = self._change(lines)
        if self._is_checked:
            _check_text(self._path, text)
        starter.replace_file(self._path, text)
        self._before = "".join(lines)

    def undo(self) -> None:
        """Gives the file its text again."""
        if self._before is not None:
            starter.replace_file(self._path, self._before)


def _check_text(path: Path, text: str) -> None:
    # Beside the config, so that its includes are found.
    trial = path.with_name(path.name + ".lumen-trial")
    try:
        starter.replace_file(trial, text)
        problems, _ = check.check(trial)
    finally:
        trial.unlink(missing_ok=True)
    if problems:
        texts = [str(problem).replace(str(trial), str(path)) for problem in problems]
        raise SetupError("\n".join(["the config has mistakes:", *texts]))


def _add_moonraker(plan: Plan, printer: Printer) -> None:
    path = printer.moonraker
    if path is None:
        plan.notes.append("%s: there is no moonraker.conf beside printer.cfg" % printer.label)
        return
    before = "".join(starter.lines_of(path))
    if "[update_manager klipper-lumen]" in before:
        return
    text = UPDATE_MANAGER.format(environment=printer.python.parent.parent)
    edit = _Edit(path, lambda lines: "".join(lines).rstrip("\n") + "\n" + text)
    what = "add      [update_manager klipper-lumen] to %s" % path
    plan.steps.append(Step(what, edit.do, edit.undo))
    plan.notes.append("restart Moonraker afterwards: sudo systemctl restart moonraker")


def plan_removal(printers: Sequence[Printer], home: Path) -> Plan:
    """Returns the steps that remove Lumen. Raises SetupError if Klipper could not start then."""
    plan = Plan()
    pages = live.installed(home)
    if pages:
        plan.notes.append(LIVE % (", ".join(map(str, pages)), printers[0].python))
    notes = list(plan.notes)
    try:
        for printer in printers:
            _remove_config(plan, printer)
    except SetupError as error:
        raise SetupError("\n".join([str(error), *notes])) from None
    for root in dict.fromkeys(printer.tree for printer in printers):
        for step in install.plan_uninstall(install.find(str(root))):
            undo = _restorer(_files_of(root))
            plan.steps.append(Step(step.description, step.do, undo))
    for python in dict.fromkeys(printer.python for printer in printers):
        found = Environment.probe(python)
        if found.version is not None:
            where = python.parent.parent
            plan.steps.append(
                Step("remove   %s %s from %s" % (PACKAGE, found.version, where), found.uninstall)
            )
    plan.needs_restart = bool(plan.steps)
    return plan


def _remove_config(plan: Plan, printer: Printer) -> None:
    own = printer.config.with_name(starter.FILE)
    lines = starter.lines_of(printer.config)
    is_included = any(line.strip() == starter.INCLUDE for line in lines)
    left = install.left_sections(str(printer.config), install.Tree(printer.tree).is_kalico)
    others = [line for line in left[1:] if not (is_included and str(own) in line)]
    if others:
        raise SetupError("\n".join([LEFT, *others]))
    if is_included:
        edit = _Edit(printer.config, starter.without_include)
        what = "remove   %s from %s" % (starter.INCLUDE, printer.config)
        plan.steps.append(Step(what, edit.do, edit.undo))
        plan.notes.append("%s stays; delete it if you do not need it" % own)
    path = printer.moonraker
    if path is not None:
        _remove_moonraker(plan, path, printer)


def _remove_moonraker(plan: Plan, path: Path, printer: Printer) -> None:
    before = "".join(starter.lines_of(path))
    text = UPDATE_MANAGER.format(environment=printer.python.parent.parent)
    if text in before:
        edit = _Edit(path, lambda lines: "".join(lines).replace(text, ""))
        what = "remove   [update_manager klipper-lumen] from %s" % path
        plan.steps.append(Step(what, edit.do, edit.undo))
    elif "[update_manager klipper-lumen]" in before:
        plan.notes.append("remove [update_manager klipper-lumen] from %s yourself" % path)


def _files_of(root: Path) -> list[Path]:
    """Returns the files in Klipper's tree that Lumen may change."""
    tree = install.Tree(root)
    return [path for path in (tree.loader, tree.twin, tree.exclude) if path is not None]


def _restorer(paths: Sequence[Path]) -> Callable[[], None]:
    """Returns a function that gives files their present content again."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}

    def restore() -> None:
        for path, content in before.items():
            if content is not None:
                path.write_bytes(content)
            elif path.exists():
                path.unlink()

    return restore


def _job_state(printer: Printer) -> Optional[str]:
    """Asks Moonraker for the state of the job; None if it does not answer."""
    path = printer.moonraker
    text = path.read_text(errors="replace") if path is not None else ""
    ports = [line.partition(":")[2] for line in text.splitlines() if line.startswith("port:")]
    port = ports[0].strip() if ports and ports[0].strip().isdigit() else "7125"
    url = "http://127.0.0.1:%s/printer/objects/query?print_stats" % port
    try:
        with urllib.request.urlopen(url, timeout=ASK_S) as answer:  # noqa: S310
            found = json.load(answer)
        return str(found["result"]["status"]["print_stats"]["state"])
    except (OSError, ValueError, KeyError):
        return None
