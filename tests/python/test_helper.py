"""`klipper-lumen helper`: install, check and uninstall under another root, and the service itself.

The tests need no root, no Raspberry Pi and no running systemd: the pins are a dry run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from klipper_lumen._engine import board_model
from klipper_lumen.cli import main
from klipper_lumen.helper import (
    CONFIG,
    ENVIRONMENT,
    SOCKET,
    UNIT,
    HelperError,
    TargetSystem,
    install_steps,
    source,
    systemd_unit,
)
from tests.python.installs import PRINTER, check, install, uninstall, unpack, write_record

HELLO = b"Lu\x01\x01" + bytes([18, 3, 2, 0])
GREETING, WELCOME = b"Lu\x01\x80", b"Lu\x01\x81"


def test_install_writes_and_prints_the_strips_of_the_config(
    root: Path, printer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(root, printer) == 0
    output = capsys.readouterr().out
    assert "strip 'case': 2 pixels of 3 channels on GPIO18" in output
    assert "strip 'head': 1 pixel of 4 channels on GPIO13" in output
    assert "table" not in output
    config = json.loads((root / CONFIG).read_text())
    assert config["uids"] == [os.geteuid()]
    assert [strip["pin"] for strip in config["strips"]] == [18, 13]
    assert "ExecStart=/opt/lumen/bin/python -I -m klipper_lumen helper serve" in (
        (root / UNIT).read_text()
    )


def test_other_users_cannot_write_the_installed_files(root: Path, printer: Path) -> None:
    before = os.umask(0)
    try:
        assert install(root, printer) == 0
    finally:
        os.umask(before)
    writable = [
        str(path)
        for path in root.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ]
    assert writable == []


def test_the_environment_runs_its_copy_of_the_package(root: Path, printer: Path) -> None:
    assert install(root, printer) == 0
    python = root / ENVIRONMENT / "bin" / "python"
    program = "import klipper_lumen._engine as e; print(e.__file__)"
    command = [str(python), "-I", "-c", program]
    where = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert where.startswith(str(root / ENVIRONMENT))


def test_install_again_changes_nothing(
    root: Path, printer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(root, printer) == 0
    capsys.readouterr()
    assert install(root, printer) == 0
    assert "already installed" in capsys.readouterr().out


def test_another_version_replaces_the_environment(root: Path, printer: Path) -> None:
    assert install(root, printer) == 0
    packages = next((root / ENVIRONMENT).glob("lib/python3*/site-packages/klipper_lumen"))
    (packages / "old.py").write_text("")
    assert install(root, printer) == 0
    assert not (packages / "old.py").exists()


def test_a_wheel_can_be_installed_instead_of_this_package(
    root: Path, printer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = Path(shutil.make_archive(str(tmp_path / "w"), "zip", tmp_path, "printer.cfg"))
    assert install(root, printer, "--wheel", str(wheel)) == 1
    assert "is not a wheel of Lumen" in capsys.readouterr().err
    package = unpack(tmp_path / "build")
    (package / "from_wheel").touch()
    wheel = Path(shutil.make_archive(str(tmp_path / "w"), "zip", tmp_path / "build"))
    assert install(root, printer, "--wheel", str(wheel)) == 1
    assert "klipper_lumen/from_wheel is not in the wheel's RECORD" in capsys.readouterr().err
    write_record(tmp_path / "build")
    wheel = Path(shutil.make_archive(str(tmp_path / "w"), "zip", tmp_path / "build"))
    assert install(root, printer, "--wheel", str(wheel)) == 0
    assert list(root.rglob("from_wheel"))


def test_a_dry_run_writes_nothing(root: Path, printer: Path) -> None:
    assert install(root, printer, "--dry-run") == 0
    assert list(root.iterdir()) == []


def test_uninstall_removes_everything_and_can_be_repeated(
    root: Path, printer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(root, printer) == 0
    assert uninstall(root) == 0
    assert [path for path in root.rglob("*") if path.is_file()] == []
    assert not (root / "etc" / "lumen").exists()
    capsys.readouterr()
    assert uninstall(root) == 0
    assert "the helper is not installed" in capsys.readouterr().out


def test_uninstall_ignores_files_that_the_service_removed(root: Path, printer: Path) -> None:
    assert install(root, printer) == 0
    socket_folder = root / "run" / "lumen"
    socket_folder.mkdir(parents=True)
    (socket_folder / "ws281x.sock").touch()
    steps = install_steps.plan_uninstall(TargetSystem(root))
    # systemd removes the folder when the service ends.
    shutil.rmtree(socket_folder)
    for step in steps:
        step.do()
    assert [path for path in root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("place", [UNIT, ENVIRONMENT + "/file"])
def test_files_of_others_are_not_changed(
    root: Path, printer: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / place
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert install(root, printer) == 1
    assert "was not created by Lumen and was not changed" in capsys.readouterr().err
    assert uninstall(root) == 1
    assert path.read_text() == "mine"


def test_a_config_without_pins_is_refused(
    root: Path, printer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printer.write_text("[lumen]\n\n[lumen_strip case]\ndriver: spi\ncount: 3\n")
    assert install(root, printer) == 1
    assert "has no strip on a pin that the helper can drive" in capsys.readouterr().err
    assert list(root.iterdir()) == []


def test_an_unknown_user_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--root", str(root), "--user", "no-such-user"]
    assert main(["helper", "install", *options]) == 1
    assert "unknown user 'no-such-user'" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="this is root")
def test_install_needs_root(printer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["helper", "install", "--config", str(printer)]) == 1
    assert "only root can do this; run\n  sudo /" in capsys.readouterr().err


def test_check_reports_missing_unprotected_and_outdated_files(
    root: Path, printer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(root, printer) == 1
    assert "  sudo python3 -I -S klipper_lumen helper install\n" in capsys.readouterr().err
    assert install(root, printer) == 0
    (root / CONFIG).chmod(0o666)
    assert check(root, printer) == 1
    assert "can be written by users other than root" in capsys.readouterr().err
    (root / CONFIG).chmod(0o644)
    printer.write_text(PRINTER.replace("count: 2", "count: 3"))
    assert check(root, printer) == 1
    errors = capsys.readouterr().err
    assert "install would write" in errors
    assert "run 'sudo /opt/lumen/bin/klipper-lumen helper install'" in errors


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_accepts_the_unit_and_its_restrictions(tmp_path: Path) -> None:
    path = tmp_path / "lumen-helper.service"
    path.write_text(systemd_unit.text(sys.executable, 0))
    verify = ["systemd-analyze", "verify", "--man=no", str(path)]
    done = subprocess.run(verify, check=False, capture_output=True, text=True)
    problems = [line for line in done.stderr.splitlines() if "lumen-helper" in line]
    assert (done.returncode, problems) == (0, [])
    # An exposure of at most 1.5; newer versions of systemd check more points.
    audit = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(path)]
    done = subprocess.run(audit, check=False, capture_output=True, text=True)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze has no offline audit")
    assert done.returncode == 0, done.stdout[-500:]


def test_check_connects_to_the_service(
    root: Path, printer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(root, printer) == 0
    assert check(root, printer) == 1
    assert "see 'systemctl status lumen-helper'" in capsys.readouterr().err
    path = root / SOCKET
    path.parent.mkdir(parents=True)
    tmp_path.chmod(0o700)
    service = Service(tmp_path, path, root / CONFIG)
    try:
        assert service.notification() == "READY=1"
        assert check(root, printer) == 0
        assert "can light its strips" in capsys.readouterr().out
        with service.client():
            assert check(root, printer) == 0, "a busy service answers too"
    finally:
        service.close()


@pytest.mark.skipif(
    "Raspberry Pi" in board_model(Path("/")), reason="on a Raspberry Pi it would drive the pins"
)
def test_check_reports_why_the_pins_cannot_be_driven(
    root: Path, printer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install(root, printer) == 0
    path = root / SOCKET
    path.parent.mkdir(parents=True)
    tmp_path.chmod(0o700)
    service = Service(tmp_path, path, root / CONFIG, has_pins=True)
    try:
        assert service.notification() == "READY=1"
        capsys.readouterr()
        assert check(root, printer) == 1
        shown = capsys.readouterr()
    finally:
        service.close()
    assert shown.out == ""
    assert shown.err == (
        "the helper reports: this computer is not a Raspberry Pi; use 'driver: spi', which works "
        "on the SPI port of any computer\n"
    )


class Service:
    """The service as a process, by default with a dry run instead of pins."""

    def __init__(
        self,
        folder: Path,
        path: Optional[Path] = None,
        config: Optional[Path] = None,
        *,
        has_pins: bool = False,
    ) -> None:
        self.frames = folder / "frames"
        self.socket = path if path is not None else folder / "socket"
        if config is None:
            config = folder / "helper.json"
            strip = {"name": "case", "pin": 18, "pixels": 2, "channels": 3, "chip": "ws281x"}
            strip.update({"frequency_hz": 800000, "dma": 10, "invert": False})
            document = {"version": 1, "uids": [os.geteuid()], "strips": [strip]}
            config.write_text(json.dumps(document))
            config.chmod(0o600)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(folder / "notify"))
        self.notify.settimeout(20)
        command = [sys.executable, "-I", "-m", "klipper_lumen", "helper", "serve"]
        options = ["--config", config, "--socket", self.socket]
        options += [] if has_pins else ["--dry-run", self.frames]
        self.process = subprocess.Popen(
            command + list(map(str, options)),
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=subprocess.PIPE,
            text=True,
        )

    def notification(self) -> str:
        return self.notify.recv(64).decode()

    def lines(self) -> list[str]:
        return self.frames.read_text().splitlines() if self.frames.exists() else []

    def wait_for(self, line: str) -> None:
        # Ends at the latest with the timeout of the test.
        while line not in self.lines():
            assert self.process.poll() is None
            time.sleep(0.001)

    def client(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.settimeout(20)
        client.connect(str(self.socket))
        assert client.recv(64) == GREETING
        client.send(HELLO)
        assert client.recv(64) == WELCOME
        return client

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.notify.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    tmp_path.chmod(0o700)
    service = Service(tmp_path)
    yield service
    service.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_service_turns_the_strips_off(service: Service, number: signal.Signals) -> None:
    assert service.notification() == "READY=1"
    with service.client() as client:
        client.send(b"Lu\x01\x02" + bytes([1, 2, 3, 4, 5, 6]))
        service.wait_for("show 010203040506")
        service.process.send_signal(number)
        assert client.recv(64) == b""
    assert service.process.wait(20) == 0
    assert service.lines()[-1] == "rest"
    assert service.notification() == "STOPPING=1"
    assert not service.socket.exists()


def test_a_service_with_an_unprotected_config_ends_with_an_error(tmp_path: Path) -> None:
    config = tmp_path / "helper.json"
    config.write_text("{}")
    config.chmod(0o622)
    command = [sys.executable, "-I", "-m", "klipper_lumen", "helper", "serve"]
    options = ["--config", str(config), "--socket", str(tmp_path / "socket")]
    done = subprocess.run(command + options, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "can be written by users other than its owner (mode 0622)" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can connect as another user")
def test_a_user_who_is_not_allowed_is_refused() -> None:
    # A folder that all users can enter.
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    service = Service(folder)
    try:
        assert service.notification() == "READY=1"
        service.socket.chmod(0o777)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            os.seteuid(65534)
            try:
                client.connect(str(service.socket))
            finally:
                os.seteuid(0)
            client.settimeout(20)
            assert b"user 65534 is not allowed to drive the strips" in client.recv(999)
            assert client.recv(64) == b""
    finally:
        service.close()
        shutil.rmtree(folder)


def test_install_on_the_running_system_refuses_the_python_of_a_user(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.touch(mode=0o777)
    python.chmod(0o777)
    inputs = source.Source("x", 1, 1, python, "", [], {})
    with pytest.raises(HelperError, match="root cannot trust"):
        install_steps.plan_install(TargetSystem(), inputs)
