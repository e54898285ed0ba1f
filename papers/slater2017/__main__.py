"""``python -m homotopy.papers.slater2017`` is ``homotopy reproduce slater2017``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "slater2017", *sys.argv[1:]])
