"""What the numbers of a comparison mean."""

__all__: list[str] = []
