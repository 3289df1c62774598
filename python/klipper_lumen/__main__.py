"""`python -m klipper_lumen` is `klipper-lumen`; so is `python FOLDER/klipper_lumen`.

The second form runs an unpacked wheel where it lies, without an environment.
"""

import os
import sys

if not __package__:
    # Python has put the folder of the package there, where its modules would hide others.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from klipper_lumen.cli import main

sys.exit(main())
