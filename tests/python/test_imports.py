"""The modules of a package import each other in one direction, also for type annotations."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("python/klipper_lumen/sim",)


def imports_of(path: Path, known: set[str]) -> set[str]:
    """Returns the modules of the same package that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found.update(name for name in names if name in known)
    return found


def circle_in(edges: dict[str, set[str]]) -> list[str]:
    """Returns the modules of a circle, or an empty list."""
    left = {name: set(targets) for name, targets in edges.items()}
    while True:
        leaves = {name for name, targets in left.items() if not targets}
        if not leaves:
            return sorted(left)
        left = {name: targets - leaves for name, targets in left.items() if name not in leaves}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle(package: str) -> None:
    files = [path for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]
    known = {path.stem for path in files}
    assert not circle_in({path.stem: imports_of(path, known) for path in files})


def test_a_circle_is_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]
