"""Puts the helper for PWM and PCM pins on a computer, and takes it away again.

Everything that root will run or obey is root's own: the environment is made from the system's
Python and a copy of this package, never from klippy's, which its user can write. The user's config
is read once, as data and with the user's own rights.
"""

from .plan import Step, plan_install, plan_uninstall
from .site import CONFIG, ENVIRONMENT, SERVICE, SOCKET, UNIT, HelperError, Site
from .source import Source

__all__ = [
    "CONFIG",
    "ENVIRONMENT",
    "SERVICE",
    "SOCKET",
    "UNIT",
    "HelperError",
    "Site",
    "Source",
    "Step",
    "plan_install",
    "plan_uninstall",
]
