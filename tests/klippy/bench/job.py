"""The print job: circles of short segments, with the header and the end of a slicer's file."""

from __future__ import annotations

import math

START = ["PRINT_START BED=60 HOTEND=210", "M83", "G90", "G1 Z0.2 F600", "G1 X150 Y100 F9000"]
END = ["M117 finishing", "PRINT_END", ""]
RADII_MM = (50.0, 45.0, 40.0, 35.0)
SPEED_MM_S = 100.0
SEGMENT_MM = 0.5
# Filament for one millimeter of path.
FEED = 0.033


def make_job(minutes: float) -> str:
    """Returns a job of about this duration, with 200 moves per second and two layers or more."""
    layer_s = sum(2.0 * math.pi * radius / SPEED_MM_S + 0.25 for radius in RADII_MM)
    count = max(2, math.ceil(minutes * 60.0 / layer_s))
    lines = list(START)
    for layer in range(1, count + 1):
        lines += _layer(layer)
        lines.append("M73 P%d" % (100 * layer // count))
    return "\n".join(lines + END)


def _layer(layer: int) -> list[str]:
    lines = [";LAYER_CHANGE", "G1 Z%.2f F600" % (0.2 * layer)]
    if layer == 2:
        lines.append("M106 S180")
    for radius in RADII_MM:
        lines += _ring(radius, layer)
    return lines


def _ring(radius: float, layer: int) -> list[str]:
    lines = ["G1 E-0.8 F2400", "G0 X%.3f Y100 F12000" % (100.0 + radius), "G1 E0.8 F2400"]
    lines.append("G1 F%d" % (SPEED_MM_S * 60.0))
    count = int(2.0 * math.pi * radius / SEGMENT_MM)
    for step in range(1, count + 1):
        angle = 2.0 * math.pi * step / count
        bent = radius + 0.1 * math.sin(12.0 * angle + layer)
        x, y = 100.0 + bent * math.cos(angle), 100.0 + bent * math.sin(angle)
        lines.append("G1 X%.3f Y%.3f E%.5f" % (x, y, SEGMENT_MM * FEED))
    return lines
