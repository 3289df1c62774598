"""Fixtures that create printers of the klippy double."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim import Printer
from tests.klippy.lights import BASE, MakePrinter

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def make() -> Iterator[MakePrinter]:
    """Creates printers; at the end checks that none had a fault, and closes them."""
    made: list[Printer] = []

    def make_one(config: str = BASE, **options: Any) -> Printer:
        printer = Printer(config, **options)
        made.append(printer)
        return printer

    yield make_one
    for printer in made:
        printer.close()
        assert printer.faults == []


@pytest.fixture
def printer(make: MakePrinter) -> Printer:
    """A printer that is ready."""
    return make().start()
