"""Messages of the start and of a reload contain the line of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from klipper_lumen.sim import Printer
from tests.klippy.test_reload import reloaded, write

TEXT = """[printer]
kinematics: none
[lumen]
unmapped: default
max_brightness: 0.4
[lumen_group a]
driver: memory
on_idle: solid #ff8800
"""


@pytest.fixture
def printer(tmp_path: Path) -> Printer:
    printer = Printer(TEXT)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, TEXT)
    return printer


def warnings(printer: Printer) -> list[str]:
    shown = printer.query("configfile")["configfile"]["warnings"]
    return [warning["message"] for warning in shown]


def test_warnings_have_their_lines_in_the_order_of_the_file(printer: Printer) -> None:
    messages = warnings(printer.start())
    place = "printer.cfg:%d: Option '%s' in section '%s'"
    assert messages[0].startswith(place % (5, "max_brightness", "lumen"))
    assert messages[1].startswith(place % (8, "on_idle", "lumen_group a"))
    assert "'#' starts a comment" in messages[1]
    assert len(messages) == 2
    output = reloaded(printer.advance(2.0))
    assert [text for text in messages if text not in output] == []


def test_all_errors_of_the_files_are_reported_when_the_config_is_loaded(printer: Printer) -> None:
    text = TEXT + "[lumen_group b]\ndriver: klipper\nneopixel: none\n[Lumen_Group c]\n"
    failed = Printer(text)
    failed.config_file = printer.config_file
    write(failed, text)
    lines = failed.start().get_state_message()[0].splitlines()[:2]
    assert lines[0].startswith("printer.cfg:11: Option 'neopixel' in section 'lumen_group b'")
    assert lines[1].startswith("printer.cfg:12: Section 'Lumen_Group c'")


def test_files_with_other_sections_than_klippers_give_no_line_numbers(printer: Printer) -> None:
    write(printer, TEXT + "[lumen_group b]\n")
    messages = warnings(printer.start())
    assert len(messages) == 1
    assert messages[0].startswith("Option 'max_brightness'")


def test_an_unreadable_file_does_not_stop_the_start(printer: Printer) -> None:
    Path(printer.config_file).write_bytes(b"\xff")
    assert len(warnings(printer.start())) == 1
    assert printer.is_ready()


def test_missing_objects_in_a_reload_are_reported_with_their_lines(printer: Printer) -> None:
    printer.start().advance(2.0)
    write(printer, TEXT + "[lumen_group b]\ndriver: pwm\npin_name: none\n")
    output = reloaded(printer)
    assert "the config was not changed" in output
    assert "printer.cfg:11: Option 'pin_name' in section 'lumen_group b'" in output


def test_mistakes_in_klippers_own_sections_are_left_to_klipper(printer: Printer) -> None:
    # This Klipper has no limit for chains.
    text = TEXT + "[neopixel long]\npin: PA1\nchain_count: 600\n"
    text += "[neopixel bar]\npin: lumen:gpio18\nchain_count: 600\n"
    text += "[lumen_group b]\ndriver: klipper\nneopixel: long\nindex_end: 600\n"
    free = Printer(text)
    free.config_file = printer.config_file
    write(free, text)
    assert free.start().is_ready(), free.get_state_message()
    assert "the config was reloaded" in reloaded(free.advance(2.0))
