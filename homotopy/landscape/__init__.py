"""What else there is: other solutions by deflation, and symmetries that leave a function unchanged."""

__all__: list[str] = []
