"""The subcommands on a user's table: ``fit`` and ``predict``."""
