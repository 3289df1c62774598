"""Warnings are shown only as long as their problem exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klippy_extra.lumen.guard import LIMITS
from klippy_extra.lumen.log import MAX_TEXTS, KlipperWarnings
from tests.klippy.lights import adapter
from tests.klippy.test_lights import lit

if TYPE_CHECKING:
    import pytest

    from klipper_lumen.sim.printer import Printer
    from tests.klippy.lights import MakePrinter


def test_the_warning_about_leds_is_cleared_when_they_recover(make: MakePrinter) -> None:
    printer = lit(make, "rainbow")
    leds = adapter(printer)
    original = leds._check_transmit

    def fail(*_: object) -> None:
        raise RuntimeError("no answer")

    def warnings() -> list[str]:
        warnings = printer.query("lumen")["lumen"]["warnings"]
        return [text for text in warnings if "refuses updates" in text]

    leds._check_transmit = fail
    printer.advance(20.0)
    assert len(warnings()) == 1
    leds._check_transmit = original
    printer.advance(120.0)
    assert warnings() == []


def test_the_strip_of_a_group_is_named_with_its_group(make: MakePrinter) -> None:
    leds = "[neopixel sb]\npin: PA1\nchain_count: 3\n"
    config = "[lumen]\n[lumen_group Top]\ndriver: klipper\nneopixel: sb\nindex_end: 3\n"
    (strip,) = make(leds + config).start().engine.host_strips()
    assert strip["label"] == "'sb' of group 'Top'"


def test_cleared_warnings_make_room_for_later_ones(make: MakePrinter) -> None:
    printer = make().start()
    notices = printer.lookup_object("lumen")._notices
    for number in range(10 * LIMITS["warnings"]):
        notices.warn("lumen: strip %d is dark" % number, about="case")
        printer.advance(60.0)
        assert notices.warnings()[-1] == "lumen: strip %d is dark" % number
        notices.clear_warnings("case")
    assert in_klipper(printer) == []
    # Klipper keeps all texts, so it receives only some.
    assert len(printer.lookup_object("configfile")._known_warnings) == MAX_TEXTS


def in_klipper(printer: Printer) -> list[str]:
    """Returns the warnings that web interfaces show."""
    return [entry["message"] for entry in printer.query("configfile")["configfile"]["warnings"]]


def test_web_interfaces_show_a_warning_while_its_problem_exists(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make().start()
    printer.lookup_object("configfile").runtime_warning("of another plug-in")
    notices = printer.lookup_object("lumen")._notices
    notices.warn("lumen: dim", about="door")
    for count in range(1, 4):
        notices.warn("lumen: dark", about="case")
        notices.warn("lumen: dark", about="case")
        assert in_klipper(printer) == ["of another plug-in", "lumen: dim", "lumen: dark"]
        notices.clear_warnings("case")
        assert in_klipper(printer) == ["of another plug-in", "lumen: dim"]
        assert caplog.text.count("lumen: dark") == count


class KalicoConfigFile:
    """Builds the shown list from two others, and accepts a text again."""

    def __init__(self) -> None:
        self.runtime_warnings: list[dict[str, str]] = []
        self.status_warnings: list[dict[str, str]] = []

    def runtime_warning(self, msg: str) -> None:
        self.runtime_warnings.append({"type": "runtime_warning", "message": msg})
        self.status_warnings = [*self.runtime_warnings, {"type": "deprecated_option"}]


def test_a_removed_warning_stays_removed_in_kalico() -> None:
    configfile = KalicoConfigFile()
    warnings = KlipperWarnings(configfile)
    configfile.runtime_warning("of another plug-in")
    for _ in range(2):
        warnings.show("lumen: dark")
        warnings.remove({"lumen: dark", "of another plug-in"})
        configfile.runtime_warning("later")
        shown = [entry.get("message") for entry in configfile.status_warnings]
        assert "lumen: dark" not in shown
        assert "of another plug-in" in shown
    warnings.show("lumen: dark")
    assert {"type": "runtime_warning", "message": "lumen: dark"} in configfile.status_warnings


def test_a_klipper_without_these_lists_keeps_its_warnings() -> None:
    shown: list[str] = []

    class OtherConfigFile:
        status_warnings = "unknown"

        def runtime_warning(self, msg: str) -> None:
            shown.append(msg)

    warnings = KlipperWarnings(OtherConfigFile())
    for _ in range(2):
        warnings.show("lumen: dark")
        warnings.remove({"lumen: dark"})
    assert shown == ["lumen: dark"]
