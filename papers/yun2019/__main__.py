"""``python -m homotopy.papers.yun2019`` is ``homotopy reproduce yun2019``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "yun2019", *sys.argv[1:]])
