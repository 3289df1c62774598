"""`python -m klipper_lumen` is `klipper-lumen`."""

import sys

from .cli import main

sys.exit(main())
