"""`python -m klipper_lumen` runs `klipper-lumen`; so does `python FOLDER/klipper_lumen`.

The second form runs an unpacked wheel without an environment.
"""

import os
import sys

if not __package__:
    # Python puts the folder of the package there. Its modules would hide others.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from klipper_lumen.cli import main

sys.exit(main())
