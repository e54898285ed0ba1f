"""A file written beside its place and moved there, so that no half of it is ever seen."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from homotopy.errors import ArgumentError

__all__ = ["beside"]


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a new empty file beside a path, which takes that place when all went well, and else goes.

    Nobody can know its name before, and it is made by this call or not at all: in a folder in which others write, as
    /tmp, a link of theirs is never followed.

    Raises
    ------
    ArgumentError
        If the path has a character that no file name can have, or is a device or a pipe.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with beside(Path(folder, "a.txt")) as scratch:
    ...         _ = scratch.write_text("whole")
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('a.txt', 'whole')]
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ArgumentError(f"{path} is no plain file, and nothing is put in its place")
    scratch = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except ValueError:  # a character that no file name has
        raise ArgumentError(f"{str(path)!r} is not the name of a file") from None
    try:
        yield scratch
        try:
            scratch.replace(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
