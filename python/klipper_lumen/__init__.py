"""Lumen, an LED engine for Klipper printers: the public names."""

from ._engine import (
    ConfigError,
    Engine,
    LumenError,
    Notice,
    Reload,
    RequestError,
    __version__,
    blank,
    catalog,
    check,
    colors,
    effects,
    limits,
    nearest,
    number_meant,
    shown,
)

__all__ = [
    "ConfigError",
    "Engine",
    "LumenError",
    "Notice",
    "Reload",
    "RequestError",
    "__version__",
    "blank",
    "catalog",
    "check",
    "colors",
    "effects",
    "limits",
    "nearest",
    "number_meant",
    "shown",
]
