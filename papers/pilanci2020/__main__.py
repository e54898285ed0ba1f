"""``python -m homotopy.papers.pilanci2020`` is ``homotopy reproduce pilanci2020``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "pilanci2020", *sys.argv[1:]])
