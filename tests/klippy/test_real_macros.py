"""The macros of docs/Macros.md in a real klippy, with its own Jinja; see test_real.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, lumen, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

PAGE = Path(__file__).parents[2] / "docs" / "Macros.md"
# Those that move or heat belong to a print.
LEFT_OUT = {"PRINT_START", "PURGE_LINE", "FILAMENT_SWAP"}
STATES = "[lumen]\nstates: purge, tool_change\nmacro_purge: PURGE_LINE\n"
STATES += "macro_tool_change: CHANGE_TOOL\nmacro_filament: FILAMENT_SWAP\n"
GROUP = "[lumen_group case]\ndriver: memory\nindex_end: 10\n[respond]\n"


def macros() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text(), re.S)
    parts = [part for block in blocks for part in re.split(r"(?m)^(?=\[)", block)]
    return [part for part in parts if part.startswith("[gcode_macro ")]


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    config = "\n".join([STATES + GROUP, *macros()])
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kc"), plan) as session:
        wait_for(session, "idle")
        yield session


def test_every_macro_runs(klippy: Session) -> None:
    names = {text.split("]")[0].split(" ")[1] for text in macros()}
    assert len(names) >= 8
    assert names >= LEFT_OUT
    for name in sorted(names - LEFT_OUT):
        klippy.gcode(name)
    assert any("The lights show" in line for line in klippy.api.console)
    assert not [line for line in klippy.api.console if line.startswith("!!")]


def test_the_light_switch_switches_back(klippy: Session) -> None:
    klippy.gcode("LUMEN_ON\nLIGHTS_TOGGLE\nLIGHTS_TOGGLE\nDISMISS_ERROR")
    assert lumen(klippy)["state"]
