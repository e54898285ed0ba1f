"""``python -m homotopy.papers.hochreiter1997`` is ``homotopy reproduce hochreiter1997``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "hochreiter1997", *sys.argv[1:]])
