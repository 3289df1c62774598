"""The files that `klipper-lumen helper install` runs, reads and copies as root."""

from __future__ import annotations

import fnmatch
import json
import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable

import pytest

from klipper_lumen import __version__
from klipper_lumen.cli import main
from klipper_lumen.helper import (
    CONFIG,
    ENVIRONMENT,
    UNIT,
    HelperError,
    TargetSystem,
    config_reader,
    trust,
    wheel_record,
)
from tests.python.installs import PRINTER, install, unpack, user, write_record


def test_an_unpacked_wheel_installs_the_helper_without_an_environment(
    root: Path, printer: Path, tmp_path: Path
) -> None:
    unpack(tmp_path / "unpacked")
    # This module would run if Python searched the folder of the package for modules.
    (tmp_path / "unpacked" / "klipper_lumen" / "pwd.py").write_text("raise SystemExit('hidden')")
    write_record(tmp_path / "unpacked")
    command = [sys.executable, "-I", "-S", "klipper_lumen", "helper", "install"]
    options = ["--root", str(root), "--config", str(printer), "--user", user()]
    done = subprocess.run(
        [*command, *options, "--python", sys.executable],
        check=False,
        cwd=tmp_path / "unpacked",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / UNIT).exists()


def test_the_installed_command_line_uses_the_installed_environment(
    root: Path, printer: Path
) -> None:
    assert install(root, printer) == 0
    script = root / ENVIRONMENT / "bin" / "klipper-lumen"
    assert script.read_text().startswith("#!/opt/lumen/bin/python -I\n")
    assert script.stat().st_mode & 0o777 == 0o755
    python = root / ENVIRONMENT / "bin" / "python"
    command = [str(python), "-I", str(script), "helper", "install", "--root", str(root)]
    options = ["--config", str(printer), "--user", user(), "--python", sys.executable]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
    assert "already installed" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda package: (package / "cli" / "evil.py").touch(), "cli/evil.py is not in the wheel"),
        (lambda package: (package / "recording.py").unlink(), "recording.py is missing"),
        (
            lambda package: (package / "recording.py").write_text("x"),
            "recording.py does not match the wheel",
        ),
    ],
)
def test_files_that_differ_from_the_wheel_are_refused(
    tmp_path: Path, change: Callable[[Path], object], message: str
) -> None:
    package = unpack(tmp_path)
    change(package)
    files = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file()
    }
    text = (tmp_path / "klipper_lumen-1.dist-info" / "RECORD").read_text()
    with pytest.raises(HelperError, match=message):
        wheel_record.verify("klipper_lumen", files, text)


def test_files_that_other_users_can_change_are_not_run_as_root(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    system = TargetSystem()
    module = tmp_path / "module.py"
    module.touch()
    module.chmod(0o666)
    writable = tmp_path / "writable"
    writable.mkdir()
    writable.chmod(0o777)
    assert trust.distrust(system, [Path("/usr/bin/env"), Path("/usr/lib/none.zip")]) is None
    assert str(module) in (trust.distrust(system, [module]) or "") or os.geteuid() != 0
    # A missing file can be created by users who can write to its folder.
    for path in (module, writable / "missing.py", writable / "deeper" / "missing.py"):
        assert trust.distrust(system, [path]) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to other users")
def test_every_link_on_a_path_is_checked(tmp_path: Path) -> None:
    system = TargetSystem(tmp_path)
    users = tmp_path / "home"
    users.mkdir()
    os.chown(users, 1000, 1000)
    (users / "link").symlink_to("/usr/bin/env")
    (tmp_path / "python").symlink_to(users / "link")
    assert "belongs to user 1000" in (system.distrust(tmp_path / "python") or "")
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "own.py").touch()
    assert system.distrust(shared / "own.py") is None
    # Any user can create it.
    assert "written by users other" in (system.distrust(shared / "none.py") or "")
    (shared / "given.py").symlink_to(shared / "own.py")
    os.chown(shared / "given.py", 1000, 1000, follow_symlinks=False)
    assert "belongs to user 1000" in (system.distrust(shared / "given.py") or "")


def test_install_on_the_running_system_is_refused_with_safe_commands(
    printer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trust, "running", lambda: [printer])
    printer.chmod(0o666)
    options = ["--config", str(printer), "--user", user(), "--dry-run"]
    assert main(["helper", "install", *options]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "users can change: " + str(printer.parents[-2]) in err or str(printer) in err
    assert "\n%s\n" % trust.commands() in err
    assert trust.TRUST in err


def test_a_wheel_that_other_users_can_change_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "w.whl"
    wheel.touch()
    wheel.chmod(0o666)
    with pytest.raises(HelperError, match="other users can change"):
        trust.require_trust(TargetSystem(), wheel)


def test_the_config_is_read_with_the_permissions_of_the_user(
    printer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = {}

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        used.update(options)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "getgrouplist", lambda name, gid: [7, 8])
    account = pwd.struct_passwd(("pi", "x", 1000, 7, "", "/home/pi", "/bin/sh"))
    config_reader._ask(printer, account)
    permissions = {name: used[name] for name in ("user", "group", "extra_groups")}
    assert permissions == {"user": 1000, "group": 7, "extra_groups": [7, 8]}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a process as another user")
@pytest.mark.skipif(not os.path.exists("/usr/bin/python3"), reason="no Python for all users")
def test_root_reads_no_config_that_the_user_cannot_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        # The package may be in a folder that other users cannot read.
        shutil.copytree(Path(config_reader.__file__).parent.parent, folder / "klipper_lumen")
        copied = folder / "klipper_lumen" / "helper" / "config_reader.py"
        monkeypatch.setattr(config_reader, "__file__", str(copied))
        config = folder / "printer.cfg"
        config.write_text(PRINTER)
        config.chmod(0o600)
        with pytest.raises(HelperError, match=r"printer.cfg"):
            config_reader.read(config, pwd.getpwnam("nobody"))
        config.chmod(0o644)
        text, strips = config_reader.read(config, pwd.getpwnam("nobody"))
        assert json.loads(text)["uids"] == [pwd.getpwnam("nobody").pw_uid]
        assert len(strips) == 2
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("is_kalico", [False, True])
def test_includes_are_read_by_the_rules_of_the_klipper_of_the_user(
    tmp_path: Path, is_kalico: bool
) -> None:
    (tmp_path / "klipper/klippy/extras").mkdir(parents=True)
    (tmp_path / "klipper/klippy/klippy.py").touch()
    if is_kalico:
        (tmp_path / "klipper/klippy/plugins").mkdir()
    (tmp_path / "parts/a/b").mkdir(parents=True)
    for name, folder, pin in (("case", "parts/a", 18), ("head", "parts/a/b", 13)):
        text = "[lumen_strip %s]\ndriver: gpio\npin: %d\ncount: 2\n" % (name, pin)
        (tmp_path / folder / "strip.cfg").write_text(text)
    printer = tmp_path / "printer.cfg"
    printer.write_text("[lumen]\n[include parts/**/*.cfg]\n")
    own = pwd.getpwuid(os.geteuid())
    account = pwd.struct_passwd((own.pw_name, "x", own.pw_uid, own.pw_gid, "", str(tmp_path), ""))
    _, strips = config_reader.read(printer, account)
    assert len(strips) == (2 if is_kalico else 1)


@pytest.mark.parametrize("answer", ["", "{", "[]", "7", '"uids"', '{"version": 1}', "{}" * 40_000])
def test_an_answer_that_is_not_a_config_is_an_error(
    printer: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(config_reader, "_ask", lambda *_: answer.encode())
    with pytest.raises(HelperError, match="cannot be used"):
        config_reader.read(printer, pwd.getpwuid(os.geteuid()))


def test_reading_an_endless_config_times_out(
    printer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(printer.with_name("fifo"))
    monkeypatch.setattr(config_reader, "PROGRAM", "import sys; open(sys.argv[2]).read()")
    monkeypatch.setattr(config_reader, "TIMEOUT_S", 0.01)
    with pytest.raises(HelperError, match="longer than"):
        config_reader.read(printer.with_name("fifo"), pwd.getpwuid(os.geteuid()))


def test_control_characters_of_a_problem_are_escaped(
    printer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = json.dumps({"problem": "a\x1b[2Jb\nc"})
    monkeypatch.setattr(config_reader, "_ask", lambda *_: problem.encode())
    with pytest.raises(HelperError) as error:
        config_reader.read(printer, pwd.getpwuid(os.geteuid()))
    assert str(error.value).endswith("a\\x1b[2Jb\nc")


def test_a_user_can_be_given_by_number(root: Path, printer: Path) -> None:
    options = ["--root", str(root), "--config", str(printer), "--user", str(os.geteuid())]
    assert main(["helper", "install", *options, "--python", sys.executable]) == 0
    assert json.loads((root / CONFIG).read_text())["uids"] == [os.geteuid()]


def test_the_commands_have_the_wheel_of_this_version_and_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    names = [
        "klipper_lumen-%s-cp39-abi3-manylinux_2_17_%s.manylinux2014_%s.whl" % (__version__, it, it)
        for it in ("aarch64", "armv7l", "x86_64")
    ]
    assert fnmatch.filter(names, trust.wheel()) == names[:1]
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert fnmatch.filter(names, trust.wheel()) == names[1:2]
    commands = trust.commands().splitlines()
    assert commands[0] == "  sudo rm -rf /opt/lumen-wheel"
    assert commands[3] == "  sha256sum klipper_lumen-%s-*_armv7l.whl" % __version__


def test_a_python_that_the_user_cannot_run_is_an_error(
    printer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(HelperError, match="cannot run /nowhere/python to read"):
        config_reader.read(printer, pwd.getpwuid(os.geteuid()))
