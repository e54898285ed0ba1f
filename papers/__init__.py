"""Published experiments, run again: one folder a paper, one command each, ``python -m homotopy.papers.NAME -o DIR``."""

__all__: list[str] = []
