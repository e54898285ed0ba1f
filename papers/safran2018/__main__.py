"""``python -m homotopy.papers.safran2018`` is ``homotopy reproduce safran2018``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "safran2018", *sys.argv[1:]])
