"""``python -m homotopy.papers.gorse1997`` is ``homotopy reproduce gorse1997``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "gorse1997", *sys.argv[1:]])
