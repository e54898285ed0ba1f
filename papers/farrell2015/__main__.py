"""``python -m homotopy.papers.farrell2015`` is ``homotopy reproduce farrell2015``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "farrell2015", *sys.argv[1:]])
