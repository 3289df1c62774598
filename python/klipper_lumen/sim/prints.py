"""Print jobs of the simulated klippy: the virtual SD card and related objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .gcode import CommandError

if TYPE_CHECKING:
    from .core import PrinterCore
    from .motion import IdleTimeout, Toolhead

# Klipper queues about this much motion ahead.
BUFFER_S = 1.0
POLL_S = 0.05
M73_HOLD_S = 5.0


class PrintStats:
    """The printer object ``print_stats``."""

    def __init__(self) -> None:
        self.state = "standby"
        self.filename = ""
        self.filament_used = 0.0
        self.message = ""

    def reset(self) -> None:
        """Resets the data of the last job."""
        self.state, self.filename, self.filament_used, self.message = "standby", "", 0.0, ""

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {
            "state": self.state,
            "filename": self.filename,
            "filament_used": self.filament_used,
            "message": self.message,
        }


class VirtualSdcard:
    """The printer object ``virtual_sdcard``: runs the lines of a job while the queue has room."""

    def __init__(self, printer: PrinterCore, toolhead: Toolhead, print_stats: PrintStats) -> None:
        self._printer = printer
        self._toolhead = toolhead
        self._print_stats = print_stats
        self._lines: list[str] = []
        self._next = 0
        self._running = False
        self._timer = printer.reactor.register_timer(self._feed)

    def start(self, filename: str, lines: list[str]) -> None:
        """Starts a job (SDCARD_PRINT_FILE)."""
        if self._running:
            raise CommandError("SD busy")
        self._lines, self._next = list(lines), 0
        self._print_stats.reset()
        self._print_stats.filename = filename
        self._printer.send_event("virtual_sdcard:reset_file")
        self.resume()

    def resume(self) -> None:
        """Resumes the job."""
        self._running = True
        self._print_stats.state = "printing"
        self._printer.reactor.update_timer(self._timer, self._printer.reactor.NOW)

    def pause(self) -> None:
        """Pauses the job."""
        if self._running:
            self._running = False
            self._print_stats.state = "paused"

    def cancel(self) -> None:
        """Cancels the job."""
        if self._lines:
            self._running = False
            self._print_stats.state = "cancelled"

    def is_active(self) -> bool:
        """Whether a job is running."""
        return self._running

    def progress(self) -> float:
        """Returns the part of the file that was read, 0.0-1.0."""
        return self._next / len(self._lines) if self._lines else 0.0

    def _feed(self, eventtime: float) -> float:
        while self._running:
            if self._toolhead.busy_until() > self._printer.reactor.monotonic() + BUFFER_S:
                return self._printer.reactor.monotonic() + POLL_S
            if self._next >= len(self._lines):
                self._finish("complete")
                break
            line = self._lines[self._next]
            self._next += 1
            try:
                self._printer.gcode.run_script(line)
            except CommandError as error:
                self._print_stats.message = str(error)
                self._finish("error")
        return self._printer.reactor.NEVER

    def _finish(self, state: str) -> None:
        self._running = False
        self._print_stats.state = state

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"is_active": self._running, "progress": self.progress()}


class DisplayStatus:
    """The printer object ``display_status``."""

    def __init__(
        self, printer: PrinterCore, idle_timeout: IdleTimeout, virtual_sdcard: VirtualSdcard
    ) -> None:
        self._printer = printer
        self._idle_timeout = idle_timeout
        self._virtual_sdcard = virtual_sdcard
        self._progress: Optional[float] = None
        self._until = 0.0
        self.message: Optional[str] = None

    def note_progress(self, percent: float) -> None:
        """Sets the progress of the slicer (M73)."""
        self._progress = min(max(percent / 100.0, 0.0), 1.0)
        self._until = self._printer.reactor.monotonic() + M73_HOLD_S

    def get_status(self, eventtime: float) -> dict[str, Any]:
        if eventtime > self._until and self._idle_timeout.state != "Printing":
            self._progress = None
        progress = self._progress
        if progress is None:
            progress = self._virtual_sdcard.progress()
        return {"progress": progress, "message": self.message}


class PauseResume:
    """The printer object ``pause_resume``."""

    def __init__(self, print_stats: PrintStats, virtual_sdcard: VirtualSdcard) -> None:
        self._print_stats = print_stats
        self._virtual_sdcard = virtual_sdcard
        self.is_paused = False

    def pause(self) -> None:
        """Pauses the job (PAUSE)."""
        self._virtual_sdcard.pause()
        self.is_paused = True

    def resume(self) -> None:
        """Resumes the job (RESUME)."""
        if not self.is_paused:
            raise CommandError("Print is not paused, resume aborted")
        self.is_paused = False
        if self._print_stats.state == "paused":
            self._virtual_sdcard.resume()

    def cancel(self) -> None:
        """Cancels the job (CANCEL_PRINT)."""
        self.is_paused = False
        self._virtual_sdcard.cancel()

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"is_paused": self.is_paused}


class FilamentSensor:
    """A filament sensor; a runout pauses the job."""

    def __init__(self, printer: PrinterCore, virtual_sdcard: VirtualSdcard) -> None:
        self._printer = printer
        self._virtual_sdcard = virtual_sdcard
        self.enabled = True
        self.filament_detected = True

    def set(self, detected: bool) -> None:
        """Inserts or removes the filament."""
        was, self.filament_detected = self.filament_detected, detected
        if was and not detected and self.enabled and self._virtual_sdcard.is_active():
            self._printer.gcode.run_script("PAUSE")

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"filament_detected": self.filament_detected, "enabled": self.enabled}
