"""The count of instructions: its limits, and what happens without its tools."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from tests.instructions import budget
from tests.instructions.__main__ import main
from tests.instructions.processors import NATIVE

if TYPE_CHECKING:
    import pytest


def test_every_case_has_a_limit() -> None:
    limits = budget.read()
    assert "frame rainbow RGB" in limits
    assert "effect rainbow" in limits
    for case, found in limits.items():
        assert {"x86_64", "aarch64"} <= set(found) <= set(budget.COLUMNS), case
        assert all(count > 0 for count in found.values()), case


def test_without_valgrind_the_check_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["tests.instructions"])
    assert main() == 0
    assert capsys.readouterr().out == "skipped on %s: valgrind is not installed\n" % NATIVE
