"""Invalid commands and requests: limited plain replies that never end a job."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any, Callable

import pytest

import klipper_lumen
from klipper_lumen.sim.gcode import CommandError
from klippy_extra.lumen.guard import LINE_CHARS, join_lines, shorten, to_line
from tests.klippy.lights import (
    BASE,
    OLD_REQUESTS,
    REQUESTS,
    MakePrinter,
    refused,
    watch_engine,
)
from tests.klippy.lights import shown as shown_state

if TYPE_CHECKING:
    from klipper_lumen import Request
    from klipper_lumen.sim import Printer

COMMANDS = [request for request in (*REQUESTS, *OLD_REQUESTS) if request.command]
ENDPOINTS = [request for request in REQUESTS if request.endpoint]
# A valid and an invalid value of each parameter; add new parameters here.
RIGHT = {
    "COLOR": "red",
    "COUNT": "3",
    "DURATION": "5",
    "EFFECT": "comet",
    "FADE": "0.5",
    "FIRST": "0",
    "GROUP": "chamber",
    "PROFILE": "1",
    "STATE": "printing",
    "STRIP": "case",
    "VALUE": "0.5",
}
WRONG = {
    "COLOR": "rde",
    "COUNT": "0",
    "DURATION": "soon",
    "EFFECT": "nosuch",
    "FADE": "-1",
    "FIRST": "-1",
    "GROUP": "nosuch",
    "PROFILE": "7",
    "STATE": "pasued",
    "STRIP": "nosuch",
    "VALUE": "7",
}
LIMITS = dict(klipper_lumen.limits())
MAX_REPEATS = LIMITS["reply_repeats"]
MAX_TEXTS = LIMITS["replies_logged"]
MAX_TEXTS_PER_COMMAND = LIMITS["reply_texts_of_command"]
MAX_ANSWERS = LIMITS["reply_answers"]
LIMIT = LIMITS["console_messages"]
WINDOW_S = 60.0
# Maximum bytes of one reply; a character of a line has at most four.
REPLY_BYTES = 4 * (LINE_CHARS + 10)


def words_of(params: dict[str, Any]) -> str:
    return "".join(' %s="%s"' % item for item in params.items())


def valid(request: Request) -> dict[str, str]:
    return {name: RIGHT[name] for name in request.parameters}


def needed(request: Request) -> list[str]:
    """Returns the required parameters, according to the help."""
    return [name for name in request.parameters if " %s=" % name in request.help.split(";")[0]]


def ids(requests: list[Request]) -> list[str]:
    return [request.gcode for request in requests]


@pytest.fixture(autouse=True)
def _every_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Returns what the replies wrote to the log."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "klippy_extra.lumen.commands"
    ]


@pytest.mark.parametrize("request_", COMMANDS, ids=ids(COMMANDS))
def test_no_invalid_command_is_an_error(make: MakePrinter, request_: Request) -> None:
    name = request_.gcode
    right = valid(request_)
    for parameter in request_.parameters:
        printer = make().start()
        wrong = {**right, parameter: WRONG[parameter]}
        assert refused(printer, name + words_of(wrong)).startswith(name + ": ")
        empty = {**right, parameter: ""}
        assert refused(printer, name + words_of(empty)).startswith(
            "%s: empty %s" % (name, parameter)
        )
        long = {**right, parameter: "x" * (LIMITS["value_bytes"] + 1)}
        assert refused(printer, name + words_of(long)) == (
            "%s: %s is longer than 1024 bytes" % (name, parameter)
        )
        if parameter in needed(request_):
            del right[parameter]
            assert refused(printer, name + words_of(right)) == "%s: %s is missing" % (
                name,
                parameter,
            )
            right = valid(request_)


@pytest.mark.parametrize("request_", COMMANDS, ids=ids(COMMANDS))
def test_unknown_parameters_are_refused(printer: Printer, request_: Request) -> None:
    name, right = request_.gcode, valid(request_)
    assert "xyzzy" in refused(printer, name + words_of({**right, "XYZZY": "1"})).lower()
    many = {"P%03d" % number: "1" for number in range(LIMITS["parameters"] + 1)}
    assert refused(printer, name + words_of(many)) == "%s: at most 64 parameters, got 65" % name
    long = {"P" * (LIMITS["name_bytes"] + 1): "1"}
    assert refused(printer, name + words_of(long)) == (
        "%s: the name of a parameter is longer than 128 bytes" % name
    )


@pytest.mark.parametrize("request_", ENDPOINTS, ids=ids(ENDPOINTS))
def test_every_endpoint_answers_invalid_requests(printer: Printer, request_: Request) -> None:
    right = valid(request_)

    def ask(**params: Any) -> str:
        with pytest.raises(CommandError) as caught:
            printer.ask("lumen/" + request_.name, **{**right, **params})
        return str(caught.value)

    for name in request_.parameters or ("XYZZY",):
        assert ask(**{name: None}) == "%s must be a text or a number, got null" % name
        assert ask(**{name: [[1]]}) == "%s must be a text or a number, got a list" % name
        assert ask(**{name: {"a": {}}}) == "%s must be a text or a number, got an object" % name
        assert ask(**{name: 10**4000}) == "%s is too large a number" % name
        assert ask(**{name: "ä" * 600}) == "%s is longer than 1024 bytes" % name
        assert ask(**{name: "\ud800"}) == "unpaired surrogates are not valid characters"
        for value in (float("-inf"), float("nan"), -(10**30), "\x1b[31m\n", "x" * 1024):
            words = ask(**{name: value})
            assert len(words.encode()) <= REPLY_BYTES
            assert words.isprintable()
    assert printer.is_ready()


def test_the_script_continues_and_the_log_contains_the_reply_once(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make()
    errors: list[str] = []
    printer.register_event_handler("gcode:command_error", lambda: errors.append("error"))
    printer.add_macro("PARK", "LUMEN_STATE STATE=pasued\nLUMEN_SET\nLUMEN_STATE STATE=sleep")
    printer.start()
    caplog.clear()
    for _ in range(2):
        printer.run("PARK").advance(1.0)
    assert shown_state(printer) == "sleep"
    assert errors == []
    pasued = "LUMEN_STATE: unknown state 'pasued' (did you mean 'paused'?)"
    missing = "LUMEN_SET: GROUP is missing"
    assert printer.gcode.output[-4:] == ["// " + text for text in (pasued, missing)] * 2
    assert logged(caplog) == ["lumen: " + pasued, "lumen: " + missing]
    printer.advance(WINDOW_S)
    assert logged(caplog)[2:] == ["lumen: %s (again 1 time)" % it for it in (pasued, missing)]
    printer.run("LUMEN_SET")
    assert logged(caplog)[-1] == "lumen: " + missing


def test_repeats_are_counted_and_another_mistake_is_still_answered(
    printer: Printer, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(printer.gcode.output)
    for _ in range(1000):
        printer.run("LUMEN_SET GROUP=nosuch EFFECT=off")
    assert len(printer.gcode.output) - before == MAX_REPEATS
    assert refused(printer, "LUMEN_STATE").startswith("LUMEN_STATE: ")
    printer.advance(WINDOW_S + 1.0)
    assert printer.gcode.output[-1] == (
        "// lumen: %d more commands refused, see klippy.log" % (1000 - MAX_REPEATS)
    )
    assert len(logged(caplog)) == 3
    count = len(printer.gcode.output)
    printer.advance(10 * WINDOW_S)
    assert len(printer.gcode.output) == count


def test_different_mistakes_do_not_flood_console_or_log(
    printer: Printer, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(printer.gcode.output)
    for number in range(2000):
        printer.run("LUMEN_SET GROUP=%d%s EFFECT=off" % (number, "x" * 900))
    assert len(printer.gcode.output) - before == LIMIT
    assert len(logged(caplog)) == MAX_TEXTS_PER_COMMAND
    printer.run("LUMEN_STATE STATE=pasued")
    assert logged(caplog)[-1].startswith("lumen: LUMEN_STATE: unknown state 'pasued'")
    for request in COMMANDS:
        for number in range(2 * MAX_TEXTS_PER_COMMAND):
            printer.run("%s XYZZY%d=1" % (request.gcode, number))
    assert len(logged(caplog)) == MAX_TEXTS
    replies = printer.lookup_object("lumen")._web._replies
    assert replies._limits.texts == MAX_TEXTS
    printer.advance(WINDOW_S + 1.0)
    assert logged(caplog)[-1].endswith("more refused commands not logged")
    assert sum(map(len, logged(caplog))) < 10_000
    assert replies._limits.texts == 0


def test_answers_are_always_shown_and_rarely_logged(
    printer: Printer, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(printer.gcode.output)
    caplog.clear()
    for _ in range(100):
        printer.run("LUMEN_COLORS")
    assert len(printer.gcode.output) - before == 100
    assert sum("azure" in record.getMessage() for record in caplog.records) == MAX_ANSWERS


def test_a_reply_counts_towards_the_limit_of_messages(make: MakePrinter) -> None:
    config = BASE.replace("[lumen]\n", "[lumen]\ndebug: console\n")
    printer = make(config).start().advance(WINDOW_S)
    for number in range(LIMIT):
        printer.run("LUMEN_SET GROUP=nosuch%d EFFECT=off" % number)
    before = len(printer.gcode.output)
    printer.run("LUMEN_STATE STATE=printing").advance(2.0)
    assert len(printer.gcode.output) == before


def test_a_busy_engine_is_reported(printer: Printer, caplog: pytest.LogCaptureFixture) -> None:
    busy = "too many pending requests, try again in a second"
    for _ in range(200):
        printer.run("LUMEN_CLEAR")
    assert printer.gcode.output[-1] == "// LUMEN_CLEAR: " + busy
    with pytest.raises(CommandError, match=busy):
        printer.ask("lumen/clear")
    assert not any("internal error" in record.getMessage() for record in caplog.records)


def test_an_internal_error_is_one_traceback_and_the_script_continues(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make()
    engine = watch_engine(printer)
    printer.start()
    caplog.clear()
    engine.errors = {"request set": ValueError("\n" * 100_000)}
    for _ in range(50):
        printer.run("LUMEN_SET GROUP=chamber EFFECT=off\nLUMEN_WAKE")
    assert printer.gcode.output[-1] == "// LUMEN_SET: internal error, see klippy.log"
    assert sum(len(record.getMessage()) for record in caplog.records) < 5_000


def test_commands_are_answered_after_lumen_is_closed(make: MakePrinter) -> None:
    printer = make().start()
    printer.lookup_object("lumen")._close()
    words = "LUMEN_WAKE: Lumen is not running, see klippy.log"
    assert refused(printer, "LUMEN_WAKE") == words


def test_a_line_is_printable_and_bounded() -> None:
    assert to_line("plain ä") == "plain ä"
    assert to_line("a\n\x1b[31m\u2028\ud800") == "a\\n\\x1b[31m\\u2028\\ud800"
    for text in ("x" * 10**6, "\0" * 10**6, "\U000e0001" * 10**6):
        assert len(to_line(text)) <= LINE_CHARS + 3
        assert to_line(text).endswith("...")
    assert join_lines(["a\nb"] * 3) == "\n".join(["a\\nb"] * 3)
    many = join_lines(["x" * 1000] * 1000)
    assert many.endswith("\nand 978 more")
    assert len(many) < 23 * (LINE_CHARS + 4)
    assert shorten("\ud800" + "x" * 100).startswith("\\ud800x")


NAMES = (*RIGHT, "SPEED", "MIN", "COLOR_2", "index", "ä", "group")
ODD = "aZ0 .,-+%é€\t\x7f\x9b\u202e😀"


def a_value(chance: random.Random) -> Any:
    """Returns a value that a client or a macro may send, up to ten times too long."""
    choose: list[Callable[[], Any]] = [
        lambda: chance.choice([*RIGHT.values(), *WRONG.values(), "all", "solid red", "off"]),
        lambda: "".join(chance.choice(ODD) for _ in range(chance.randrange(80))),
        lambda: chance.choice(ODD) * chance.randrange(10 * LIMITS["value_bytes"]),
        lambda: chance.uniform(-10.0, 10.0),
        lambda: chance.choice([1e308, float("nan"), float("inf"), -0.0, 10**400, 10**4000]),
        lambda: chance.choice([True, False, None, [], {}, [[None]], {"a": [1]}]),
    ]
    return chance.choice(choose)()


def a_call(chance: random.Random) -> dict[str, Any]:
    count = chance.choice((0, 1, 2, 3, 4, chance.randrange(10 * LIMITS["parameters"])))
    call = {}
    for number in range(count):
        name = chance.choice(NAMES)
        if chance.random() < 0.2:
            name = chance.choice(ODD) * chance.randrange(2 * LIMITS["name_bytes"]) + str(number)
        call[name] = a_value(chance)
    return call


def as_gcode(call: dict[str, Any]) -> str:
    return "".join(
        ' "%s=%s"' % (name.replace(" ", "_"), value)
        for name, value in call.items()
        if not isinstance(value, int) or value.bit_length() < 1000
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_input_causes_an_error_and_every_reply_is_bounded(
    make: MakePrinter, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)
    printer = make().start()
    # The excluded commands answer with lists, or read files.
    tame = [it for it in COMMANDS if it.name not in ("effects", "colors", "help", "reload")]
    caplog.clear()
    for _ in range(150):
        before = len(printer.gcode.output)
        command = chance.choice(tame).gcode
        assert printer.try_run(command + as_gcode(a_call(chance))) is None
        for text in printer.gcode.output[before:]:
            assert text.startswith("// ")
            assert len(text.encode()) <= REPLY_BYTES
        endpoint = chance.choice([it for it in ENDPOINTS if it.name != "reload"])
        try:
            printer.ask("lumen/" + endpoint.name, **a_call(chance))
        except CommandError as error:
            assert len(str(error).encode()) <= REPLY_BYTES  # noqa: PT017
            assert str(error).isprintable()  # noqa: PT017
        printer.advance(0.05)
    assert printer.is_ready()
    texts = [record.getMessage() for record in caplog.records]
    assert not any("File " in text for text in texts), texts
    assert sum(map(len, texts)) < 30_000
