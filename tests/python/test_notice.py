"""NOTICE: the licenses of what the wheel links."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import klipper_lumen

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "NOTICE").read_text()
PARTS = TEXT.split("\n" + "-" * 40 + "\n\n")
TARGETS = ("aarch64-unknown-linux-gnu", "armv7-unknown-linux-gnueabihf", "x86_64-unknown-linux-gnu")


def crates_of(title: str) -> set[str]:
    """Returns the names in the table of a part of NOTICE."""
    (part,) = (it for it in PARTS if it.startswith(title + "\n"))
    return set(re.findall(r"^  ([a-z][\w-]*) {2,}(?=Copyright|no copyright)", part, re.MULTILINE))


@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo")
@pytest.mark.parametrize("target", TARGETS)
def test_it_names_each_crate_that_the_wheel_links(target: str) -> None:
    options = ["--locked", "--features", "python,ws281x", "--target", target]
    form = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p} = {l}"]
    command = ["cargo", "tree", *options, *form]
    tree = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines = {line.removesuffix(" (*)") for line in tree.splitlines()[1:]}
    assert {line.split()[0] for line in lines} == crates_of("The crates")
    for line in lines:
        assert "MIT" in line.split(" = ")[1], line


def test_it_names_each_crate_of_the_standard_library_in_the_wheel() -> None:
    extension = next(Path(klipper_lumen.__file__).parent.glob("_engine.*.so")).read_bytes()
    # The places of panics keep the names of the folders.
    linked = set(re.findall(rb"/rust/deps/([a-z0-9_-]+)-[0-9]+\.", extension))
    assert linked, "the extension names no crate of the standard library"
    assert {name.decode() for name in linked} <= crates_of("The standard library of Rust")


def test_it_has_the_text_of_each_license() -> None:
    assert TEXT.count("Permission is hereby granted, free of charge, to any person") == 3
    assert "Redistributions in binary form must reproduce" in TEXT
    assert "UNICODE LICENSE V3" in TEXT
    assert max(map(len, TEXT.splitlines())) <= 100
