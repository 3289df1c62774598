"""The installed distribution: it has no dependencies and contains the extra."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys

import klipper_lumen

DISTRIBUTION = "klipper-lumen"


def installed_files() -> list[str]:
    files = importlib.metadata.files(DISTRIBUTION)
    assert files is not None
    return [str(path) for path in files]


def test_it_requires_other_packages_only_for_extras() -> None:
    required = importlib.metadata.requires(DISTRIBUTION) or []
    assert [line for line in required if "extra ==" not in line] == []
    assert any(line.startswith("pillow") and "preview" in line for line in required)


def test_one_wheel_works_with_every_python_from_3_9() -> None:
    wheel = importlib.metadata.distribution(DISTRIBUTION).read_text("WHEEL")
    assert wheel is not None
    assert re.search(r"^Tag: cp39-abi3-\w+$", wheel, re.MULTILINE)
    assert importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"] == ">=3.9"


def test_all_parts_have_the_same_version() -> None:
    from klippy_extra import lumen

    assert importlib.metadata.version(DISTRIBUTION) == klipper_lumen.__version__ == lumen.VERSION


def test_the_wheel_has_the_extra_the_types_and_the_license() -> None:
    files = installed_files()
    assert "klippy_extra/lumen/__init__.py" in files
    assert "klippy_extra/__init__.py" not in files
    assert "klipper_lumen/py.typed" in files
    assert "klipper_lumen/_engine.pyi" in files
    assert any(path.endswith("licenses/LICENSE") for path in files)
    assert any(path.endswith("licenses/NOTICE") for path in files)


def test_importing_the_extra_imports_no_engine() -> None:
    program = "import klippy_extra.lumen, sys; print('klipper_lumen' in sys.modules)"
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "False\n"


def test_importing_the_package_imports_no_other_package() -> None:
    program = (
        "import sys; before = set(sys.modules); import klipper_lumen;"
        "new = [sys.modules[name] for name in set(sys.modules) - before];"
        "files = [getattr(module, '__file__', None) for module in new];"
        "print({file.split('/site-packages/')[1].split('/')[0]"
        " for file in files if file and '/site-packages/' in file})"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stdout == "{'klipper_lumen'}\n"


def test_a_wheel_of_a_tree_in_work_cannot_be_uploaded() -> None:
    # A package index refuses every package with this classifier.
    classifiers = importlib.metadata.metadata(DISTRIBUTION).get_all("Classifier") or []
    assert "Private :: Do Not Upload" in classifiers
