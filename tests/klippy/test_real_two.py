"""Two printers on one computer: two klippy processes with the same names; see test_real.py."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.bench import klippy_log
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

# The same controller and the same names.
CONFIG = """
[lumen]

[lumen_strip net]
driver: ddp
host: 127.0.0.1
port: %d
count: 30

[lumen_group case]
strip: net
on_idle: rainbow
"""


@pytest.fixture(scope="module")
def controller() -> Iterator[socket.socket]:
    """Receives packets and discards them."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sink:
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(10.0)
        yield sink


@pytest.fixture(scope="module")
def printers(
    controller: socket.socket, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Session]]:
    found = environment("KLIPPER")
    config = CONFIG % controller.getsockname()[1]
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree))
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp("kt") for _ in range(2)]
        yield [stack.enter_context(Session(found, folder, plan)) for folder in folders]


def strip(session: Session) -> Any:
    return session.query("lumen_strip net")["lumen_strip net"]


def frames(session: Session) -> int:
    return int(session.api.call("lumen/status")["strips"]["net"]["frames"])


def wait_for_frames(session: Session) -> None:
    begun, end = frames(session), time.monotonic() + 30.0
    while frames(session) < begun + 10:
        assert time.monotonic() < end
        time.sleep(0.1)


def driver_and_other(printers: list[Session]) -> tuple[Session, Session]:
    """Returns the printer that drives the controller, and the one whose strip stays dark."""
    first, second = printers
    return (first, second) if strip(first)["health"] == "ok" else (second, first)


def wait_for_health(session: Session, *health: str) -> None:
    # The dark one retries within 30 s.
    end = time.monotonic() + 60.0
    while strip(session)["health"] not in health:
        assert time.monotonic() < end, strip(session)
        time.sleep(0.2)


def test_one_drives_the_controller_and_the_other_reports_why_it_is_dark(
    printers: list[Session],
) -> None:
    for session in printers:
        wait_for(session, "idle")
    driver, other = driver_and_other(printers)
    wait_for_frames(driver)
    wait_for_health(other, "dark")
    assert "another process" in strip(other)["error"]


def test_a_command_goes_to_one_printer(printers: list[Session]) -> None:
    first, second = printers
    first.gcode("LUMEN_SET GROUP=case EFFECT=solid COLOR=red\nLUMEN_STATE STATE=heating")
    wait_for(first, "heating")
    wait_for(second, "idle")
    first.gcode("LUMEN_CLEAR")


def test_the_dark_one_does_not_disturb_the_other(printers: list[Session]) -> None:
    driver, other = driver_and_other(printers)
    pid = driver.klippy_pid
    other.restart("RESTART")
    wait_for(other, "idle")
    other.api.call("emergency_stop")
    wait_for(other, "error")
    wait_for(driver, "idle")
    wait_for_frames(driver)
    assert driver.klippy_pid == pid
    assert klippy_log.alarms(driver.log) == []
    other.restart("FIRMWARE_RESTART")
    wait_for(other, "idle")


def test_once_one_has_ended_the_other_drives_the_controller(printers: list[Session]) -> None:
    driver, other = driver_and_other(printers)
    driver.stop()
    # Degraded for a minute, because it was dark.
    wait_for_health(other, "ok", "degraded")
    wait_for_frames(other)
