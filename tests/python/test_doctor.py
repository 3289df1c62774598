"""`klipper-lumen doctor` on faked computers; the faults of computers are tested in Rust."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from klipper_lumen import LumenError, __version__, install
from klipper_lumen._engine import examine
from klipper_lumen.cli import doctor, main

from .test_install import make_tree

MOVE = "lower mcu_bytes_per_second in [lumen], or move the strip to the computer"
CONFIG = """[lumen]

[lumen_group case]
driver: spi
index_end: 30
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with Klipper, and with Lumen in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    tree = make_tree(tmp_path / "klipper", kalico=False)
    for step in install.plan_install(install.find(str(tree))):
        step.do()
    (tmp_path / "printer.cfg").write_text(CONFIG)
    return tmp_path


def pi(root: Path) -> Path:
    (root / "proc" / "device-tree").mkdir(parents=True)
    (root / "proc" / "device-tree" / "model").write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    return root


def faults(found: dict[str, Any]) -> list[str]:
    """Returns the lines about warnings and problems."""
    return [line for line in found["lines"][:-1] if not line.startswith("ok:")]


def test_a_computer_without_spi(home: Path) -> None:
    (fault,) = faults(doctor.report(home / "printer.cfg", root=pi(home / "root")))
    assert fault.startswith("problem: strip '")
    assert "/dev/spidev0.0 does not exist. Fix: sudo raspi-config nonint do_spi 0" in fault


def test_a_computer_with_spi_is_fine(home: Path) -> None:
    root = pi(home / "root")
    (root / "dev").mkdir()
    (root / "dev" / "spidev0.0").touch()
    found = doctor.report(home / "printer.cfg", root=root)
    assert faults(found) == []
    assert found["ok"] is True
    checks = {it["check"] for it in found["findings"]}
    assert checks >= {"package", "Klipper", "config", "computer", "SPI clock"}


def test_a_missing_loader(home: Path) -> None:
    loader = home / "klipper" / "klippy" / "extras" / "lumen.py"
    (home / "printer.cfg").write_text("[lumen]\n")
    loader.write_text(loader.read_text() + "#")
    (fault,) = faults(doctor.report(home / "printer.cfg", root=home))
    assert "has the loader of another version" in fault
    loader.unlink()
    (fault,) = faults(doctor.report(home / "printer.cfg", root=home))
    assert "does not load Lumen. Fix: " in fault
    assert "-m klipper_lumen install --klipper" in fault


def test_no_klipper(home: Path) -> None:
    (home / "klipper" / "klippy" / "klippy.py").unlink()
    (home / "printer.cfg").write_text("[lumen]\n")
    (fault,) = faults(doctor.report(home / "printer.cfg", root=home))
    assert fault.startswith("problem: Klipper: no Klipper in the home folder")
    (fault,) = faults(doctor.report(home / "printer.cfg", "/nonexistent", root=home))
    assert fault.startswith("problem: Klipper: no Klipper in /nonexistent")


def test_mistakes_in_the_config_are_problems(home: Path) -> None:
    (home / "printer.cfg").write_text(CONFIG.replace("index_end", "index_ende"))
    (fault,) = faults(doctor.report(home / "printer.cfg", root=home))
    assert "printer.cfg:5: " in fault
    assert "did you mean 'index_end'" in fault


def test_another_spi_device_is_reported(home: Path) -> None:
    root = pi(home / "root")
    (root / "dev").mkdir()
    (root / "dev" / "spidev0.0").touch()
    mcu = "[mcu rpi]\nserial: /tmp/klipper_host_mcu\n[adxl345]\ncs_pin: rpi:None\n"
    (home / "printer.cfg").write_text(CONFIG + mcu)
    found = "\n".join(faults(doctor.report(home / "printer.cfg", root=root)))
    assert "'adxl345' both use /dev/spidev0.0; an LED strip needs its own SPI bus" in found


def test_no_config(home: Path) -> None:
    (home / "printer.cfg").unlink()
    assert "no printer.cfg found" in "\n".join(faults(doctor.report(None, root=home)))


def test_klippys_python_without_the_package(home: Path) -> None:
    config = home / "printer_data" / "config" / "printer.cfg"
    config.parent.mkdir(parents=True)
    config.write_text("[lumen]\n")
    python = home / "klippy-env" / "bin" / "python"
    packages = home / "klippy-env" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    python.parent.mkdir()
    python.touch()
    (home / "klippy-env" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.7.3\n")
    (fault,) = faults(doctor.report(None, root=home))
    assert "klippy runs with Python 3.7; Lumen needs 3.9 or newer" in fault
    (home / "klippy-env" / "pyvenv.cfg").write_text("version = 3.11.2\n")
    (fault,) = faults(doctor.report(None, root=home))
    assert fault.endswith(
        "which does not have klipper-lumen. Fix: %s -m pip install klipper-lumen" % python
    )
    (packages / "klipper_lumen").mkdir()
    assert faults(doctor.report(None, root=home)) == []


def test_a_new_version_that_waits_for_a_restart(home: Path, tmp_path: Path) -> None:
    (tmp_path / "klipper_lumen-9.0.0.dist-info").mkdir()
    package = {**install.package_facts(), "folder": str(tmp_path / "klipper_lumen")}
    config = str(home / "printer.cfg")
    found = examine({"root": str(home), "package": package, "config": config})
    assert "%s is running, 9.0.0 is installed. Fix: sudo systemctl restart klipper" % (
        __version__
    ) in "\n".join(faults(found))


def test_fields_that_do_not_exist_are_refused() -> None:
    with pytest.raises(LumenError, match="unknown field"):
        examine({"root": "/", "confg": "x"})


def test_a_running_klippy_knows_the_last_faults(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "c" / "printer.cfg"
    config.parent.mkdir()
    config.write_text("[lumen]\n")
    (tmp_path / "comms").mkdir()
    objects = {
        "lumen": {"performance": {"mcu_bytes_per_second": {"mcu": 9000}}},
        "lumen_strip case": {"health": "dark", "error": "no answer", "failures": 3},
        "mcu": {"last_stats": {"mcu_awake": 0.1, "bytes_write": 1000000}},
        "toolhead": {},
    }
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "comms" / "klippy.sock"))
        listener.listen()
        server = threading.Thread(target=answer, args=(listener, objects))
        server.start()
        found = faults(doctor.report(config, root=home))
        server.join()
    assert found == [
        "problem: output of strip 'case': dark: no answer",
        "warning: MCU 'mcu': light uses 9000 bytes of its link per second. Fix: " + MOVE,
    ]


def answer(listener: socket.socket, objects: dict[str, Any]) -> None:
    """Answers like klippy to objects/list and objects/query."""
    connection, _ = listener.accept()
    with connection:
        for _ in range(2):
            request = json.loads(connection.recv(65536).rstrip(b"\x03"))
            wanted = request["params"].get("objects", {})
            status = {name: fields for name, fields in objects.items() if name in wanted}
            result = {"objects": list(objects), "status": status}
            connection.sendall(json.dumps({"id": 1, "result": result}).encode() + b"\x03")


def test_the_command_as_text_and_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "printer.cfg").write_text("[lumen]\n")
    assert main(["doctor", str(home / "printer.cfg")]) == 0
    out = capsys.readouterr().out
    assert "ok: package: klipper-lumen " in out
    assert out.endswith(" 0 problems\n")
    assert main(["doctor", str(home / "printer.cfg"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert {"check", "level", "text", "advice"} == set(found["findings"][0])
    (home / "printer.cfg").write_text("[printer]\n")
    assert main(["doctor", str(home / "printer.cfg")]) == 1
