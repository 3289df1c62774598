"""The names of the Lumen extension."""

PACKAGE = "klipper-lumen"
MODULE = "klipper_lumen"
# The oldest Python for which there is a wheel.
PYTHON = (3, 9)
