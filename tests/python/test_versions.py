"""Every version must start with the configs of earlier versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from klipper_lumen import Engine, config

VERSIONS = Path(__file__).parents[1] / "fixtures" / "versions"
CONFIGS = sorted(VERSIONS.glob("*/*.cfg"))


def test_each_version_has_configs() -> None:
    folders = [path for path in VERSIONS.iterdir() if path.is_dir()]
    assert folders
    assert {path.parent for path in CONFIGS} == set(folders)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: "%s-%s" % (path.parent.name, path.stem))
def test_a_config_of_a_released_version_starts(path: Path) -> None:
    read = config.read(path)
    names = [name for name in read.sections if name.startswith("lumen_group ")]
    engine = Engine(read.lumen_json(), read.facts_json(), clock="manual", seed=1)
    try:
        engine.event("ready")
        engine.advance(2.0)
        assert engine.status()["state"] == "idle"
        assert engine.group_names() == [name.partition(" ")[2] for name in names]
    finally:
        engine.close()
