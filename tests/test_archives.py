"""Archives of arrays: what np.savez wrote comes back, and nothing else, in little memory."""

from __future__ import annotations

import io
import pickle
import random
import tracemalloc
import zipfile

import numpy as np
import pytest

from homotopy.archives import LEAST, read_npz
from homotopy.errors import DataError, HomotopyError
from homotopy.fits import load_model


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back(tmp_path, save):
    rng = np.random.default_rng(0)
    arrays = {
        "x": rng.random((3, 4)),
        "fortran": np.asfortranarray(rng.random((3, 4))),
        "none": np.empty((0, 2)),
        "text": np.array("a header"),
        "texts": np.array(["a", "bcd"]),
        "scalar": np.array(3),
        "flags": np.array([True, False]),
        "swapped": np.arange(3, dtype=">f4"),
    }
    save(tmp_path / "a.npz", **arrays)
    found = read_npz(tmp_path / "a.npz")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)


def entry(header, data=b"", version=1):
    """Return an .npy file with a header as it stands."""
    text = header.encode("latin-1").ljust(118) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2, "little") + text + data


def archive(path, data, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", data, **more)
    return path


class Evil:
    def __reduce__(self):
        return print, ("it ran",)


def pickled():
    stream = io.BytesIO()
    np.save(stream, np.array([Evil()], dtype=object), allow_pickle=True)
    return stream.getvalue()


HEADERS = [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2, -1), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f8', 'shape': (1,)}",
    "__import__('os').system('true')",
    "(" * 100,
    "",
]


@pytest.mark.parametrize(
    "data",
    [*map(entry, HEADERS), entry(HEADERS[5], bytes(9)), entry(HEADERS[5], bytes(8), 9), b"", b"text", pickled()],
)
def test_what_is_no_plain_array_is_refused(tmp_path, data, capsys):
    with pytest.raises(DataError, match=r"no \.npz of plain arrays"):
        read_npz(archive(tmp_path / "a.npz", data))
    assert capsys.readouterr().out == ""


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    size = LEAST + 1000
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({size},), }}"
    path = archive(tmp_path / "a.npz", entry(header, bytes(size)))
    assert path.stat().st_size < size // 500
    tracemalloc.start()
    with pytest.raises(DataError, match="claims"):
        read_npz(path)
    with pytest.raises(DataError, match="claims"):
        load_model(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_random_damage_is_a_sentence_or_changes_nothing(tmp_path):
    path, draw = tmp_path / "a.npz", random.Random(0)
    np.savez(path, x=np.arange(20.0), header=np.array("some text"))
    data, truth = path.read_bytes(), read_npz(path)
    refused = 0
    for _ in range(300):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(changed if draw.random() < 0.8 else changed[: draw.randrange(len(data))])
        try:
            found = read_npz(path)
        except HomotopyError:
            refused += 1
            continue
        for name in truth.keys() & found.keys():
            np.testing.assert_array_equal(found[name], truth[name])
    assert refused > 150


def test_files_that_are_none(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        read_npz(tmp_path / "none.npz")
    with pytest.raises(DataError, match="cannot be read"):
        read_npz(tmp_path)
    assert pickle.dumps(Evil())  # which would print if it were loaded
