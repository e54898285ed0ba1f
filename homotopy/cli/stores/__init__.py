"""Subcommands that read or change stores."""

__all__: list[str] = []
