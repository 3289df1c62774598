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
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import KlipperLights

from .guard import Guard, should_catch
from .led_objects import default_bytes_per_s, find_adapters, name_of
from .mcu_leds import Adapter, NotSentError, UnsupportedObjectError

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.klipper_api import Printer, Reactor

    from .log import Notices

# How often the health of the strips is checked.
POLL_S = 1.0


class Part:
    """An object that shows a part of a strip, by the engine's number of it."""

    def __init__(self, number: int, adapter: Adapter) -> None:
        self.number, self.adapter = number, adapter
        # When a failed update is tried again.
        self.retry_at = 0.0


class Link:
    """One MCU with all parts on it, and one timer."""

    def __init__(
        self, reactor: Reactor, guard: Guard, lights: KlipperLights, mcu: Any, bytes_per_s: float
    ) -> None:
        self._reactor = reactor
        self._guard = guard
        self._lights = lights
        self.mcu = mcu
        self.number = lights.add_mcu(name_of(mcu), bytes_per_s)
        self.parts: list[Part] = []
        # How long the last update took, for a profile.
        self._took_s: Optional[float] = None
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

    def _tick(self, _: float) -> float:
        if self._timer is None:
            return self._reactor.NEVER
        # Not the time that the reactor passes, which excludes the time that earlier timers of the
        # same round took.
        now = self._reactor.monotonic()
        # A non-critical MCU of Kalico may be disconnected.
        is_gone = bool(getattr(self.mcu, "non_critical_disconnected", False))
        conditions = [self._condition(part, now) for part in self.parts]
        took_s, self._took_s = self._took_s, None
        update, wake_at = self._lights.take(self.number, now, is_gone, took_s, conditions)
        if update is None:
            return min(wake_at, self._reactor.NEVER)
        number, colors, pieces, print_time = update
        part = next(part for part in self.parts if part.number == number)
        try:
            start = time.perf_counter()
            part.adapter.show(colors, pieces, print_time)
            self._took_s = time.perf_counter() - start
        except BaseException as error:
            if not should_catch(error):
                raise
            self._note_fault(part, now, error)
            return now
        return min(wake_at, self._reactor.NEVER)

    def _condition(self, part: Part, now: float) -> tuple[bool, Optional[tuple[float, float]]]:
        """Returns whether a part is busy, and the clock of a pin."""
        fault = part.adapter.take_fault()
        if fault is not None:
            self._note_fault(part, now, fault)
        if now < part.retry_at:
            return part.adapter.is_busy(), None
        try:
            clock = part.adapter.pin_clock()
            return clock is None and part.adapter.is_busy(), clock
        except BaseException as error:
            if not should_catch(error):
                raise
            # Continue with the other parts.
            self._note_fault(part, now, error)
            return False, None

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
        # Check the health, and whether the reactor is late for writes of pins.
        self._timers: list[Any] = []
        self._is_shut_down = False
        self._on_report = on_report
        guard.on(printer, "homing:homing_move_begin", lambda *_: self._lights.set_quiet(True))
        guard.on(printer, "homing:homing_move_end", lambda *_: self._lights.set_quiet(False))
        guard.on(printer, "gcode:command_error", lambda *_: self._lights.set_quiet(False))
        guard.on(printer, "klippy:shutdown", self._shut_down)

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
            strip = self._lights.add_strip(slot, name, label, strip_info["drawn"])
            self._strips.append((strip, slot.fd, "strip " + label))
            try:
                for adapter in find_adapters(self._printer, strip_info):
                    self._add_part(strip, adapter)
            except UnsupportedObjectError as problem:
                warning = self._lights.set_unsupported(strip, str(problem))
                self._notices.warn(warning, "strip " + label)

    def _add_part(self, strip: int, adapter: Adapter) -> None:
        link = self._link_of(adapter.mcu)
        number = self._lights.add_part(
            strip,
            link.number,
            adapter.name,
            adapter.kind,
            adapter.count,
            adapter.color_map,
            adapter.takes_pieces,
            adapter.gain,
        )
        part = Part(number, adapter)
        link.parts.append(part)
        self._parts.append(part)

    @property
    def state(self) -> KlipperLights:
        """The engine's part, with its rates, counts, times and chains."""
        return self._lights

    def check(self, host_strips: list[dict[str, Any]]) -> None:
        """Raises config_error as ``connect`` does, for the strips of an inactive config."""
        for strip_info in host_strips:
            with suppress(UnsupportedObjectError):
                # Such a strip stays dark; ``connect`` warns about it.
                find_adapters(self._printer, strip_info)

    def start_updates(self) -> None:
        """Starts the updates after klippy is ready."""
        self._lights.start(self._reactor.monotonic())
        for strip, fd, label in self._strips:
            wake = self._guard.entry(
                "frames of " + label, partial(self._wake, strip), partial(self._unregister, strip)
            )
            self._handlers[strip] = self._reactor.register_fd(fd, wake)
            # The descriptor does not signal a frame that was already waiting before a reload.
            self._wake(strip)
        if self._strips:
            self._restart_timers()

    def _restart_timers(self) -> None:
        self._stop_timers()
        for what, tick in (
            ("health of LEDs", self._poll_health),
            ("lateness", self._check_lateness),
        ):
            entry = self._guard.entry(what, tick, self._later)
            self._timers.append(self._reactor.register_timer(entry, self._reactor.NOW))

    def _stop_timers(self) -> None:
        timers, self._timers = self._timers, []
        for timer in timers:
            self._reactor.unregister_timer(timer)

    def stop(self) -> None:
        """Releases the engine, whose descriptors close with it."""
        self.pause()
        self._before = (None, [])
        self._engine = None

    def pause(self) -> None:
        """Stops updates until ``resume``: descriptors may close meanwhile."""
        self._stop_updates()
        self._stop_timers()
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
            self._clear(KlipperLights(self._lights))
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
        released = self._lights.release(self._reactor.monotonic(), lights)
        for name, _, number in released:
            links[name].parts.append(Part(number, adapters[name]))
            links[name].wake()
        if released:
            # Also for pins, if the new config has none.
            self._restart_timers()

    def _link_of(self, mcu: Any) -> Link:
        for link in self._links:
            if link.mcu is mcu:
                return link
        limit = self._engine.offer()["mcu_bytes_per_second"] if self._engine is not None else None
        bytes_per_s = limit or default_bytes_per_s(self._printer, mcu)
        link = Link(self._reactor, self._guard, self._lights, mcu, bytes_per_s)
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
        self._lights.stop()
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

    def _check_lateness(self, _: float) -> float:
        """Lets the engine know how late the reactor is, while there are pins."""
        return min(self._lights.check_lateness(self._reactor.monotonic()), self._reactor.NEVER)

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
