"""How minima hang together: saddles between them, and the tree of the lowest barriers."""

__all__: list[str] = []
