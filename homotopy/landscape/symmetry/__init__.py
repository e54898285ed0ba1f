"""What leaves a net's function unchanged."""

__all__: list[str] = []
