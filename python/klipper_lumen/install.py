"""Adds the loader of Lumen to a Klipper or Kalico tree, and removes it.

The loader is one small file. It imports nothing before `[lumen]` is loaded, because Kalico imports
every plug-in at start. All other files are in the package.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from . import config
from ._engine import __version__

if TYPE_CHECKING:
    import argparse

# The version of the loader that this package needs. It is part of the file in Klipper's tree.
SCAFFOLD = 1
MARK = "# Written by klipper-lumen install; klipper-lumen uninstall removes it."
FILE = "lumen.py"
# The folders in the home folder where Klipper usually is.
DEFAULT_NAMES = ("klipper", "kalico")
# Where printer.cfg usually is.
DEFAULT_CONFIGS = ("~/printer_data/config/printer.cfg", "~/klipper_config/printer.cfg")

# No annotations and no newer syntax: an old Python must be able to print the message.
TEMPLATE = """{mark}
# Nothing is imported before [lumen] is loaded.
import sys

SCAFFOLD = {scaffold}


def load_config(config):
    try:
        from klipper_lumen.install import SCAFFOLD as wanted
        from klippy_extra.lumen import load_config as load
    except ImportError as error:
        raise config.error(
            "[lumen]: the package klipper-lumen is missing or does not fit this Python (%s).\\n"
            "In the folder with the wheel, run:\\n"
            "  %s -m pip install --no-index --find-links . klipper-lumen\\n"
            "then restart the klipper service" % (error, sys.executable))
    if wanted != SCAFFOLD:
        raise config.error(
            "[lumen]: %s belongs to another version of klipper-lumen.\\n"
            "Run:  %s -m klipper_lumen install --klipper %s\\n"
            "then restart the klipper service" % (__file__, sys.executable, {folder!r}))
    return load(config)


def load_config_prefix(config):
    # Klipper calls this for sections such as [lumen logo].
    name = config.get_name()
    raise config.error(
        "Section '%s' is not a valid config section; write [lumen_group %s]"
        % (name, name.split(None, 1)[1]))
"""


class InstallError(Exception):
    """An error of `install` or `uninstall`; nothing was changed."""


@dataclass(frozen=True)
class Step:
    """A step of an installation, with its description."""

    description: str
    do: Callable[[], object]


@dataclass(frozen=True)
class Tree:
    """The places in a Klipper tree that Lumen uses."""

    root: Path

    @property
    def is_kalico(self) -> bool:
        """Whether this is Kalico, which has a folder for plug-ins."""
        return (self.root / "klippy" / "plugins").is_dir()

    @property
    def loader(self) -> Path:
        """The path of the loader."""
        return self.root / "klippy" / ("plugins" if self.is_kalico else "extras") / FILE

    @property
    def twin(self) -> Optional[Path]:
        """The path where Kalico must not have the loader too: it refuses to start with both."""
        return self.root / "klippy" / "extras" / FILE if self.is_kalico else None

    @property
    def exclude(self) -> Optional[Path]:
        """Git's list of ignored files that is not part of the repository."""
        git = self.root / ".git"
        if git.is_file():
            # A worktree uses the list of its main repository.
            git = (self.root / git.read_text().partition("gitdir:")[2].strip()).resolve()
            common = git / "commondir"
            git = (git / common.read_text().strip()).resolve() if common.is_file() else git
        return git / "info" / "exclude" if git.is_dir() else None

    def exclude_line(self, path: Path) -> str:
        """Returns the line that hides a file from `git status`."""
        return path.relative_to(self.root).as_posix()


def loader_text(root: Path) -> str:
    """Returns the content of the loader for a tree."""
    return TEMPLATE.format(mark=MARK, scaffold=SCAFFOLD, folder=str(root))


def loader_facts(root: Path) -> dict[str, str]:
    """Returns what the doctor needs to check the loader of a tree."""
    return {
        "tree": str(root),
        "text": loader_text(root),
        "command": "%s -m klipper_lumen install --klipper %s" % (sys.executable, root),
    }


def package_facts() -> dict[str, str]:
    """Returns what the doctor needs to know about this package and this Python."""
    python = "Python %d.%d" % sys.version_info[:2]
    return {
        "version": __version__,
        "python": "%s, %s" % (python, sysconfig.get_platform()),
        "executable": sys.executable,
        "folder": str(Path(__file__).parent),
    }


def doctor_facts(main: Optional[str], config: str, is_kalico: bool) -> dict[str, object]:
    """Returns what the doctor needs to know about the klippy that runs in this process.

    ``main`` is the file of klippy's main module. Without it, or if it is not in a folder named
    klippy, the loader is not checked.
    """
    facts: dict[str, object] = {
        "root": "/",
        "user": {"uid": os.geteuid(), "groups": os.getgroups()},
        "package": package_facts(),
        "config": config,
        "is_kalico": is_kalico,
    }
    folder = Path(main or "").parent
    if folder.name == "klippy":
        facts["loader"] = loader_facts(folder.parent)
    return facts


def find(folder: Optional[str], home: str = "~") -> Tree:
    """Returns the Klipper tree in a folder, by default in the home folder."""
    defaults = [os.path.join(home, name) for name in DEFAULT_NAMES]
    folders = [folder] if folder is not None else defaults
    for name in folders:
        root = Path(os.path.abspath(os.path.expanduser(name)))
        # A folder that the user may not see counts as one that does not exist.
        if os.path.isdir(root / "klippy" / "extras") and _has_main(root / "klippy"):
            return Tree(root)
    raise InstallError(
        "no Klipper in %s: there is no klippy/extras with a klippy.py beside it; "
        "specify the folder of Klipper with --klipper DIR" % " or ".join(folders)
    )


def _has_main(klippy: Path) -> bool:
    return (klippy / "klippy.py").is_file() or (klippy / "printer.py").is_file()


def plan_install(tree: Tree) -> list[Step]:
    """Returns the remaining steps to install Lumen."""
    steps = []
    twin = tree.twin
    if twin is not None and _is_ours(twin):
        steps.append(Step("remove   %s (Kalico refuses both)" % twin, twin.unlink))
    path = tree.loader
    text = loader_text(tree.root)
    if not _is_ours(path) or path.read_text() != text:
        steps.append(Step("write    %s" % path, lambda: path.write_text(text)))
    exclude, line = tree.exclude, tree.exclude_line(path)
    if exclude is not None and line not in _lines(exclude):
        steps.append(
            Step("exclude  %s from git, in %s" % (line, exclude), lambda: _append(exclude, line))
        )
    return steps


def plan_uninstall(tree: Tree) -> list[Step]:
    """Returns the remaining steps to remove Lumen from the tree."""
    steps = []
    exclude = tree.exclude
    for path in filter(None, (tree.loader, tree.twin)):
        if _is_ours(path):
            steps.append(Step("remove   %s" % path, path.unlink))
        line = tree.exclude_line(path)
        if exclude is not None and line in _lines(exclude):
            description = "include  %s in git again, in %s" % (line, exclude)
            steps.append(Step(description, _remover(exclude, line)))
    return steps


def _is_ours(path: Path) -> bool:
    """Whether Lumen wrote the file; False if it does not exist; raises if it is foreign."""
    if path.is_symlink() or (path.exists() and MARK not in path.read_text()):
        raise InstallError(
            "%s was not created by Lumen and was not changed; move it away first" % path
        )
    return path.exists()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*_lines(path), line]) + "\n")


def _remover(path: Path, line: str) -> Callable[[], object]:
    def remove() -> None:
        path.write_text("".join(found + "\n" for found in _lines(path) if found != line))

    return remove


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `install` and `uninstall`."""
    parser.add_argument("--klipper", metavar="DIR", help="folder of Klipper or Kalico")
    parser.add_argument("--dry-run", action="store_true", help="only print the steps")
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="printer.cfg, which uninstall searches for sections of Lumen",
    )


def run(args: argparse.Namespace) -> int:
    """Runs `install` or `uninstall`."""
    install = args.command == "install"
    try:
        tree = find(args.klipper)
        steps = plan_install(tree) if install else plan_uninstall(tree)
        print("%s in %s" % ("Kalico" if tree.is_kalico else "Klipper", tree.root))
        for step in steps:
            print("  " + step.description)
            if not args.dry_run:
                step.do()
    except (InstallError, OSError) as error:
        print("klipper-lumen %s: %s" % (args.command, error), file=sys.stderr)
        return 1
    print(_closing(install, bool(steps), args.dry_run))
    if not install:
        for line in left_sections(args.config, tree.is_kalico) if steps or args.config else []:
            print(line)
    return 0


def is_kalico(home: str = "~") -> bool:
    """Whether the Klipper in a home folder is Kalico, which reads includes by its own rules."""
    try:
        return find(None, home).is_kalico
    except InstallError:
        return False


def left_sections(path: Optional[str], by_kalico: bool) -> list[str]:
    """Lists the sections in printer.cfg and its includes that stop Klipper without Lumen."""
    names = (path,) if path is not None else DEFAULT_CONFIGS
    paths = [Path(os.path.expanduser(name)) for name in names]
    found = next((it for it in paths if it.exists()), None)
    if found is None:
        return [
            "no %s: specify printer.cfg with --config FILE; remove all [lumen...] sections "
            "from it" % " or ".join(map(str, paths))
        ]
    try:
        read = config.read(found, by_kalico)
    except config.ConfigFileError as error:
        return ["%s cannot be read (%s); remove all [lumen...] sections from it" % (found, error)]
    left = [
        "  %s: [%s]" % (section.place, name)
        for name, section in read.sections.items()
        if _needs_lumen(name, section)
    ]
    if left:
        left.insert(
            0, "remove these sections before you restart Klipper; it does not start with them:"
        )
    return left


def _needs_lumen(name: str, section: config.Section) -> bool:
    pin = section.options.get("pin")
    is_own = name.split()[:1] == ["lumen"] or name.startswith("lumen_")
    return is_own or (pin is not None and config.is_klipper_neopixel(name, pin.value))


def _closing(install: bool, changed: bool, dry_run: bool) -> str:
    if not changed:
        return "Lumen is already installed" if install else "Lumen is not installed"
    if dry_run:
        return "nothing was changed (--dry-run)"
    if not install:
        return "restart the klipper service to unload Lumen"
    return (
        "Klipper must run with this Python: %s\n"
        "add [lumen] to printer.cfg, above its SAVE_CONFIG block, then restart the klipper service"
        % sys.executable
    )
