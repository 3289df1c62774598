"""The start of the helper's service by its installation, with a double of systemctl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klipper_lumen.helper import TargetSystem, install_steps

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_first_start_of_the_service_prints_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # A systemctl for which the unit was never started: there is nothing to reset.
    program = tmp_path / "systemctl"
    program.write_text(
        "#!/bin/sh\n"
        "echo $1 >> %s/calls\n"
        "case $1 in\n"
        "is-failed) exit 1 ;;\n"
        "reset-failed) echo 'Failed to reset failed state of unit' >&2; exit 1 ;;\n"
        "esac\n" % tmp_path
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    install_steps._start(TargetSystem())
    assert capfd.readouterr().err == ""
    calls = (tmp_path / "calls").read_text().split()
    assert calls == ["daemon-reload", "is-failed", "enable", "restart"]
    # After five failed starts, systemd starts the unit only after a reset.
    program.write_text("#!/bin/sh\necho $1 >> %s/calls\n" % tmp_path)
    install_steps._start(TargetSystem())
    assert "reset-failed" in (tmp_path / "calls").read_text().split()
