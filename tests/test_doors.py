"""Doors: what an argument of a wrong kind made is told by that argument, and nothing else is touched."""

import errno
import io
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TextIO

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

import homotopy as hp
from homotopy import continuation, descent, experiments, fits, homotopies, landscape, linalg, objectives, report, tables
from homotopy.arguments import affordable, generator, numbers, shown
from homotopy.doors import door, doors
from homotopy.errors import ArgumentError, HomotopyError


@door
def told(
    number: float = 1.0,
    count: int = 1,
    word: str = "",
    array: NDArray[np.float64] | None = None,
    many: Sequence[float] = (),
    table: Mapping[str, int] | None = None,
    function: Callable[[float], float] | None = None,
    pair: tuple[int, str] = (1, ""),
    data: ArrayLike = 0.0,
    unknown: "Nowhere" = None,  # noqa: F821
    error: Exception | None = None,
):
    raise error or RuntimeError("inside")


class Bad:
    def __array__(self, *a, **k):
        raise OSError("no array")

    __float__ = __len__ = __iter__ = __array__


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"number": "1"}, "a number"),
        ({"number": 10**400}, "a number"),
        ({"number": True}, "a number"),
        ({"count": 1.5}, "an integer"),
        ({"count": 2**63}, "an integer"),
        ({"word": 5}, "a text"),
        ({"array": [1.0]}, "an array of numbers or None"),
        ({"array": np.array(["a"])}, "an array of numbers or None"),
        ({"many": [1.0, None]}, "a list of numbers"),
        ({"many": Bad()}, "a list of numbers"),
        ({"table": {"a": "b"}}, "a dictionary or None"),
        ({"function": 5}, "a function or None"),
        ({"pair": (1, 2)}, "a tuple of 2: an integer, a text"),
        ({"data": Bad()}, "an array"),
    ],
)
def test_the_argument_that_does_not_fit_is_named(given, allowed):
    (name,) = given
    with pytest.raises(ArgumentError, match=f"^{name} must be {allowed}, not ") as caught:
        told(**given)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_an_error_that_no_argument_explains_passes():
    with pytest.raises(RuntimeError, match="inside"):
        told(1, np.int8(3), np.str_("a"), np.ones(3), [1, 2.5], {"a": 1}, abs, (1, "a"), [1], "anything")


def test_what_a_callers_function_raised_passes():
    own = OSError("the caller's")
    own.add_note("raised by jac, a function that was given to this package")
    with pytest.raises(OSError, match="the caller's"):
        told("not a number", error=own)


def test_the_calls_form_is_pythons_own():
    with pytest.raises(TypeError, match="unexpected keyword"):
        told(nonsense=1)


def test_memory_that_is_not_there_is_a_sentence():
    with pytest.raises(ArgumentError, match="told needs more memory than there is"):
        told(error=MemoryError())


def test_a_generator_is_told_when_it_goes():
    @doors
    class Many:
        def up(self, to: int) -> Iterable[int]:
            yield from range(to)

        @classmethod
        def of(cls, word: str) -> "Many":
            return cls() if word.strip() else Many()

    assert list(Many().up(2)) == [0, 1]
    with pytest.raises(ArgumentError, match="to must be an integer, not 'a'"):
        list(Many().up("a"))
    with pytest.raises(ArgumentError, match="word must be a text, not 5"):
        Many.of(5)


def test_values_in_sentences_are_short_and_in_one_line():
    itself = []
    itself.append(itself)
    for value in (np.eye(100), "a\nb" * 1000, 10**5000, itself, Bad(), type("T", (), {"__repr__": Bad.__array__})()):
        assert "\n" not in shown(value)
        assert len(shown(value)) < 300


def test_a_size_without_room_is_refused_before_it_is_asked_for():
    affordable("n", 10, 10)
    with pytest.raises(ArgumentError, match=r"n and m ask for .* GiB; "):
        affordable("n and m", 2**31, 2**20)


@pytest.mark.parametrize("seed", [range(10**15), "a", -1, 1.5, Bad(), np.full(3, np.nan)])
def test_what_is_no_seed(seed):
    with pytest.raises(ArgumentError, match="rng must be a Generator"):
        generator("rng", seed)


def test_floats_longer_than_a_double_are_infinite():
    assert numbers("x", np.array([np.longdouble("1e4000")])).tolist() == [np.inf]


def risk():
    return hp.EmpiricalRisk(hp.MLP([1, 2, 1]), "squared", np.ones((3, 1)), np.ones(3))


def tree():
    point = landscape.CriticalPoint(np.ones(2), 1.0, 0.0, 0, np.ones(2))
    return landscape.Tree((point, point), ())


# What drawing found, a call a kind.
FOUND = {
    "a rule that is a list": (lambda: hp.descend(risk(), np.ones(7), rule=[1]), "rule must be"),
    "problems that are an array": (lambda: hp.compare(np.ones(3), "gd", seeds=1), "problem"),
    "a vector in place of a matrix": (lambda: linalg.DenseSymmetric(np.ones(13)), "square matrix"),
    "no rows": (lambda: linalg.DenseLU(np.ones((0, 0))), "square matrix"),
    "a number in place of a sparse matrix": (lambda: linalg.SparseLU(1.0), "square matrix"),
    "a negative tolerance": (lambda: linalg.cg(lambda v: v, np.ones(2), rtol=-1.0), "rtol must be"),
    "a table of all numbers": (lambda: continuation.write_csv(np.ones((2, 2)), "x.csv"), "rows must be"),
    "a group of a number": (lambda: experiments.Grid.of(5, "gd"), "problem"),
    "no probability": (lambda: experiments.success_rate([True], confidence=-1e308), "confidence"),
    "p-values above 1": (lambda: experiments.holm([1e308, 2.0]), "p must be"),
    "an objective that is a number": (lambda: landscape.slice_2d(5, np.ones(2), np.eye(2)), "objective must have size"),
    "a homotopy that is a number": (lambda: continuation.deflated_continuation(5, [np.ones(2)], [0.0]), "homotopy"),
    "products of too many vectors": (
        lambda: landscape.spectral_density(risk(), np.ones(7), n_vectors=2**40),
        "n_vectors and n_steps ask for",
    ),
    "a matrix of too many": (lambda: linalg.dense_hessian(lambda v: v, 10**7), "ask for"),
    "a Hessian of another shape": (
        lambda: objectives.curvature.curvature_at(risk(), np.ones(7), hessian=np.ones(3)),
        "hessian must be",
    ),
    "a minimum that is not there": (lambda: tree().escape(10**9), "i must be"),
    "a group that is not there": (lambda: tree().lowest(-5), "node must be"),
    "no rows to take": (lambda: tables.frame_of(np.ones((3, 2)), what="X").taken("a"), "rows must be"),
    "no generator": (lambda: hp.TeacherStudent(2, 2).draw(5), "rng must be"),
    "another student": (lambda: hp.TeacherStudent(2, 2).rows(np.ones(3)), "x has shape"),
    "no training": (lambda: fits.Training(hidden=np.inf), "hidden"),
    "names that are a number": (lambda: report.colors(5), "names must be"),
    "a seed that is a text": (lambda: homotopies.Greedy(risk()).start("a"), "rng must be"),
    "steps of texts": (lambda: descent.Rprop(grow="a"), "grow"),
    "a folder that is a number": (lambda: experiments.Store(5), "path must be"),
    "a method that did not run": (
        lambda: list(hp.compare("trap", "gd", seeds=1, budget=10).curves("trap", 5)),
        "method 5 did not run",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_drawing_found(case):
    call, sentence = FOUND[case]
    with pytest.raises(HomotopyError) as caught:
        call()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_warning_behind_a_door_points_at_the_caller():
    fitted = hp.fit_table(
        {"a": ["u", "v"] * 6, "b": range(12)}, range(12), hidden=0, method="lbfgs", alpha=0.1, budget=5
    )
    rows = {"a": ["w", "u"], "b": [1, 2]}
    for call in (lambda: fitted.model.predict(rows), lambda: fitted.model.data.predict(np.ones(4), rows)):
        with pytest.warns(UserWarning, match="category") as caught:
            call()
        assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="goal") as caught:
        hp.compare("trap", "gd", seeds=1, budget=10).target("trap:n=3")
    assert caught[0].filename == __file__


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE, errno.EIO])
def test_a_disk_that_is_full_is_no_fault_of_an_argument(number):
    with pytest.raises(OSError) as caught:
        told(word=5, error=OSError(number, "of the machine"))
    assert caught.value.errno == number


def test_whatever_writes_is_an_open_file():
    @door
    def write(file: str | TextIO) -> None:
        raise RuntimeError

    for file in (io.StringIO(), sys.stdout):
        with pytest.raises(RuntimeError):
            write(file)
    with pytest.raises(ArgumentError, match=r"^file must be a text or an open file, not 5$"):
        write(5)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: landscape.critical_points(hp.problem("xor"), [[1.0], [2.0, 3.0]]), "starts must be"),
        (
            lambda: descent.descend(XOR, np.zeros(9), step_size={}),
            "a schedule gives a number for every step, and {} is",
        ),
        (lambda: descent.descend(XOR, np.zeros(9), step_size=10**400), "step_size must be a number or an array"),
        (
            lambda: descent.descend(XOR, np.zeros(9), n_steps=1e308),
            "n_steps must be an integer, at least 0 and below 2",
        ),
        (lambda: objectives.check_derivatives(XOR, np.zeros(9), n_directions=1.5), "n_directions must be an integer"),
        (lambda: tables.held_out(5, share=0.4, strata="abc"), "strata has 3 entries; 5 rows need as many"),
        (lambda: fits.r2(np.zeros(3), np.zeros((2, 2))), r"y and predictions have shapes (3,) and (2, 2)"),
        (lambda: fits.log_loss(np.array(1.0), np.ones((3, 1))), "y and probabilities have shapes"),
        (
            lambda: experiments.expected_cost([1.0, 2.0], [1.0, np.nan], n_resamples=-1),
            "n_resamples must be an integer",
        ),
        (lambda: hp.problems.from_sequences({}), "a table of sequences needs names of its columns"),
    ],
)
def test_values_that_no_annotation_tells_of(call, told):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert str(caught.value).startswith(told)


XOR = hp.problem("xor").objective
