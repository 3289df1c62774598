"""The first error of a real klippy for configs that Klipper itself would refuse with another text.

Runs if KLIPPER_DIR and its companions are set, and KALICO_... for Kalico; see bench/README.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

LIGHTS = """
[lumen]

[lumen_strip case]
driver: memory
count: 3

[lumen_group case]
strip: case
"""

MACRO = """
[gcode_macro LUMEN_SET]
gcode:
    G28
"""

CASES = {
    "a macro of LUMEN 1.x above": (
        MACRO + LIGHTS,
        "Section 'gcode_macro LUMEN_SET' must be removed: LUMEN_SET is a command of Lumen now",
    ),
    "a macro of LUMEN 1.x below": (
        LIGHTS + MACRO,
        "Section 'gcode_macro LUMEN_SET' must be removed: LUMEN_SET is a command of Lumen now",
    ),
    "a group without its kind": (
        LIGHTS + "\n[lumen logo]\nstrip: case\n",
        "Section 'lumen logo' is not a valid config section; write [lumen_group logo]",
    ),
}


@pytest.mark.parametrize("klippy", ["KLIPPER", "KALICO"])
@pytest.mark.parametrize("case", list(CASES))
def test_lumens_error_is_reported_first(
    klippy: str, case: str, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = environment(klippy)
    config, words = CASES[case]
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree))
    session = Session(found, tmp_path_factory.mktemp("km"), plan)
    with pytest.raises(BenchError) as caught, session:
        pass
    # Each message begins with its line.
    message = re.sub(r"(?m)^(klippy is 'error': )?printer\.cfg:\d+: ", r"\1", str(caught.value))
    assert message.startswith("klippy is 'error': " + words)


@pytest.mark.parametrize("klippy", ["KLIPPER", "KALICO"])
def test_a_macro_around_a_command_works(
    klippy: str, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = environment(klippy)
    macro = MACRO.replace("gcode:", "rename_existing: LUMEN_SET_BASE\ngcode:")
    macro = macro.replace("G28", "LUMEN_SET_BASE GROUP=case EFFECT=solid COLOR=red")
    plan = Plan(0.2, LIGHTS + macro, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("km"), plan) as session:
        session.gcode("LUMEN_SET")
        group = session.query("lumen_group case")["lumen_group case"]
        assert group["effect"] == "solid color=red"
