"""Models in files: arrays and a text of JSON in one .npz, without pickle, with the number of the format."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from homotopy._version import __version__
from homotopy.archives import OversizedError, read_npz
from homotopy.arguments import one_of, shown
from homotopy.doors import door
from homotopy.errors import ArgumentError, DataError, HomotopyError
from homotopy.fits.table.model import Model
from homotopy.problems.table import TableData
from homotopy.scratch import beside

__all__ = ["FORMAT", "free", "load_model", "put", "save_model"]

LONGEST = 4000  # letters of a path

FORMAT = 1
"""The number of the format; a file of a higher one is refused."""
KIND = "homotopy model"


def free(path: str | os.PathLike[str], *, overwrite: bool, ending: str = "") -> Path:
    """Return the path of a file that can be written, with this ending.

    Raises
    ------
    ArgumentError
        If it is there and is not to be overwritten, is a folder, a device or a pipe, or its folder is not there or
        cannot be written in.
    """
    one_of("path", path, (str, os.PathLike), "a file's path")
    file = Path(path)
    if len(os.fspath(path)) > LONGEST:
        raise ArgumentError(f"path {shown(os.fspath(path))} is longer than {LONGEST} letters")
    if file.name and not file.is_dir() and not file.name.lower().endswith(ending):
        file = file.with_name(f"{file.name}{ending}")
    try:
        file.exists()
    except (OSError, ValueError) as error:
        raise ArgumentError(f"path {shown(str(path))} is not the name of a file: {error.args[-1]}") from None
    if not file.name or file.is_dir():
        raise ArgumentError(f"{file} is a folder; give the name of a file")
    if file.exists() and not file.is_file():
        raise ArgumentError(f"{file} is no plain file, and nothing is put in its place")
    if not file.parent.is_dir():
        raise ArgumentError(f"{file} cannot be written: there is no folder {file.parent}")
    if not os.access(file.parent, os.W_OK):
        raise ArgumentError(f"{file} cannot be written: the folder {file.parent} is not writable")
    if file.exists() and not overwrite:
        raise ArgumentError(f"{file} is there already; overwrite=True (on the command line --force) replaces it")
    return file


def save_model(model: Model, path: str | os.PathLike[str], *, overwrite: bool = False) -> str:
    """Write a model and return the path of its file.

    Raises
    ------
    ArgumentError
        As `free` and `put` do.
    """
    file = free(path, overwrite=overwrite, ending=".npz")
    header = {
        "kind": KIND,
        "format": FORMAT,
        "homotopy": __version__,
        "table": model.data.to_dict(),
        "others": list(model.others),
        "about": dict(model.about),
    }
    put(file, lambda stream: np.savez(stream, header=np.array(json.dumps(header)), weights=model.weights))
    return str(file)


def put(file: Path, make: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place and move it there, so that no half of it is ever seen.

    Raises
    ------
    ArgumentError
        If it cannot be written.
    """
    try:
        with beside(file) as scratch, scratch.open("wb") as stream:
            make(stream)
    except OSError as error:
        raise ArgumentError(f"{file} cannot be written: {error.strerror or error}") from None


@door
def load_model(path: str | os.PathLike[str]) -> Model:
    """Return the model that `Model.save`, or ``homotopy fit``, wrote; ``.npz`` may be left out.

    Raises
    ------
    DataError
        If there is no such file, it is damaged or none of these, or its format is newer.
    """
    one_of("path", path, (str, os.PathLike), "a file's path")
    file = Path(path)
    longer = Path(f"{file}.npz")
    file = longer if not file.exists() and longer.exists() else file
    header, weights = _parts(file)
    number = header.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise DataError(
            f"{file}: a model of format {number}, written by homotopy {header.get('homotopy', 'of a later version')}; "
            f"this version ({__version__}) reads formats up to {FORMAT}"
        )
    try:
        data = TableData.from_dict(header["table"])
        _check(data, weights)
        if _told(header["about"]) and all(isinstance(one, str) for one in header["others"]):
            return Model(data, np.ascontiguousarray(weights), tuple(header["others"]), header["about"])
    except (HomotopyError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        pass
    raise _foreign(file)


def _parts(file: Path) -> tuple[dict[str, Any], Any]:
    """Return the header and the weights of a file."""
    if file.exists() and not file.is_file() and not file.is_dir():  # a pipe would be waited for
        raise _foreign(file)
    try:
        with file.open("rb") as stream:
            if stream.read(2) != b"PK":
                raise _foreign(file)
        found = read_npz(file)
        header, weights = json.loads(str(found["header"])), found["weights"]
    except FileNotFoundError:
        raise DataError(f"{file}: there is no such file") from None
    except OSError as error:
        raise DataError(f"{file}: the file cannot be read ({error.strerror or error})") from None
    except OversizedError:
        raise
    except (KeyError, ValueError, RecursionError):  # a DataError, too, of an archive that is none
        raise _foreign(file) from None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise _foreign(file)
    return header, weights


def _told(about: Any) -> bool:
    """Return whether what is told of a fit can be told again."""
    return isinstance(about, dict) and type(about.get("alpha", 0.0)) in (int, float)


def _foreign(file: Path) -> DataError:
    return DataError(f"{file}: this is no model that homotopy fit wrote, or the file is damaged")


def _check(data: TableData, weights: Any) -> None:
    """Check that weights are those of the net, and that what codes columns are numbers and texts."""
    numbers = [number for one in data.encoding.inputs for number in (one.mean, one.scale)]
    numbers += [*data.encoding.fills, *data.target.means, *data.target.scales]
    texts = [one.name for one in data.encoding.inputs] + list(data.target.names)
    texts += [category for one in data.encoding.inputs for category in one.categories]
    good = (
        weights.dtype == np.float64
        and weights.ndim == 2
        and weights.shape[1] == data.model.size
        and len(weights) > 0
        and bool(np.isfinite(weights).all())
        and all(type(number) in (int, float) and isfinite(number) for number in numbers)
        and all(isinstance(text, str) for text in texts)
        and all(isinstance(label, (str, int, float, bool)) for one in data.target.classes for label in one)
        and all(key in ("delimiter", "decimal") for key, _ in data.options)
        and data.encoding.missing in (None, "drop", "mean")
        and isinstance(data.encoding.named, bool)
    )
    if not good:
        raise ValueError
