"""What tracking returns: paths, their files, tables and pictures."""

__all__: list[str] = []
