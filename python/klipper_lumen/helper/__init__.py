"""Installs and uninstalls the helper for PWM and PCM pins.

Root owns everything that the helper runs or reads: its environment is created from the system's
Python and a copy of this package. The environment of klippy is never used, because its user can
write it. The user's config is read only as data, with the permissions of that user.
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
