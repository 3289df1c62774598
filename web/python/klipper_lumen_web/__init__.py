"""The pages of Lumen as static files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["pages"]


def pages() -> Path:
    """Returns the folder with the pages."""
    return Path(__file__).parent / "pages"
