"""``python -m homotopy.papers.swirszcz2016`` is ``homotopy reproduce swirszcz2016``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "swirszcz2016", *sys.argv[1:]])
