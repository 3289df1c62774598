"""The live page with a real Moonraker and a real klippy, through a web server as Mainsail's.

Runs if test_real_moonraker.py does, and if Node.js, Chromium and the built page are there.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench import moonraker
from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.moonraker import Moonraker
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

WEB = Path(__file__).parents[2] / "web"
CONFIG = """
[lumen]

[lumen_strip case]
driver: memory
count: 30

[lumen_group case]
strip: case
on_idle: rainbow
"""


@pytest.fixture(scope="module")
def server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moonraker]:
    missing = [it for it in ("node", "chromium") if shutil.which(it) is None]
    if missing or not (WEB / "dist" / "live.html").is_file():
        pytest.skip("needs %s" % (", ".join(missing) or "the page: run make web"))
    try:
        interpreter = moonraker.python()
    except BenchError as error:
        pytest.skip(str(error))
    found = environment("KLIPPER")
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kl"), plan) as session:
        wait_for(session, "idle")
        with Moonraker(session, interpreter) as running:
            yield running


def test_the_page_shows_and_sets_the_lights(server: Moonraker) -> None:
    command = ["node", str(WEB / "tests" / "real_live.mjs"), str(server.port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    groups = server.http("GET", "/printer/lumen/status")["groups"]
    assert (groups["case"]["effect"], groups["case"]["source"]) == ("comet", "command")


def test_the_page_shows_the_lights_after_an_emergency_stop(server: Moonraker) -> None:
    server.http("POST", "/printer/emergency_stop")
    command = ["node", str(WEB / "tests" / "real_live.mjs"), str(server.port), "error"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
