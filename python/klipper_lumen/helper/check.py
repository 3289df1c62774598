"""Checks an installed helper."""

from __future__ import annotations

import json
import socket
import struct
from typing import TYPE_CHECKING, Optional

from .. import LumenError
from .._engine import helper_strips
from . import trust
from .install_steps import Step, check_unit, plan_install
from .target_system import CONFIG, ENVIRONMENT, SOCKET, UNIT, HelperError, TargetSystem

if TYPE_CHECKING:
    from pathlib import Path

    from .source import Source

TIMEOUT_S = 2.0
# `Lu`, version 1, kind; see src/wire/helper.rs.
HELLO = b"Lu\x01\x01"
GREETING = b"Lu\x01\x80"
WELCOME = b"Lu\x01\x81"
REFUSAL = b"Lu\x01\x82"


def findings(system: TargetSystem, source: Optional[Source]) -> list[str]:
    """The problems found; with a source, also the changes that install would make."""
    missing = [name for name in (ENVIRONMENT, CONFIG, UNIT) if not system.path(name).exists()]
    if missing:
        places = ", ".join(str(system.path(name)) for name in missing)
        return [
            "missing: %s; in the folder with the wheel, run these commands, and compare the "
            "checksum with the published one before the last two:\n%s" % (places, trust.commands())
        ]
    problems = []
    for name in (ENVIRONMENT + "/bin/python", CONFIG, UNIT):
        reason = system.distrust(system.path(name))
        if reason is not None:
            problems.append(reason)
    try:
        check_unit(system.path(UNIT))
        helper_strips(str(system.path(CONFIG)))
        if source is not None:
            steps = plan_install(system, source)
            problems += [_outdated(step, system.path(ENVIRONMENT)) for step in steps]
    except (HelperError, LumenError) as error:
        problems.append(str(error))
    if problems:
        return problems
    return _connect(str(system.path(SOCKET)), _hello(system.path(CONFIG)))


def _outdated(step: Step, environment: Path) -> str:
    description = " ".join(step.description.split())
    if description == "create %s" % environment:
        return (
            "%s has another version of Lumen; in the folder with the wheel of this version, run "
            "these commands, and compare the checksum with the published one before the last "
            "two:\n%s" % (environment, trust.commands())
        )
    return "install would %s; run '%s'" % (description, trust.INSTALL_AGAIN)


def _hello(config: Path) -> bytes:
    """The message that asks for all strips of the helper's config, which was read before."""
    strips = json.loads(config.read_text(encoding="utf-8"))["strips"]
    fields = ((strip["pin"], strip["channels"], strip["pixels"]) for strip in strips)
    return HELLO + b"".join(struct.pack("<BBH", *it) for it in fields)


def _connect(path: str, hello: bytes) -> list[str]:
    """The problems of the helper that listens at a path; it opens its pins for a client."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.settimeout(TIMEOUT_S)
        try:
            client.connect(path)
            packet = client.recv(2048)
            if packet == GREETING:
                client.send(hello)
                packet = client.recv(2048)
        except OSError as error:
            reason = error.strerror or "no answer"
            return ["%s: %s; see 'systemctl status lumen-helper'" % (path, reason)]
    # A client that is already connected has lit strips.
    if packet == WELCOME or (packet.startswith(REFUSAL) and b"already" in packet):
        return []
    if packet.startswith(REFUSAL):
        text = packet[len(REFUSAL) :].decode(errors="replace")
        return ["the helper reports: " + text.strip("\n").replace("\n", "; ")]
    return ["%s: another version of the helper is listening there" % path]
