"""``homotopy suite``: the paper on what escapes, by a shorter name."""

from homotopy.papers.escape.command import command

__all__ = ["command"]
