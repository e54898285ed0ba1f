"""``python -m homotopy.papers.users`` is ``homotopy reproduce users``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "users", *sys.argv[1:]])
