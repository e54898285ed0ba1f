"""Points of relu nets at kinks: slopes in all directions, and the smooth pieces that meet there."""

__all__: list[str] = []
