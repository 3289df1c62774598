"""Reading the config: all options are claimed, all errors are reported at once; missing wheels."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import klipper_lumen
import klippy_extra.lumen
from klipper_lumen import Engine
from tests.klippy.lights import BASE, MakePrinter


def message(make: MakePrinter, config: str) -> str:
    """Returns the config error of a failed start."""
    printer = make(config).start()
    text, category = printer.get_state_message()
    assert category == "error"
    return text


def test_an_empty_section_is_a_valid_config(make: MakePrinter) -> None:
    assert make("[lumen]\n").start().is_ready()


def test_a_printer_without_the_section_has_no_lumen(make: MakePrinter) -> None:
    assert make("[printer]\n").start().lookup_object("lumen", None) is None


def test_sections_may_stand_in_any_order(make: MakePrinter) -> None:
    head, _, tail = BASE.partition("[lumen_strip")
    assert make("[lumen_strip" + tail + head).start().is_ready()


def test_an_effect_section_without_options_is_known(make: MakePrinter) -> None:
    assert make(BASE + "[lumen_effect pulse]\n").start().is_ready()


def test_all_problems_are_raised_as_one_error_with_suggestions(make: MakePrinter) -> None:
    text = message(
        make,
        BASE.replace("[lumen]", "[lumen]\nbrightnes: 0.5") + "on_heating: puls orange\n",
    )
    assert "Option 'brightnes' is not valid in section 'lumen' (did you mean 'brightness'?)" in text
    assert (
        "Option 'on_heating' in section 'lumen_group chamber': unknown effect 'puls' "
        "(did you mean 'pulse'?)" in text
    )


MACRO = "[gcode_macro LUMEN_SET]\ngcode:\n    G28\n"


def test_a_macro_of_lumen_1_is_reported_with_all_other_errors(make: MakePrinter) -> None:
    text = message(make, MACRO + BASE + "on_idle: puls\n")
    first, second = text.splitlines()[:2]
    assert first.startswith("Section 'gcode_macro LUMEN_SET' must be removed: LUMEN_SET is a")
    assert "unknown effect 'puls' (did you mean 'pulse'?)" in second


def test_a_macro_around_a_command_is_accepted(make: MakePrinter) -> None:
    macro = MACRO.replace("gcode:", "rename_existing: LUMEN_SET_BASE\ngcode:")
    assert make(macro + BASE + "[gcode_macro LUMENS]\ngcode:\n    G28\n").start().is_ready()


def test_an_unknown_section_gets_a_suggestion(make: MakePrinter) -> None:
    text = message(make, BASE + "[lumen_grup lid]\npixels: case 1-2\n")
    assert "lumen_grup lid" in text
    assert "lumen_group" in text


def test_a_color_cut_off_by_a_comment_is_explained(make: MakePrinter) -> None:
    text = message(make, BASE + "on_idle: solid color=#ff8800\n")
    assert "'#' starts a comment in printer.cfg, write ff8800 instead of #ff8800" in text


def test_a_missing_heater_is_detected_at_connect(make: MakePrinter) -> None:
    text = message(make, BASE + "on_heating: thermal heater_generic_attic\n")
    assert "heater_generic_attic" in text


def test_a_failed_start_opens_no_device(make: MakePrinter) -> None:
    printer = make("[lumen]\nbrightnes: 0.5\n").start()
    with pytest.raises(LookupError):
        _ = printer.engine


def test_the_engine_gets_the_raw_text_in_file_order(make: MakePrinter) -> None:
    documents: list[Any] = []
    printer = make("[lumen_group a]\npixels: s 1-2\n[lumen]\nGPIO_FPS: 30 # slow\n[fan]\npin: x\n")

    def look(document: str) -> Engine:
        documents.append(json.loads(document))
        return printer._make_engine('{"sections": [["lumen", {}]]}')

    printer.make_engine = look
    printer.start()
    sections = [["lumen_group a", {"pixels": "s 1-2"}], ["lumen", {"gpio_fps": "30"}]]
    assert documents == [{"sections": sections}]


def test_warnings_are_shown_to_web_interfaces(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmax_brightness: 0.4")).start()
    shown = printer.query("configfile")["configfile"]["warnings"]
    assert [warning["type"] for warning in shown] == ["runtime_warning"]
    assert "max_brightness" in shown[0]["message"]
    assert printer.query("lumen")["lumen"]["warnings"] == [shown[0]["message"]]


def test_a_missing_package_says_what_to_run(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **options: Any) -> Any:
        if name == "klipper_lumen":
            raise ImportError("No module named 'klipper_lumen'")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert message(make, BASE) == (
        "[lumen]: the package klipper-lumen is missing or does not fit this Python "
        "(No module named 'klipper_lumen').\n"
        "In the folder with the wheel of that version, run:\n"
        "  %s -m pip install --no-index --find-links . klipper-lumen==%s\n"
        "then restart the klipper service" % (sys.executable, klippy_extra.lumen.VERSION)
    )


def test_a_version_mismatch_says_what_to_run(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(klipper_lumen, "__version__", "9.9.9")
    text = message(make, BASE)
    assert text.startswith("[lumen]: the package klipper-lumen is version 9.9.9, the extra is")
    assert "RESTART does not load a new version" in text


def test_the_extra_and_the_package_have_the_same_version() -> None:
    cargo = (Path(__file__).parents[2] / "Cargo.toml").read_text()
    assert 'version = "%s"' % klippy_extra.lumen.VERSION in cargo
    assert klipper_lumen.__version__ == klippy_extra.lumen.VERSION


def test_the_extra_loads_nothing_native_before_its_section(make: MakePrinter) -> None:
    # Kalico imports every plug-in at start, configured or not.
    source = Path(klippy_extra.lumen.__file__).read_text()
    top = source[: source.index("def load_config")]
    assert "\nimport klipper_lumen" not in top
    assert "\nfrom klipper_lumen" not in top


def test_the_extra_works_under_any_module_name(make: MakePrinter) -> None:
    # Klipper imports extras.lumen, Kalico klippy.extras.lumen or klippy.plugins.lumen.
    folder = Path(klippy_extra.lumen.__file__).parent
    for file in folder.glob("*.py"):
        assert "klippy_extra" not in file.read_text()


def test_an_invalid_budget_is_reported_with_all_other_errors(make: MakePrinter) -> None:
    text = message(
        make, BASE.replace("[lumen]", "[lumen]\nmcu_bytes_per_second: fast\ngpio_fps: x")
    )
    assert "Option 'mcu_bytes_per_second' in section 'lumen'" in text
    assert "Option 'gpio_fps' in section 'lumen'" in text
