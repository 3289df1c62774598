"""The parts of `make virtual-pi` that need no virtual machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.virtual_pi import __main__ as command
from tests.virtual_pi import build, requirements, spi
from tests.virtual_pi.table import CheckError, Table, expect_in


def test_what_is_missing_is_one_line_with_the_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["virtual_pi"])
    assert command.main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("virtual-pi: missing: ")
    for package in ("mmdebstrap", "device-tree-compiler", "qemu-user-static", "qemu-system-arm"):
        assert "(apt install %s" % package in line


def test_an_old_emulator_is_missing_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / requirements.SYSTEM_EMULATOR
    program.write_text("#!/bin/sh\necho 'QEMU emulator version 7.2.15 (Debian 1:7.2)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:/bin:/usr/bin" % tmp_path)
    found = requirements.missing()
    assert any("qemu-system-aarch64 9 or newer" in it for it in found)


def test_a_failed_check_is_printed_and_decides_the_exit_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = Table()
    with table.check("one"):
        pass
    with table.check("two"):
        expect_in("lit", "dark")
    table.skip("three", "not set: KLIPPER_DIR")
    assert table.end() == 1
    shown = capsys.readouterr().out
    assert "FAILED" in shown
    assert "not found: lit" in shown
    assert "1 passed, 1 failed, 1 skipped" in shown


def test_without_any_check_nothing_has_passed() -> None:
    assert Table().end() == 1


def test_the_bytes_of_a_pixel_are_those_of_the_datasheets() -> None:
    assert spi.ws281x(b"\x80", "1110") == b"\xe8\x88\x88\x88"
    assert spi.ws281x(b"\x01", "1100") == b"\x88\x88\x88\x8c"


def test_transfers_are_read_from_the_trace_of_the_kernel() -> None:
    line = "spi_transfer_start: spi0.0 x len=6 tx=[00-8e-88] rx=[]"
    assert spi.LINE.findall(line) == [("6", "00-8e-88")]


def test_a_step_runs_again_only_after_a_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(build, "BUILD", tmp_path)
    runs: list[str] = []
    for key in ("a", "a", "b"):
        build.step("one", key, lambda _, key=key: runs.append(key))  # type: ignore[misc]
    assert runs == ["a", "b"]


def test_a_step_that_fails_runs_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "BUILD", tmp_path)

    def fail(log: Path) -> None:
        build.run(["sh", "-c", "echo no space left; exit 1"], log)

    for _ in range(2):
        with pytest.raises(build.BuildError, match="no space left"):
            build.step("one", "a", fail)


def test_the_variables_of_klipper_are_all_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in build.Klipper.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KLIPPER_DIR", "/klipper")
    assert build.Klipper.missing() == "KLIPPER_AARCH64_MCU_ELF, KLIPPER_AARCH64_CHELPER"
    assert build.Klipper.find() is None


def test_a_result_that_must_succeed_has_the_output_in_its_error() -> None:
    from tests.virtual_pi.machine import Result

    assert Result(0, "fine").must() == "fine"
    with pytest.raises(CheckError, match="exit status 3:\nno such file"):
        Result(3, "no such file\n").must()
