"""A simulated klippy that runs Lumen's extra unchanged, for the demo and the tests."""

from .hardware import Hardware
from .printer import Printer
from .scripted_job import QUICK, Step, play, print_lines, until, until_state, whole_job
from .thermal import Warmth

__all__ = [
    "QUICK",
    "Hardware",
    "Printer",
    "Step",
    "Warmth",
    "play",
    "print_lines",
    "until",
    "until_state",
    "whole_job",
]
