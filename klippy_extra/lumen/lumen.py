"""The `[lumen]` printer object: connects Klipper's life cycle to the engine.

load_config starts the engine, so the lights also show a failed start. klippy:connect completes the
config with what is known about the printer. klippy:ready wraps commands and starts sampling.
klippy:disconnect stops everything; the same process may load the object again.
"""

from __future__ import annotations

import atexit
import json
import logging
import weakref
from functools import partial
from typing import Any, Callable, Optional

from klipper_lumen import ConfigError, Engine, RequestError, blank_objects, klipper_events
from klipper_lumen.klipper_api import Config, Printer

from . import config as settings
from . import led_objects
from .commands import Actions, Commands, Replies, Requests
from .doctor import Doctor
from .guard import Guard, should_catch
from .log import CONFIG, Console, Notices
from .mcu_output import Lights
from .neopixel_pin import PinChip
from .operations import Operations
from .printer_state import SampleTimer
from .reload import Outcome, Reloader, Steps
from .status import Changes, Facts, StatusReport, named_object
from .web_ui import Web

log = logging.getLogger(__name__)

# klippy:disconnect delays a RESTART; a driver that hangs longer is abandoned.
CLOSE_TIMEOUT_S = 0.5

# Delay after a reload before the strips are listed in klippy.log.
LOG_HEADER_DELAY_S = 1.0

# Maximum number of printer objects for groups and strips of one printer.
MAX_OBJECTS = 1000

EngineFactory = Callable[[str], Engine]


class Lumen:
    """The printer object of `[lumen]`; owns the engine."""

    def __init__(self, config: Config, make_engine: EngineFactory, version: str) -> None:
        self._printer: Printer = config.get_printer()
        self._reactor = self._printer.get_reactor()
        self._files = settings.Files(self._printer, config)
        # Lumen's sections as text, until klippy:connect.
        self._sections = sections = settings.collect(config)
        settings.check_macros(config, sections, self._files)
        printer, guard = self._printer, Guard(self._reactor.monotonic)
        self._guard = guard
        self._console = Console(printer, guard)
        replies = Replies(printer, guard, self._console)
        changes = Changes()
        self._notices = Notices(printer, guard, self._console, changes.add)
        self._sample_timer = SampleTimer(printer, guard, self._after_sample)
        self._operations = Operations(printer, guard, self._sample_timer.sample, self._notices.warn)
        self._lights = Lights(printer, guard, self._notices, changes.add)
        self._facts = Facts(version, guard, self._console, self._notices, self._lights)
        self._status_report = StatusReport(self._facts, changes, self._sample_timer.on_status_query)
        steps = Steps(self._check, self._pause, self._resume, self._adopt)
        self._reload = Reloader(printer, guard, self._notices.warn, replies.report, steps)
        update_wants = self._sample_timer.update_wants
        self._doctor = Doctor(printer, guard, replies.report)
        actions = Actions(
            update_wants,
            self._begin_reload,
            lambda: self._reload.last,
            lambda to_console: self._doctor.begin(self._files.is_kalico, to_console),
            lambda: self._doctor.last,
        )
        requests = Requests(printer, self._facts, actions)
        Commands(printer, guard, requests, replies)
        self._pin_chip = PinChip(printer, guard)
        self._web = Web(printer, guard, self._status_report, requests, replies, self._lights)
        self._parts = (
            self._status_report,
            requests,
            self._operations,
            self._notices,
            self._sample_timer,
            self._lights,
            self._pin_chip,
            replies,
        )
        # What is known about the printer, and about Klipper's own sections.
        self._printer_facts: Optional[str] = None
        self._known = self._files.known
        self._is_ready = False
        self._object_count = 0
        self._users: dict[str, list[str]] = {}
        self._engine: Optional[Engine] = None
        self._at_exit = _weak_callback(weakref.WeakMethod(self._close))
        self._register_events()
        self.stats = guard.entry("statistics", self._stats, lambda: (False, ""))
        self.get_status = guard.entry(
            "status of 'lumen'",
            self._status_report.lumen,
            lambda: blank_objects({"version": version})["lumen"],
        )
        for name in settings.group_names(sections):
            self._add_object("group", name)
        # Last, because nothing that follows may fail and leave a thread behind.
        self._start(make_engine, config)

    def _start(self, make_engine: EngineFactory, config: Config) -> None:
        try:
            engine = make_engine(settings.as_json(self._sections, self._known))
        except ConfigError as error:
            raise config.error("\n".join(self._files.lines(error.errors))) from None
        except BaseException as error:
            if not should_catch(error):
                raise
            self._guard.report("start of the engine", error)
            self._notices.warn("lumen: the engine did not start; the strips stay dark")
            return
        self._engine = engine
        atexit.register(self._at_exit)
        self._guard.call("strips", self._add_strip_objects, engine, default=None)
        self._guard.call("web interfaces", self._web.reserve_names, config, engine, default=None)
        for part in self._parts:
            self._guard.call("start", part.start, engine, default=None)

    def _add_strip_objects(self, engine: Engine) -> None:
        """Adds a printer object for each strip."""
        for name, _ in engine.strips():
            self._add_object("strip", name)

    def _add_object(self, noun: str, name: str) -> None:
        """Adds a printer object for a group or a strip."""
        full_name = "lumen_%s %s" % (noun, name)
        if self._printer.lookup_object(full_name, None) is not None:
            return
        # Klipper removes no object before a RESTART, and each reload may add new names.
        if self._object_count < MAX_OBJECTS:
            self._object_count += 1
            obj = named_object(self._status_report, self._guard, noun, name)
            self._printer.add_object(full_name, obj)

    def _register_events(self) -> None:
        on = partial(self._guard.on, self._printer)
        on("klippy:connect", self._connect, (self._printer.config_error,))
        on("klippy:ready", self._ready)
        on("klippy:disconnect", self._close)
        on("extruder:activate_extruder", self._sample_timer.follow_tool)
        posted, changes = klipper_events()
        for event, name in posted:
            on(event, self._event_handler(name))
        for event in changes:
            # The next sample is taken immediately.
            on(event, lambda *_: self._sample_timer.sample_soon())

    def _event_handler(self, name: str) -> Callable[..., None]:
        def post(*details: object) -> None:
            if self._engine is None:
                return
            self._sample_timer.sample_soon()
            if name == "command_error":
                # home_rails_end is not sent when homing fails.
                self._engine.end_move()
            # Kalico has no klippy:analyze_shutdown, but in both the message is in the state by now.
            texts = (self._printer.get_state_message()[0], *map(str, details))
            self._engine.event(name, " ".join(texts))

        return post

    def _connect(self) -> None:
        if self._engine is None:
            return
        self._printer_facts = self._guard.call(
            "facts", settings.facts_of, self._printer, default=None
        )
        no_leds: dict[str, list[str]] = {}
        leds = self._guard.call("channels", led_objects.channels, self._printer, default=no_leds)
        names = self._guard.call("objects", led_objects.names, self._printer, default=None)
        self._known = self._files.known_of(leds, names)
        try:
            warnings = self._engine.reload(
                settings.as_json(self._sections, self._known), self._printer_facts
            )
        except ConfigError as error:
            lines = self._files.lines(error.errors)
            raise self._printer.config_error("\n".join(lines)) from None
        for text in self._files.lines(warnings, with_notes=True):
            self._notices.warn(text, CONFIG)
        self._files.discard()
        self._sections = []
        self._lights.connect()
        self._guard.call("web interfaces", self._web.connect, default=None)
        self._set_log_header()

    def _set_log_header(self) -> None:
        """Adds the version and the strips to the head of every log file."""
        engine = self._engine
        if engine is None:
            return
        self._printer.set_rollover_info("lumen", engine.log_header(self._facts.version))

    def _ready(self) -> None:
        if self._engine is None:
            return
        self._is_ready = True
        self._engine.event("ready")
        # The duration of the start does not count as a call during a print.
        self._reactor.register_callback(lambda _: self._guard.holds.reset_totals())
        self._guard.call("LEDs on MCUs", self._lights.start_updates, default=None)
        wants = self._engine.wants()
        # Separate calls, so that a failure of one does not affect the others.
        self._guard.call("first sample", self._sample_timer.update_wants, wants, default=None)
        self._users = wants["states"]
        no_names: list[str] = []
        absent = self._guard.call(
            "wrapping", self._operations.wrap, wants["commands"], default=no_names
        )
        for text in self._engine.untracked_commands(absent):
            self._notices.warn(text)

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is None:
            return
        atexit.unregister(self._at_exit)
        self._guard.call("stop", self._reload.stop, default=None)
        self._guard.call("stop", self._doctor.stop, default=None)
        # The descriptors of the engine close with its last reference, and klippy collects cycles
        # rarely, so each part must release the engine.
        for part in self._parts:
            self._guard.call("stop", part.stop, default=None)
        engine.close(CLOSE_TIMEOUT_S)
        for notice in engine.notices():
            self._notices.log_notice(notice)

    def _begin_reload(self) -> None:
        if not self._is_ready:
            # Klipper's objects are not known yet, and `ready` starts the updates.
            raise RequestError("Klipper has not started yet")
        if self._engine is not None:
            known = json.dumps({**self._known, "sections": []})
            self._reload.begin(self._engine, known, self._printer_facts, self._files.is_kalico)

    def _check(self, host_strips: list[dict[str, Any]]) -> list[str]:
        """Returns the objects that a new config names and Klipper does not have."""
        try:
            self._lights.check(host_strips)
        except self._printer.config_error as error:
            return [str(error)]
        return []

    def _pause(self) -> None:
        """Stops sampling and LED updates before the engine switches to the new config."""
        self._sample_timer.pause()
        self._lights.pause()

    def _resume(self) -> None:
        """Starts sampling and LED updates with the engine's current config."""
        engine = self._engine
        if engine is None:
            return
        try:
            self._lights.resume()
            self._facts.resume_measurement(self._reactor.monotonic())
            self._sample_timer.update_wants(engine.wants())
        finally:
            self._sample_timer.resume()

    def _adopt(self, outcome: Outcome) -> Outcome:
        """Adds the objects of the new config; returns the outcome with warnings about what needs a
        RESTART.
        """
        engine = self._engine
        if engine is None or not outcome.is_committed:
            return outcome
        self._notices.clear_warnings(CONFIG)
        for text in outcome.warnings:
            self._notices.warn(text, CONFIG)
        warnings = list(outcome.warnings)
        users = self._users
        for name in engine.group_names():
            self._add_object("group", name)
        self._add_strip_objects(engine)
        self._notices.read_config()
        # The engine's status shows the new config after the first frame.
        when = self._reactor.monotonic() + LOG_HEADER_DELAY_S
        self._reactor.register_callback(
            self._guard.entry("reload", lambda _: self._set_log_header(), lambda: None), when
        )
        if engine.wants()["states"] != users:
            warnings.append("changes to the macro_... lists take effect after a RESTART")
        if not self._pin_chip.refresh():
            warnings.append("changes to [neopixel] sections take effect after a RESTART")
        return outcome._replace(warnings=warnings)

    def _after_sample(self, now: float) -> None:
        self._operations.poll(now)
        self._console.update(now)

    def _stats(self, eventtime: float) -> tuple[bool, str]:
        """Returns the statistics that Klipper logs once a second."""
        if self._engine is None:
            return False, ""
        return False, self._facts.statistics(self._engine, eventtime)


def _weak_callback(method: weakref.WeakMethod[Callable[[], None]]) -> Callable[[], None]:
    """Wraps a method so that it is called only while its object exists.

    If another plug-in fails in klippy:disconnect, ours is not called. klippy then drops the
    printer, and the engine must be freed with it, so an exit handler must not reference it.
    """

    def call() -> None:
        bound = method()
        if bound is not None:
            bound()

    return call
