"""What a comparison runs."""

__all__: list[str] = []
