"""What the outside sees: ``printer.lumen``, ``printer["lumen_group NAME"]`` and LUMEN_STATUS.

Web interfaces subscribe to every field of every object and Klipper asks 4 times a second, so the
status is flat, small and quiet: fields change only when something happened, and the frame rate
at most once a second, rounded. Every answer is made of fresh containers; Klipper compares it with
the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard
from .klipper import Status

if TYPE_CHECKING:
    from klipper_lumen import Engine

FPS_EVERY_S = 1.0
# The whole of printer.lumen stays under 1 KB; klippy.log has the long form.
MAX_WARNINGS = 4
MAX_WARNING_CHARS = 100


class Board:
    """One snapshot of the engine, shared by all objects that are asked at the same moment."""

    def __init__(self, version: str, warnings: Callable[[], list[str]]) -> None:
        self.version = version
        self._warnings = warnings
        self._engine: Optional[Engine] = None
        self._taken_at: Optional[float] = None
        self._snapshot: dict[str, Any] = {}
        self._fps = 0
        self._fps_at: Optional[float] = None

    def start(self, engine: Engine) -> None:
        """Shows this engine from now on."""
        self._engine = engine

    def stop(self) -> None:
        """Shows what was last seen."""
        self._engine = None

    def snapshot(self, now: float) -> dict[str, Any]:
        """The engine's status; not to be changed or handed out."""
        if self._engine is not None and now != self._taken_at:
            self._snapshot = self._engine.status()
            self._taken_at = now
        return self._snapshot

    def lumen(self, now: float) -> Status:
        """The fields of ``printer.lumen``."""
        seen = self.snapshot(now)
        strips = seen.get("strips", {})
        return {
            "version": self.version,
            "state": seen.get("state", ""),
            "states": list(seen.get("states", ())),
            "forced": seen.get("forced"),
            "moving": bool(seen.get("moving")),
            "fps": self._slow_fps(seen, now),
            "groups": list(seen.get("groups", ())),
            "strips": list(strips),
            "dark": [name for name, strip in strips.items() if strip["health"] != "ok"],
            "warnings": [_short(text) for text in self._warnings()[:MAX_WARNINGS]],
        }

    def group(self, name: str, now: float) -> Status:
        """The fields of ``printer["lumen_group NAME"]``."""
        seen = self.snapshot(now).get("groups", {}).get(name, {})
        return {
            "effect": seen.get("effect", ""),
            "source": seen.get("source", ""),
            "brightness": round(seen.get("brightness", 0.0), 3),
            "pixels": seen.get("pixels", 0),
        }

    def _slow_fps(self, seen: dict[str, Any], now: float) -> int:
        if self._fps_at is None or not 0.0 <= now - self._fps_at < FPS_EVERY_S:
            self._fps_at = now
            self._fps = round(seen.get("fps", 0.0))
        return self._fps

    def report(self, now: float, held_ms_per_s: float) -> str:
        """The text that LUMEN_STATUS answers."""
        seen = self.snapshot(now)
        lines = ["Lumen %s shows %s" % (self.version, _states(seen))]
        motion = "moving, %.1f fps" % seen["fps"] if seen["moving"] else "still"
        lines.append("%s; holds the reactor %.3f ms a second" % (motion, held_ms_per_s))
        for name, group in seen["groups"].items():
            why = "LUMEN_SET" if group["source"] == "command" else "state"
            lines.append(
                "group %s: %s (by %s), %d pixels, brightness %.2f"
                % (name, group["effect"], why, group["pixels"], group["brightness"])
            )
        for name, strip in seen["strips"].items():
            health = strip["health"]
            if strip["error"]:
                health = "%s: %s" % (health, strip["error"])
            lines.append(
                "strip %s: %s, %d pixels, %d frames written, %s"
                % (name, strip["output"], strip["pixels"], strip["frames"], health)
            )
        lines += ["warning: %s" % text for text in self._warnings()]
        return "\n".join(lines)


class GroupObject:
    """The printer object of one group."""

    def __init__(self, board: Board, guard: Guard, name: str) -> None:
        self.get_status = guard.entry(
            "status of group '%s'" % name,
            lambda eventtime: board.group(name, eventtime),
            lambda: {"effect": "", "source": "", "brightness": 0.0, "pixels": 0},
        )


def _states(seen: dict[str, Any]) -> str:
    others = [name for name in seen["states"] if name != seen["state"]]
    text = str(seen["state"])
    if seen["forced"]:
        text += ", forced by LUMEN_STATE"
    if others:
        text += " (also: %s)" % ", ".join(others)
    return text


def _short(text: str) -> str:
    return text if len(text) <= MAX_WARNING_CHARS else text[: MAX_WARNING_CHARS - 3] + "..."
