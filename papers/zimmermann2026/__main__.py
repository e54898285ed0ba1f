"""``python -m homotopy.papers.zimmermann2026`` is ``homotopy reproduce zimmermann2026``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "zimmermann2026", *sys.argv[1:]])
