"""How the file of a store is opened: to write, to read, or to read where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import struct
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from homotopy.errors import DataError
from homotopy.experiments.store.schema import APPLICATION, SCHEMA_VERSION

__all__ = ["checked", "opened", "writable"]

REST = ("-wal", "-journal")  # what a killed writer leaves beside the file, and what is not yet in the file
WAIT = 60.0  # seconds for another process that writes


def checked(path: Path, create: bool) -> None:
    """Refuse a file that is not ours, before SQLite touches it.

    Raises
    ------
    DataError
        If the file is not there and must be, is not a store, or was written by a newer version.
    """
    try:
        special = not stat.S_ISREG(path.stat().st_mode) and not path.is_dir()
        head = b""
        if not special:  # a pipe would be waited for
            with path.open("rb") as file:
                head = file.read(100)
    except (FileNotFoundError, NotADirectoryError):
        if create:
            return
        raise DataError(f"there is no store {path}") from None
    except ValueError:
        raise DataError(f"{str(path)!r} is not the name of a file") from None
    except OSError as error:
        raise DataError(f"the store {path} cannot be read: {error.strerror}") from None
    if create and not head and not special:
        return
    if len(head) < 100 or head[:16] != b"SQLite format 3\0" or struct.unpack(">I", head[68:72])[0] != APPLICATION:
        raise DataError(f"{path} is not a store of runs, or it is damaged; it was left untouched")
    schema = struct.unpack(">I", head[60:64])[0]
    if schema > SCHEMA_VERSION:
        raise DataError(
            f"the store {path} has schema {schema}, written by a newer version; this one reads up to {SCHEMA_VERSION}; "
            "it was left untouched"
        )


def writable(path: Path) -> bool:
    """Return whether the file and its folder, in which SQLite keeps its log, can be written by this process."""
    real = path.resolve()
    effective = os.access in os.supports_effective_ids
    return os.access(real, os.W_OK, effective_ids=effective) and os.access(
        real.parent, os.W_OK | os.X_OK, effective_ids=effective
    )


def opened(path: Path | None, *, readonly: bool) -> tuple[sqlite3.Connection, Callable[[], None]]:
    """Return the connection to a file, or to memory, and what is to be called when it is closed.

    Parameters
    ----------
    path : Path or None
        The file; None is a store in memory.
    readonly : bool
        Whether nothing will be written. Where nothing can be, the file is then read as it stands; and where a killed
        run left a log beside it, whose runs are not in the file yet, a copy of both is read.

    Raises
    ------
    DataError
        If a copy is needed and cannot be made.
    """
    if path is None or not readonly or writable(path):
        return _connected(":memory:" if path is None else str(path)), _nothing
    path = path.resolve()  # a link: what is left beside the file lies where it leads
    left = [ending for ending in REST if _holds(path, ending)]
    if not left:
        return _connected(f"{path.as_uri()}?mode=ro&immutable=1", uri=True), _nothing
    folder = None
    try:
        folder = tempfile.mkdtemp(prefix="homotopy-")
        copy = Path(folder) / "runs.sqlite"
        for ending in ("", *left):
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    except OSError as error:
        _remove(folder)
        raise DataError(
            f"the store {path} cannot be written and a killed run left a log beside it, so that a copy is read; it "
            f"cannot be made in {tempfile.gettempdir()}: {error.strerror}"
        ) from None
    try:
        return _connected(str(copy)), lambda: _remove(folder)
    except BaseException:
        _remove(folder)
        raise


def _connected(where: str, *, uri: bool = False) -> sqlite3.Connection:
    """Return a connection that trusts nothing in the file: no function of its schema, no page's own sizes."""
    db = sqlite3.connect(where, timeout=WAIT, isolation_level=None, check_same_thread=False, uri=uri)
    db.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    return db


def _holds(path: Path, ending: str) -> bool:
    """Return whether a file beside the store is there and not empty."""
    with suppress(OSError):
        return os.stat(f"{path}{ending}").st_size > 0
    return False


def _nothing() -> None:
    """Do nothing."""


def _remove(folder: str | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
