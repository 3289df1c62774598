"""Lists the code blocks of all documents; see `tests.documents`."""

from __future__ import annotations

import sys
from collections import Counter

from .snippets import IN_KLIPPY, LOADERS, snippets


def main() -> None:
    """Prints a row for each block, then the number of blocks of each kind."""
    write = sys.stdout.write
    found = snippets()
    for it in found:
        places = [LOADERS.get(it.kind, "an exception"), "real klippy" * (it.kind in IN_KLIPPY)]
        where = ", ".join(filter(None, places))
        write("%-32s %-10s %-50s %s\n" % (it, it.kind, where, it.first[:60]))
    for kind, count in Counter(it.kind for it in found).most_common():
        write("%4d %s\n" % (count, kind))
    write("%4d blocks\n" % len(found))


if __name__ == "__main__":
    main()
