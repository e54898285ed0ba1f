"""Where a path is led and where it leads: milestones on its way, and infinity at its end."""

__all__: list[str] = []
