"""``python -m homotopy.papers.jin2017`` is ``homotopy reproduce jin2017``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "jin2017", *sys.argv[1:]])
