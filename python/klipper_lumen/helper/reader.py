"""Reads a config of Klipper's for root: in a process of its own, with the user's rights.

An include can name any file, and a file can be a FIFO, endless or broken. So the process has the
rights of the user who wrote the config, limits for memory, time and output, and a deadline.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .. import LumenError, config
from .._engine import helper_config, helper_strips
from .site import HelperError

if TYPE_CHECKING:
    import pwd

PATIENCE_S = 20
CPU_S = 10
MEMORY_BYTES = 512 * 1024 * 1024
# As long as the helper's own config may be.
ANSWER_BYTES = 65_536
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from klipper_lumen.helper.reader import main
main(sys.argv[2], int(sys.argv[3]))
"""


def read(path: Path, account: pwd.struct_passwd) -> tuple[str, list[str]]:
    """The helper's config that a config of Klipper's asks for, and its strips in words."""
    answer = _ask(path, account)
    try:
        document = json.loads(answer)
        if "problem" in document:
            raise HelperError("%s: %s" % (path, _printable(str(document["problem"]))))
        # Whatever the process answers: this user and no other.
        document["uids"] = [account.pw_uid]
        text = json.dumps(document, indent=2) + "\n"
        return text, _check(text)
    except (ValueError, TypeError, LumenError) as error:
        raise HelperError("%s cannot be used: %s" % (path, error)) from None


def _ask(path: Path, account: pwd.struct_passwd) -> bytes:
    package = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(package.parent)]
    command += [os.path.abspath(path), str(account.pw_uid)]
    rights: dict[str, object] = {}
    if os.geteuid() == 0 and account.pw_uid != 0:
        groups = os.getgrouplist(account.pw_name, account.pw_gid)
        rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603
                command,
                check=False,
                cwd="/",
                env={"PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE_S,
                **rights,  # type: ignore[call-overload]
            )
        except subprocess.TimeoutExpired:
            raise HelperError(
                "%s: it takes longer than %d s to read" % (path, PATIENCE_S)
            ) from None
        except OSError as error:
            words = "user '%s' cannot run %s to read %s: %s"
            values = (account.pw_name, sys.executable, path, error.strerror)
            raise HelperError(words % values) from None
        if done.returncode != 0:
            raise HelperError(
                "%s cannot be read as user '%s' (exit status %d)"
                % (path, account.pw_name, done.returncode)
            )
        answer.seek(0)
        return answer.read(ANSWER_BYTES)


def _printable(text: str) -> str:
    """Without what would move the cursor of root's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _check(text: str) -> list[str]:
    """The strips of a helper's config, read as the helper does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "helper.json")
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        return helper_strips(str(file))


def main(path: str, uid: int) -> None:
    """Runs in the process: prints the helper's config, or the problem."""
    for limit, value in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    try:
        found = config.read(Path(path))
        answer = helper_config(found.lumen_json(), found.facts_json(), [uid])
    except (config.ConfigFileError, LumenError, OSError, MemoryError) as error:
        answer = json.dumps({"problem": str(error)[:4096] or "out of memory"})
    sys.stdout.write(answer)
