"""``python -m homotopy.papers.beyond_relu`` is ``homotopy reproduce beyond_relu``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "beyond_relu", *sys.argv[1:]])
