"""An engine on a manual clock: events and samples in, frames and reports out."""

from __future__ import annotations

import json
import math
import select
from typing import Any

import pytest

from klipper_lumen import ConfigError, Engine, KlipperLights, LumenError, RequestError
from tests.python.engines import FACTS, config, first_pixel, sample, start


def test_frames_follow_events() -> None:
    engine = start()
    assert engine.status()["state"] == "idle"
    assert first_pixel(engine) == (0, 255, 0, 0)
    engine.event("shutdown")
    engine.advance(1.0)
    assert engine.status()["state"] == "error"
    assert first_pixel(engine) == (255, 0, 0, 0)


def test_recorded_frames_are_in_the_order_of_time() -> None:
    engine = start()
    frames = engine.take_frames("case")
    times = [at for at, _ in frames]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1.0, abs=1 / 60)
    assert frames[-1][1][:3] == bytes((255, 0, 0))
    assert {len(frame) for _, frame in frames} == {60}
    assert engine.take_frames("case") == []


def test_a_state_lasts_from_begin_to_end() -> None:
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


def test_values_that_are_not_finite_count_as_not_measured() -> None:
    engine = start({"on_heating": "thermal bed"})
    sample(engine, sources=[(math.nan, math.inf), (math.nan, math.nan)], progress=math.nan)
    sample(engine, position=(math.inf, 0.0, 0.0))
    engine.advance(1.0)
    assert engine.status()["state"] == "idle"


def test_too_many_sources_are_refused() -> None:
    with pytest.raises(LumenError, match="at most 24 sources, got 25"):
        sample(start(), sources=[(1.0, None)] * 25)


def test_an_unknown_job_state_counts_as_no_job() -> None:
    engine = start()
    sample(engine, job="levitating")
    engine.advance(0.1)
    assert engine.status()["state"] == "idle"


def test_without_heartbeats_the_state_is_disconnected() -> None:
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
    ("call", "message"),
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
def test_wrong_arguments_are_errors_with_a_message(call: Any, message: str) -> None:
    with pytest.raises(LumenError) as caught:
        call(start())
    assert message in str(caught.value)


def test_a_reload_applies_a_config_and_a_wrong_one_changes_nothing() -> None:
    engine = start()
    with pytest.raises(ConfigError):
        engine.reload(config({"on_idle": "nonsense"}))
    engine.advance(1.0)
    assert first_pixel(engine) == (0, 255, 0, 0)
    assert engine.reload(config({"on_idle": "solid blue"}), FACTS) == []
    engine.advance(1.0)
    assert first_pixel(engine) == (0, 0, 255, 0)


def test_strips_and_groups_describe_the_layout() -> None:
    engine = start()
    assert engine.strips() == [("case", 20)]
    groups = dict(engine.groups())
    assert groups["right"] == [("case", pixel) for pixel in range(10, 20)]


def test_reports_have_the_fields_of_the_stub() -> None:
    engine = start()
    status = engine.status()
    shown = {"state", "states", "forced", "moving", "fps", "brightness", "groups", "strips"}
    assert set(status) == shown
    assert status["moving"] is True
    assert status["groups"]["right"]["brightness"] == 0.4
    strip = status["strips"]["case"]
    faults = {"failures_in_a_row", "failures", "retry_in_s", "dropped", "reconnects"}
    power = {"current_ma", "limited"}
    assert set(strip) == faults | power | {"output", "health", "error", "pixels", "frames"}
    assert (strip["output"], strip["health"], strip["error"]) == ("memory", "ok", None)
    metrics = engine.metrics()
    counters = {"frames", "written", "equal", "late", "wakeups", "panics", "posts_dropped"}
    assert set(metrics) == counters | {
        *("cpu_seconds", "rss_bytes", "vms_bytes", "messages", "uptime_s", "windows")
    }
    assert set(metrics["windows"]) == {"1", "10", "60"}
    window = metrics["windows"]["1"]
    assert set(window) == {"fps", "late_ms", "render_ms", "period_ms"}
    assert set(window["late_ms"]) == {"avg", "p50", "p95", "p99", "max"}
    assert metrics["rss_bytes"] > 0


def test_klippy_takes_the_frames_of_the_strips_that_it_drives() -> None:
    engine = Engine(
        json.dumps(
            {
                "sections": [
                    ["lumen", {}],
                    [
                        "lumen_group case",
                        {
                            "driver": "klipper",
                            "neopixel": "case",
                            "index_end": "2",
                            "on_startup": "solid red",
                        },
                    ],
                ]
            }
        ),
        clock="real",
    )
    (strip,) = engine.host_strips()
    assert strip == {
        "name": "case",
        "label": "'case' of group 'case'",
        "pixels": 2,
        "kind": "leds",
        "objects": ["neopixel case"],
        "scale": None,
        "drawn": [0, 1],
    }
    lights = KlipperLights()
    slot = engine.frame_slot("case")
    assert slot is not None
    number = lights.add_strip(slot, "case", strip["label"], strip["drawn"])
    mcu = lights.add_mcu("mcu", 20_000.0)
    part = lights.add_part(number, mcu, "neopixel case", "neopixel", 2, None, False, 1.0)
    ready, _, _ = select.select([slot.fd], [], [], 20.0)
    assert ready
    lights.wake(number)
    update, _ = lights.take(mcu, 1.0, False, None, [(False, None)])
    assert update is not None
    assert (update[0], [led for led, _ in update[1]], update[2]) == (part, [0, 1], [])
    lights.failed(part, 1.0, "the MCU does not answer")
    ((label, warning, _),) = lights.poll(1.0, [False])
    assert label == "strip 'case' of group 'case'"
    assert warning is not None
    assert "[neopixel case] refuses updates" in warning
    strip_status = engine.status()["strips"]["case"]
    assert (strip_status["output"], strip_status["health"]) == ("klipper", "dark")
    assert strip_status["error"].startswith("[neopixel case]: the MCU does not answer (")
    engine.close()
    with pytest.raises(RequestError, match="unknown strip"):
        engine.frame_slot("cas")


def test_every_report_is_a_new_object() -> None:
    engine = start()
    engine.status()["groups"].clear()
    assert set(engine.status()["groups"]) == {"left", "right"}


def test_the_same_seed_gives_the_same_frames() -> None:
    recordings = []
    for _ in range(2):
        engine = start({"on_idle": "fire"})
        engine.advance(2.0)
        recordings.append(engine.take_frames("case"))
    assert recordings[0] == recordings[1]


def test_a_closed_engine_is_dark_and_refuses_requests() -> None:
    engine = start()
    assert engine.close() is True
    assert engine.close(0.0) is True
    assert set(engine.take_frames("case")[-1][1]) == {0}
    with pytest.raises(RequestError, match="the engine is closed"):
        engine.event("ready")


@pytest.mark.parametrize("seconds", [math.inf, math.nan])
def test_advance_refuses_values_that_are_not_finite(seconds: float) -> None:
    with pytest.raises(LumenError, match="seconds must be a number of seconds"):
        start().advance(seconds)
