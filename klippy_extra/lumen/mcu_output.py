"""All strips that Klipper drives, LEDs on an MCU and lamps: starts, pauses and stops their updates.

The engine stores the newest frame of each strip in a slot and signals it with a descriptor. Its
`KlipperLights` decides which object gets which colors, and when; this module passes the time and
what Klipper's objects say, and reports faults. There is one timer per MCU. No G-code, toolhead or
idle timeout is involved. If an object is not supported, only its strip stays dark.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from klipper_lumen import KlipperLights

from .guard import Guard, should_catch
from .led_objects import default_bytes_per_s, find_adapters, name_of
from .mcu_leds import Adapter, NotSentError, UnsupportedObjectError
from .pin_schedule import Lateness, PinSchedules

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .klipper_api import Printer, Reactor
    from .log import Notices

# How often the health of the strips is checked.
POLL_S = 1.0


class Rate(NamedTuple):
    """The recent update rate of a strip."""

    rate_hz: float
    bytes_per_second: float


class UpdateTiming:
    """Measures how long updates block the reactor, until a given time."""

    def __init__(self, until: float) -> None:
        self._until = until
        self.times_us: list[float] = []

    def is_over(self, now: float) -> bool:
        """Returns whether the measurement is over."""
        return now >= self._until

    def measure(self, update: Callable[[], object]) -> None:
        """Calls and measures an update; failed updates do not count."""
        start = time.perf_counter()
        update()
        self.times_us.append((time.perf_counter() - start) * 1e6)


class Part:
    """An object with its place on a strip."""

    def __init__(self, strip: str, first: int, number: int, adapter: Adapter) -> None:
        """``number`` is the engine's number of the part."""
        self.strip, self.first, self.number, self.adapter = strip, first, number, adapter
        # When a failed update is tried again.
        self.retry_at = 0.0
        # Measures updates while a profile is requested.
        self.timing: Optional[UpdateTiming] = None

    def show(self, now: float, update: tuple[Any, ...]) -> None:
        """Sends an update of the engine."""
        if self.timing is not None and self.timing.is_over(now):
            self.timing = None
        if self.timing is None:
            self.adapter.show(*update)
        else:
            self.timing.measure(lambda: self.adapter.show(*update))


class Link:
    """One MCU with all parts on it, and one timer."""

    def __init__(
        self,
        reactor: Reactor,
        guard: Guard,
        lights: KlipperLights,
        lateness: Lateness,
        mcu: Any,
        bytes_per_s: float,
    ) -> None:
        self._reactor = reactor
        self._guard = guard
        self._lights = lights
        self._lateness = lateness
        self.mcu = mcu
        self.number = lights.add_mcu(name_of(mcu), bytes_per_s)
        self.parts: list[Part] = []
        tick = guard.entry("LEDs on '%s'" % name_of(mcu), self._tick, self._later)
        self._timer: Any = reactor.register_timer(tick, reactor.NEVER)

    def wake(self) -> None:
        """Checks soon whether there is something to show."""
        if self._timer is not None:
            self._reactor.update_timer(self._timer, self._reactor.NOW)

    def stop(self) -> None:
        """Stops all updates."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def _later(self) -> float:
        return self._reactor.monotonic() + 1.0

    def _tick(self, now: float) -> float:
        if self._timer is None:
            return self._reactor.NEVER
        # A non-critical MCU of Kalico may be disconnected.
        is_gone = bool(getattr(self.mcu, "non_critical_disconnected", False))
        conditions = [self._condition(part, now) for part in self.parts]
        update, wake_at = self._lights.take(self.number, now, is_gone, conditions)
        if update is None:
            return min(wake_at, self._reactor.NEVER)
        part = next(part for part in self.parts if part.number == update[0])
        try:
            part.show(now, update[1:])
        except BaseException as error:
            if not should_catch(error):
                raise
            self._note_fault(part, now, error)
            return now
        return min(wake_at, self._reactor.NEVER)

    def _condition(self, part: Part, now: float) -> tuple[bool, float]:
        """Returns whether a part is busy, and the earliest time of its next update."""
        fault = part.adapter.take_fault()
        if fault is not None:
            self._note_fault(part, now, fault)
        try:
            schedule = part.adapter.schedule
            if schedule is None or now < part.retry_at:
                return part.adapter.is_busy(), 0.0
            # By then a newer frame may be available, which is shown instead.
            return False, max(now + schedule.wait_s(), self._lateness.late_until())
        except BaseException as error:
            if not should_catch(error):
                raise
            # Continue with the other parts.
            self._note_fault(part, now, error)
            return False, 0.0

    def _note_fault(self, part: Part, now: float, error: BaseException) -> None:
        if isinstance(error, NotSentError):
            self._lights.invalidate(part.number)
            return
        problem = "%s: %s" % (type(error).__name__, error)
        part.retry_at = self._lights.failed(part.number, now, problem)
        self._guard.report("LEDs '%s'" % part.adapter.name, error)


class Lights:
    """All strips that Klipper drives, from klippy:connect to klippy:disconnect."""

    def __init__(
        self, printer: Printer, guard: Guard, notices: Notices, on_report: Callable[[], None]
    ) -> None:
        """``on_report`` is called when the health of a strip changes."""
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._notices = notices
        self._engine: Optional[Engine] = None
        self._lights = KlipperLights()
        self._links: list[Link] = []
        self._parts: list[Part] = []
        # Number, descriptor and name in messages of each strip; handlers by number.
        self._strips: list[tuple[int, int, str]] = []
        self._handlers: dict[int, Any] = {}
        # The lights before a reload, with their parts, whose LEDs may be released.
        self._before: tuple[Optional[KlipperLights], list[Part]] = (None, [])
        self._schedules = PinSchedules(printer)
        self._lateness = Lateness(self._reactor, guard)
        self._timer: Any = None
        self._is_shut_down = False
        self._on_report = on_report
        on, entry = printer.register_event_handler, guard.entry
        for event, is_quiet in (
            ("homing:homing_move_begin", True),
            ("homing:homing_move_end", False),
            ("gcode:command_error", False),
        ):
            on(
                event,
                entry(
                    "homing",
                    lambda *_, is_quiet=is_quiet: self._lights.set_quiet(is_quiet),
                    lambda: None,
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
        for strip_info in self._engine.host_strips():
            name, label = strip_info["name"], strip_info["label"]
            slot = self._engine.frame_slot(name)
            if slot is None:
                return
            strip = self._lights.add_strip(slot, name, label)
            self._strips.append((strip, slot.fd, "strip " + label))
            try:
                for first, adapter in find_adapters(self._printer, strip_info, self._schedules):
                    self._add_part(strip, name, first, adapter)
            except UnsupportedObjectError as problem:
                self._lights.set_unsupported(strip, str(problem))
                text = "lumen: strip %s: %s; the strip stays dark, other strips are not affected"
                self._notices.warn(text % (label, problem), "strip " + label)

    def _add_part(self, strip: int, name: str, first: int, adapter: Adapter) -> None:
        link = self._link_of(adapter.mcu)
        number = self._lights.add_part(
            strip,
            first,
            link.number,
            adapter.name,
            adapter.kind,
            adapter.count,
            adapter.owned,
            adapter.color_map,
            adapter.takes_pieces,
        )
        part = Part(name, first, number, adapter)
        link.parts.append(part)
        self._parts.append(part)

    def chains(self) -> dict[str, list[tuple[str, int, int]]]:
        """Returns the strips on each LED object: name, first pixel and number of LEDs."""
        chains: dict[str, list[tuple[str, int, int]]] = {}
        for part in self._parts:
            place = (part.strip, part.first, part.adapter.count)
            chains.setdefault(part.adapter.name, []).append(place)
        return chains

    def check(self, host_strips: list[dict[str, Any]]) -> None:
        """Raises config_error as ``connect`` does, for the strips of an inactive config."""
        for strip_info in host_strips:
            with suppress(UnsupportedObjectError):
                # Such a strip stays dark; ``connect`` warns about it.
                find_adapters(self._printer, strip_info, self._schedules)

    def start_updates(self) -> None:
        """Starts the updates after klippy is ready."""
        self._lights.start(self._reactor.monotonic())
        if any(part.adapter.schedule is not None for part in self._parts):
            self._lateness.start()
        for strip, fd, label in self._strips:
            wake = self._guard.entry(
                "frames of " + label, partial(self._wake, strip), partial(self._unregister, strip)
            )
            self._handlers[strip] = self._reactor.register_fd(fd, wake)
            # The descriptor does not signal a frame that was already waiting before a reload.
            self._wake(strip)
        if self._strips:
            poll = self._guard.entry("health of LEDs", self._poll_health, self._later)
            self._timer = self._reactor.register_timer(poll, self._reactor.NOW)

    def stop(self) -> None:
        """Releases the engine, whose descriptors close with it."""
        self.pause()
        self._before = (None, [])
        self._engine = None

    def pause(self) -> None:
        """Stops updates until ``resume``: descriptors may close meanwhile."""
        self._stop_updates()
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        for *_, label in self._strips:
            # Remaining problems are detected again.
            self._notices.clear_warnings(label)
        self._before = (self._lights, self._parts)
        self._clear(KlipperLights(self._lights))

    def _clear(self, lights: KlipperLights) -> None:
        self._lights = lights
        self._strips, self._links, self._parts = [], [], []

    def resume(self) -> None:
        """Starts updates with the engine's config; raises config_error as ``connect`` does."""
        try:
            self.connect()
        except self._printer.config_error:
            # Nothing was started yet; another config may follow.
            self._clear(KlipperLights())
            raise
        if self._is_shut_down:
            self._lights.shut_down()
            self._poll_health(self._reactor.monotonic())
            return
        self.start_updates()
        self._guard.call("released LEDs", self._blank_released, default=None)

    def _blank_released(self) -> None:
        """Turns off LEDs and lamps that the new config does not use."""
        lights, parts = self._before
        self._before = (None, [])
        if lights is None:
            return
        adapters = {part.adapter.name: part.adapter for part in parts}
        # The MCUs of all parts have links, so that the engine knows them.
        links = {name: self._link_of(adapter.mcu) for name, adapter in adapters.items()}
        for name, _, number in self._lights.release(self._reactor.monotonic(), lights):
            adapter = adapters[name]
            if adapter.schedule is not None:
                self._lateness.start()
            links[name].parts.append(Part("", 0, number, adapter))
            links[name].wake()

    def wire_bytes(self) -> dict[str, float]:
        """Returns the bytes sent to each MCU since the strips were set up."""
        return self._lights.wire_bytes()

    def measure(self, until: float) -> dict[str, list[UpdateTiming]]:
        """Measures all updates until a time; returns the measurements by strip."""
        timings: dict[str, list[UpdateTiming]] = {}
        for part in self._parts:
            part.timing = UpdateTiming(until)
            timings.setdefault(part.strip, []).append(part.timing)
        return timings

    def rates(self) -> dict[str, Rate]:
        """Returns the recent update rates of each strip."""
        return {name: Rate(*rate) for name, rate in self._lights.rates().items()}

    def _link_of(self, mcu: Any) -> Link:
        for link in self._links:
            if link.mcu is mcu:
                return link
        limit = self._engine.offer()["mcu_bytes_per_second"] if self._engine is not None else None
        bytes_per_s = limit or default_bytes_per_s(self._printer, mcu)
        link = Link(self._reactor, self._guard, self._lights, self._lateness, mcu, bytes_per_s)
        self._links.append(link)
        return link

    def _wake(self, strip: int, _: float = 0.0) -> None:
        """Takes the frame that a descriptor has signaled and wakes the links."""
        self._lights.wake(strip)
        for link in self._links:
            link.wake()

    def _shut_down(self) -> None:
        self._is_shut_down = True
        self._lights.shut_down()
        self._stop_updates()
        self._poll_health(self._reactor.monotonic())

    def _stop_updates(self) -> None:
        self._lateness.stop()
        for link in self._links:
            link.stop()
        for strip in list(self._handlers):
            self._unregister(strip)

    def _unregister(self, strip: int) -> None:
        """Stops listening to a strip: a descriptor that is not read would keep the reactor busy."""
        handler = self._handlers.pop(strip, None)
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def _later(self) -> float:
        return self._reactor.monotonic() + POLL_S

    def _poll_health(self, now: float) -> float:
        if self._engine is None:
            return self._reactor.NEVER
        busy = [part.adapter.is_busy() for part in self._parts]
        for label, warning, is_cleared in self._lights.poll(now, busy):
            self._on_report()
            if warning is not None:
                self._notices.warn(warning, label)
            elif is_cleared:
                self._notices.clear_warnings(label)
        return now + POLL_S
