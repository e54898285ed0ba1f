"""``python -m homotopy.bench``."""

from homotopy.bench.command import command

__all__: list[str] = []

if __name__ == "__main__":
    command(prog_name="python -m homotopy.bench")
