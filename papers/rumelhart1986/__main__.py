"""``python -m homotopy.papers.rumelhart1986`` is ``homotopy reproduce rumelhart1986``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "rumelhart1986", *sys.argv[1:]])
