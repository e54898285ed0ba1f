"""Methods along a homotopy: followed exactly, or descended at rising t."""

__all__: list[str] = []
