"""Arguments that no function is made for: a name to a function that makes one."""

import datetime
import decimal
import fractions
import io
import threading

import numpy as np
import scipy.sparse

__all__ = ["ODD", "OwnError"]


class OwnError(Exception):
    """What a caller's own function raises."""


def _raises(*args, **kwargs):
    raise OwnError("the caller's own error")


def _overwrites(x, *rest):
    if isinstance(x, np.ndarray) and x.flags.writeable:
        x[...] = np.nan
    return x


def _calls_back(x, *rest):
    import homotopy as hp

    hp.MLP([1, 1, 1]).init(0)
    hp.minimize(lambda z: float(z @ z), np.ones(2), options={"budget": 20})
    return float(np.sum(np.asarray(x)))


def _raising(*names):
    """Return an object whose named special methods raise."""
    return type("Raising", (), dict.fromkeys(names, _raises))()


def _itself():
    found = [1.0]
    found.append(found)
    return found


def _dictionary():
    found = {}
    found["a"] = found
    return found


def _deep():
    found = 1.0
    for _ in range(3000):
        found = [found]
    return found


def _read_only():
    found = np.linspace(0.1, 1, 13)
    found.flags.writeable = False
    return found


class _Long:
    """An object that says it has more entries than there are."""

    def __len__(self):
        return 10**18

    def __getitem__(self, i):
        return 1.0


class _Same:
    """An object that equals everything."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


class _Text(str):
    """A text of another class."""


class _Integer(int):
    """An integer of another class."""


ODD = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "NotImplemented": lambda: NotImplemented,
    "Ellipsis": lambda: ...,
    "zero": lambda: 0,
    "one": lambda: 1,
    "minus one": lambda: -1,
    "minus five": lambda: -5,
    "2**31": lambda: 2**31,
    "2**63": lambda: 2**63,
    "2**63 - 1": lambda: 2**63 - 1,
    "-2**63 - 1": lambda: -(2**63) - 1,
    "2**64": lambda: 2**64,
    "10**400": lambda: 10**400,
    "-10**400": lambda: -(10**400),
    "10**5000": lambda: 10**5000,
    "a million": lambda: 10**6,
    "10**9": lambda: 10**9,
    "0.0": lambda: 0.0,
    "-0.0": lambda: -0.0,
    "half": lambda: 0.5,
    "1.5": lambda: 1.5,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "1e-308": lambda: 1e-308,
    "denormal": lambda: 5e-324,
    "complex": lambda: 1 + 2j,
    "Decimal": lambda: decimal.Decimal("0.1"),
    "Decimal nan": lambda: decimal.Decimal("sNaN"),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "date": lambda: datetime.date(2020, 1, 1),
    "integer class": lambda: _Integer(3),
    "float16": lambda: np.float16(0.5),
    "float32 inf": lambda: np.float32("inf"),
    "longdouble": lambda: np.longdouble("1.5"),
    "longdouble huge": lambda: np.longdouble("1e4000"),
    "int8": lambda: np.int8(3),
    "uint64": lambda: np.uint64(2**64 - 1),
    "numpy bool": lambda: np.bool_(True),
    "numpy nan": lambda: np.float64("nan"),
    "datetime64": lambda: np.datetime64("2020-01-01"),
    "numpy text": lambda: np.str_("tanh"),
    "empty text": lambda: "",
    "space": lambda: " ",
    "word": lambda: "nonsense",
    "number text": lambda: "3",
    "NUL": lambda: "a\0b",
    "surrogate": lambda: "\ud800",
    "newlines": lambda: "a\nb\r\x1b[31m",
    "long text": lambda: "x" * 1_000_000,
    "spec text": lambda: "teacher:k=,n=3,=",
    "braces": lambda: "{0} %s $x$ {",
    "text class": lambda: _Text("tanh"),
    "bytes": lambda: b"tanh",
    "bytearray": lambda: bytearray(8),
    "memoryview": lambda: memoryview(bytes(16)),
    "empty list": list,
    "list": lambda: [1, 2],
    "list of text": lambda: ["a", "b"],
    "list of None": lambda: [None],
    "list of nan": lambda: [float("nan")] * 13,
    "ragged": lambda: [[1.0, 2.0], [3.0]],
    "mixed": lambda: [1, "a", None, 2.5],
    "itself": _itself,
    "deep": _deep,
    "tuple": lambda: (1.0, 2.0, 3.0),
    "empty tuple": lambda: (),
    "set": lambda: {1, 2},
    "frozenset": lambda: frozenset(),
    "dict": lambda: {"a": 1},
    "empty dict": dict,
    "dict of itself": _dictionary,
    "dict by number": lambda: {1: 2},
    "range": lambda: range(3),
    "endless range": lambda: range(10**15),
    "slice": lambda: slice(None),
    "generator": lambda: (i for i in range(3)),
    "generator that raises": lambda: (_raises() for _ in range(3)),
    "iterator": lambda: iter([1.0, 2.0]),
    "map": lambda: map(str, [1]),
    "object": object,
    "class": lambda: type("Nothing", (), {}),
    "int itself": lambda: int,
    "module": lambda: np,
    "lock": threading.Lock,
    "file": lambda: io.StringIO("a,b\n1,2\n"),
    "exception": lambda: ValueError("a value"),
    "float raises": lambda: _raising("__float__"),
    "array raises": lambda: _raising("__array__"),
    "len raises": lambda: _raising("__len__", "__iter__"),
    "repr raises": lambda: _raising("__repr__"),
    "attribute raises": lambda: _raising("__getattr__"),
    "bool raises": lambda: _raising("__bool__"),
    "eq raises": lambda: type("Raising", (), {"__eq__": _raises, "__hash__": object.__hash__})(),
    "index raises": lambda: _raising("__index__"),
    "says it is long": _Long,
    "equals everything": _Same,
    "lambda": lambda: lambda *a, **k: None,
    "raises": lambda: _raises,
    "returns text": lambda: lambda *a, **k: "text",
    "returns nan": lambda: lambda *a, **k: float("nan"),
    "returns a wrong shape": lambda: lambda *a, **k: np.ones((2, 3)),
    "returns complex": lambda: lambda *a, **k: 1j,
    "returns itself": lambda: lambda x=None, *a: x,
    "takes nothing": lambda: lambda: 1.0,
    "overwrites": lambda: _overwrites,
    "calls back": lambda: _calls_back,
    "0-d": lambda: np.array(1.0),
    "0-d object": lambda: np.array(None),
    "empty": lambda: np.empty(0),
    "empty rows": lambda: np.empty((0, 2)),
    "empty columns": lambda: np.empty((12, 0)),
    "one entry": lambda: np.ones(1),
    "ones of 13": lambda: np.ones(13),
    "zeros of 13": lambda: np.zeros(13),
    "13 x 13": lambda: np.eye(13),
    "1 x 13": lambda: np.ones((1, 13)),
    "three axes": lambda: np.ones((2, 3, 4)),
    "64 axes": lambda: np.ones((1,) * 64),
    "a million ones": lambda: np.ones(10**6),
    "a million rows": lambda: np.ones((10**6, 2)),
    "a wide row": lambda: np.ones((2, 10**5)),
    "broadcast": lambda: np.broadcast_to(1.0, (10**9,)),
    "zero strides": lambda: np.broadcast_to(1.0, (13,)),
    "non-contiguous": lambda: np.linspace(0, 1, 26)[::2],
    "reversed": lambda: np.linspace(0, 1, 13)[::-1],
    "Fortran": lambda: np.asfortranarray(np.ones((12, 2))),
    "read-only": _read_only,
    "byte-swapped": lambda: np.linspace(0, 1, 13).astype(">f8"),
    "unaligned": lambda: np.frombuffer(b"\0" * 105, dtype=np.uint8)[1:].view(np.float64),
    "float16s": lambda: np.ones(13, np.float16),
    "longdoubles": lambda: np.ones(13, np.longdouble),
    "int8s": lambda: np.ones(13, np.int8),
    "uint64s": lambda: np.full(13, 2**64 - 1, np.uint64),
    "bools": lambda: np.ones(13, bool),
    "complexes": lambda: np.ones(13, complex),
    "objects": lambda: np.array([None, "a", 1] * 4 + [object()], dtype=object),
    "huge integers": lambda: np.array([10**400] * 13, dtype=object),
    "texts": lambda: np.array(["a", "b"] * 6 + ["c"]),
    "dates": lambda: np.array(["2020-01-01"] * 13, dtype="datetime64[D]"),
    "structured": lambda: np.zeros(13, dtype=[("a", "f8"), ("b", "i4")]),
    "recarray": lambda: np.zeros(3, dtype=[("a", "f8")]).view(np.recarray),
    "masked": lambda: np.ma.array(np.ones(13), mask=[True] + [False] * 12),
    "matrix of nan": lambda: np.full((12, 2), np.nan),
    "nans": lambda: np.full(13, np.nan),
    "one nan": lambda: np.r_[np.nan, np.ones(12)],
    "infs": lambda: np.full(13, np.inf),
    "huge": lambda: np.full(13, 1e308),
    "huge of both signs": lambda: np.where(np.arange(13) % 2, 1e308, -1e308),
    "huge matrix": lambda: np.full((12, 2), 1e308),
    "tiny": lambda: np.full(13, 5e-324),
    "negative zeros": lambda: np.full(13, -0.0),
    "constant column": lambda: np.ones((12, 2)),
    "sparse": lambda: scipy.sparse.eye_array(13, format="csr"),
    "sparse of nan": lambda: scipy.sparse.csc_array(np.full((13, 13), np.nan)),
    "seed": lambda: np.random.default_rng(0),
    "RandomState": lambda: np.random.RandomState(0),
    "dtype": lambda: np.dtype("f4"),
}
