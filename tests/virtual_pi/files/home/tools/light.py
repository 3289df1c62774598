"""light.py PRINTER.CFG SECONDS: lights the strips of a config, prints their status, and dies.

It dies as klippy does when systemd stops it: without any clean-up.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from klipper_lumen import Engine, config

read = config.read(Path(sys.argv[1]))
engine = Engine(read.lumen_json(), read.facts_json())
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    engine.heartbeat()
    time.sleep(0.2)
sys.stdout.write(json.dumps(engine.status()["strips"]))
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
