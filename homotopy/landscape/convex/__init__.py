"""The convex problem behind a relu net with weight decay."""

__all__: list[str] = []
