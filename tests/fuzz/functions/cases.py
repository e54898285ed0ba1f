"""One case: something public, called with usual and odd arguments; the law says what may become of it."""

import contextlib
import itertools
import signal
import traceback
import types
import warnings

import numpy as np
from fuzz.functions.odd import ODD, OwnError
from fuzz.functions.targets import targets
from fuzz.functions.usual import MAKERS
from hypothesis import strategies as st

from homotopy.doors.telling import FOREIGN
from homotopy.errors import HomotopyError

__all__ = ["cases", "outcome"]

SECONDS = 5.0  # of the processor: a case that takes more hangs
LONGEST = 700  # letters of a message
CALLED = ("raises", "generator that raises", "attribute raises")  # whose own error passes: it is the caller's


# What a parameter that bounds the work is given: of the others a call goes on as long as it was asked to.
MODEST = [
    name for name in sorted(ODD) if name not in ("a million", "10**9", "2**31", "2**63 - 1", "inf", "1e308", "None")
]


class Hung(BaseException):
    """A case took too long."""


@st.composite
def cases(draw, names=None):
    """Draw a case: the name of a target, and from each parameter that is given to the name of what it is given."""
    names = names or list(targets())
    target = targets()[draw(st.sampled_from(names))]
    parameters = target.parameters.values()
    usual = {p.name: draw(st.sampled_from(labels)) for p in parameters if (labels := target.usual(p))}
    needed = [p.name for p in parameters if p.default is p.empty or p.name in target.always]
    given = {name: usual[name] for name in needed}
    free = [p.name for p in parameters if p.name not in given]
    if free:
        for name in draw(st.lists(st.sampled_from(free), max_size=2, unique=True)):
            given[name] = usual.get(name) or f"odd: {draw(st.sampled_from(sorted(ODD)))}"
    n_odd = draw(st.sampled_from((0, 1, 1, 1, 1, 1, 2, 3)))
    if parameters and n_odd:
        every = st.sampled_from([p.name for p in parameters])
        for name in draw(st.lists(every, min_size=1, max_size=n_odd, unique=True)):
            kinds = MODEST if name in target.always else sorted(ODD)
            given[name] = f"odd: {draw(st.sampled_from(kinds))}"
    return {"target": target.name, "given": given}


def made(label):
    """Return what a name in a case stands for."""
    return ODD[label[5:]]() if label.startswith("odd: ") else MAKERS[label]()


def _call(case):
    """Make the arguments, and return the call itself."""
    target = targets()[case["target"]]
    positional, named = [], {}
    for name, parameter in target.parameters.items():
        if name in case["given"]:
            value = made(case["given"][name])
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[name] = value
    function = getattr(target.instance(), target.name.rpartition(".")[2]) if target.owner else target.function
    return lambda: function(*positional, **named)


@contextlib.contextmanager
def _in_time():
    def late(*_):
        raise Hung

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def outcome(case):
    """Run a case; return what became of it, and for a finding its kind and where it arose.

    The words are "result", "refused" (an error of the package, in one sentence that names what is wrong), "own" (what
    a caller's own function raised) and "found".
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".* is now called ", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="NotImplemented should not be used", category=DeprecationWarning)
        call = _call(case)
        try:
            with _in_time():
                result = call()
                if isinstance(result, types.GeneratorType):
                    list(itertools.islice(result, 3))
        except HomotopyError as error:
            return _judged(error, case)
        except Hung as error:
            return "found", "Hung", _where(error)
        except BaseException as error:
            odd = {label[5:] for label in case["given"].values() if label.startswith("odd: ")}
            if not _where(error) and isinstance(error, (TypeError, OverflowError, OwnError)):
                return "refused", "by the signature of a compiled function", ""
            if case["target"].startswith("estimators.") and _module(error).startswith("sklearn.utils."):
                return "refused", "a check of scikit-learn", ""
            if isinstance(error, np.linalg.LinAlgError) and case["target"].startswith("linalg."):
                return "refused", "a matrix that is singular", ""
            if "positional argument" in str(error) and isinstance(error, TypeError):
                return "own", "what a caller's function takes", ""
            if isinstance(error, OwnError) and odd & set(CALLED):
                return "own", "", ""
            if odd and any(FOREIGN in note for note in getattr(error, "__notes__", ())):
                return "own", "a caller's function, as the error says", ""
            return "found", f"{type(error).__name__}: {str(error)[:200]}", _where(error)
    return "result", "", ""


def _module(error):
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", ""))


def _judged(error, case):
    """Return whether an error's message is one clear sentence that names the one argument that is odd."""
    text = str(error)
    if not text or "\n" in text or len(text) > LONGEST:
        return "found", f"message: {text[:200]!r}", _where(error)
    odd = [name for name, label in case["given"].items() if label.startswith("odd: ")]
    words = text.replace("_", " ").lower()
    if len(odd) == 1 and odd[0].replace("_", " ").lower() not in words and type(error).__name__ == "ArgumentError":
        return "refused", f"unnamed {odd[0]}: {text[:200]}", _where(error)
    return "refused", text[:200], ""


def _where(error):
    """Return the innermost line of the package, as "file:function:line"."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/homotopy/" in frame.filename]
    if not inside:
        return ""
    last = inside[-1]
    return f"{last.filename.partition('/homotopy/')[2]}:{last.name}:{last.lineno}"
