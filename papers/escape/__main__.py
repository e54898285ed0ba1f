"""Run the paper: a table on stdout; with -o the runs, suite.csv, the page escape.md and its picture in a folder."""

import sys

from homotopy.cli import main

if __name__ == "__main__":
    main(["suite", *sys.argv[1:]])
