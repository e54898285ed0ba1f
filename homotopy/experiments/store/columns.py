"""The runs of one block as bytes: a column after the other, statuses by number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homotopy.errors import DataError
from homotopy.experiments.run.blocks import RESULT

__all__ = ["pack_records", "unpack_records"]

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
SAME = [name for name in STORED.names or () if name != "status"]


def pack_records(records: NDArray[np.void]) -> tuple[str, bytes]:
    """Return the names of the statuses that occur, joined by commas, and the runs as bytes of dtype `STORED`."""
    out = np.empty(len(records), dtype=STORED)
    for name in SAME:
        out[name] = records[name]
    names = records["status"].tolist()
    codes = {name: code for code, name in enumerate(sorted(set(names)))}  # few, so that no text is sorted
    out["status"] = np.fromiter(map(codes.__getitem__, names), dtype=np.uint8, count=len(names))
    return ",".join(codes), out.tobytes()


def unpack_records(statuses: str, data: bytes, size: int) -> NDArray[np.void]:
    """Return the `size` runs that `pack_records` packed, of dtype `RESULT`.

    Raises
    ------
    DataError
        If they are not so many, or a status has no name.

    Examples
    --------
    >>> rows = np.zeros(2, dtype=RESULT)
    >>> rows["status"] = "CONVERGED"
    >>> unpack_records(*pack_records(rows), 2)["status"].tolist()
    ['CONVERGED', 'CONVERGED']
    """
    names = np.array(statuses.split(","))
    if len(data) != size * STORED.itemsize:
        raise DataError(f"the store is damaged: {len(data)} bytes are not the records of {size} runs")
    stored = np.frombuffer(data, dtype=STORED)
    if size and stored["status"].max() >= len(names):
        raise DataError("the store is damaged: a run has a status without a name")
    out = np.empty(size, dtype=RESULT)
    for name in SAME:
        out[name] = stored[name]
    out["status"] = names[stored["status"]]
    return out
