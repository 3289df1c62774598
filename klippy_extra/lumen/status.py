"""The status objects ``printer.lumen``, ``printer["lumen_group NAME"]`` and LUMEN_STATUS.

Web interfaces subscribe to every field of every object, and Klipper queries them 4 times a second,
so the status is flat and small. Fields change only when something has happened, and figures every
ten seconds. A returned status is never modified, because Klipper compares the next one with it.
While nothing changes, the same object is returned at almost no cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import counted

from .guard import Guard
from .klipper import Status
from .performance import NO_FIGURES
from .strips import Rate
from .text import without_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from klipper_lumen import Engine

# After this time the rate over the last second belongs to the current effect.
SETTLED_AFTER_S = 2.0
COUNTS_EVERY_S = 10.0
# All of printer.lumen stays below 1 KB; klippy.log has the full texts.
MAX_WARNINGS = 4
MAX_WARNING_CHARS = 100

# The health values of strips that do not show their frames.
DARK = ("dark", "abandoned")


class StatusReport:
    """A snapshot of the engine and the status objects derived from it, cached until it changes."""

    def __init__(
        self,
        version: str,
        warnings: Callable[[], list[str]],
        rates: Callable[[], dict[str, Rate]],
    ) -> None:
        """``rates`` returns the update rates of the strips that Klipper drives."""
        self.version = version
        self._warnings = warnings
        # Whether test mode is active.
        self.is_testing: Callable[[], bool] = lambda: False
        self._rates = rates
        # Called at the first status query of each moment.
        self.on_query: Callable[[float], None] = lambda _: None
        # Klipper queries all objects with the same time.
        self._queried_at = -1.0
        # The performance figures.
        self.figures: Callable[[Optional[Engine], float], Status] = lambda *_: NO_FIGURES
        self._engine: Optional[Engine] = None
        self._revision: Optional[int] = None
        self._taken_at = 0.0
        # When to take another snapshot although the revision is unchanged.
        self._due = 0.0
        self._snapshot: dict[str, Any] = {}
        self._answers: dict[str, Status] = {}
        self._counters: dict[str, tuple[float, Status]] = {}

    def start(self, engine: Engine) -> None:
        """Reports the status of this engine."""
        self._engine = engine

    def invalidate(self) -> None:
        """Takes another snapshot at the next query."""
        self._revision = None
        self._queried_at = -1.0

    def stop(self) -> None:
        """Keeps the last snapshot."""
        self._engine = None

    def lumen(self, now: float) -> Status:
        """Returns the fields of ``printer.lumen``."""
        self._refresh(now)
        answer = self._answers.get("")
        if answer is None:
            answer = self._answers[""] = self._lumen(self._snapshot)
        return answer

    def group(self, name: str, now: float) -> Status:
        """Returns the fields of ``printer["lumen_group NAME"]``."""
        self._refresh(now)
        key = "group " + name
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._group(self._snapshot, name)
        return answer

    def light(self, name: str, now: float) -> Status:
        """Returns the average color of a group, in the format of an LED section."""
        self._refresh(now)
        key = "light " + name
        answer = self._answers.get(key)
        if answer is None:
            group = self._snapshot.get("groups", {}).get(name, {})
            color = tuple(group.get("tint", (0.0, 0.0, 0.0, 0.0)))
            answer = self._answers[key] = {"color_data": [color]}
        return answer

    def button(self, effect: str, now: float) -> Status:
        """Returns whether a picked effect is shown, in the format of klipper-led_effect."""
        return {"enabled": bool(self.groups_showing([effect], now))}

    def is_following_printer(self, now: float) -> bool:
        """Returns whether no command has set a state, an effect or a color, or switched off."""
        self._refresh(now)
        if self._snapshot.get("forced") is not None:
            return False
        groups = self._snapshot.get("groups", {}).values()
        return all(group["source"] == "state" for group in groups)

    def groups_showing(self, effects: Sequence[str], now: float) -> list[str]:
        """Returns the groups that show one of these effects by command."""
        self._refresh(now)
        groups = self._snapshot.get("groups", {}).items()
        return [
            name
            for name, group in groups
            if group["source"] == "command" and group["effect"] in effects
        ]

    def strip(self, name: str, now: float) -> Status:
        """Returns the fields of ``printer["lumen_strip NAME"]``."""
        self._refresh(now)
        key = "strip " + name
        answer = self._answers.get(key)
        if answer is None:
            snapshot = self._snapshot.get("strips", {}).get(name, {})
            answer = self._answers[key] = {
                **strip_status(snapshot),
                **self._counts(name, snapshot, now),
            }
        return answer

    def _counts(self, name: str, snapshot: dict[str, Any], now: float) -> Status:
        """Returns the counters, which are updated only every ten seconds."""
        updated_at, counts = self._counters.get(name, (0.0, {}))
        if not counts or not 0.0 <= now - updated_at < COUNTS_EVERY_S:
            counts = {
                count: snapshot.get(count, 0) for count in ("frames", "dropped", "current_ma")
            }
            rate = self._rates().get(name)
            if rate is not None:
                counts["rate_hz"] = round(rate.rate_hz, 1)
                counts["bytes_per_second"] = round(rate.bytes_per_second)
            self._counters[name] = (now, counts)
        return counts

    def _refresh(self, now: float) -> None:
        """Takes a snapshot if the revision has changed, two seconds later, and for the counters."""
        if self._engine is None or now == self._queried_at:
            return
        self._queried_at = now
        self.on_query(now)
        revision = self._engine.revision()
        is_new = revision != self._revision
        if not is_new and self._taken_at <= now < self._due:
            return
        self._take(self._engine, now)
        self._revision = revision
        self._due = now + (SETTLED_AFTER_S if is_new else COUNTS_EVERY_S)

    def _take(self, engine: Engine, now: float) -> None:
        self._snapshot = engine.status()
        self._taken_at = now
        # New containers: Klipper compares them with the previous ones, which must not change.
        self._answers = {}

    def _lumen(self, snapshot: dict[str, Any]) -> Status:
        strips = snapshot.get("strips", {})
        return {
            "version": self.version,
            "state": snapshot.get("state", ""),
            "states": list(snapshot.get("states", ())),
            "forced": snapshot.get("forced"),
            "test": self.is_testing(),
            "moving": bool(snapshot.get("moving")),
            "fps": round(snapshot.get("fps", 0.0)),
            "brightness": round(snapshot.get("brightness", 0.0), 3),
            "groups": list(snapshot.get("groups", ())),
            "strips": list(strips),
            "dark": [name for name, strip in strips.items() if strip["health"] in DARK],
            "performance": self.figures(self._engine, self._taken_at),
            "warnings": [_short(text) for text in self._warnings()[:MAX_WARNINGS]],
        }

    def _group(self, snapshot: dict[str, Any], name: str) -> Status:
        group = snapshot.get("groups", {}).get(name, {})
        return {
            "effect": group.get("effect", ""),
            "source": group.get("source", ""),
            "brightness": round(group.get("brightness", 0.0), 3),
            "pixels": group.get("pixels", 0),
        }

    def report(self, now: float, guard: Guard) -> str:
        """Returns the text that LUMEN_STATUS shows."""
        if self._engine is not None:
            self._take(self._engine, now)
        snapshot = self._snapshot
        lines = ["Lumen %s shows %s" % (self.version, _states(snapshot))]
        motion = "moving, %.1f fps" % snapshot["fps"] if snapshot["moving"] else "still"
        lines.append(
            "%s, brightness %.2f; uses %.3f ms of Klipper's time per second"
            % (motion, snapshot["brightness"], guard.share_ms_per_s)
        )
        holds = guard.holds
        lines.append(
            "longest call %.2f ms; 99.9 %% of calls take at most %.2f ms"
            % (holds.max_s * 1e3, holds.quantile_s(0.999) * 1e3)
        )
        for name, group in snapshot["groups"].items():
            why = "LUMEN_SET" if group["source"] == "command" else "state"
            pixels, brightness = counted(group["pixels"], "pixel"), group["brightness"]
            text = "group %s: %s (by %s), %s" % (name, group["effect"], why, pixels)
            # The brightness of one group, below that of all.
            text += "" if brightness == 1.0 else ", brightness %.2f" % brightness
            lines.append(text)
        rates = self._rates()
        for name, strip in snapshot["strips"].items():
            health = strip["health"]
            if strip["error"]:
                health = "%s: %s" % (health, strip["error"])
            if strip["failures"]:
                health += " (%s)" % counted(strip["failures"], "fault")
            health += ", %d mA%s" % (strip["current_ma"], " by its limit" * strip["limited"])
            if name in rates:
                health += ", %.1f Hz, %.0f bytes/s" % rates[name]
            pixels, frames = counted(strip["pixels"], "pixel"), counted(strip["frames"], "frame")
            what = (name, strip["output"], pixels, frames, health)
            lines.append("strip %s: %s, %s, %s written, %s" % what)
        lines += ["warning: %s" % without_prefix(text) for text in self._warnings()]
        return "\n".join(lines)


class StripObject:
    """The printer object of one strip, with its health."""

    def __init__(self, status_report: StatusReport, guard: Guard, name: str) -> None:
        self.get_status = guard.entry(
            "status of strip '%s'" % name,
            lambda eventtime: status_report.strip(name, eventtime),
            lambda: strip_status({}),
        )


class GroupObject:
    """The printer object of one group."""

    def __init__(self, status_report: StatusReport, guard: Guard, name: str) -> None:
        self.get_status = guard.entry(
            "status of group '%s'" % name,
            lambda eventtime: status_report.group(name, eventtime),
            lambda: {"effect": "", "source": "", "brightness": 0.0, "pixels": 0},
        )


def strip_status(snapshot: dict[str, Any]) -> Status:
    """Returns the fields of ``printer["lumen_strip NAME"]`` from a strip's part of the snapshot."""
    retry_in_s = snapshot.get("retry_in_s")
    return {
        "output": snapshot.get("output", ""),
        "pixels": snapshot.get("pixels", 0),
        "health": snapshot.get("health", "dark"),
        "error": snapshot.get("error"),
        "failures": snapshot.get("failures", 0),
        "failures_in_a_row": snapshot.get("failures_in_a_row", 0),
        "limited": bool(snapshot.get("limited")),
        "retry_in": None if retry_in_s is None else round(retry_in_s),
        "frames": snapshot.get("frames", 0),
        "dropped": snapshot.get("dropped", 0),
        "reconnects": snapshot.get("reconnects", 0),
        "current_ma": snapshot.get("current_ma", 0),
    }


def _states(snapshot: dict[str, Any]) -> str:
    others = [name for name in snapshot["states"] if name != snapshot["state"]]
    text = str(snapshot["state"])
    if snapshot["forced"]:
        text += ", forced by LUMEN_STATE"
    if others:
        text += " (also: %s)" % ", ".join(others)
    return text


def _short(text: str) -> str:
    return text if len(text) <= MAX_WARNING_CHARS else text[: MAX_WARNING_CHARS - 3] + "..."
