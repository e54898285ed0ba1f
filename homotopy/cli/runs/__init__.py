"""Subcommands that run something."""

__all__: list[str] = []
