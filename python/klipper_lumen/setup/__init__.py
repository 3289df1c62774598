"""`klipper-lumen setup`: installs Lumen for all printers of a home folder, and removes it."""

from .command import add_arguments, run

__all__ = ["add_arguments", "run"]
