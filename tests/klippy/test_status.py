"""printer.lumen: all keys from the start, small, and unchanged while nothing happens."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from klipper_lumen.sim import Hardware, until
from tests.klippy.lights import BASE, MakePrinter, watch_engine

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

KEYS = [
    "version",
    "state",
    "states",
    "forced",
    "test",
    "moving",
    "fps",
    "brightness",
    "groups",
    "strips",
    "dark",
    "performance",
    "warnings",
]


def changes(printer: Printer, name: str, seconds: float) -> list[dict[str, Any]]:
    """Returns what a subscriber receives: the changed fields, queried 4 times a second."""
    last: dict[str, Any] = {}
    sent = []
    found = printer.lookup_object(name)
    for _ in range(int(seconds * 4)):
        printer.advance(0.25)
        status = found.get_status(printer.now)
        changed = {key: value for key, value in status.items() if last.get(key, ...) != value}
        last = status
        if changed:
            sent.append(changed)
    return sent


def test_all_keys_exist_before_klipper_is_ready(make: MakePrinter) -> None:
    printer = make().advance(0.2)
    assert list(printer.query("lumen")["lumen"]) == KEYS
    assert list(printer.start().query("lumen")["lumen"]) == KEYS


def test_a_still_printer_sends_no_updates(printer: Printer) -> None:
    printer.advance(3.0)
    assert len(changes(printer, "lumen_group chamber", 15.0)) == 1
    first, *rest = changes(printer, "lumen", 15.0)
    assert set(first) == set(KEYS)
    # The performance figures change every ten seconds.
    assert len(rest) <= 3
    assert all(set(part) == {"performance"} for part in rest)


def test_a_moving_effect_sends_its_rate_at_most_once_a_second(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=rainbow").advance(5.0)
    sent = changes(printer, "lumen", 20.0)
    assert len(sent) <= 21
    assert all(isinstance(part.get("fps", 0), int) for part in sent)


def test_the_status_is_under_a_kilobyte(make: MakePrinter) -> None:
    config = "[lumen]\nmax_brightness: 0.4\nprofiling_enabled: True\n"
    for number in range(8):
        config += "[lumen_strip strip_%d]\ndriver: memory\ncount: 10\n" % number
        config += "[lumen_group group_%d]\npixels: strip_%d 1-10\n" % (number, number)
    printer = make(config).start()
    assert len(json.dumps(printer.query("lumen")["lumen"])) < 1024


def test_a_returned_status_is_never_modified(printer: Printer) -> None:
    found = printer.lookup_object("lumen")
    first = found.get_status(printer.now)
    kept = copy.deepcopy(first)
    printer.run("G28").run("LUMEN_STATE STATE=printing").advance(1.0)
    second = found.get_status(printer.now)
    assert second["state"] == "printing"
    assert first == kept
    assert first["states"] is not second["states"]


def test_changes_are_reported_immediately_and_rates_two_seconds_later(make: MakePrinter) -> None:
    printer = make()
    watched = watch_engine(printer)
    printer.start().advance(2.0)
    del watched.calls[:]
    changes(printer, "lumen", 20.0)
    assert watched.calls.count("objects") <= 4
    printer.run("LUMEN_STATE STATE=printing\nLUMEN_SET GROUP=all EFFECT=rainbow").advance(0.3)
    assert printer.query("lumen")["lumen"]["state"] == "printing"
    assert printer.advance(2.5).query("lumen")["lumen"]["fps"] == 60
    printer.lookup_object("lumen")._notices.warn("lumen: something new")
    assert "lumen: something new" in printer.query("lumen")["lumen"]["warnings"]


def test_a_group_reports_its_effect_and_source(printer: Printer) -> None:
    status = printer.advance(1.0).query("lumen_group chamber")["lumen_group chamber"]
    assert set(status) == {"effect", "source", "brightness", "pixels"}
    assert status["source"] == "state"
    assert status["pixels"] == 10
    assert status["brightness"] == 1.0


def test_the_report_shows_brightness_and_counts(make: MakePrinter) -> None:
    config = BASE + "[lumen_group pixel]\ndriver: memory\nindex_end: 1\n"
    printer = make(config).start().advance(1.0)
    printer.run("LUMEN_BRIGHTNESS VALUE=0.5 FADE=0\nLUMEN_BRIGHTNESS VALUE=0.25 GROUP=pixel FADE=0")
    printer.lookup_object("lumen")._notices.warn("lumen: strip 'case' is dark")
    lines = printer.advance(1.0).run("LUMEN_STATUS").gcode.output[-1].splitlines()
    assert lines[1].startswith("// still, brightness 0.50; uses ")
    assert lines[3].endswith("10 pixels")
    assert lines[4].endswith("1 pixel, brightness 0.25")
    strip = next(line for line in lines if line.startswith("// strip pixel: "))
    assert strip.startswith("// strip pixel: memory, 1 pixel, ")
    assert lines[-1] == "// warning: strip 'case' is dark"


def test_a_strip_without_hardware_is_listed_as_dark(make: MakePrinter) -> None:
    # On a manual clock all strips are recorded; here one must be opened.
    config = BASE + "[lumen_strip attic]\ndriver: proxy\nproxy_host: 10.0.0.7\npin: 18\ncount: 5\n"
    printer = make(config, clock="real", hardware=Hardware(startup_s=0.0)).start()
    assert until(printer, lambda p: bool(p.query("lumen")["lumen"]["dark"]), 5.0)
    status = printer.query("lumen")["lumen"]
    assert status["strips"] == ["case", "attic"]
    assert status["dark"] == ["attic"]
    attic = printer.query("lumen_strip attic")["lumen_strip attic"]
    assert (attic["output"], attic["health"], attic["failures"]) == ("proxy", "dark", 1)
    assert "does not serve" in attic["error"]


def test_a_strip_reports_its_health_and_updates_counters_rarely(printer: Printer) -> None:
    def case() -> dict[str, Any]:
        status: dict[str, Any] = printer.query("lumen_strip case")["lumen_strip case"]
        return status

    first = case()
    assert set(first) == {
        *("output", "pixels", "health", "error", "failures", "failures_in_a_row"),
        *("retry_in", "frames", "dropped", "reconnects", "limited", "current_ma"),
    }
    assert (first["output"], first["health"], first["error"]) == ("memory", "ok", None)
    printer.run("LUMEN_SET GROUP=chamber EFFECT=rainbow").advance(5.0)
    assert case() == first
    printer.advance(6.0)
    assert case()["frames"] > first["frames"] + 100
