"""``python -m homotopy.papers.ge2017`` is ``homotopy reproduce ge2017``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "ge2017", *sys.argv[1:]])
