"""``python -m homotopy.papers.dauphin2014`` is ``homotopy reproduce dauphin2014``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "dauphin2014", *sys.argv[1:]])
