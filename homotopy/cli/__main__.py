"""``python -m homotopy.cli``: the command where only modules can be started, as under ``mpiexec``."""

from homotopy.cli import main

if __name__ == "__main__":
    main()
