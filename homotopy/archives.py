"""Compressed bytes and archives of arrays, unpacked within bounds: a small file cannot claim much memory."""

from __future__ import annotations

import stat
import zipfile
import zlib
from os import PathLike, fstat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import DataError

__all__ = ["OversizedError", "inflated", "read_npz"]

LEAST = 1 << 26
"""Bytes that an archive may always unpack to."""
RATIO = 100
"""And times the bytes of its file: what the package writes is below 10, deflated zeros are above 1,000."""


class OversizedError(DataError):
    """An archive claims more memory than a file of its size can ask for."""


def inflated(data: bytes, most: int) -> bytes:
    """Return what a zlib stream unpacks to.

    Parameters
    ----------
    data : bytes
        One whole stream.
    most : int
        Bytes that it may unpack to; no more are ever held.

    Raises
    ------
    DataError
        If it unpacks to more, is damaged, is cut, or has something behind it.

    Examples
    --------
    >>> inflated(zlib.compress(b"runs"), 10)
    b'runs'
    """
    engine = zlib.decompressobj()
    try:
        raw = engine.decompress(data, most + 1)
    except zlib.error as error:
        raise DataError(f"packed data are damaged: {error}") from None
    if len(raw) > most:
        raise DataError(f"packed data unpack to more than the {most} bytes that they can have")
    if not engine.eof or engine.unused_data:
        raise DataError(f"packed data are damaged: {'they are cut' if not engine.eof else 'more stands behind them'}")
    return raw


def read_npz(path: str | PathLike[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by their names, without pickles.

    Raises
    ------
    DataError
        If the file is not there or cannot be read, is none, or holds objects.
    OversizedError
        If it claims more than 64 MiB and a hundred times its own size; this is a DataError, too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/a.npz", x=np.arange(3))
    ...     read_npz(f"{folder}/a.npz")
    {'x': array([0, 1, 2])}
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode) and not Path(path).is_dir():  # a pipe would be waited for
            raise DataError(f"{path}: it is no plain file")
        with Path(path).open("rb") as stream, zipfile.ZipFile(stream) as archive:
            most = max(LEAST, RATIO * fstat(stream.fileno()).st_size)
            claimed = sum(entry.file_size for entry in archive.infolist())
            if claimed > most:
                raise OversizedError(
                    f"{path}: it claims {claimed} bytes of arrays, and a file of its size has at most {most}"
                )
            return {entry.filename.removesuffix(".npy"): _array(archive, entry) for entry in archive.infolist()}
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path}: it cannot be read: {error.strerror or error}") from None
    except Exception as error:  # of many kinds: no archive, a damaged entry, a header that is none, objects inside
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise DataError(f"{path}: the file is no .npz of plain arrays ({reason})") from None


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    """Return one array, no larger than its entry."""
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        if dtype.hasobject or not dtype.itemsize:
            raise ValueError("it holds objects, or nothing")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if not 0 <= size <= entry.file_size or min(shape, default=0) < 0:
            raise ValueError(f"an array of shape {shape} does not fit into its entry")
        data = stream.read(size)
        if len(data) != size or stream.read(1):
            raise ValueError("an entry is longer or shorter than its array")
    return np.ndarray(shape, dtype, buffer=bytearray(data), order="F" if fortran else "C")
