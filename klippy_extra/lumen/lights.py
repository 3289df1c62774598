"""All strips that Klipper drives, LEDs on an MCU and lamps: starts, pauses and stops their updates.

The engine stores the newest frame of each strip in a slot and signals it with a descriptor. One
link per MCU takes the frame when the MCU has capacity. No G-code, toolhead or idle timeout is
involved. If an object is not supported, only its strip stays dark, with one warning.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Literal, NamedTuple, Optional

from .guard import Guard
from .klipper_api import Printer, Reactor
from .led_adapter import UnsupportedObjectError
from .mcu_link import McuLink, StripPart
from .pin_schedule import Lateness, PinSchedule
from .profile import UpdateTiming
from .strips import Rate, Strip, blanking_parts, find_adapters

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .notices import Notices

# How often the health of the strips is checked.
POLL_S = 1.0
# How long a strip is degraded after a fault.
DEGRADED_S = 60.0


class Health(NamedTuple):
    """The health of a strip, as reported to the engine."""

    state: Literal["ok", "degraded", "dark"]
    problem: Optional[str] = None
    remedy: Optional[str] = None
    # Text for the warning that does not change with each fault; None for ``problem``.
    constant: Optional[str] = None


OK = Health("ok")
SHUT_DOWN = Health(
    "dark",
    "Klipper is shut down and sends nothing to its MCUs; the LEDs keep their colors",
    "fix the cause, then run FIRMWARE_RESTART",
)


class Lights:
    """All strips that Klipper drives, from klippy:connect to klippy:disconnect."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        notices: Notices,
    ) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._notices = notices
        # The config's limit per MCU; None derives it from the connection.
        self._bytes_per_s: Optional[float] = None
        self._engine: Optional[Engine] = None
        self._strips: list[Strip] = []
        self._links: list[McuLink] = []
        # Schedules of pins by object name, kept during a reload because a write may be pending.
        self._schedules: dict[str, PinSchedule] = {}
        self._lateness = Lateness(self._reactor, guard)
        # The parts that were lit before a reload.
        self._lit_parts: list[StripPart] = []
        # Their counts of frames, by strip and object: an LED keeps its frame during a reload.
        self._frames: dict[tuple[str, str], int] = {}
        self._timer: Any = None
        self._is_shut_down = False
        # Called when the health of a strip changes.
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
        """Uses this engine; updates start after ``connect`` and ``start_updates``."""
        self._engine = engine

    def connect(self) -> None:
        """Looks up the objects of all strips; raises config_error if one does not exist."""
        if self._engine is None:
            return
        self._bytes_per_s = self._engine.offer()["mcu_bytes_per_second"]
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
                    part.frames = self._frames.get((name, adapter.name), 0)
                    strip.parts.append(part)
            except UnsupportedObjectError as problem:
                strip.unsupported = str(problem)
                text = "lumen: %s: %s; the strip stays dark, other strips are not affected"
                self._notices.warn(text % (strip.label, problem), strip.label)

    def chains(self) -> dict[str, list[tuple[str, int, int]]]:
        """Returns the strips on each LED object: name, first pixel and number of LEDs."""
        chains: dict[str, list[tuple[str, int, int]]] = {}
        for strip in self._strips:
            first = 0
            for part in strip.parts:
                adapter = part.adapter
                chains.setdefault(adapter.name, []).append((strip.name, first, adapter.count))
                first += adapter.count
        return chains

    def check(self, host_strips: list[dict[str, Any]]) -> None:
        """Raises config_error as ``connect`` does, for the strips of an inactive config."""
        for strip_info in host_strips:
            with suppress(UnsupportedObjectError):
                # Such a strip stays dark; ``connect`` warns about it.
                find_adapters(self._printer, strip_info)

    def start_updates(self) -> None:
        """Starts the updates after klippy is ready."""
        for strip in self._strips:
            self._guard.call("strip '%s'" % strip.name, self._start_strip, strip, default=None)
        if any(part.adapter.schedule is not None for part in self._parts()):
            self._lateness.start()
        if self._strips:
            poll = self._guard.entry("health of LEDs", self._poll_health, self._later)
            self._timer = self._reactor.register_timer(poll, self._reactor.NOW)

    def stop(self) -> None:
        """Releases the engine, whose descriptors close with it."""
        self.pause()
        self._lit_parts = []
        self._engine = None

    def pause(self) -> None:
        """Stops updates until ``resume``: descriptors may close meanwhile."""
        self._lateness.stop()
        for link in self._links:
            link.stop()
        for strip in self._strips:
            self._unregister(strip)
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        self._lit_parts = self._parts()
        self._frames = {
            (strip.name, part.adapter.name): part.frames
            for strip in self._strips
            for part in strip.parts
        }
        for strip in self._strips:
            # Remaining problems are detected again.
            self._notices.clear_warnings(strip.label)
        self._strips, self._links = [], []

    def resume(self) -> None:
        """Starts updates with the engine's config; raises config_error as ``connect`` does."""
        self._last_reported = {}
        try:
            self.connect()
        except self._printer.config_error:
            # Nothing was started yet; another config may follow.
            self._strips = []
            raise
        if self._is_shut_down:
            self._poll_health(self._reactor.monotonic())
            return
        self.start_updates()
        self._guard.call("released LEDs", self._blank_released, default=None)

    def _blank_released(self) -> None:
        """Turns off LEDs and lamps that the new config does not use."""
        for part in blanking_parts(self._lit_parts, self._parts()):
            if part.adapter.schedule is not None:
                self._lateness.start()
            # The last update may be recent.
            part.next_at = self._reactor.monotonic() + part.adapter.period_s
            link = self._link_of(part.adapter.mcu)
            link.parts.append(part)
            link.wake()

    def _parts(self) -> list[StripPart]:
        return [part for strip in self._strips for part in strip.parts]

    def wire_bytes(self) -> dict[str, float]:
        """Returns the bytes sent to each MCU since the strips were set up."""
        return {link.name: sum(part.wire_bytes for part in link.parts) for link in self._links}

    def measure(self, until: float) -> dict[str, list[UpdateTiming]]:
        """Measures all updates until a time; returns the measurements by strip."""
        timings: dict[str, list[UpdateTiming]] = {}
        for strip in self._strips:
            for part in strip.parts:
                part.timing = UpdateTiming(until)
                timings.setdefault(strip.name, []).append(part.timing)
        return timings

    def rates(self) -> dict[str, Rate]:
        """Returns the recent update rates of each strip."""
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
            # The descriptor does not signal a frame that was already waiting before a reload.
            strip.wake()

    def _unregister(self, strip: Strip) -> None:
        """Stops listening to a strip: a descriptor that is not read would keep the reactor busy."""
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
            remedy = "update Klipper or klipper-lumen; other strips are not affected"
            return Health("dark", strip.unsupported, remedy)
        if self._is_shut_down:
            return SHUT_DOWN
        for link in strip.links:
            if link.is_gone():
                problem = "MCU '%s' is not connected" % link.name
                return Health("dark", problem, "the strip resumes when it reconnects")
        for part in strip.parts:
            if part.is_stuck(now):
                problem = (
                    "[%s] has not finished an update for more than 2 seconds" % part.adapter.name
                )
                return Health("dark", problem, "check its MCU in klippy.log")
        return self._faults(strip, now)

    def _faults(self, strip: Strip, now: float) -> Health:
        for part in strip.parts:
            if part.fault_at is None or now - part.fault_at > DEGRADED_S:
                continue
            problem = "[%s]: %s" % (part.adapter.name, part.fault)
            remedy = "Lumen keeps retrying; see klippy.log"
            state: Literal["dark", "degraded"] = "dark" if part.faults_in_a_row else "degraded"
            return Health(state, problem, remedy, "[%s] refuses updates" % part.adapter.name)
        return OK
