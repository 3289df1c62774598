"""Protocol 5: a print under attack by four clients, and by the config files that they reload.

First, a session without Lumen prints the same job, and receives the same bytes at Klipper's own
endpoints. This shows what they cost without Lumen. The attack uses only what Lumen is responsible
for: no emergency stop, and nothing huge for Klipper's G-code parser.
"""

from __future__ import annotations

import base64
import random
import socket
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import hostile_rows, klippy_log, moonraker
from .attack import Attack, Tally
from .bad_files import BAD, ConfigFiles
from .criteria import Row, Table
from .environment import BenchError
from .hostile_rows import Found, Reference, memory_growth, reference_rows, rows, timing_rows
from .inputs import GROUPS, OPERATIONS
from .job import make_job
from .process import Usage
from .session import Plan, Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lab import Lab

# How long the job continues after the attack, for the last checks.
REST_MINUTES = 0.5
# The session without Lumen; it may be shorter.
CONTROL_MINUTES = 0.5
# A reload that hangs is given up after 10 s.
RELOAD_S = 30.0
CHECK_S = 10.0
SAMPLE_EVERY_S = 0.5
# klippy frees the data of a closed connection, and malloc returns the memory.
SETTLE_S = 1.0
# Memory may grow in the first parts of an attack.
WARM_UP, LONGEST_WARM_UP = 0.25, 0.6

# No group has the name of Klipper's own LEDs: SET_LED RED=nan for those shuts Klipper down, also
# without Lumen.
HARDWARE = """
[output_pin lamp]
pin: gpio24
pwm: True
cycle_time: 0.02

[neopixel wired]
pin: led:gpio40
chain_count: 30

[gcode_macro PARK]
gcode:
  LUMEN_STATE STATE=pasued
  LUMEN_SET GROUP=nosuch EFFECT=rainbow
  LUMEN_SET GROUP=left EFFECT=rainbw
  LUMEN_BRIGHTNESS VALUE=bright
  LUMEN_FLASH
"""

LUMEN = """
[lumen]

[lumen_strip case]
driver: memory
count: 150

[lumen_strip shelf]
driver: memory
count: 60

[lumen_strip net]
driver: ddp
host: 127.0.0.1
port: %d
count: 120

[lumen_strip chain]
driver: klipper
neopixel: wired
count: 30

[lumen_group left]
pixels: case 1-75
on_printing: pulse red
on_error: pulse red speed=2

[lumen_group right]
pixels: case 76-150
on_heating: thermal extruder ice lava 2.0
on_printing: rainbow

[lumen_group shelf]
pixels: shelf 60-1
on_printing: progress steel matrix 1.5

[lumen_group net]
pixels: net 1-120
on_printing: fire

[lumen_group chain]
pixels: chain 1-30
on_printing: kitt red

[lumen_group room]
driver: pwm
pin_name: lamp
on_printing: dim
"""

# A job with mistakes goes on.
MISTAKES = """LUMEN_SET GROUP=nosuch EFFECT=rainbow
LUMEN_SET GROUP=left EFFECT=rainbw COLOR=
LUMEN_SET
LUMEN_STATE STATE=pasued
LUMEN_BRIGHTNESS VALUE=7
LUMEN_RELOAD
LUMEN_RELOAD
PARK
M117 finishing"""

OLD_EFFECT, NEW_EFFECT = "pulse red\n", "pulse green\n"


@dataclass(frozen=True)
class Options:
    """The options of an attack."""

    minutes: float
    seed: int = 1
    # The bad config files to use.
    files: Sequence[str] = tuple(BAD)
    # Whether to run a session without Lumen first.
    has_control: bool = True


def run(lab: Lab, name: str, options: Options) -> Table:
    """Runs the protocol on one firmware; returns its table."""
    reference = _reference(lab, options) if options.has_control else None
    with ExitStack() as stack:
        found = attack(lab.session, stack, options)
    title = "hostile: %s, %g min, seed %d" % (name, options.minutes, options.seed)
    return Table(title, [*rows(found), *timing_rows(found), *reference_rows(found, reference)])


def attack(open_session: Callable[[Plan], Session], stack: ExitStack, options: Options) -> Found:
    """Runs one print under attack; the stack closes what it opens."""
    # A controller that ignores all packets: Linux drops what is not read.
    sink = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
    sink.bind(("127.0.0.1", 0))
    config = HARDWARE + LUMEN % sink.getsockname()[1]
    session = stack.enter_context(open_session(_plan(options.minutes, config)))
    path = session.folder / "printer.cfg"
    good = path.read_text()
    other = good.replace("on_printing: " + OLD_EFFECT, "on_printing: " + NEW_EFFECT)
    files = ConfigFiles(path, good, other, random.Random(options.seed), options.files)
    server = _moonraker(stack, session)
    begun = Attack(session.socket, options.seed, files, server)
    found = Found(options.minutes, begun.tally)
    try:
        _start_job(session, options.minutes, MISTAKES)
        _under_attack(session, begun, found)
        if _state(session) == "ready":
            found.checks = _last_checks(session, files)
        _end_job(session, found)
    except BenchError as error:
        found.checks.append(Row("the bench", str(error)[:60], "answers", is_kept=False))
    _read_log(session, found)
    return found


def _plan(minutes: float, config: str) -> Plan:
    return Plan(minutes + REST_MINUTES, config, led_mcu=True, heating=4.0)


def _moonraker(stack: ExitStack, session: Session) -> Optional[moonraker.Moonraker]:
    try:
        interpreter = moonraker.python()
    except BenchError:
        return None
    return stack.enter_context(moonraker.Moonraker(session, interpreter))


def _reference(lab: Lab, options: Options) -> Reference:
    minutes = options.minutes
    with lab.alone(_plan(minutes, HARDWARE)) as session:
        _start_job(session, minutes, MISTAKES)
        job = _wait_job(session, minutes)
        control = Found(min(minutes, CONTROL_MINUTES), Tally())
        _start_job(session, control.minutes, "M117 finishing")
        begun = Attack(session.socket, options.seed, is_control=True)
        control.tally = begun.tally
        _under_attack(session, begun, control)
        figures = {**control.lag, "rss_mib": memory_growth(control)}
        return Reference(job["print_duration"], figures, _state(session))


def _start_job(session: Session, minutes: float, mistakes: str) -> None:
    job = make_job(minutes + REST_MINUTES).replace("M117 finishing", mistakes)
    (session.folder / "gcodes" / "job.gcode").write_text(job)
    session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
    end = time.monotonic() + 120.0
    while not _job(session)["print_duration"] > 1.0:
        if time.monotonic() > end:
            raise BenchError("the job does not begin")
        time.sleep(0.1)


def _under_attack(session: Session, begun: Attack, found: Found) -> None:
    """Attacks for the minutes of the protocol, or until klippy has shut down."""
    log_start, console_start = session.log.stat().st_size, len(session.api.console)
    held_up = session.devices.counters()["clock_lost_ns"]
    session.api.call("kbench/lag", {"reset": 1})
    start, length_s = time.monotonic(), 60.0 * found.minutes
    with begun:
        _watch(session, found, lambda: _is_warm(begun, start, length_s))
        with begun.paused():
            found.rss_kib.append(_rss(session))
        _watch(session, found, lambda: time.monotonic() > start + length_s)
        with begun.paused():
            found.rss_kib.append(_rss(session))
    found.lag = session.api.call("kbench/lag")["lag"]
    found.log = klippy_log.volume(session.log, log_start)
    found.console_bytes = sum(len(line) for line in session.api.console[console_start:])
    found.held_up_ms = (session.devices.counters()["clock_lost_ns"] - held_up) / 1e6


def _is_warm(begun: Attack, start: float, length_s: float) -> bool:
    share = (time.monotonic() - start) / length_s
    return share > LONGEST_WARM_UP or (share > WARM_UP and begun.has_tried_all)


def _watch(session: Session, found: Found, is_over: Callable[[], bool]) -> None:
    """Samples Lumen's figures about the reactor until the end, or until klippy has shut down."""
    while not is_over() and _state(session) == "ready":
        _sample_holds(session, found)
        time.sleep(SAMPLE_EVERY_S)


def _sample_holds(session: Session, found: Found) -> None:
    try:
        status = session.api.call("lumen/status", timeout=RELOAD_S)
    except BenchError:
        # There is no Lumen, or it does not answer; the checks report that.
        return
    # It covers all calls since klippy was ready, so the last answer covers the whole attack.
    for name in hostile_rows.HOLDS:
        value = status["performance"].get(name)
        if value is not None:
            found.holds[name] = value


def _rss(session: Session) -> int:
    time.sleep(SETTLE_S)
    return Usage.of(session.klippy_pid).rss_kib


def _state(session: Session) -> str:
    return str(session.api.call("info")["state"])


def _job(session: Session) -> dict[str, Any]:
    job: dict[str, Any] = session.query("print_stats")["print_stats"]
    return job


def _wait_job(session: Session, minutes: float) -> dict[str, Any]:
    end = time.monotonic() + 120.0 * (minutes + REST_MINUTES) + 60.0
    while _job(session)["state"] == "printing" and time.monotonic() < end:
        if _state(session) != "ready":
            break
        time.sleep(SAMPLE_EVERY_S)
    return _job(session)


def _end_job(session: Session, found: Found) -> None:
    """Waits for the end of the job; returns its state."""
    job = _wait_job(session, found.minutes)
    _sample_holds(session, found)
    found.job = " ".join(filter(None, (job["state"], job["message"])))
    found.job_s = job["print_duration"]
    info = session.api.call("info")
    found.klippy = info["state"]
    if info["state"] != "ready":
        found.klippy += ": " + info["state_message"].split("\n")[0]
        return
    shows = _eventually(lambda: _lumen(session)["state"] == job["state"])
    found.checks.append(_check("Lumen shows the end of the job", shows))


def _read_log(session: Session, found: Found) -> None:
    stats = klippy_log.stats(session.log)
    for name in ("mcu.bytes_retransmit", "led.bytes_retransmit"):
        column = [values[name] for _, values in stats if name in values]
        found.retransmitted[name.partition(".")[0]] = column[-1] - column[0] if column else 0.0
    found.alarms = klippy_log.alarms(session.log)


def _lumen(session: Session) -> dict[str, Any]:
    lumen: dict[str, Any] = session.query("lumen")["lumen"]
    return lumen


def _last_checks(session: Session, files: ConfigFiles) -> list[Row]:
    """Checks that Lumen still answers while the job prints."""
    files.put("other good")
    checks = [_check("a good reload works", _eventually(lambda: _reload(session), RELOAD_S))]
    for script in _undo():
        _try(session, script)
    shows_file = _eventually(lambda: "green" in _effect(session, "left"))
    checks += [
        _check("the file that was read last shows", shows_file),
        _check("the state is right", _eventually(lambda: _lumen(session)["state"] == "printing")),
        _check("frames are drawn", _eventually(lambda: float(_lumen(session)["fps"]) > 0.0)),
    ]
    _try(session, "LUMEN_SET GROUP=left EFFECT=solid COLOR=ff0000 FADE=0")
    red = bytes((255, 0, 0, 0)) * 75
    checks.append(_check("LUMEN_SET shows", _eventually(lambda: _frame(session)[:300] == red)))
    _try(session, "LUMEN_CLEAR")
    return checks


def _undo() -> list[str]:
    """Undoes the effects of valid commands of the attack."""
    groups = ["LUMEN_BRIGHTNESS VALUE=1 FADE=0 GROUP=" + group for group in GROUPS]
    operations = ["LUMEN_%s_END" % operation.upper() for operation in OPERATIONS]
    whole = ["LUMEN_TEST_STOP", "LUMEN_CLEAR", "LUMEN_ON", "LUMEN_BRIGHTNESS VALUE=1 FADE=0"]
    return [*operations, *groups, *whole]


def _try(session: Session, script: str) -> None:
    try:
        session.gcode(script, RELOAD_S)
    except BenchError:
        # The next check reports what this did not undo.
        return


def _reload(session: Session) -> bool:
    try:
        session.api.call("lumen/reload", timeout=RELOAD_S)
    except BenchError:
        return False
    return True


def _effect(session: Session, group: str) -> str:
    name = "lumen_group " + group
    return str(session.query(name).get(name, {}).get("effect"))


def _frame(session: Session) -> bytes:
    try:
        answer = session.api.call("lumen/preview", {"strip": "case"})
    except BenchError:
        return b""
    return base64.b64decode(answer["rgbw"])


def _eventually(test: Callable[[], bool], limit_s: float = CHECK_S) -> bool:
    end = time.monotonic() + limit_s
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _check(name: str, is_so: bool) -> Row:
    return Row(name, "yes" if is_so else "no", "yes", is_so)
