"""A simulated klippy that runs Lumen's extra unchanged, for the demo and the tests."""

from .job import QUICK, Step, play, print_lines, until, until_state, whole_job
from .machine import Hardware
from .printer import Printer
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
