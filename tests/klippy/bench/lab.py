"""Starts the sessions of the protocols: a klippy, the wheel, and a new folder for each session."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .plugin import install, unpack
from .session import Plan, Session

if TYPE_CHECKING:
    from pathlib import Path

    from .environment import Environment


class Lab:
    """Starts sessions, with Lumen or without it."""

    def __init__(self, environment: Environment, work: Path) -> None:
        self.work = work
        self._environment = environment
        self._sessions = 0
        self._site = work / "site"
        unpack(self._site)

    def folder(self) -> Path:
        """A new folder."""
        self._sessions += 1
        folder = self.work / ("run-%d" % self._sessions)
        folder.mkdir()
        return folder

    def on(self, environment: Environment) -> Lab:
        """Returns the same with another firmware."""
        lab = copy.copy(self)
        lab._environment = environment
        lab.work = self.folder()
        return lab

    def alone(self, plan: Plan) -> Session:
        """A klippy without Lumen."""
        return Session(self._environment, self.folder(), plan)

    def session(self, plan: Plan) -> Session:
        """A klippy with Lumen."""
        put_in = partial(install, self._environment, self._site)
        return self.alone(replace(plan, site=(self._site,), install=put_in))
