"""Every float argument of the engine: NaN, infinity and negative numbers are harmless."""

from __future__ import annotations

import inspect
import math
import re
from pathlib import Path
from typing import Any, Callable

import pytest

import klipper_lumen
from klipper_lumen import Engine, LumenError, RequestError
from tests.python import engines

NAN, INF = math.nan, math.inf
STRANGE = (NAN, INF, -INF, -1.0, 1e308)

Call = Callable[[Engine, Any], object]

# Each call with one float, and the values that it refuses. Other values are clamped.
CALLS: dict[str, tuple[Call, tuple[float, ...]]] = {
    "blank timeout": (lambda _, it: klipper_lumen.blank(engines.config(), it), (NAN,)),
    "close timeout": (lambda engine, it: engine.close(it), ()),
    "advance seconds": (lambda engine, it: engine.advance(it), (NAN, INF, -INF)),
    "set duration": (
        lambda engine, it: engine.set("left", "solid", {}, duration=it),
        (NAN, INF, -INF),
    ),
    "set fade": (lambda engine, it: engine.set("left", "solid", {}, fade=it), (NAN, INF, -INF)),
    "state duration": (lambda engine, it: engine.state("idle", it), (NAN, INF, -INF)),
    "request now": (lambda engine, it: engine.request("test_start", {}, it), ()),
    "statistics held_s": (lambda engine, it: engine.statistics(it), ()),
    "holds now": (lambda _, it: klipper_lumen.Holds(it).update_window(it), ()),
    "holds held_s": (lambda _, it: klipper_lumen.Holds(0.0).add(it, 0.0), ()),
    "holds own_s": (lambda _, it: klipper_lumen.Holds(0.0).add(0.0, it), ()),
    "lights until": (lambda _, it: klipper_lumen.KlipperLights().measure(it), ()),
    "lights bytes_per_second": (lambda _, it: klipper_lumen.KlipperLights().add_mcu("", it), ()),
    "lights took_s": (lambda _, it: klipper_lumen.KlipperLights().take(0, it, False, it, []), ()),
    "lights gain": (
        lambda _, it: klipper_lumen.KlipperLights().add_part(0, 0, "", "lamp", 1, None, False, it),
        (),
    ),
    "clock now": (lambda _, it: klipper_lumen.SampleClock().queried(it), ()),
    "replies now": (lambda _, it: klipper_lumen.ReplyLimits().refuse("", it), ()),
    "doctor last": (lambda _, it: doctor(it), ()),
    "brightness value": (lambda engine, it: engine.brightness(it), STRANGE),
    "brightness fade": (lambda engine, it: engine.brightness(0.5, fade=it), (NAN, INF, -INF)),
    "sample progress": (lambda engine, it: sample(engine, it, None, []), ()),
    "sample position": (lambda engine, it: sample(engine, None, (it, it, it), []), ()),
    "sample sources": (lambda engine, it: sample(engine, None, None, [(it, it)]), ()),
    "sample velocity": (lambda engine, it: engine.sample(velocity=it), ()),
    "sample extruder_velocity": (lambda engine, it: engine.sample(extruder_velocity=it), ()),
    "sample filament_used": (lambda engine, it: engine.sample(filament_used=it), ()),
    "sample file_progress": (lambda engine, it: engine.sample(file_progress=it), ()),
}


def doctor(last: float) -> None:
    klipper_lumen.DoctorRun({"root": "/nonexistent"}, INF, last).poll(last)


def sample(engine: Engine, progress: Any, position: Any, sources: Any) -> None:
    engine.sample("none", progress=progress, position=position, sources=sources)


@pytest.fixture
def engine() -> Engine:
    return engines.start()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("value", STRANGE)
@pytest.mark.parametrize("name", CALLS)
def test_a_strange_float_is_refused_or_clamped(engine: Engine, name: str, value: float) -> None:
    call, refused = CALLS[name]
    if any(value is it or value == it for it in refused):
        with pytest.raises(RequestError, match=name.split()[1] + "|brightness"):
            call(engine, value)
    elif name != "advance seconds" or value < 1e300:
        call(engine, value)
    if name != "close timeout":
        engine.advance(0.1)
        assert engine.status()["state"]
    assert engine.close()


def test_every_float_of_the_stub_is_in_the_table() -> None:
    """A new argument needs an entry in the table."""
    stub = inspect.getfile(klipper_lumen).replace("__init__.py", "_engine.pyi")
    names = {name.split()[1] for name in CALLS}
    text = Path(stub).read_text(encoding="utf-8")
    floats = set(re.findall(r"(\w+): (?:float|Optional\[float\])", text))
    assert floats <= names, floats - names
    assert len(floats) > 5


@pytest.mark.timeout(30)
def test_a_closed_engine_raises_a_lumen_error(engine: Engine) -> None:
    engine.close(NAN)
    with pytest.raises(LumenError):
        engine.set("left", "solid", {}, duration=NAN)
