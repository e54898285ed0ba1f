"""The runs of one block as bytes, a column after the other, statuses by number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import DataError
from homotopy.methods.runs import RESULT

__all__ = ["STORED", "pack_records", "stored_of", "unpack_records"]

STORED = np.dtype(
    [
        ("seed", "<i8"),
        ("success", "u1"),
        ("status", "u1"),
        ("value", "<f8"),
        ("cost", "<f8"),
        ("cost_to_success", "<f8"),
        ("seconds", "<f8"),
    ]
)
LONGEST = RESULT["status"].itemsize // 4  # characters of a status
SAME = [name for name in STORED.names or () if name != "status"]


def pack_records(records: NDArray[np.void]) -> tuple[str, NDArray[Any]]:
    """Return the names of the statuses that occur, joined by commas, and the runs as an array of dtype `STORED`."""
    out = np.empty(len(records), dtype=STORED)
    for name in SAME:
        out[name] = records[name]
    status, found = np.ascontiguousarray(records["status"]), np.full(len(records), -1)
    names: list[str] = []
    while (left := found < 0).any():  # once for each name: they are few, and no text becomes an object or is sorted
        names.append(str(status[left.argmax()]))
        found[status == names[-1]] = len(names) - 1
    places = np.argsort(np.argsort(names))
    out["status"] = places[found] if names else 0
    return ",".join(sorted(names)), out


def stored_of(statuses: str, data: bytes, size: int) -> NDArray[Any]:
    """Return the `size` runs of a block as they are stored.

    Raises
    ------
    DataError
        If they are not so many, a status has no name or a long one, or a seed is negative.
    """
    if len(data) != size * STORED.itemsize:
        raise DataError(f"the store is damaged: {len(data)} bytes are not the records of {size} runs")
    stored = np.frombuffer(data, dtype=STORED)
    if size and stored["status"].max() > statuses.count(","):
        raise DataError("the store is damaged: a run has a status without a name")
    if not statuses or (len(statuses) > LONGEST and max(map(len, statuses.split(","))) > LONGEST):
        raise DataError("the store is damaged: the name of a status is not there or too long")
    if size and (stored["seed"].min() < 0 or stored["success"].max() > 1):
        raise DataError("the store is damaged: a run has a negative seed, or succeeded more than once")
    return stored


def unpack_records(statuses: str, stored: NDArray[Any], out: NDArray[Any], places: Any = slice(None)) -> None:
    """Write stored runs into these places of `out`, of dtype `RESULT`.

    Examples
    --------
    >>> from homotopy.experiments.run.blocks import RESULT
    >>> rows, again = np.zeros(2, dtype=RESULT), np.zeros(2, dtype=RESULT)
    >>> rows["status"] = "CONVERGED"
    >>> unpack_records(*pack_records(rows), again)
    >>> again["status"].tolist()
    ['CONVERGED', 'CONVERGED']
    """
    for name in SAME:
        out[name][places] = stored[name]
    out["status"][places] = np.array(statuses.split(","))[stored["status"]]
