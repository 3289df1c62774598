"""Reads a Klipper config for root, in a separate process with the permissions of the user.

An include can name any file, and a file can be a FIFO, endless or invalid. The process has the
permissions of the user who runs Klipper, limits for memory, time and output, and a timeout.
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

from .. import LumenError, config, install
from .._engine import helper_config, helper_strips
from .target_system import HelperError

if TYPE_CHECKING:
    import pwd

TIMEOUT_S = 20
CPU_S = 10
MEMORY_BYTES = 512 * 1024 * 1024
# The maximum length of the helper's config.
ANSWER_BYTES = 65_536
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from klipper_lumen.helper.config_reader import main
main(sys.argv[2], int(sys.argv[3]), sys.argv[4])
"""


def read(path: Path, account: pwd.struct_passwd) -> tuple[str, list[str]]:
    """The helper's config for a Klipper config, and descriptions of its strips."""
    answer = _ask(path, account)
    try:
        document = json.loads(answer)
        if "problem" in document:
            raise HelperError("%s: %s" % (path, _printable(str(document["problem"]))))
        # The answer is not trusted: only this user is allowed.
        document["uids"] = [account.pw_uid]
        text = json.dumps(document, indent=2) + "\n"
        return text, _check(text)
    except (ValueError, TypeError, LumenError) as error:
        raise HelperError("%s cannot be used: %s" % (path, error)) from None


def _ask(path: Path, account: pwd.struct_passwd) -> bytes:
    package = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(package.parent)]
    command += [os.path.abspath(path), str(account.pw_uid), account.pw_dir]
    permissions: dict[str, object] = {}
    if os.geteuid() == 0 and account.pw_uid != 0:
        groups = os.getgrouplist(account.pw_name, account.pw_gid)
        permissions = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
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
                timeout=TIMEOUT_S,
                **permissions,  # type: ignore[call-overload]
            )
        except subprocess.TimeoutExpired:
            raise HelperError("%s: reading takes longer than %d s" % (path, TIMEOUT_S)) from None
        except OSError as error:
            message = "user '%s' cannot run %s to read %s: %s"
            values = (account.pw_name, sys.executable, path, error.strerror)
            raise HelperError(message % values) from None
        if done.returncode != 0:
            raise HelperError(
                "%s cannot be read as user '%s' (exit status %d)"
                % (path, account.pw_name, done.returncode)
            )
        answer.seek(0)
        return answer.read(ANSWER_BYTES)


def _printable(text: str) -> str:
    """The text with control characters escaped, for root's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _check(text: str) -> list[str]:
    """The strips of a helper's config, read by the helper's own code."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "helper.json")
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        return helper_strips(str(file))


def main(path: str, uid: int, home: str) -> None:
    """Runs in the separate process: prints the helper's config, or the problem.

    The Klipper in the folder ``home`` decides by which rules includes are read.
    """
    for limit, value in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    try:
        found = config.read(Path(path), install.is_kalico(home))
        answer = helper_config(found.lumen_json(), found.facts_json(), [uid])
    except (config.ConfigFileError, LumenError, OSError, MemoryError) as error:
        answer = json.dumps({"problem": str(error)[:4096] or "out of memory"})
    sys.stdout.write(answer)
