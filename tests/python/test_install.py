"""`install` and `uninstall` on trees that look like Klipper and Kalico."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Callable, Optional

import pytest

from klipper_lumen import install
from klipper_lumen.cli import main


def git(root: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(root), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_tree(root: Path, kalico: bool) -> Path:
    for folder in ("extras", "plugins") if kalico else ("extras",):
        (root / "klippy" / folder).mkdir(parents=True)
        (root / "klippy" / folder / "__init__.py").touch()
    (root / "klippy" / ("printer.py" if kalico else "klippy.py")).touch()
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    return root


@pytest.fixture
def klipper(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "klipper", kalico=False)


@pytest.fixture
def kalico(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "kalico", kalico=True)


def run(root: Path, *words: str) -> int:
    return main([*words, "--klipper", str(root)])


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("lumen.py")}


def exclude(root: Path) -> str:
    return (root / ".git" / "info" / "exclude").read_text()


def test_the_scaffold_goes_into_the_extras_and_git_sees_nothing(klipper: Path) -> None:
    assert run(klipper, "install") == 0
    assert files(klipper) == {"klippy/extras/lumen.py"}
    assert git(klipper, "status", "--porcelain") == ""


def test_kalico_takes_it_into_its_plugins(kalico: Path) -> None:
    assert run(kalico, "install") == 0
    assert files(kalico) == {"klippy/plugins/lumen.py"}
    assert git(kalico, "status", "--porcelain") == ""


def test_a_twin_in_the_extras_of_kalico_is_removed(kalico: Path) -> None:
    (kalico / "klippy" / "extras" / "lumen.py").write_text(install.MARK + "\n")
    assert run(kalico, "install") == 0
    assert files(kalico) == {"klippy/plugins/lumen.py"}


@pytest.mark.parametrize("tree", ["klipper", "kalico"])
def test_uninstall_leaves_the_tree_as_it_was(tree: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(tree)
    before = exclude(root)
    assert run(root, "install") == 0
    assert exclude(root) != before
    assert run(root, "uninstall") == 0
    assert files(root) == set()
    assert exclude(root) == before


def test_the_second_time_there_is_nothing_to_do(
    klipper: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(klipper, "install")
    before = exclude(klipper)
    capsys.readouterr()
    assert run(klipper, "install") == 0
    assert capsys.readouterr().out == "Klipper in %s\nLumen is already installed\n" % klipper
    assert exclude(klipper) == before
    run(klipper, "uninstall")
    capsys.readouterr()
    assert run(klipper, "uninstall") == 0
    assert capsys.readouterr().out == "Klipper in %s\nnothing of Lumen is there\n" % klipper


def test_a_lost_exclude_line_is_put_back(klipper: Path) -> None:
    run(klipper, "install")
    (klipper / ".git" / "info" / "exclude").write_text("mine\n")
    run(klipper, "install")
    assert exclude(klipper) == "mine\nklippy/extras/lumen.py\n"


def test_an_older_scaffold_is_written_anew(klipper: Path) -> None:
    path = klipper / "klippy" / "extras" / "lumen.py"
    path.write_text(install.MARK + "\nSCAFFOLD = 0\n")
    run(klipper, "install")
    assert "SCAFFOLD = %d" % install.SCAFFOLD in path.read_text()


def test_a_dry_run_says_the_plan_and_does_nothing(
    klipper: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(klipper, "install", "--dry-run") == 0
    assert files(klipper) == set()
    assert capsys.readouterr().out.splitlines() == [
        "Klipper in %s" % klipper,
        "  write    %s/klippy/extras/lumen.py" % klipper,
        "  exclude  klippy/extras/lumen.py from git, in %s/.git/info/exclude" % klipper,
        "nothing was changed (--dry-run)",
    ]


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_folder_that_is_no_klipper_is_refused(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, command) == 1
    assert "no Klipper in %s: there is no klippy/extras" % tmp_path in capsys.readouterr().err


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_another_lumen_is_left_alone(
    klipper: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = klipper / "klippy" / "extras" / "lumen.py"
    path.write_text("def load_config(config): ...\n")
    assert run(klipper, command) == 1
    assert "lumen.py is not ours and stays as it is; move it away first" in capsys.readouterr().err
    assert path.read_text() == "def load_config(config): ...\n"


def test_a_link_to_a_checkout_is_left_alone(klipper: Path, tmp_path: Path) -> None:
    mine = tmp_path / "checkout.py"
    mine.write_text(install.MARK)
    (klipper / "klippy" / "extras" / "lumen.py").symlink_to(mine)
    assert run(klipper, "install") == 1
    assert mine.exists()


def test_a_tree_without_git_needs_no_exclude_line(tmp_path: Path) -> None:
    extras = tmp_path / "klippy" / "extras"
    extras.mkdir(parents=True)
    (tmp_path / "klippy" / "klippy.py").touch()
    assert run(tmp_path, "install") == 0
    assert (extras / "lumen.py").exists()


def test_a_worktree_hides_the_scaffold_too(klipper: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(klipper, "worktree", "add", "--quiet", str(other))
    assert run(other, "install") == 0
    assert files(other) == {"klippy/extras/lumen.py"}
    assert git(other, "status", "--porcelain") == ""


def test_without_a_folder_the_home_is_searched(
    klipper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(klipper.parent))
    assert main(["install"]) == 0
    assert files(klipper) == {"klippy/extras/lumen.py"}


class RefusedError(Exception):
    pass


class Config:
    error = RefusedError


def scaffold(root: Path) -> ModuleType:
    path = next(root.rglob("lumen.py"))
    spec = importlib.util.spec_from_file_location("extras.lumen", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def load(klipper: Path) -> Callable[[object], object]:
    run(klipper, "install")
    load_config: Callable[[object], object] = scaffold(klipper).load_config
    return load_config


def test_the_scaffold_imports_nothing_of_ours_before_it_is_asked(klipper: Path) -> None:
    run(klipper, "install")
    path = next(klipper.rglob("lumen.py"))
    program = "import runpy, sys; runpy.run_path(%r); print(*sys.modules)" % str(path)
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("klipper_lumen", "klippy_extra"))]


def test_the_scaffold_hands_its_section_to_the_extra(
    load: Callable[[object], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = ModuleType("klippy_extra.lumen")
    extra.load_config = lambda config: ("loaded", config)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "klippy_extra.lumen", extra)
    config = Config()
    assert load(config) == ("loaded", config)


@pytest.mark.parametrize("missing", ["klipper_lumen.install", "klippy_extra.lumen"])
def test_a_package_that_is_missing_is_a_config_error_that_says_what_to_run(
    load: Callable[[object], object], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    module: Optional[ModuleType] = None
    monkeypatch.setitem(sys.modules, missing, module)
    with pytest.raises(RefusedError) as caught:
        load(Config())
    assert str(caught.value).startswith("[lumen]: the package klipper-lumen is missing or does not")
    assert (
        "\n  %s -m pip install --no-index --find-links . klipper-lumen\n" % sys.executable
        in str(caught.value)
    )


def test_a_scaffold_of_another_version_is_a_config_error_that_says_what_to_run(
    load: Callable[[object], object], klipper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "SCAFFOLD", install.SCAFFOLD + 1)
    with pytest.raises(RefusedError) as caught:
        load(Config())
    words = str(caught.value)
    assert "/klippy/extras/lumen.py belongs to another version of klipper-lumen." in words
    assert "-m klipper_lumen install --klipper %s\n" % klipper in words


def test_the_scaffold_is_plain_enough_for_an_old_python(klipper: Path) -> None:
    run(klipper, "install")
    text = next(klipper.rglob("lumen.py")).read_text()
    assert 'f"' not in text
    assert "->" not in text


def test_uninstall_lists_the_sections_that_are_left(
    klipper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, part = tmp_path / "printer.cfg", tmp_path / "lumen.cfg"
    path.write_text(
        "[include lumen.cfg]\n[printer]\n[neopixel bar]\npin: lumen:gpio18\n"
        "[neopixel sb]\npin: PA1\n[luminous]\n"
    )
    part.write_text("[lumen]\n\n[lumen_group case]\nindex_end: 3\n")
    run(klipper, "install")
    capsys.readouterr()
    assert run(klipper, "uninstall", "--config", str(path)) == 0
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "remove these sections before you restart, Klipper stops at them:",
        "  %s:1: [lumen]" % part,
        "  %s:3: [lumen_group case]" % part,
        "  %s:3: [neopixel bar]" % path,
    ]


def test_uninstall_says_when_it_cannot_read_the_config(
    klipper: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    run(klipper, "install")
    capsys.readouterr()
    assert run(klipper, "uninstall") == 0
    assert "say where printer.cfg is with --config FILE" in capsys.readouterr().out
    path = tmp_path / "printer_data" / "config" / "printer.cfg"
    path.parent.mkdir(parents=True)
    path.write_text("[include gone.cfg]\n")
    run(klipper, "install")
    assert run(klipper, "uninstall") == 0
    assert "%s cannot be read" % path in capsys.readouterr().out
    path.write_text("[printer]\n")
    run(klipper, "install")
    assert run(klipper, "uninstall") == 0
    assert capsys.readouterr().out.endswith("restart the klipper service to unload Lumen\n")
