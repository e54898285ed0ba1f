"""``python -m homotopy.papers.lang1988`` is ``homotopy reproduce lang1988``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "lang1988", *sys.argv[1:]])
