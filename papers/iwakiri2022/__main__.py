"""``python -m homotopy.papers.iwakiri2022`` is ``homotopy reproduce iwakiri2022``, with its options."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["reproduce", "iwakiri2022", *sys.argv[1:]])
