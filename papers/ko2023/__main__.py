"""``python -m homotopy.papers.ko2023`` is ``homotopy reproduce ko2023``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "ko2023", *sys.argv[1:]])
