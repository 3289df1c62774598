"""The extension module: config errors, an engine on a manual clock, and what never escapes."""

from __future__ import annotations

import json
import math
import os
import select
import subprocess
import sys
import threading
from typing import Any, Optional

import pytest

import klipper_lumen
from klipper_lumen import ConfigError, Engine, LumenError, check, colors, effects

FACTS = json.dumps({"heaters": ["extruder", "heater_bed"], "sensors": ["temperature_sensor pi"]})
STRIP = {"driver": "memory", "count": "20", "color_order": "GRB"}
LEFT = {"strip": "case", "index_start": "1", "index_end": "10", "on_error": "solid red"}
RIGHT = {"strip": "case", "index_start": "11", "index_end": "20", "group_brightness": "0.4"}


def config(left: Optional[dict[str, str]] = None, **lumen: str) -> str:
    sections = [
        ("lumen", lumen),
        ("lumen_strip case", STRIP),
        ("lumen_group left", {**LEFT, "on_idle": "solid green", **(left or {})}),
        ("lumen_group right", {**RIGHT, "on_idle": "rainbow"}),
    ]
    return json.dumps({"sections": sections})


def start(left: Optional[dict[str, str]] = None, **lumen: str) -> Engine:
    engine = Engine(config(left, **lumen), FACTS, clock="manual", seed=1)
    engine.event("ready")
    engine.advance(1.0)
    return engine


def sample(engine: Engine, **changed: Any) -> None:
    values: dict[str, Any] = {
        "job": "standby",
        "extruding": False,
        "filament_missing": False,
        "manual_probe": False,
        "motors_on": False,
        "progress": None,
        "position": None,
        "sources": [],
    }
    engine.sample(**{**values, **changed})


def first_pixel(engine: Engine) -> tuple[int, ...]:
    return tuple(engine.frame("case")[:4])


def test_a_good_config_has_warnings_only() -> None:
    assert check(config()) == []
    warnings = check(config(update_rate_printing="1"))
    assert len(warnings) == 1
    assert "update_rate_printing" in warnings[0]


def test_all_problems_of_a_config_come_at_once_with_their_places() -> None:
    text = config({"group_brightnes": "1", "on_heating": "puls"})
    with pytest.raises(ConfigError) as caught:
        check(text)
    places = {(section, option) for section, option, _ in caught.value.errors}
    section = "lumen_group left"
    assert places == {(section, "group_brightnes"), (section, "on_heating")}
    assert str(caught.value) == "\n".join(message for *_, message in caught.value.errors)
    assert "did you mean 'group_brightness'?" in str(caught.value)
    assert isinstance(caught.value, LumenError)


def test_facts_tell_which_heaters_there_are() -> None:
    thermal = config({"on_heating": "thermal chamber"})
    assert check(thermal) == []
    with pytest.raises(ConfigError, match="chamber"):
        check(thermal, FACTS)


@pytest.mark.parametrize("text", ["", "[]", '{"sections": 1}'])
def test_a_config_that_is_no_document_is_an_error_in_words(text: str) -> None:
    with pytest.raises(LumenError, match="config: "):
        check(text)


def test_effects_and_colors_are_those_of_the_tables() -> None:
    told = json.loads(effects())
    assert [effect["name"] for effect in told][:3] == ["off", "solid", "pulse"]
    assert len(told) == 12
    pulse = next(effect for effect in told if effect["name"] == "pulse")
    speed = next(option for option in pulse["options"] if option["name"] == "speed")
    assert (speed["kind"], speed["default"], speed["above"]) == ("number", "0.5", 0.0)
    names = dict(colors())
    assert names["orange"] == "ff8000"
    assert list(names) == sorted(names)
    assert len(names) >= 70


def test_the_version_is_that_of_the_package() -> None:
    assert klipper_lumen.__version__ == "0.1.0"


def test_frames_follow_events() -> None:
    engine = start()
    assert engine.status()["state"] == "idle"
    assert first_pixel(engine) == (0, 255, 0, 0)
    engine.event("shutdown")
    engine.advance(1.0)
    assert engine.status()["state"] == "error"
    assert first_pixel(engine) == (255, 0, 0, 0)


def test_recorded_frames_are_in_the_order_of_the_strip_and_of_time() -> None:
    engine = start()
    frames = engine.take_frames("case")
    times = [at for at, _ in frames]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1.0, abs=1 / 60)
    assert frames[-1][1][:3] == bytes((255, 0, 0))
    assert {len(frame) for _, frame in frames} == {60}
    assert engine.take_frames("case") == []


def test_a_command_brackets_its_state() -> None:
    engine = start({"on_homing": "solid blue"})
    token = engine.begin("homing")
    engine.advance(1.0)
    assert engine.status()["state"] == "homing"
    assert first_pixel(engine) == (0, 0, 255, 0)
    engine.end(token)
    engine.end(12345)
    engine.advance(1.0)
    assert engine.status()["state"] == "idle"


def test_samples_are_read_in_the_order_of_the_sources() -> None:
    engine = start({"on_heating": "thermal bed"})
    sources = engine.wants()["sources"]
    assert sources == ["extruder", "heater_bed"]
    sample(engine, sources=[(25.0, 0.0), (30.0, 60.0)])
    engine.advance(1.0)
    assert engine.status()["state"] == "heating"


def test_what_is_not_a_number_is_as_if_it_had_not_been_measured() -> None:
    engine = start({"on_heating": "thermal bed"})
    sample(engine, sources=[(math.nan, math.inf), (math.nan, math.nan)], progress=math.nan)
    sample(engine, position=(math.inf, 0.0, 0.0))
    engine.advance(1.0)
    assert engine.status()["state"] == "idle"


def test_too_many_sources_are_refused() -> None:
    with pytest.raises(LumenError, match="at most 24 sources, got 25"):
        sample(start(), sources=[(1.0, None)] * 25)


def test_an_unknown_job_counts_as_none() -> None:
    engine = start()
    sample(engine, job="levitating")
    engine.advance(0.1)
    assert engine.status()["state"] == "idle"


def test_without_a_sign_of_life_the_state_is_disconnected() -> None:
    engine = start()
    engine.heartbeat()
    engine.advance(2.5)
    assert engine.status()["state"] == "idle"
    engine.advance(1.0)
    assert engine.status()["state"] == "disconnected"


def test_a_command_shows_above_the_state_until_it_is_cleared() -> None:
    engine = start()
    engine.set("left", "solid", {"color": "blue"}, fade=0.0)
    engine.advance(0.1)
    group = engine.status()["groups"]["left"]
    assert (group["effect"], group["source"]) == ("solid color=blue", "command")
    assert first_pixel(engine) == (0, 0, 255, 0)
    engine.clear("left")
    engine.advance(1.0)
    assert engine.status()["groups"]["left"]["source"] == "state"


def test_a_command_ends_after_its_duration() -> None:
    engine = start()
    engine.set("all", "solid blue", {}, duration=2.0)
    engine.advance(1.0)
    assert engine.status()["groups"]["right"]["source"] == "command"
    engine.advance(2.0)
    assert engine.status()["groups"]["right"]["source"] == "state"


def test_a_state_can_be_forced() -> None:
    engine = start({"on_purge": "solid blue"}, states="purge")
    engine.state("purge", 5.0)
    engine.advance(1.0)
    status = engine.status()
    assert (status["state"], status["forced"]) == ("purge", "purge")
    engine.clear()
    engine.advance(1.0)
    assert engine.status()["forced"] is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda it: it.set("lft", "solid", {}), "unknown group 'lft'"),
        (lambda it: it.set("left", "puls", {}), "did you mean 'pulse'?"),
        (lambda it: it.set("left", "pulse", {"sped": "1"}), "did you mean 'speed'?"),
        (lambda it: it.state("prge"), "unknown state 'prge'"),
        (lambda it: it.begin("idle"), "no command shows as state 'idle'"),
        (lambda it: it.event("redy"), "unknown event 'redy'"),
        (lambda it: it.clear("lft"), "unknown group 'lft'"),
        (lambda it: it.frame("cas"), "unknown strip 'cas'"),
        (lambda it: it.take_frames("cas"), "unknown strip 'cas'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(call: Any, words: str) -> None:
    with pytest.raises(LumenError) as caught:
        call(start())
    assert words in str(caught.value)


def test_a_reload_takes_over_and_a_wrong_one_changes_nothing() -> None:
    engine = start()
    with pytest.raises(ConfigError):
        engine.reload(config({"on_idle": "nonsense"}))
    engine.advance(1.0)
    assert first_pixel(engine) == (0, 255, 0, 0)
    assert engine.reload(config({"on_idle": "solid blue"}), FACTS) == []
    engine.advance(1.0)
    assert first_pixel(engine) == (0, 0, 255, 0)


def test_layout_is_told_as_strips_and_groups() -> None:
    engine = start()
    assert engine.strips() == [("case", 20)]
    groups = dict(engine.groups())
    assert groups["right"] == [("case", pixel) for pixel in range(10, 20)]


def test_reports_hold_what_the_stub_says() -> None:
    engine = start()
    status = engine.status()
    assert set(status) == {"state", "states", "forced", "moving", "fps", "groups", "strips"}
    assert status["moving"] is True
    assert status["groups"]["right"]["brightness"] == 0.4
    strip = status["strips"]["case"]
    assert set(strip) == {"output", "health", "error", "pixels", "frames"}
    assert (strip["output"], strip["health"], strip["error"]) == ("memory", "ok", None)
    metrics = engine.metrics()
    counters = {"frames", "written", "equal", "late", "wakeups", "panics", "posts_dropped"}
    assert set(metrics) == counters | {"cpu_seconds", "rss_bytes", "uptime_s", "windows"}
    assert set(metrics["windows"]) == {"1", "10", "60"}
    window = metrics["windows"]["1"]
    assert set(window) == {"fps", "late_ms", "render_ms"}
    assert set(window["late_ms"]) == {"avg", "p50", "p95", "p99", "max"}
    assert metrics["rss_bytes"] > 0


def test_reports_are_fresh_every_time() -> None:
    engine = start()
    engine.status()["groups"].clear()
    assert set(engine.status()["groups"]) == {"left", "right"}


def test_one_seed_gives_one_film() -> None:
    films = []
    for _ in range(2):
        engine = start({"on_idle": "fire"})
        engine.advance(2.0)
        films.append(engine.take_frames("case"))
    assert films[0] == films[1]


def test_a_closed_engine_is_dark_and_says_so() -> None:
    engine = start()
    assert engine.close() is True
    assert engine.close(0.0) is True
    assert set(engine.take_frames("case")[-1][1]) == {0}
    with pytest.raises(LumenError, match="the engine is closed"):
        engine.event("ready")


def test_a_real_engine_has_one_thread_of_its_own() -> None:
    before = set(os.listdir("/proc/self/task"))
    engine = Engine(config(), FACTS)
    engine.event("ready")
    assert len(set(os.listdir("/proc/self/task")) - before) == 1
    assert engine.close(5.0) is True


def test_a_real_engine_cannot_be_advanced() -> None:
    engine = Engine(config())
    try:
        with pytest.raises(LumenError, match="manual clock"):
            engine.advance(1.0)
    finally:
        engine.close(5.0)


def test_a_wrong_clock_is_refused() -> None:
    with pytest.raises(LumenError, match="clock must be 'real' or 'manual', got 'lunar'"):
        Engine(config(), clock="lunar")  # type: ignore[arg-type]


def test_a_strip_that_cannot_be_opened_is_dark_and_leaves_a_notice() -> None:
    text = json.loads(config())
    text["sections"][1][1].update({"driver": "spi", "device": "/dev/none0.0"})
    engine = Engine(json.dumps(text), FACTS)
    try:
        fd = engine.notice_fd()
        readable, _, _ = select.select([fd], [], [], 20.0)
        assert readable == [fd]
        notices = engine.notices()
        assert any("/dev/none0.0" in words for _, words in notices)
        assert {level for level, _ in notices} <= {"info", "warning", "error"}
        assert select.select([fd], [], [], 0.0)[0] == []
        strip = engine.status()["strips"]["case"]
        assert strip["health"] == "dark"
        assert "/dev/none0.0" in strip["error"]
    finally:
        engine.close(5.0)


def test_the_engine_serves_many_threads() -> None:
    engine = start()
    errors: list[str] = []

    def work() -> None:
        try:
            for _ in range(50):
                engine.end(engine.begin("homing"))
                engine.heartbeat()
                engine.status()
        except LumenError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("too many requests" in error for error in errors)
    engine.advance(1.0)
    assert engine.status()["state"] == "idle"


def test_in_a_forked_child_every_call_does_nothing() -> None:
    # In a process of its own: pytest's should not be forked.
    program = """
import os, sys
from klipper_lumen import Engine
engine = Engine(sys.argv[1])
child = os.fork()
if child == 0:
    engine.event("ready"); engine.heartbeat(); engine.set("left", "solid", {}); engine.clear()
    engine.end(engine.begin("homing")); engine.reload(sys.argv[1])
    os._exit(0 if engine.close() and engine.notices() == [] and engine.strips() == [] else 1)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code or not engine.close(5.0))
"""
    command = [sys.executable, "-c", program, config()]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0


def test_the_engine_is_final_and_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        type("Own", (Engine,), {})
    with pytest.raises(AttributeError):
        start().extra = 1  # type: ignore[attr-defined]
