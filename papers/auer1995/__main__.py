"""``python -m homotopy.papers.auer1995`` is ``homotopy reproduce auer1995``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "auer1995", *sys.argv[1:]])
