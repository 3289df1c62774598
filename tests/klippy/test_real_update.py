"""Updates and downgrades while a real klippy runs, by pip and by a real Moonraker.

The newer wheel is the one in dist with another number, so that nothing must be compiled.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen import __version__
from klipper_lumen.setup.plan import UPDATE_MANAGER
from tests.klippy.bench import klippy_log, moonraker
from tests.klippy.bench.environment import BenchError, Environment
from tests.klippy.bench.moonraker import Moonraker, RequestRefusedError
from tests.klippy.bench.plugin import WHEELS
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, lumen, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)

NEWER = __version__[:-1] + "9"
CONFIG = """
[lumen]

[lumen_group case]
driver: memory
index_end: 8
on_idle: solid white
"""
UPDATES = """
[update_manager]
enable_auto_refresh: False
enable_system_updates: False
"""


def renumbered(wheel: Path, folder: Path) -> None:
    """Writes a copy of a wheel with the version NEWER."""
    assert len(NEWER) == len(__version__)
    old, new = __version__.encode(), NEWER.encode()
    name = wheel.name.replace("-%s-" % __version__, "-%s-" % NEWER)
    with zipfile.ZipFile(wheel) as read, zipfile.ZipFile(folder / name, "w") as written:
        for member in read.namelist():
            content = read.read(member)
            if member.endswith((".so", "METADATA", "lumen/__init__.py", "RECORD")):
                content = content.replace(old, new)
            written.writestr(member.replace(__version__, NEWER), content)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two versions."""
    found = sorted(WHEELS.glob("klipper_lumen-%s-*.whl" % __version__))
    if not found:
        pytest.skip("there is no wheel in dist; run: make wheel")
    folder = tmp_path_factory.mktemp("wheels")
    (folder / found[-1].name).write_bytes(found[-1].read_bytes())
    renumbered(found[-1], folder)
    return folder


@pytest.fixture(params=["KLIPPER", "KALICO"])
def klipper(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """A Klipper with a klippy-env of its own."""
    found = environment(request.param)
    folder = tmp_path / "klippy-env"
    subprocess.run([str(found.python), "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    paths = "import sysconfig; print(sysconfig.get_path('purelib'))"
    (theirs, ours) = (
        subprocess.run([str(it), "-c", paths], check=True, capture_output=True, text=True).stdout
        for it in (found.python, python)
    )
    # Klipper's own packages.
    (tmp_path / ours.strip() / "klippy.pth").write_text(theirs)
    return dataclasses.replace(found, python=python)


def pip(klipper: Environment, wheels: Path, version: str) -> None:
    command = [str(klipper.python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    command += ["install", "--no-index", "--find-links", str(wheels), "klipper-lumen==" + version]
    subprocess.run(command, check=True)


def session(klipper: Environment, folder: Path) -> Session:
    def install(tree: Path) -> None:
        command = [str(klipper.python), "-m", "klipper_lumen", "install", "--klipper", str(tree)]
        subprocess.run(command, check=True, capture_output=True)

    folder.mkdir()
    return Session(klipper, folder, Plan(0.2, CONFIG, (), install))


def doctor(running: Session) -> str:
    answer = running.api.call("lumen/doctor", {}, 20.0)
    return "\n".join(answer["lines"])


def works(running: Session, version: str) -> None:
    wait_for(running, "idle")
    assert lumen(running)["version"] == version
    running.gcode("LUMEN_SET GROUP=case EFFECT=comet DURATION=2\nLUMEN_STATUS\nLUMEN_CLEAR")
    assert klippy_log.alarms(running.log) == []


def test_an_update_and_a_downgrade_wait_for_the_next_start(
    klipper: Environment, wheels: Path, tmp_path: Path
) -> None:
    steps = [(__version__, NEWER), (NEWER, __version__), (__version__, __version__)]
    pip(klipper, wheels, __version__)
    for number, (version, after) in enumerate(steps):
        with session(klipper, tmp_path / str(number)) as running:
            works(running, version)
            pip(klipper, wheels, after)
            # The running klippy keeps its version, also after a RESTART.
            works(running, version)
            running.restart("RESTART")
            works(running, version)
            words = "klipper-lumen %s is running, %s is installed" % (version, after)
            assert (words in doctor(running)) == (after != version)


def state(server: Moonraker) -> Any:
    found = server.http("GET", "/machine/update/status")["version_info"]["klipper-lumen"]
    return found["version"].lstrip("v"), found["remote_version"].lstrip("v"), found["warnings"]


def has_refreshed(server: Moonraker) -> bool:
    """Looks for updates; returns False if Moonraker is busy, as after its start."""
    try:
        server.http("POST", "/machine/update/refresh?name=klipper-lumen")
    except RequestRefusedError as error:
        if "busy" not in error.message:
            raise
        return False
    return True


def refresh(server: Moonraker) -> None:
    end = time.monotonic() + 90.0
    while not has_refreshed(server):
        assert time.monotonic() < end
        time.sleep(1.0)


def wait_for_version(server: Moonraker, version: str) -> None:
    end = time.monotonic() + 60.0
    while state(server)[0] != version:
        assert time.monotonic() < end, state(server)
        time.sleep(0.5)


def test_moonraker_updates_and_rolls_back(
    klipper: Environment, wheels: Path, tmp_path: Path
) -> None:
    try:
        interpreter = moonraker.python()
    except BenchError as error:
        pytest.skip(str(error))
    pip(klipper, wheels, __version__)
    section = UPDATE_MANAGER.format(environment=klipper.python.parent.parent)
    # The bench has no systemd, which would restart Klipper afterwards.
    config = UPDATES + section.replace("managed_services: klipper\n", "")
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    with session(klipper, tmp_path / "k") as running:
        works(running, __version__)
        with Moonraker(running, interpreter, config, variables) as server:
            refresh(server)
            assert state(server) == (__version__, NEWER, []), json.dumps(state(server))
            server.http("POST", "/machine/update/client?name=klipper-lumen")
            wait_for_version(server, NEWER)
            works(running, __version__)
            server.http("POST", "/machine/update/rollback?name=klipper-lumen")
            wait_for_version(server, __version__)
            works(running, __version__)
