"""Lights that Klipper drives: LEDs on an MCU and lamps.

The engine leaves the newest frame of each such strip in a slot, and a descriptor that says so; a
link per MCU takes it from there when the MCU has room. No G-code, no toolhead, no idle timeout. An
object that does not fit costs its strip the light, with one warning, and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Literal, NamedTuple, Optional

from .guard import Guard
from .klipper import Printer, Reactor
from .led_adapter import UnsupportedObjectError
from .mcu_link import McuLink, StripPart
from .profile import UpdateTiming
from .schedule import Lateness, PinSchedule
from .strips import Rate, Strip, blanking_parts, find_adapters

if TYPE_CHECKING:
    from klipper_lumen import Engine, Prepared

    from .notices import Notices

# How often is looked how strips fare.
POLL_S = 1.0
# A fault makes a strip degraded for so long.
DEGRADED_S = 60.0


class Health(NamedTuple):
    """How a strip fares, as the engine takes it."""

    state: Literal["ok", "degraded", "dark"]
    problem: Optional[str] = None
    remedy: Optional[str] = None
    # What a warning tells of it, always in the same words; None for the problem itself.
    constant: Optional[str] = None


OK = Health("ok")
SHUT_DOWN = Health(
    "dark",
    "Klipper is shut down and sends its MCUs nothing; the LEDs keep what they show",
    "FIRMWARE_RESTART when the cause is mended",
)


class Lights:
    """All strips that klippy drives, from klippy:connect to klippy:disconnect."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        notices: Notices,
        bytes_per_s: Optional[float],
    ) -> None:
        """``bytes_per_s`` is what the config allows each MCU; None derives it from the link."""
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._notices = notices
        self._bytes_per_s = bytes_per_s
        self._engine: Optional[Engine] = None
        self._strips: list[Strip] = []
        self._links: list[McuLink] = []
        # Of pins, by the name of the object: a write may be pending over a reload.
        self._schedules: dict[str, PinSchedule] = {}
        self._lateness = Lateness(self._reactor, guard)
        # What was lit before a reload.
        self._lit_parts: list[StripPart] = []
        self._timer: Any = None
        self._is_shut_down = False
        # Told when a strip fares otherwise.
        self.on_report: Callable[[], None] = lambda: None
        self._last_reported: dict[str, tuple[Health, int]] = {}
        on, entry = printer.register_event_handler, guard.entry
        for event, is_quiet in (
            ("homing:homing_move_begin", True),
            ("homing:homing_move_end", False),
            ("gcode:command_error", False),
        ):
            on(
                event,
                entry(
                    "homing", lambda *_, is_quiet=is_quiet: self._set_quiet(is_quiet), lambda: None
                ),
            )
        on("klippy:shutdown", entry("LEDs at shutdown", self._shut_down, lambda: None))

    def start(self, engine: Engine) -> None:
        """Belongs to this engine; nothing is lit before ``connect`` and ``light``."""
        self._engine = engine

    def connect(self) -> None:
        """Finds the objects of all strips; raises config_error for those that do not exist."""
        if self._engine is None:
            return
        for strip_info in self._engine.host_strips():
            name = strip_info["name"]
            strip = Strip(self._engine, name, strip_info["label"])
            self._strips.append(strip)
            try:
                for first, adapter in find_adapters(self._printer, strip_info):
                    if adapter.schedule is not None:
                        kept = self._schedules.setdefault(adapter.name, adapter.schedule)
                        adapter.schedule = kept
                    part = StripPart(adapter, strip.fetcher(first, adapter.count))
                    strip.parts.append(part)
            except UnsupportedObjectError as problem:
                strip.unsupported = str(problem)
                text = "lumen: %s: %s; the strip stays dark, the rest goes on"
                self._notices.warn(text % (strip.label, problem), strip.label)

    def chains(self) -> dict[str, list[tuple[str, int, int]]]:
        """For each LED object the strips on it: name, first pixel there and number of LEDs."""
        chains: dict[str, list[tuple[str, int, int]]] = {}
        for strip in self._strips:
            first = 0
            for part in strip.parts:
                adapter = part.adapter
                chains.setdefault(adapter.name, []).append((strip.name, first, adapter.count))
                first += adapter.count
        return chains

    def check(self, prepared: Prepared) -> None:
        """Raises config_error, as ``connect`` will, for a config that does not run yet."""
        for strip_info in prepared.host_strips():
            with suppress(UnsupportedObjectError):
                # That costs one strip its light; a warning follows once it runs.
                find_adapters(self._printer, strip_info)

    def start_updates(self) -> None:
        """Lights them; klippy is ready."""
        for strip in self._strips:
            self._guard.call("strip '%s'" % strip.name, self._start_strip, strip, default=None)
        if any(part.adapter.schedule is not None for part in self._parts()):
            self._lateness.start()
        if self._strips:
            poll = self._guard.entry("health of LEDs", self._poll_health, self._later)
            self._timer = self._reactor.register_timer(poll, self._reactor.NOW)

    def stop(self) -> None:
        """Lets go of the engine, whose descriptors die with it."""
        self.pause()
        self._lit_parts = []
        self._engine = None

    def pause(self) -> None:
        """Listens to no strip until ``resume``: descriptors may die meanwhile."""
        self._lateness.stop()
        for link in self._links:
            link.stop()
        for strip in self._strips:
            self._unregister(strip)
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        self._lit_parts = self._parts()
        for strip in self._strips:
            # What is wrong yet will be found again.
            self._notices.clear_warnings(strip.label)
        self._strips, self._links = [], []

    def resume(self, bytes_per_s: Optional[float]) -> None:
        """Lights what the engine's config says now; raises config_error as ``connect``."""
        self._bytes_per_s = bytes_per_s
        self._last_reported = {}
        try:
            self.connect()
        except self._printer.config_error:
            # Nothing of it was lit; another config may follow.
            self._strips = []
            raise
        if self._is_shut_down:
            self._poll_health(self._reactor.monotonic())
            return
        self.start_updates()
        self._guard.call("LEDs that were let go", self._blank_released, default=None)

    def _blank_released(self) -> None:
        """Lets nothing shine that the config has taken away."""
        for part in blanking_parts(self._lit_parts, self._parts()):
            if part.adapter.schedule is not None:
                self._lateness.start()
            # The last update may have come a moment ago.
            part.next_at = self._reactor.monotonic() + part.adapter.period_s
            link = self._link_of(part.adapter.mcu)
            link.parts.append(part)
            link.wake()

    def _parts(self) -> list[StripPart]:
        return [part for strip in self._strips for part in strip.parts]

    def wire_bytes(self) -> dict[str, float]:
        """What was sent to each MCU since the strips were found, in bytes."""
        return {link.name: sum(part.wire_bytes for part in link.parts) for link in self._links}

    def measure(self, until: float) -> dict[str, list[UpdateTiming]]:
        """Takes the time of all updates until a moment, by strip."""
        timings: dict[str, list[UpdateTiming]] = {}
        for strip in self._strips:
            for part in strip.parts:
                part.timing = UpdateTiming(until)
                timings.setdefault(strip.name, []).append(part.timing)
        return timings

    def rates(self) -> dict[str, Rate]:
        """What each strip gets of late."""
        return {strip.name: strip.rate for strip in self._strips}

    def _start_strip(self, strip: Strip) -> None:
        for part in strip.parts:
            link = self._link_of(part.adapter.mcu)
            link.parts.append(part)
            part.next_at = self._reactor.monotonic() + part.adapter.settle_s
            if link not in strip.links:
                strip.links.append(link)
        if strip.parts:
            what = "frames of strip '%s'" % strip.name
            wake = self._guard.entry(what, lambda _: strip.wake(), lambda: self._unregister(strip))
            strip.handler = self._reactor.register_fd(strip.fd, wake)
            # The descriptor is silent while a frame waits that a reload kept from being taken.
            strip.wake()

    def _unregister(self, strip: Strip) -> None:
        """Listens to a strip no more; a descriptor that nobody reads would spin the reactor."""
        handler, strip.handler = strip.handler, None
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def _link_of(self, mcu: Any) -> McuLink:
        for link in self._links:
            if link.mcu is mcu:
                return link
        link = McuLink(self._printer, self._guard, mcu, self._bytes_per_s, self._lateness)
        self._links.append(link)
        return link

    def _set_quiet(self, is_quiet: bool) -> None:
        for link in self._links:
            link.is_quiet = is_quiet

    def _shut_down(self) -> None:
        self._is_shut_down = True
        self._lateness.stop()
        for link in self._links:
            link.stop()
        for strip in self._strips:
            self._unregister(strip)
        self._poll_health(self._reactor.monotonic())

    def _later(self) -> float:
        return self._reactor.monotonic() + POLL_S

    def _poll_health(self, now: float) -> float:
        if self._engine is None:
            return self._reactor.NEVER
        for strip in self._strips:
            strip.roll(now)
            reported = (self._health(strip, now), strip.frames())
            before = self._last_reported.get(strip.name)
            if reported == before:
                continue
            self._last_reported[strip.name] = reported
            health, frames = reported
            self._engine.report_host(
                strip.name, health.state, frames, health.problem, health.remedy
            )
            if before is None or before[0] != health:
                self.on_report()
            if before is not None and before[0] == health:
                continue
            if health.problem is not None:
                self._warn(strip, health)
            elif before is not None:
                self._notices.clear_warnings(strip.label)
        return now + POLL_S

    def _warn(self, strip: Strip, health: Health) -> None:
        if not self._is_shut_down and not strip.unsupported:
            problem = health.constant or health.problem
            text = "lumen: %s: %s (%s)" % (strip.label, problem, health.remedy)
            self._notices.warn(text, strip.label)

    def _health(self, strip: Strip, now: float) -> Health:
        if strip.unsupported:
            remedy = "update Klipper or klipper-lumen; the rest goes on"
            return Health("dark", strip.unsupported, remedy)
        if self._is_shut_down:
            return SHUT_DOWN
        for link in strip.links:
            if link.is_gone():
                problem = "MCU '%s' is not connected" % link.name
                return Health("dark", problem, "the strip goes on when it is back")
        for part in strip.parts:
            if part.is_stuck(now):
                problem = "[%s] does not take an update for seconds" % part.adapter.name
                return Health("dark", problem, "see klippy.log for its MCU")
        return self._faults(strip, now)

    def _faults(self, strip: Strip, now: float) -> Health:
        for part in strip.parts:
            if part.fault_at is None or now - part.fault_at > DEGRADED_S:
                continue
            problem = "[%s]: %s" % (part.adapter.name, part.fault)
            remedy = "it is tried again; see klippy.log"
            state: Literal["dark", "degraded"] = "dark" if part.faults_in_a_row else "degraded"
            return Health(state, problem, remedy, "[%s] refuses updates" % part.adapter.name)
        return OK
