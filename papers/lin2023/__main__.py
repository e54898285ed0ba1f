"""``python -m homotopy.papers.lin2023`` is ``homotopy reproduce lin2023``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "lin2023", *sys.argv[1:]])
