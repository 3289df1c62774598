"""Pillow, the only optional package: it writes GIFs and has a nicer font for pictures.

Everything else works without it, so nothing imports it before it is needed.
"""

from __future__ import annotations

import platform
import shlex
import sys
from typing import Any, Optional

MISSING = """a GIF needs Pillow. To install it, run:
  %(python)s -m pip install pillow
"""
# A wheel for another computer; any computer with internet can download it.
OFFLINE = """Without internet, run this on another computer and copy the folder 'pillow' here:
  python3 -m pip download --only-binary :all: --python-version %(version)s \
--platform manylinux_2_28_%(machine)s -d pillow pillow
Then run this here:
  %(python)s -m pip install --no-index --find-links pillow pillow
"""
PNG = "A PNG (--png) needs no other package"
BROKEN = """a GIF needs Pillow, which does not load here: %s
"""
# The processors for which the package index has wheels.
MACHINES = ("aarch64", "x86_64")


def load() -> Optional[tuple[Any, Any]]:
    """Returns Pillow's Image and ImageFont, or None if they do not load."""
    try:
        from PIL import Image, ImageFont
    except ImportError:
        return None
    return Image, ImageFont


def problem() -> str:
    """Returns why there is no GIF, and the command to run."""
    try:
        import PIL.Image  # noqa: F401
    except ModuleNotFoundError:
        pass
    except ImportError as error:
        # A library of the system is missing.
        return BROKEN % error + PNG
    values = {
        "python": shlex.quote(sys.executable),
        "version": "%d.%d" % sys.version_info[:2],
        "machine": platform.machine(),
    }
    has_wheel = values["machine"] in MACHINES and sys.maxsize > 2**32
    return MISSING % values + OFFLINE % values * has_wheel + PNG
