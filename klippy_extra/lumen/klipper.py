"""What Lumen needs of Klipper: every attribute that the extra touches, and nothing else.

This is the compatibility list: Klipper and Kalico must offer what stands here, in these shapes.
Nothing of it is ever imported at run time; Klipper hands its objects over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# A G-code handler as the dispatcher keeps it.
Handler = Callable[["GCodeCommand"], object]
# What get_status() answers.
Status = dict[str, Any]


class Reactor(Protocol):
    """The event loop. One thread; code on it must not block."""

    NOW: float
    NEVER: float

    def monotonic(self) -> float: ...

    def register_timer(
        self, callback: Callable[[float], float], waketime: float = ...
    ) -> object: ...

    def register_callback(
        self, callback: Callable[[float], object], waketime: float = ...
    ) -> object: ...

    def pause(self, waketime: float) -> float: ...

    def update_timer(self, timer_handler: Any, waketime: float) -> None: ...

    def unregister_timer(self, timer_handler: Any) -> None: ...

    def register_fd(self, fd: int, read_callback: Callable[[float], object]) -> object: ...

    def unregister_fd(self, file_handler: Any) -> None: ...


class Printer(Protocol):
    """The root of the printer objects. A new one after every RESTART."""

    @property
    def config_error(self) -> type[Exception]: ...

    @property
    def command_error(self) -> type[Exception]: ...

    def get_reactor(self) -> Reactor: ...

    def get_start_args(self) -> dict[str, Any]: ...

    def get_state_message(self) -> tuple[str, str]: ...

    def register_event_handler(self, event: str, callback: Callable[..., object]) -> None: ...

    def lookup_object(self, name: str, default: Any = ...) -> Any: ...

    def lookup_objects(self, module: Optional[str] = None) -> list[tuple[str, Any]]: ...

    def add_object(self, name: str, obj: object) -> None: ...

    def set_rollover_info(self, name: str, info: str) -> None: ...


class Config(Protocol):
    """One section of the config file, valid only while the config is loaded."""

    @property
    def error(self) -> type[Exception]: ...

    def get_printer(self) -> Printer: ...

    def get_name(self) -> str: ...

    def get(self, option: str, default: str = ..., note_valid: bool = ...) -> str: ...

    def getint(self, option: str, default: int) -> int: ...

    def getlist(self, option: str, default: Sequence[str]) -> Sequence[str]: ...

    def getsection(self, section: str) -> Config: ...

    def has_section(self, section: str) -> bool: ...

    def get_prefix_sections(self, prefix: str) -> Sequence[Config]: ...

    def get_prefix_options(self, prefix: str) -> list[str]: ...


class GCodeCommand(Protocol):
    """One command with its parameters, names in upper case."""

    @property
    def error(self) -> type[Exception]: ...

    def get_command_parameters(self) -> dict[str, str]: ...


class GCode(Protocol):
    """The dispatcher of commands."""

    # The handlers that also work while Klipper is not ready, by name.
    base_gcode_handlers: dict[str, Handler]
    # Those that work while it is.
    ready_gcode_handlers: dict[str, Handler]
    # Commands that several objects share: the parameter that names the object, and its handlers.
    mux_commands: dict[str, tuple[str, dict[str, Handler]]]

    def register_command(
        self,
        cmd: str,
        func: Optional[Handler],
        when_not_ready: bool = ...,
        desc: Optional[str] = ...,
    ) -> Optional[Handler]: ...

    def register_mux_command(
        self, cmd: str, key: str, value: str, func: Handler, desc: Optional[str] = ...
    ) -> None: ...

    def run_script(self, script: str) -> None: ...

    def respond_info(self, msg: str, log: bool = ...) -> None: ...

    def get_mutex(self) -> Mutex: ...


class WebRequest(Protocol):
    """One request to an endpoint."""

    @property
    def params(self) -> dict[str, Any]: ...

    @property
    def error(self) -> type[Exception]: ...

    def send(self, data: dict[str, Any]) -> None: ...


class WebHooks(Protocol):
    """Klipper's endpoints."""

    def register_endpoint(self, path: str, callback: Callable[[WebRequest], object]) -> None: ...


class Mutex(Protocol):
    """A lock of the reactor's."""

    def test(self) -> bool: ...


class ConfigFile(Protocol):
    """Where warnings go that web interfaces show."""

    def runtime_warning(self, msg: str) -> None: ...


class Pins(Protocol):
    """Who has which pin."""

    @property
    def error(self) -> type[Exception]: ...

    def register_chip(self, chip_name: str, chip: object) -> None: ...


class HomingMove(Protocol):
    """What homing:homing_move_begin hands over: its (endstop, name) pairs."""

    endstops: list[tuple[object, str]]


class HasStatus(Protocol):
    """Any printer object that can be queried."""

    def get_status(self, eventtime: float) -> Status: ...
