"""Installs and uninstalls the helper for PWM and PCM pins.

Root owns everything that the helper runs or reads: its environment is created from the system's
Python and a copy of this package. The environment of klippy is never used, because its user can
write it. The user's config is read only as data, with the permissions of that user.
"""

from .install_steps import Step, plan_install, plan_uninstall
from .source import Source
from .target_system import CONFIG, ENVIRONMENT, SERVICE, SOCKET, UNIT, HelperError, TargetSystem

__all__ = [
    "CONFIG",
    "ENVIRONMENT",
    "SERVICE",
    "SOCKET",
    "UNIT",
    "HelperError",
    "Source",
    "Step",
    "TargetSystem",
    "plan_install",
    "plan_uninstall",
]
