"""The parts of Klipper's API that Lumen uses, and nothing else.

This is the compatibility list: Klipper and Kalico must provide these attributes with these
signatures. They are never imported at run time; Klipper passes its objects in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# A G-code handler in Klipper's table.
Handler = Callable[["GCodeCommand"], object]
# The return value of get_status().
Status = dict[str, Any]


class Reactor(Protocol):
    """The event loop. It has one thread, and callbacks must not block."""

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
    """The root of all printer objects; each RESTART creates a new one."""

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
    """A section of the config file; valid only while the config is loaded."""

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
    """A command with its parameters; names are in upper case."""

    @property
    def error(self) -> type[Exception]: ...

    def get_command_parameters(self) -> dict[str, str]: ...


class GCode(Protocol):
    """The dispatcher of commands."""

    # Handlers that also work while Klipper is not ready, by name.
    base_gcode_handlers: dict[str, Handler]
    # Handlers that work while Klipper is ready.
    ready_gcode_handlers: dict[str, Handler]
    # Commands that several objects share: the parameter with the object's name, and its handlers.
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
    """A request to an endpoint."""

    @property
    def params(self) -> dict[str, Any]: ...

    @property
    def error(self) -> type[Exception]: ...

    def send(self, data: dict[str, Any]) -> None: ...


class WebHooks(Protocol):
    """Klipper's endpoints."""

    def register_endpoint(self, path: str, callback: Callable[[WebRequest], object]) -> None: ...


class Mutex(Protocol):
    """A lock for greenlets of the reactor."""

    def test(self) -> bool: ...


class ConfigFile(Protocol):
    """Receives the warnings that web interfaces show."""

    def runtime_warning(self, msg: str) -> None: ...


class Pins(Protocol):
    """The registry of pins and chips."""

    @property
    def error(self) -> type[Exception]: ...

    def register_chip(self, chip_name: str, chip: object) -> None: ...


class HomingMove(Protocol):
    """The argument of homing:homing_move_begin and _end, with its (endstop, name) pairs."""

    endstops: list[tuple[object, str]]
