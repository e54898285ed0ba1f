"""The group that leaves a net's function unchanged, and what is computed with it."""

__all__: list[str] = []
