"""``python -m homotopy.papers.coetzee1996`` is ``homotopy reproduce coetzee1996``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "coetzee1996", *sys.argv[1:]])
