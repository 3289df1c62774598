"""The extension module: config errors, engines on the real clock, threads and logging."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import threading

import pytest

import klipper_lumen
from klipper_lumen import (
    ConfigError,
    Engine,
    LumenError,
    Notice,
    check,
    colors,
    effects,
    limits,
    nearest,
)
from tests.python.engines import FACTS, config, start


def test_a_good_config_has_only_warnings() -> None:
    assert check(config()) == {"warnings": [], "notes": [], "devices": []}
    ((section, option, text),) = check(config(unmapped="default", update_rate_printing="1"))[
        "warnings"
    ]
    assert (section, option) == ("lumen", "update_rate_printing")
    assert text.startswith("Option 'update_rate_printing' in section 'lumen' has no effect")


def test_all_problems_of_a_config_are_reported_at_once() -> None:
    text = config({"group_brightnes": "1", "on_heating": "puls"})
    with pytest.raises(ConfigError) as caught:
        check(text)
    places = {(section, option) for section, option, _ in caught.value.errors}
    section = "lumen_group left"
    assert places == {(section, "group_brightnes"), (section, "on_heating")}
    assert str(caught.value) == "\n".join(message for *_, message in caught.value.errors)
    assert "did you mean 'group_brightness'?" in str(caught.value)
    assert isinstance(caught.value, LumenError)


def test_heaters_are_checked_against_the_facts() -> None:
    thermal = config({"on_heating": "thermal chamber"})
    assert check(thermal)["warnings"] == []
    with pytest.raises(ConfigError, match="chamber"):
        check(thermal, FACTS)


@pytest.mark.parametrize("text", ["", "[]", '{"sections": 1}'])
def test_an_invalid_document_is_an_error_with_a_message(text: str) -> None:
    with pytest.raises(LumenError, match="config: "):
        check(text)


def test_effects_and_colors_come_from_the_tables() -> None:
    listed = json.loads(effects())
    assert [effect["name"] for effect in listed][:3] == ["off", "solid", "gradient"]
    assert len(listed) == 32
    pulse = next(effect for effect in listed if effect["name"] == "pulse")
    speed = next(option for option in pulse["options"] if option["name"] == "speed")
    assert (speed["kind"], speed["default"], speed["above"]) == ("number", "0.5", 0.0)
    names = dict(colors())
    assert names["orange"] == "ff8000"
    assert list(names) == sorted(names)
    assert len(names) >= 70


def test_the_version_is_that_of_the_package() -> None:
    assert klipper_lumen.__version__ == "0.1.0"


def test_an_engine_has_one_thread() -> None:
    before = set(os.listdir("/proc/self/task"))
    engine = Engine(config(), FACTS)
    engine.event("ready")
    assert len(set(os.listdir("/proc/self/task")) - before) == 1
    assert engine.close(5.0) is True


def test_an_engine_on_the_real_clock_cannot_be_advanced() -> None:
    engine = Engine(config())
    try:
        with pytest.raises(LumenError, match="manual clock"):
            engine.advance(1.0)
    finally:
        engine.close(5.0)


def test_a_wrong_clock_is_refused() -> None:
    with pytest.raises(LumenError, match="clock must be 'real' or 'manual', got 'lunar'"):
        Engine(config(), clock="lunar")  # type: ignore[arg-type]


def test_a_strip_that_cannot_be_opened_is_dark_and_sends_a_notice() -> None:
    text = json.loads(config())
    text["sections"][1][1].update({"driver": "spi", "device": "/dev/none0.0"})
    engine = Engine(json.dumps(text), FACTS)
    try:
        fd = engine.notice_fd()
        readable, _, _ = select.select([fd], [], [], 20.0)
        assert readable == [fd]
        notices = engine.notices()
        assert any("/dev/none0.0" in notice.text for notice in notices)
        assert {notice.level for notice in notices} <= {"info", "warning", "error"}
        assert {notice.about for notice in notices} == {"strip 'case'"}
        assert select.select([fd], [], [], 0.0)[0] == []
        strip = engine.status()["strips"]["case"]
        assert strip["health"] == "dark"
        assert "/dev/none0.0" in strip["error"]
    finally:
        engine.close(5.0)


def test_a_notice_is_logged_with_pythons_logging(caplog: pytest.LogCaptureFixture) -> None:
    engine = start()
    caplog.set_level(logging.INFO, "lumen.engine")
    Notice("info", "lumen: strip 'case' is lit again").log()
    Notice("error", "lumen: internal error\n").log()
    found = [(record.name, record.levelno, record.getMessage()) for record in caplog.records]
    assert found == [
        ("lumen.engine", logging.INFO, "lumen: strip 'case' is lit again"),
        ("lumen.engine", logging.ERROR, "lumen: internal error\\n"),
    ]
    engine.close()


def test_a_new_log_level_applies_to_the_next_engine(
    caplog: pytest.LogCaptureFixture,
) -> None:
    start().close()
    for level, count in ((logging.ERROR, 0), (logging.INFO, 1)):
        caplog.set_level(level, "lumen.engine")
        start().close()
        caplog.clear()
        Notice("warning", "lumen: dark").log()
        assert len(caplog.records) == count


def test_a_failing_log_handler_is_ignored() -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError(record.getMessage())

    start().close()
    logger, handler = logging.getLogger("lumen.engine"), Broken()
    logger.addHandler(handler)
    try:
        Notice("error", "lumen: internal error").log()
    finally:
        logger.removeHandler(handler)


def test_an_exit_passes_through_a_log_call() -> None:
    class Exiting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise SystemExit(record.getMessage())

    start().close()
    logger, handler = logging.getLogger("lumen.engine"), Exiting()
    logger.addHandler(handler)
    try:
        with pytest.raises(SystemExit):
            Notice("error", "lumen: internal error").log()
    finally:
        logger.removeHandler(handler)


def test_a_notice_has_one_of_three_levels() -> None:
    with pytest.raises(LumenError, match="level must be info, warning or error"):
        Notice("loud", "lumen: dark")  # type: ignore[arg-type]


def test_the_engine_can_be_used_by_many_threads() -> None:
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
    assert all("too many pending requests" in error for error in errors)
    engine.advance(1.0)
    assert engine.status()["state"] == "idle"


def test_in_a_forked_child_every_call_does_nothing() -> None:
    # In a separate process, because pytest must not be forked.
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


def test_the_engine_cannot_be_subclassed_or_extended() -> None:
    with pytest.raises(TypeError):
        type("Own", (Engine,), {})
    with pytest.raises(AttributeError):
        start().extra = 1  # type: ignore[attr-defined]


def test_nearest_ignores_words_that_are_too_long() -> None:
    assert nearest("GRUP", ["EFFECT", "GROUP"]) == "GROUP"
    assert nearest("zebra", ["EFFECT", "GROUP"]) is None
    long = "n" * (dict(limits())["name_bytes"] + 1)
    assert nearest(long, [long]) is None
    assert nearest("pulze", [long, "pulse"]) == "pulse"
