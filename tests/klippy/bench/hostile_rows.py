"""The rows of the hostile protocol: the results of an attack, with their criteria."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from . import klippy_log
from .attack import Tally
from .criteria import Row, below, info, none

JOB_PERCENT = 3.0
LOG_MB = 1.0
RSS_MIB = 8.0
HOLD_P999_MS, HOLD_MAX_MS = 1.0, 5.0
MIB_KIB = 1024.0
# Names of Lumen's performance data.
HOLDS = ("own_hold_ms_p999", "own_hold_ms_max", "total_hold_ms_p999", "total_hold_ms_max")


@dataclass
class Reference:
    """The figures of a session without Lumen: the same job, the same bytes for Klipper."""

    job_s: float
    control: dict[str, float]
    control_state: str


@dataclass
class Found:
    """The results of an attack."""

    minutes: float
    tally: Tally
    klippy: str = "has ended"
    job: str = "unknown"
    job_s: float = 0.0
    # Retransmitted bytes of each micro-controller.
    retransmitted: dict[str, float] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    log: klippy_log.Volume = field(default_factory=lambda: klippy_log.Volume(0, 0, []))
    console_bytes: int = 0
    rss_kib: list[int] = field(default_factory=list)
    lag: dict[str, float] = field(default_factory=dict)
    # The maximum of each of these figures of Lumen.
    holds: dict[str, float] = field(default_factory=dict)
    checks: list[Row] = field(default_factory=list)
    held_up_ms: float = 0.0


def rows(found: Found) -> list[Row]:
    """The criteria that apply on every computer, also on a busy one."""
    tally = found.tally
    per_minute = 1e6 * found.minutes
    close = sum("Timer too close" in line for line in found.alarms)
    return [
        Row("klippy", found.klippy[:60], "ready", found.klippy == "ready"),
        Row("the job", found.job[:60], "complete", found.job == "complete"),
        none("retransmitted bytes", found.retransmitted.get("mcu", 0.0)),
        info("retransmitted bytes to the LEDs", "%d" % found.retransmitted.get("led", 0.0)),
        none("'Timer too close'", close),
        none("tracebacks of Lumen", len(found.log.tracebacks)),
        *(info("  with the line", text[:60].strip()) for text in found.log.tracebacks[:3]),
        none("internal errors of Klipper", sum("Internal error" in it for it in found.alarms)),
        below("klippy.log from Lumen", found.log.lumen / per_minute, LOG_MB, "MB/min"),
        info("klippy.log from Klipper", "%.2f MB/min" % (found.log.klipper / per_minute)),
        info("the console", "%.2f MB/min" % (found.console_bytes / per_minute)),
        below("memory grows by", memory_growth(found), RSS_MIB, "MiB"),
        none("answers lost", len(tally.lost)),
        *(info("lost", text[:60]) for text in tally.lost[:3]),
        info("requests", " ".join("%s=%d" % it for it in sorted(tally.sent.items()))),
        info("answers, of these errors", "%d, %d" % (tally.answered, tally.errors)),
        info("valid requests refused", "%d" % sum(tally.refused.values())),
        *(info("  %d times" % count, text) for text, count in tally.refused.most_common(3)),
        *(info("reload of " + text[:40], "%d" % count) for text, count in tally.reloads.items()),
        *found.checks,
    ]


def timing_rows(found: Found) -> list[Row]:
    """The figures that a busy computer disturbs."""
    waits = sorted(found.tally.waits_ms) or [0.0]
    return [
        _hold("a call into Lumen, p99.9", found.holds.get("own_hold_ms_p999"), HOLD_P999_MS),
        _hold("a call into Lumen, at most", found.holds.get("own_hold_ms_max"), HOLD_MAX_MS),
        # On two processors the two micro-controllers of the bench, of the highest priority, and
        # the clients interrupt klippy for longer than a call takes.
        info("  with interruptions, p99.9", _ms(found.holds.get("total_hold_ms_p999"))),
        info("  with interruptions, at most", _ms(found.holds.get("total_hold_ms_max"))),
        info("a reactor's timer is late, p99.9", "%.1f ms" % found.lag.get("lag_p999_ms", -1.0)),
        info("a reactor's timer is late, most", "%.1f ms" % found.lag.get("lag_max_ms", -1.0)),
        info("a client waits, median", "%.1f ms" % waits[len(waits) // 2]),
        info("a client waits, at most", "%.1f ms" % waits[-1]),
        info("the computer held the MCU up", "%.0f ms" % found.held_up_ms),
    ]


def _hold(name: str, value: Optional[float], limit: float) -> Row:
    if value is None:
        return Row(name, "not offered", "<= %g ms" % limit, is_kept=False)
    return Row(name, _ms(value), "<= %g ms" % limit, value <= limit)


def _ms(value: Optional[float]) -> str:
    return "not offered" if value is None else "%.2f ms" % value


def reference_rows(found: Found, reference: Optional[Reference]) -> list[Row]:
    """The rows of the session without Lumen, if there was one."""
    if reference is None:
        return [info("the job took", "%.1f s" % found.job_s)]
    apart = 100.0 * abs(found.job_s - reference.job_s) / reference.job_s
    control = reference.control
    return [
        info("the job took, without and under", "%.1f, %.1f s" % (reference.job_s, found.job_s)),
        below("job times apart", apart, JOB_PERCENT, "%"),
        info("control: klippy", reference.control_state),
        info("control: a timer is late, p99.9", "%.1f ms" % control["lag_p999_ms"]),
        info("control: a timer is late, most", "%.1f ms" % control["lag_max_ms"]),
        info("control: memory grows by", "%.1f MiB" % control["rss_mib"]),
    ]


def memory_growth(found: Found) -> float:
    """Returns the growth in MiB from the end of the warm-up to the end of the attack."""
    return (found.rss_kib[-1] - found.rss_kib[0]) / MIB_KIB if found.rss_kib else 0.0
