"""The `[lumen]` section of Klipper and Kalico.

The native module is imported only when the section is loaded, because Kalico imports every plug-in
at start, configured or not. A missing or incompatible package is a config error that says which
command to run, never an internal error.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.klipper_api import Config

    from .lumen import Lumen

# The version of klipper-lumen that these files belong to; a wheel contains both.
VERSION = "0.1.0"

MISSING = """[lumen]: the package klipper-lumen is missing or does not fit this Python ({error}).
In the folder with the wheel of that version, run:
  {python} -m pip install --no-index --find-links . klipper-lumen=={version}
then restart the klipper service"""
MISMATCH = """[lumen]: the package klipper-lumen is version {found}, the extra is version {version}.
In the folder with the wheel of that version, run:
  {python} -m pip install --no-index --find-links . klipper-lumen=={version}
then restart the klipper service; RESTART does not load a new version"""


def load_config(config: Config, make_engine: Optional[Callable[[str], Engine]] = None) -> Lumen:
    """Creates the printer object of `[lumen]`.

    ``make_engine`` replaces the engine, so that a simulator can control the clock.
    """
    try:
        import klipper_lumen
    except ImportError as error:
        raise config.error(_words(MISSING, error=str(error))) from None
    if klipper_lumen.__version__ != VERSION:
        raise config.error(_words(MISMATCH, found=klipper_lumen.__version__))
    from .lumen import Lumen

    return Lumen(config, make_engine or klipper_lumen.Engine, VERSION)


def _words(text: str, **more: str) -> str:
    return text.format(python=sys.executable, version=VERSION, **more)
