"""The steps of a release, and the workflows that run them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

import klipper_lumen
from tools import release, userlands

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# The actions that are used, each by the newest major version that was tried.
ACTIONS = {
    "actions/attest-build-provenance@v2",
    "actions/cache@v4",
    "actions/checkout@v4",
    "actions/download-artifact@v4",
    "actions/setup-python@v5",
    "actions/upload-artifact@v4",
    "pypa/gh-action-pypi-publish@release/v1",
}
ADDRESS = "https://example.org/owner/lumen"
METADATA = """Metadata-Version: 2.4
Name: klipper-lumen
Version: %s
%s
[Install](docs/Install.md)
"""


def test_the_version_has_one_source() -> None:
    release.check_versions()
    assert release.version() == klipper_lumen.__version__


def copied(folder: Path) -> Path:
    for name, _ in release.PLACES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((ROOT / name).read_text())
    return folder


def test_a_new_version_is_written_wherever_it_stands(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    release.set_version("7.8.9", tree)
    release.check_versions(tree)
    assert release.version(tree) == "7.8.9"
    assert '\nVERSION = "7.8.9"\n' in (tree / "klippy_extra/lumen/__init__.py").read_text()
    assert 'version = "7.8.9"\nedition' in (tree / "Cargo.toml").read_text()
    with pytest.raises(release.ReleaseError, match=r"a version has the form 1\.2\.3, not '1'"):
        release.set_version("1", tree)
    (tree / "klippy_extra/lumen/__init__.py").write_text('VERSION = "7.8.8"\n')
    with pytest.raises(release.ReleaseError, match=r"has version 7\.8\.8, Cargo\.toml 7\.8\.9"):
        release.check_versions(tree)


def test_the_notes_are_the_part_of_the_changelog(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    release.set_version("0.2.0", tree)
    text = "# Changes\n\n## 0.2.0 (2027-01-01)\n\n- New.\n\n## 0.1.0\n\n- Old.\n"
    (tree / "CHANGELOG.md").write_text(text)
    assert release.notes(tree) == "- New.\n"
    release.set_version("0.3.0", tree)
    with pytest.raises(release.ReleaseError, match=r"no section '## 0\.3\.0'"):
        release.notes(tree)
    assert "Lumen" in release.notes()


def test_links_and_pictures_work_outside_of_the_repository() -> None:
    text = "![A](docs/a.gif) [I](docs/I.md#wheel) [W](https://x.org) [T](#top)"
    assert release.absolute(text, ADDRESS, "v1.0.0") == (
        "![A](%(a)s/raw/v1.0.0/docs/a.gif) [I](%(a)s/blob/v1.0.0/docs/I.md#wheel) "
        "[W](https://x.org) [T](#top)" % {"a": ADDRESS}
    )


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@x.org"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True)


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_a_staged_tree_can_be_uploaded_and_has_no_relative_link(
    tmp_path: Path, address: str
) -> None:
    tree = copied(tmp_path / "tree")
    project = (ROOT / "pyproject.toml").read_text()
    project = re.sub(r'(?m)^repository = ".*"$', 'repository = "%s"' % address, project)
    (tree / "pyproject.toml").write_text(project)
    (tree / "web" / "python").mkdir(parents=True)
    web = tree / "web" / "python" / "pyproject.toml"
    web.write_text((ROOT / "web" / "python" / "pyproject.toml").read_text())
    (tree / "README.md").write_text((ROOT / "README.md").read_text())
    git(tree, "init", "--quiet")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "all")
    (tree / "uncommitted").touch()
    staged = tmp_path / "staged"
    release.stage(staged, tree)
    texts = [(staged / name).read_text() for name, _ in release.PROJECTS]
    assert len(texts) == 2
    assert not (staged / "uncommitted").exists()
    readme = (staged / "README.md").read_text()
    for text in texts:
        assert "Private ::" not in text
        assert ("[project.urls]" in text) == bool(address)
        assert ('Repository = "%s"\n' % ADDRESS in text) == bool(address)
        assert ('Changelog = "%s/blob/main/CHANGELOG.md"\n' % ADDRESS in text) == bool(address)
    if address:
        assert release.LINK.search(readme) is None
    else:
        assert readme == (ROOT / "README.md").read_text()


def web_files(folder: Path, metadata: str, without: str = "", extra: str = "") -> Path:
    """Writes the wheel of the pages."""
    version = release.version()
    path = folder / ("klipper_lumen_web-%s-py3-none-any.whl" % version)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("klipper_lumen_web-%s.dist-info/METADATA" % version, metadata)
        for name in (*release.WEB_FILES, extra):
            if name and name != without:
                wheel.writestr(name.replace("*", "x"), "")
    return path


def files(folder: Path, metadata: str, extra: str = "klipper_lumen/__init__.py") -> Path:
    """Writes the files of a release with this metadata."""
    version = release.version()
    for architecture in release.ARCHITECTURES:
        form = "klipper_lumen-%s-cp39-abi3-manylinux_2_17_%s.manylinux2014_%s.whl"
        with zipfile.ZipFile(folder / (form % (version, architecture, architecture)), "w") as wheel:
            wheel.writestr("klipper_lumen-%s.dist-info/METADATA" % version, metadata)
            wheel.writestr(extra, "")
    web_files(folder, metadata)
    name = "klipper_lumen-%s" % version
    (folder / "PKG-INFO").write_text(metadata)
    with tarfile.open(folder / (name + ".tar.gz"), "w:gz") as archive:
        archive.add(folder / "PKG-INFO", name + "/PKG-INFO")
        for member in ("Cargo.lock", "pyproject.toml", "klippy_extra/lumen/__init__.py"):
            archive.add(ROOT / member, "%s/%s" % (name, member))
        archive.add(ROOT / "src" / "lib.rs", name + "/src/lib.rs")
    return folder


def test_a_complete_release_passes(tmp_path: Path) -> None:
    lines = release.check(files(tmp_path, METADATA % (release.version(), "")))
    assert len(lines) == 5
    assert any(it.startswith("klipper_lumen_web-") for it in lines)


@pytest.mark.parametrize(
    ("version", "field", "extra", "words"),
    [
        (None, "Classifier: Private :: Do Not Upload\n", "klipper_lumen/a", "a staged tree"),
        (None, "Requires-Dist: numpy\n", "klipper_lumen/a", "requires numpy"),
        ("9.9.9", "", "klipper_lumen/a", "has version 9.9.9"),
        (None, "", "numpy/__init__.py", "has numpy/__init__.py"),
    ],
)
def test_a_faulty_release_is_refused(
    tmp_path: Path, version: str, field: str, extra: str, words: str
) -> None:
    metadata = METADATA % (version or release.version(), field)
    with pytest.raises(release.ReleaseError, match=re.escape(words)):
        release.check(files(tmp_path, metadata, extra))


@pytest.mark.parametrize("name", release.WEB_FILES)
def test_a_wheel_of_the_pages_must_be_complete(tmp_path: Path, name: str) -> None:
    metadata = METADATA % (release.version(), "")
    files(tmp_path, metadata)
    web_files(tmp_path, metadata, without=name)
    with pytest.raises(release.ReleaseError, match=re.escape("does not have " + name)):
        release.check(tmp_path)


def test_a_wheel_of_the_pages_must_be_small_and_alone(tmp_path: Path) -> None:
    metadata = METADATA % (release.version(), "")
    path = web_files(files(tmp_path, metadata), metadata, extra="klipper_lumen/a.py")
    with pytest.raises(release.ReleaseError, match=r"has klipper_lumen/a\.py"):
        release.check(tmp_path)
    web_files(tmp_path, metadata)
    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr("klipper_lumen_web/pages/film.gif", bytes(release.MAX_WEB_WHEEL))
    with pytest.raises(release.ReleaseError, match=r"bytes, more than 1000000"):
        release.check(tmp_path)
    path.unlink()
    with pytest.raises(release.ReleaseError, match="klipper_lumen_web"):
        release.check(tmp_path)


def test_a_missing_wheel_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    files(tmp_path, METADATA % (release.version(), ""))
    wheel = next(tmp_path.glob("*armv7l.whl"))
    wheel.rename(tmp_path / wheel.name.replace("manylinux_2_17_armv7l.manylinux2014", "linux"))
    with pytest.raises(release.ReleaseError, match="linux_armv7l"):
        release.check(tmp_path)


def test_nothing_is_published_under_another_tag_or_without_an_address(tmp_path: Path) -> None:
    files(tmp_path, METADATA % (release.version(), ""))
    with pytest.raises(release.ReleaseError, match=r"the tag is v9, the version in Cargo\.toml"):
        release.check(tmp_path, tag="v9")
    if not release.repository():
        with pytest.raises(release.ReleaseError, match="set 'repository'"):
            release.check(tmp_path, publish=True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflows_use_what_exists(path: Path) -> None:
    text = path.read_text()
    used = set(re.findall(r"uses: ([\w/.@-]+)", text))
    assert {it for it in used if not it.startswith("./")} <= ACTIONS
    assert all((ROOT / it).is_file() for it in used if it.startswith("./"))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"run: make ([a-z-]+)", text)) <= set(targets)
    for name in re.findall(r"tools/\w+\.py|\.ci/\w+", text):
        assert (ROOT / name).is_file(), name


def test_the_workflow_tries_the_userlands_of_the_check() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    for release_number in userlands.RELEASES:
        assert '"%d"' % release_number in text
    assert "architecture: [%s]" % ", ".join(userlands.ARCHITECTURES) in text
    assert set(userlands.ARCHITECTURES) == set(release.ARCHITECTURES)


def test_the_demo_installs_no_tool_of_a_developer() -> None:
    text = (ROOT / "Makefile").read_text()
    rules = dict(re.findall(r"^(\S+): (?:.*?)(\$\(STAMP\)/\w+).*$", text, re.M))
    needed, target = [], "demo"
    while target in rules:
        target = rules[target]
        needed.append(target)
    assert "$(STAMP)/package" in needed
    assert "$(STAMP)/installed" not in needed


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_a_release_is_built_apart_from_the_work_tree() -> None:
    # To cargo, both are the same package: in one folder, a later build took a module of the copy
    # for its own.
    folders = {}
    for target in ("release", "wheels", "dist/lumen.wasm"):
        command = ["make", "--dry-run", "--always-make", target]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        found = re.findall(r'CARGO_TARGET_DIR="([^"]+)"|--target-dir (\S+)', done.stdout)
        folders[target] = {Path(one or other).name for one, other in found}
    assert folders["release"] == {"staged"}
    assert folders["wheels"] == folders["dist/lumen.wasm"] == {"target"}
