"""`install` and `uninstall` on trees like those of Klipper and Kalico."""

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


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(root), *arguments]
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


def run(root: Path, *arguments: str) -> int:
    return main([*arguments, "--klipper", str(root)])


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("lumen.py")}


def exclude(root: Path) -> str:
    return (root / ".git" / "info" / "exclude").read_text()


def test_the_loader_is_written_to_extras_and_hidden_from_git(klipper: Path) -> None:
    assert run(klipper, "install") == 0
    assert files(klipper) == {"klippy/extras/lumen.py"}
    assert git(klipper, "status", "--porcelain") == ""


def test_the_loader_is_written_to_plugins_on_kalico(kalico: Path) -> None:
    assert run(kalico, "install") == 0
    assert files(kalico) == {"klippy/plugins/lumen.py"}
    assert git(kalico, "status", "--porcelain") == ""


def test_a_second_loader_in_the_extras_of_kalico_is_removed(kalico: Path) -> None:
    (kalico / "klippy" / "extras" / "lumen.py").write_text(install.MARK + "\n")
    assert run(kalico, "install") == 0
    assert files(kalico) == {"klippy/plugins/lumen.py"}


@pytest.mark.parametrize("tree", ["klipper", "kalico"])
def test_uninstall_restores_the_tree(tree: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(tree)
    before = exclude(root)
    assert run(root, "install") == 0
    assert exclude(root) != before
    assert run(root, "uninstall") == 0
    assert files(root) == set()
    assert exclude(root) == before


def test_a_second_install_or_uninstall_changes_nothing(
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
    assert capsys.readouterr().out == "Klipper in %s\nLumen is not installed\n" % klipper


def test_a_missing_exclude_line_is_added_again(klipper: Path) -> None:
    run(klipper, "install")
    (klipper / ".git" / "info" / "exclude").write_text("mine\n")
    run(klipper, "install")
    assert exclude(klipper) == "mine\nklippy/extras/lumen.py\n"


def test_an_older_loader_is_replaced(klipper: Path) -> None:
    path = klipper / "klippy" / "extras" / "lumen.py"
    path.write_text(install.MARK + "\nSCAFFOLD = 0\n")
    run(klipper, "install")
    assert "SCAFFOLD = %d" % install.SCAFFOLD in path.read_text()


def test_a_dry_run_prints_the_steps_and_changes_nothing(
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
def test_a_folder_without_klipper_is_refused(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, command) == 1
    assert "no Klipper in %s: there is no klippy/extras" % tmp_path in capsys.readouterr().err


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_foreign_lumen_file_is_not_changed(
    klipper: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = klipper / "klippy" / "extras" / "lumen.py"
    path.write_text("def load_config(config): ...\n")
    assert run(klipper, command) == 1
    assert (
        "lumen.py was not created by Lumen and was not changed; move it away first"
        in capsys.readouterr().err
    )
    assert path.read_text() == "def load_config(config): ...\n"


def test_a_link_to_a_checkout_is_not_changed(klipper: Path, tmp_path: Path) -> None:
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


def test_the_loader_is_hidden_from_git_in_a_worktree(klipper: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(klipper, "worktree", "add", "--quiet", str(other))
    assert run(other, "install") == 0
    assert files(other) == {"klippy/extras/lumen.py"}
    assert git(other, "status", "--porcelain") == ""


def test_klipper_is_found_in_the_home_folder(
    klipper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(klipper.parent))
    assert main(["install"]) == 0
    assert files(klipper) == {"klippy/extras/lumen.py"}


class RefusedError(Exception):
    pass


class Config:
    error = RefusedError


def load_module(root: Path) -> ModuleType:
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
    load_config: Callable[[object], object] = load_module(klipper).load_config
    return load_config


def test_the_loader_imports_lumen_only_when_its_section_is_loaded(klipper: Path) -> None:
    run(klipper, "install")
    path = next(klipper.rglob("lumen.py"))
    program = "import runpy, sys; runpy.run_path(%r); print(*sys.modules)" % str(path)
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("klipper_lumen", "klippy_extra"))]


def test_the_loader_passes_its_section_to_the_extra(
    load: Callable[[object], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = ModuleType("klippy_extra.lumen")
    extra.load_config = lambda config: ("loaded", config)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "klippy_extra.lumen", extra)
    config = Config()
    assert load(config) == ("loaded", config)


@pytest.mark.parametrize("missing", ["klipper_lumen.install", "klippy_extra.lumen"])
def test_a_missing_package_is_a_config_error_with_the_command_to_run(
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


def test_a_loader_of_another_version_is_a_config_error_with_the_command_to_run(
    load: Callable[[object], object], klipper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "SCAFFOLD", install.SCAFFOLD + 1)
    with pytest.raises(RefusedError) as caught:
        load(Config())
    message = str(caught.value)
    assert "/klippy/extras/lumen.py belongs to another version of klipper-lumen." in message
    assert "-m klipper_lumen install --klipper %s\n" % klipper in message


def test_the_loader_uses_no_newer_syntax(klipper: Path) -> None:
    run(klipper, "install")
    text = next(klipper.rglob("lumen.py")).read_text()
    assert 'f"' not in text
    assert "->" not in text


def test_uninstall_lists_the_remaining_sections(
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
        "remove these sections before you restart Klipper; it does not start with them:",
        "  %s:1: [lumen]" % part,
        "  %s:3: [lumen_group case]" % part,
        "  %s:3: [neopixel bar]" % path,
    ]


def test_uninstall_reports_an_unreadable_config(
    klipper: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    run(klipper, "install")
    capsys.readouterr()
    assert run(klipper, "uninstall") == 0
    assert "specify printer.cfg with --config FILE" in capsys.readouterr().out
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


def test_includes_are_read_by_the_rules_of_the_installed_klipper(
    tmp_path: Path, klipper: Path, kalico: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text("[include parts/**/*.cfg]\n")
    (tmp_path / "parts/a/b").mkdir(parents=True)
    (tmp_path / "parts/a/b/lights.cfg").write_text(
        "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 3\n"
    )
    for root, finds in ((klipper, False), (kalico, True)):
        assert len(install.left_sections(str(path), install.Tree(root).is_kalico)) == 3 * finds
        tree = install.Tree(root)
        monkeypatch.setattr(install, "find", lambda *_, tree=tree: tree)
        assert main(["preview", str(path), "--png", str(tmp_path / "lights.png")]) == 1 - finds
