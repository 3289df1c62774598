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

# The same controller, the same names.
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
    """Takes packets and shows nothing."""
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


def senders(controller: socket.socket, count: int) -> set[int]:
    """The ports that packets come from, until so many are known."""
    ports: set[int] = set()
    end = time.monotonic() + 10.0
    while len(ports) < count and time.monotonic() < end:
        ports.add(controller.recvfrom(2048)[1][1])
    return ports


def test_both_send_to_the_same_controller(
    printers: list[Session], controller: socket.socket
) -> None:
    for session in printers:
        wait_for(session, "idle")
        wait_for_frames(session)
        assert strip(session)["health"] == "ok"
    assert len(senders(controller, 2)) == 2


def test_a_command_goes_to_one_printer(printers: list[Session]) -> None:
    first, second = printers
    first.gcode("LUMEN_SET GROUP=case EFFECT=solid COLOR=red\nLUMEN_STATE STATE=heating")
    wait_for(first, "heating")
    wait_for(second, "idle")
    first.gcode("LUMEN_CLEAR")


def test_one_that_restarts_leaves_the_other_alone(printers: list[Session]) -> None:
    first, second = printers
    pid = second.klippy_pid
    first.restart("RESTART")
    wait_for(first, "idle")
    wait_for_frames(first)
    first.api.call("emergency_stop")
    wait_for(first, "error")
    wait_for(second, "idle")
    wait_for_frames(second)
    assert second.klippy_pid == pid
    assert klippy_log.alarms(second.log) == []


def test_one_that_ends_leaves_the_other_alone(printers: list[Session]) -> None:
    first, second = printers
    first.stop()
    wait_for(second, "idle")
    wait_for_frames(second)
    assert strip(second)["health"] == "ok"
