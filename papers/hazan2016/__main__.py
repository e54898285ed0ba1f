"""``python -m homotopy.papers.hazan2016`` is ``homotopy reproduce hazan2016``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "hazan2016", *sys.argv[1:]])
