"""A real Moonraker with a real klippy: what web interfaces and programs see of Lumen.

Runs if test_real.py does and MOONRAKER_PYTHON names a Python with Moonraker; see bench/README.md.
"""

from __future__ import annotations

import base64
import json
import statistics
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.klippy.bench import klippy_log, moonraker
from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.moonraker import Moonraker, RequestRefusedError, Rpc
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.lights import OLD_REQUESTS, REQUESTS
from tests.klippy.test_real import environment, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ask = Callable[[str, dict[str, Any]], Any]

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

CONFIG = """
[lumen]
unmapped: keep

[lumen_strip case]
driver: memory
count: 30

[lumen_group Case]
strip: case
on_idle: solid white
on_error: pulse red

[lumen_effect party]
effect: disco
show: True
"""

# As in docs/API.md.
WAYS = ["query by GET", "query by POST", "form by POST", "JSON by POST", "JSON-RPC"]

# How often an endpoint is called by each way while a command waits.
ROUNDS = 10
# A call takes 1 or 2 ms; waiting for the command would take seconds.
LATENCY_MS = 250.0

# The parameters of each endpoint as strings, because a query has nothing else.
PARAMETERS: dict[str, dict[str, str]] = {
    "status": {"profile": "1"},
    "set": {"group": "Case", "effect": "comet", "color": "red", "speed": "30", "fade": "0"},
    "state": {"state": "heating", "duration": "5"},
    "clear": {"group": "Case"},
    "off": {"group": "Case"},
    "on": {},
    "brightness": {"value": "0.5", "fade": "0"},
    "flash": {"color": "blue", "count": "1"},
    "wake": {},
    "effects": {},
    "colors": {},
    "test": {"state": "printing", "duration": "20"},
    "test_start": {"duration": "20"},
    "test_next_state": {},
    "test_prev_state": {},
    "test_next_effect": {"group": "Case"},
    "test_prev_effect": {"group": "Case"},
    "test_stop": {},
    "reload": {},
    "doctor": {},
    "preview": {"strip": "case"},
    "profile": {},
}

# A field of each endpoint's answer. The other answers are empty, and Moonraker sends "ok" for them.
ANSWER_FIELDS = {
    "status": "profile",
    "effects": "effects",
    "colors": "colors",
    "test": "ends_in",
    "test_start": "states",
    "test_next_state": "state",
    "test_prev_state": "state",
    "test_next_effect": "effect",
    "test_prev_effect": "effect",
    "reload": "warnings",
    "doctor": "findings",
    "preview": "rgbw",
    "profile": "measuring",
}

WRONG = [
    ("set", {"group": "Case", "effect": "comt"}, "unknown effect 'comt' (did you mean 'comet'?)"),
    ("set", {"group": "Cse", "effect": "comet"}, "unknown group 'Cse'"),
    ("brightness", {"value": "7"}, "VALUE must be from 0 to 1, got '7"),
    ("brightness", {}, "VALUE"),
    ("clear", {"grop": "Case"}, "did you mean"),
    ("preview", {"strip": "cas"}, "unknown strip 'cas'"),
]


@pytest.fixture(scope="module")
def klippy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    found = environment("KLIPPER")
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("km"), plan) as session:
        wait_for(session, "idle")
        yield session


@pytest.fixture(scope="module")
def interpreter() -> Path:
    try:
        return moonraker.python()
    except BenchError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def server(interpreter: Path, klippy: Session) -> Iterator[Moonraker]:
    with Moonraker(klippy, interpreter) as running:
        yield running


@pytest.fixture
def rpc(server: Moonraker) -> Iterator[Rpc]:
    with closing(Rpc(server.port)) as connection:
        yield connection


@pytest.fixture(autouse=True)
def follow_the_printer_again(server: Moonraker) -> Iterator[None]:
    yield
    for name, body in (("clear", {}), ("brightness", {"value": 1, "fade": 0})):
        server.http("POST", "/printer/lumen/" + name, body)


def ways(server: Moonraker, rpc: Rpc) -> dict[str, Ask]:
    """Returns an endpoint by all ways in docs/API.md."""
    return {
        "query by GET": lambda name, asked: server.http("GET", path(name, asked)),
        "query by POST": lambda name, asked: server.http("POST", path(name, asked)),
        "form by POST": lambda name, asked: server.form(path(name), asked),
        "JSON by POST": lambda name, asked: server.http("POST", path(name), typed(asked)),
        "JSON-RPC": lambda name, asked: rpc.call("printer.lumen." + name, typed(asked)),
    }


def path(name: str, asked: dict[str, Any] | None = None) -> str:
    return "/printer/lumen/" + name + ("?" + urlencode(asked) if asked else "")


def typed(asked: dict[str, Any]) -> dict[str, Any]:
    """Returns the same with numbers instead of numeric strings."""
    return {name: float(text) if text[:1].isdigit() else text for name, text in asked.items()}


def test_moonraker_needs_no_configuration_for_lumen(server: Moonraker) -> None:
    info = server.http("GET", "/server/info")
    assert info["failed_components"] == []
    assert "lumen" not in info["components"]
    assert not [text for text in info["warnings"] if "lumen" in text.lower()]
    assert "lumen" not in server.http("GET", "/server/database/list")["namespaces"]


def test_lumen_is_in_the_list_of_objects(server: Moonraker) -> None:
    objects = set(server.http("GET", "/printer/objects/list")["objects"])
    ours = {"lumen", "lumen_group Case", "lumen_strip case", "neopixel Case", "led_effect party"}
    assert ours <= objects


def test_every_endpoint_is_tested() -> None:
    assert set(PARAMETERS) == {request.name for request in REQUESTS if request.endpoint}


@pytest.mark.parametrize("way", WAYS)
def test_every_endpoint_answers(server: Moonraker, rpc: Rpc, way: str) -> None:
    ask = ways(server, rpc)[way]
    for name, asked in PARAMETERS.items():
        if name == "doctor":
            # It can run every five seconds.
            time.sleep(5.0)
        answer = ask(name, asked)
        if name in ANSWER_FIELDS:
            assert ANSWER_FIELDS[name] in answer, name
        else:
            assert answer == "ok", name


def test_names_of_parameters_may_be_in_upper_case(server: Moonraker) -> None:
    assert server.http("GET", "/printer/lumen/brightness?VALUE=0.4") == "ok"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "asked", "words"), WRONG)
def test_an_invalid_request_is_400_with_a_message(
    server: Moonraker, rpc: Rpc, way: str, name: str, asked: dict[str, str], words: str
) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        ways(server, rpc)[way](name, asked)
    assert refused.value.code == 400
    assert words in refused.value.message
    assert server.http("GET", "/printer/info")["state"] == "ready"


@pytest.mark.parametrize(
    "script", ["G4 P4000", "M104 S70\nTEMPERATURE_WAIT SENSOR=extruder MINIMUM=65"]
)
def test_endpoints_answer_while_a_command_waits(
    klippy: Session, server: Moonraker, rpc: Rpc, script: str
) -> None:
    delays_ms: list[float] = []
    waits = threading.Thread(target=klippy.gcode, args=(script,))
    waits.start()
    try:
        time.sleep(0.3)
        for ask in ROUNDS * list(ways(server, rpc).values()):
            begun = time.monotonic()
            ask("brightness", {"value": "0.5"})
            delays_ms.append(1000.0 * (time.monotonic() - begun))
        assert waits.is_alive()
    finally:
        waits.join()
        klippy.gcode("M104 S0")
    assert statistics.median(delays_ms) < LATENCY_MS


def test_a_subscription_is_quiet(server: Moonraker, rpc: Rpc) -> None:
    names = [
        name
        for name in server.http("GET", "/printer/objects/list")["objects"]
        if name.startswith(("lumen", "led_effect ")) or name == "neopixel Case"
    ]
    asked = {"objects": dict.fromkeys(names)}
    first = rpc.call("printer.objects.subscribe", asked)["status"]
    assert len(json.dumps(first["lumen"])) < 1024
    server.http("POST", path("set"), {"group": "Case", "effect": "rainbow", "fade": 0})
    time.sleep(3.0)
    begun = time.monotonic()
    time.sleep(12.0)
    updates = [
        (at, status) for at, status in rpc.updates if at >= begun and set(status) & set(names)
    ]
    sizes = [len(json.dumps(status)) for _, status in updates]
    for name in names:
        assert sum(name in status for _, status in updates) <= 12, name
    assert max(sizes, default=0) < 1024


def test_a_change_reaches_a_subscriber(server: Moonraker, rpc: Rpc) -> None:
    rpc.call("printer.objects.subscribe", {"objects": {"lumen_group Case": ["effect"]}})
    # Not red: the next test picks red, which would count as sent back by a web interface.
    server.http("POST", path("set"), {"group": "Case", "effect": "kitt", "color": "blue"})
    end = time.monotonic() + 5.0
    while not any(
        str(status.get("lumen_group Case", {}).get("effect", "")).startswith("kitt")
        for _, status in rpc.updates
    ):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_console_completes_every_command_with_its_help(server: Moonraker) -> None:
    completed = server.http("GET", "/printer/objects/query?gcode=commands")
    commands = completed["status"]["gcode"]["commands"]
    help_texts = server.http("GET", "/printer/gcode/help")
    for request in (*REQUESTS, *OLD_REQUESTS):
        if request.command:
            assert commands[request.gcode]["help"] == request.help
            assert help_texts[request.gcode] == request.help


def test_a_picked_color_shows_until_it_is_cleared(server: Moonraker) -> None:
    script = 'SET_LED LED="Case" RED=1 GREEN=0 BLUE=0 WHITE=0 SYNC=0 TRANSMIT=1'
    server.http("POST", "/printer/gcode/script", {"script": script})
    time.sleep(1.5)
    assert _light(server) == {"color_data": [[1.0, 0.0, 0.0, 0.0]]}
    frame = server.http("GET", path("preview", {"strip": "case"}))["rgbw"]
    assert base64.b64decode(frame) == bytes((255, 0, 0, 0)) * 30
    server.http("POST", path("clear"), {"group": "Case"})
    time.sleep(1.5)
    assert _light(server) == {"color_data": [[1.0, 1.0, 1.0, 0.0]]}


def test_one_answer_has_the_pixels_of_all_groups(server: Moonraker) -> None:
    answer = server.http("GET", path("preview"))
    groups = {it["name"]: it for it in answer["groups"]}
    assert groups["Case"]["pixels"] == 30
    strip = server.http("GET", path("preview", {"strip": "case"}))
    assert base64.b64decode(groups["Case"]["rgbw"]) == base64.b64decode(strip["rgbw"])
    part = server.http("GET", path("preview", {"first": 29}))["groups"][0]
    assert (part["name"], part["first"]) == ("Case", 29)


def _light(server: Moonraker) -> Any:
    status = server.http("GET", "/printer/objects/query?" + urlencode({"neopixel Case": ""}))
    return status["status"]["neopixel Case"]


def test_the_log_contains_no_alarm(klippy: Session) -> None:
    assert klippy_log.alarms(klippy.log) == []


def test_status_works_after_a_shutdown_and_all_works_after_a_restart(
    klippy: Session, server: Moonraker
) -> None:
    server.http("POST", "/printer/emergency_stop")
    wait_for(klippy, "error", 3.0)
    assert server.http("GET", path("status"))["state"] == "error"
    klippy.restart("FIRMWARE_RESTART")
    server.wait_ready()
    assert server.http("GET", path("brightness", {"value": "1"})) == "ok"
