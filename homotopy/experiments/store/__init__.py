"""Where runs are kept."""

__all__: list[str] = []
