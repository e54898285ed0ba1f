"""Bytes made from other bytes: flipped, cut, doubled, spoiled by what no program writes; and odd arrays in archives."""

import io
import zipfile

import numpy as np
from hypothesis import strategies as st

FOREIGN = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"PK\x05\x06" + bytes(18),
    b"SQLite format 3\x00" + bytes(84),
    b"\x89PNG\r\n\x1a\n",
    b"{}",
    b"[]",
    b"null",
    b"\x93NUMPY\x01\x00",
    bytes(4096),
)
SPOILS = (
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\xa8",
    b"\r",
    b"\n",
    b"\r\n",
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b" ",
    b"nan",
    b"inf",
    b"-inf",
    b"1e308",
    b"-1e309",
    b"5e-324",
    b"-0.0",
    b"0x1p3",
    b"1_0",
    b"9" * 400,
    b"\xd9\xa3",
    b"NULL",
    b"=1+1",
    b"\x1b[31m",
    b"\x85",
    b"{" * 50,
    b"[" * 200,
)


@st.composite
def spoiled(draw, data, most=4):
    """Return bytes that a few accidents made of these."""
    data = bytearray(draw(st.sampled_from(FOREIGN)) if draw(st.integers(0, 19)) == 0 else data)
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("flip", "cut", "drop", "double", "spoil", "spoil", "fill", "swap")))
        i = draw(st.integers(0, max(0, len(data) - 1)))
        j = min(len(data), i + draw(st.integers(1, 40)))
        if kind == "flip" and data:
            data[i] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[i:]
        elif kind == "drop":
            del data[i:j]
        elif kind == "double":
            data[i:i] = data[i:j] * draw(st.integers(1, 3))
        elif kind == "spoil":
            data[i : i + draw(st.integers(0, 3))] = draw(st.sampled_from(SPOILS))
        elif kind == "fill":
            data[i:j] = bytes([draw(st.sampled_from((0, 255, 32, 44)))]) * (j - i)
        elif kind == "swap":
            data[i:j] = bytes(reversed(data[i:j]))
    return bytes(data)


NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 0.5, 1e308, -1e308, 5e-324, 2.0**63, 1e15)


@st.composite
def odd_array(draw, array):
    """Return an array that is like another one, but for its values, its shape or its type."""
    array, kind = np.array(array), draw(st.sampled_from(("value", "value", "shape", "type", "other", "size")))
    if kind == "value" and array.size and array.dtype.kind in "fiub":
        flat = array.reshape(-1).astype(np.float64)
        flat[draw(st.integers(0, flat.size - 1))] = draw(st.sampled_from(NUMBERS))
        with np.errstate(all="ignore"):
            return flat.reshape(array.shape).astype(array.dtype if draw(st.booleans()) else np.float64)
    if kind == "shape":
        return draw(st.sampled_from((array[None], array.reshape(-1), array.reshape(-1)[:1], array.reshape(-1)[:0])))
    if kind == "type" and array.dtype.kind in "fiub":
        with np.errstate(all="ignore"):
            return array.astype(draw(st.sampled_from(("f4", "i8", "u1", "c16", "U8", "S3", "?", ">f8", "f2", "m8[s]"))))
    if kind == "size" and array.ndim:
        return np.repeat(array, draw(st.integers(0, 3)), axis=draw(st.integers(0, array.ndim - 1)))
    return draw(
        st.sampled_from((np.array("text"), np.float64(3), np.empty((0, 3)), np.zeros((2, 2, 2)), np.array(["a", "b"])))
    )


JSONS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(),
        st.sampled_from(("", "a", "\x00", "9" * 99)),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.sampled_from(("a", "name", "t")), inside)
    ),
    max_leaves=6,
)


def entries(value, path=()):
    """Yield the place of every entry of nested lists and dictionaries."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from entries(one, (*path, key))


@st.composite
def odd_json(draw, value):
    """Return plain data in which an entry is another thing, or is not there."""
    place = draw(st.sampled_from(list(entries(value))))
    new = draw(JSONS)
    if not place:
        return new
    copied = _copied(value)
    inside = copied
    for key in place[:-1]:
        inside = inside[key]
    if draw(st.integers(0, 3)) == 0:
        del inside[place[-1]]
    else:
        inside[place[-1]] = new
    return copied


def _copied(value):
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def archive(arrays, names=()):
    """Return the bytes of an .npz with these arrays, and with raw entries beside them."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as file:
        for name, data in names:
            file.writestr(name, data)
    return stream.getvalue()


def claims(shape, descr="<f8"):
    """Return an .npy entry whose header claims a shape, and has nothing behind it."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


ENTRIES = (claims((10**12,)), claims((2**62, 4)), claims((-1,)), claims((3,), "|O"), b"", b"\x93NUMPY", bytes(10**6))


@st.composite
def spoiled_archive(draw, arrays, header=None):
    """Return the bytes of an .npz in which an array or an entry of its header is another one, or which is spoiled.

    `header` is the decoded header, which goes in as text.
    """
    import json

    arrays, names = dict(arrays), []
    kind = draw(st.sampled_from(("bytes", "array", "array", "gone", "entry", "header", "header")))
    if header is not None:
        arrays["header"] = np.array(json.dumps(draw(odd_json(header)) if kind == "header" else header))
    if kind in ("array", "gone", "entry"):
        name = draw(st.sampled_from(sorted(arrays)))
        if kind == "array":
            arrays[name] = draw(odd_array(arrays[name]))
        else:
            del arrays[name]
        if kind == "entry":
            names = [(f"{name}.npy", draw(st.sampled_from(ENTRIES)))]
    data = archive(arrays, names)
    return draw(spoiled(data)) if kind == "bytes" else data
