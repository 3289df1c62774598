"""The RECORD of a wheel: its files with their SHA-256."""

from __future__ import annotations

import base64
import csv
import hashlib

from .target_system import HelperError


def verify(package: str, files: dict[str, bytes], record: str) -> None:
    """Raises HelperError if the files of a package differ from the record.

    The keys of `files` are paths in the package. Byte code written by Python is ignored.
    """
    listed = {
        row[0][len(package) + 1 :]: row[1]
        for row in csv.reader(record.splitlines())
        if len(row) == 3 and row[0].startswith(package + "/") and "__pycache__" not in row[0]
    }
    for name in sorted(set(listed) | set(files)):
        if name not in files:
            problem = "is missing"
        elif name not in listed:
            problem = "is not in the wheel's RECORD"
        elif listed[name] != _digest(files[name]):
            problem = "does not match the wheel's RECORD"
        else:
            continue
        raise HelperError("%s/%s %s; unpack the wheel again" % (package, name, problem))


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return "sha256=" + digest.rstrip(b"=").decode()
