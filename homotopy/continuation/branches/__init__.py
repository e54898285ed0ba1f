"""Where branches cross: switching from one to the other, and whole diagrams."""

__all__: list[str] = []
