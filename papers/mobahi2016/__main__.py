"""``python -m homotopy.papers.mobahi2016`` is ``homotopy reproduce mobahi2016``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "mobahi2016", *sys.argv[1:]])
