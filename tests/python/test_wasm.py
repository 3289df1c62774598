"""The tests of the WebAssembly module, which run in Node: see ``tests/wasm``."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "dist" / "lumen.wasm"
# What a page loads before it shows anything.
MAX_BYTES = 300_000

needs_module = pytest.mark.skipif(not MODULE.exists(), reason="needs dist/lumen.wasm: make wasm")


def strips_types() -> bool:
    """Whether Node can read TypeScript by itself, or with the package of that name."""
    script = "process.exit(process.features.typescript ? 0 : 1)"
    package = ROOT / "web" / "node_modules" / "typescript"
    return package.exists() or subprocess.run(["node", "-e", script], check=False).returncode == 0


@needs_module
def test_the_module_is_small() -> None:
    size = len(gzip.compress(MODULE.read_bytes(), 9))
    assert size <= MAX_BYTES, "%d bytes" % size


@needs_module
def test_the_module_names_no_folder_of_this_computer() -> None:
    module = MODULE.read_bytes()
    assert str(Path.home()).encode() + b"/" not in module
    assert str(ROOT).encode() not in module


@needs_module
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_module_renders_and_checks_as_the_engine_does() -> None:
    if not strips_types():
        pytest.skip("needs Node 22.18, or TypeScript in web/node_modules: npm ci in web/")
    files = sorted(str(it) for it in (ROOT / "tests" / "wasm").glob("*.test.mjs"))
    command = ["node", "--test", *files]
    # The reporter depends on whether the output is a terminal.
    environment = {**os.environ, "NODE_OPTIONS": "--test-reporter=tap"}
    found = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "# fail 0" in found.stdout
    assert "# pass 0" not in found.stdout
