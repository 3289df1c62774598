"""The steps of a release, for `make release-check` and for .github/workflows/release.yml.

    python tools/release.py version                the version, from Cargo.toml
    python tools/release.py set VERSION            writes a new version wherever it stands
    python tools/release.py notes                  the part of CHANGELOG.md about this version
    python tools/release.py stage DIR              the tree from which releases are built
    python tools/release.py check FOLDER [--publish]   checks what would be published

A tree in work has the classifier `Private :: Do Not Upload`, with which a package index refuses a
package. Only a staged tree does not have it, so nothing else can be uploaded by mistake.
"""

from __future__ import annotations

import argparse
import fnmatch
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PRIVATE = '    "Private :: Do Not Upload",\n'
# A link or a picture of Markdown to a file of the repository.
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")
# Where the version stands besides Cargo.toml, and its form there.
PLACES = (
    ("Cargo.toml", r'(?m)^version = "(.+)"$'),
    ("Cargo.lock", r'name = "klipper-lumen"\nversion = "(.+)"'),
    ("benches/instructions/Cargo.lock", r'name = "klipper-lumen"\nversion = "(.+)"'),
    ("tests/fuzz/Cargo.lock", r'name = "klipper-lumen"\nversion = "(.+)"'),
    ("klippy_extra/lumen/__init__.py", r'(?m)^VERSION = "(.+)"$'),
)
ARCHITECTURES = ("aarch64", "armv7l", "x86_64")
# The compressed size of a wheel, in bytes. That for x86_64 is the largest, with 1.90 MB.
MAX_WHEEL = 1_950_000
# What a wheel of another project could overwrite.
PACKAGES = ("klipper_lumen/", "klippy_extra/lumen/", "klipper_lumen-")
# The wheel of the pages, see web/python.
MAX_WEB_WHEEL = 1_000_000
WEB_PACKAGES = ("klipper_lumen_web/", "klipper_lumen_web-")
# What the pages cannot do without, as patterns.
WEB_FILES = (
    "klipper_lumen_web/__init__.py",
    "klipper_lumen_web/LICENSE",
    "klipper_lumen_web/pages/index.html",
    "klipper_lumen_web/pages/live.html",
    "klipper_lumen_web/pages/licenses.txt",
    "klipper_lumen_web/pages/assets/lumen-*.bin",
)
# Each has the metadata of a package: its path, and the section before which its addresses stand.
PROJECTS = (
    ("pyproject.toml", "[project.scripts]\n"),
    ("web/python/pyproject.toml", "[tool.hatch.version]\n"),
)


class ReleaseError(Exception):
    """Why this cannot be released."""


def version(root: Path = ROOT) -> str:
    """Returns the version; Cargo.toml is its source."""
    return _found(root, *PLACES[0])


def _found(root: Path, name: str, pattern: str) -> str:
    match = re.search(pattern, (root / name).read_text())
    if match is None:
        raise ReleaseError("%s has no line %s" % (name, pattern))
    return match[1]


def set_version(new: str, root: Path = ROOT) -> None:
    """Writes a version wherever it stands."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", new):
        raise ReleaseError("a version has the form 1.2.3, not '%s'" % new)
    for name, pattern in PLACES:
        path = root / name
        text = path.read_text()
        match = re.search(pattern, text)
        if match is None:
            raise ReleaseError("%s has no version" % name)
        path.write_text(text[: match.start(1)] + new + text[match.end(1) :])


def check_versions(root: Path = ROOT) -> None:
    """Raises ReleaseError if the version differs somewhere."""
    wanted = version(root)
    for name, pattern in PLACES[1:]:
        found = _found(root, name, pattern)
        if found != wanted:
            raise ReleaseError(
                "%s has version %s, Cargo.toml %s; run: python tools/release.py set %s"
                % (name, found, wanted, wanted)
            )


def repository(root: Path = ROOT) -> str:
    """Returns the address of the repository; empty until it is public."""
    return _found(root, "pyproject.toml", r'(?m)^repository = "(.*)"$')


def notes(root: Path = ROOT) -> str:
    """Returns the part of the changelog about this version."""
    parts = re.split(r"(?m)^## ", (root / "CHANGELOG.md").read_text())[1:]
    for part in parts:
        head, _, body = part.partition("\n")
        if head.split()[0] == version(root):
            return body.strip() + "\n"
    raise ReleaseError("CHANGELOG.md has no section '## %s'" % version(root))


def absolute(text: str, address: str, tag: str) -> str:
    """Returns Markdown with links that also work outside of the repository."""

    def link(match: re.Match[str]) -> str:
        mark, words, target = match.groups()
        kind = "raw" if mark else "blob"
        return "%s[%s](%s/%s/%s/%s)" % (mark, words, address, kind, tag, target)

    return LINK.sub(link, text)


def stage(folder: Path, root: Path = ROOT) -> None:
    """Writes the committed tree to a folder, as it is released."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    command = ["git", "-C", str(root), "archive", "--format=tar", "HEAD"]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], check=True, input=archive)
    check_versions(folder)
    address = repository(folder)
    for name, section in PROJECTS:
        project = folder / name
        text = project.read_text()
        if text.count(PRIVATE) != 1:
            raise ReleaseError("%s must have the classifier 'Private :: Do Not Upload'" % name)
        text = text.replace(PRIVATE, "")
        if address:
            changelog = address + "/blob/main/CHANGELOG.md"
            urls = 'Repository = "%s"\nChangelog = "%s"\n' % (address, changelog)
            text = text.replace(section, "[project.urls]\n%s\n%s" % (urls, section))
        project.write_text(text)
    if address:
        readme = folder / "README.md"
        readme.write_text(absolute(readme.read_text(), address, "v" + version(folder)))


def check(folder: Path, publish: bool = False, tag: Optional[str] = None) -> list[str]:
    """Checks the files of a release; returns a line about each."""
    wanted = version()
    if tag is not None and tag != "v" + wanted:
        raise ReleaseError("the tag is %s, the version in Cargo.toml %s" % (tag, wanted))
    if publish and not repository():
        raise ReleaseError("set 'repository' in [tool.lumen] of pyproject.toml before you publish")
    wheels = sorted(folder.glob("*.whl"))
    # The tags of the platform have no fixed order.
    found = {_without_order(path.name) for path in wheels}
    names = {
        "klipper_lumen-%s-cp39-abi3-manylinux2014_%s.manylinux_2_17_%s.whl" % (wanted, it, it)
        for it in ARCHITECTURES
    }
    names.add("klipper_lumen_web-%s-py3-none-any.whl" % wanted)
    if found != names:
        raise ReleaseError("%s has %s, not %s" % (folder, sorted(found), sorted(names)))
    lines = [_check_wheel(path) for path in wheels]
    source = folder / ("klipper_lumen-%s.tar.gz" % wanted)
    if not source.is_file():
        raise ReleaseError("%s has no sdist %s" % (folder, source.name))
    with tarfile.open(source) as archive:
        members = archive.getnames()
        info = archive.extractfile("klipper_lumen-%s/PKG-INFO" % wanted)
        _check_metadata(source.name, info.read().decode() if info is not None else "")
    for name in ("Cargo.lock", "pyproject.toml", "klippy_extra/lumen/__init__.py", "src/lib.rs"):
        if "klipper_lumen-%s/%s" % (wanted, name) not in members:
            raise ReleaseError("%s does not have %s" % (source.name, name))
    return [*lines, "%s: %d bytes" % (source.name, source.stat().st_size)]


def _without_order(name: str) -> str:
    """Returns the name of a wheel with its platform tags sorted."""
    start, _, tags = name.removesuffix(".whl").rpartition("-")
    return "%s-%s.whl" % (start, ".".join(sorted(tags.split("."))))


def _check_wheel(path: Path) -> str:
    is_web = path.name.startswith(WEB_PACKAGES)
    packages, max_size = (WEB_PACKAGES, MAX_WEB_WHEEL) if is_web else (PACKAGES, MAX_WHEEL)
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        foreign = [name for name in names if not name.startswith(packages)]
        if foreign:
            raise ReleaseError("%s has %s" % (path.name, foreign[0]))
        for pattern in WEB_FILES if is_web else ():
            if not fnmatch.filter(names, pattern):
                raise ReleaseError("%s does not have %s" % (path.name, pattern))
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        _check_metadata(path.name, wheel.read(metadata).decode())
    size = path.stat().st_size
    if size > max_size:
        raise ReleaseError("%s has %d bytes, more than %d" % (path.name, size, max_size))
    return "%s: %d bytes" % (path.name, size)


def _check_metadata(name: str, text: str) -> None:
    head = Parser().parsestr(text)
    if head["Version"] != version():
        raise ReleaseError("%s has version %s" % (name, head["Version"]))
    if any("Private" in it for it in head.get_all("Classifier", [])):
        raise ReleaseError("%s was not built from a staged tree" % name)
    required = [it for it in head.get_all("Requires-Dist", []) if "extra ==" not in it]
    if required:
        raise ReleaseError("%s requires %s" % (name, required[0]))
    relative = LINK.search(text)
    if repository() and relative is not None:
        raise ReleaseError("%s: the link to %s is relative" % (name, relative[3]))


def main(arguments: list[str]) -> int:
    """Runs a step."""
    parser = argparse.ArgumentParser(prog="tools/release.py")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("version")
    steps.add_parser("set").add_argument("version")
    steps.add_parser("notes")
    steps.add_parser("stage").add_argument("folder", type=Path)
    checks = steps.add_parser("check")
    checks.add_argument("folder", type=Path)
    checks.add_argument("--publish", action="store_true")
    checks.add_argument("--tag")
    given = parser.parse_args(arguments)
    try:
        for line in _run(given):
            print(line)
    except ReleaseError as error:
        print("tools/release.py: %s" % error, file=sys.stderr)
        return 1
    return 0


def _run(given: argparse.Namespace) -> Iterator[str]:
    if given.step == "version":
        check_versions()
        yield version()
    elif given.step == "set":
        set_version(given.version)
    elif given.step == "notes":
        yield notes().rstrip("\n")
    elif given.step == "stage":
        stage(given.folder)
    else:
        yield from check(given.folder, given.publish, given.tag)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
