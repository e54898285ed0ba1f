"""Who runs the blocks of a comparison."""

__all__: list[str] = []
