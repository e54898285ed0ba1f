"""The look at arguments behind an error: which of them is of a wrong kind.

What a function takes stands in its annotations. Checks of values and shapes stand in the functions (`arguments`) and
go first; where none of them sees that a text came in place of a `Path`, the computation fails somewhere inside. A door
looks at the arguments only then: a call that goes well pays for no check, and nothing that works is ever refused. What
a caller's own function raises passes as it is, and so does an error that no argument explains.
"""

from __future__ import annotations

import errno
import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar, cast

from homotopy.errors import ArgumentError, HomotopyError

__all__ = ["FAILURES", "FOREIGN", "door", "doors"]

Thing = TypeVar("Thing", bound=Callable[..., Any])
Made = TypeVar("Made", bound=type)

FUNCTION = ("size", "value_and_grad")  # what makes an Objective of an object of the caller's own
ROLES = dict.fromkeys(("objective", "risk", "homotopy", "easy", "first", "second", "inner", "system"), FUNCTION)
"""What a parameter of such a name must have, everywhere in the package, where its annotation says nothing."""

# Of the machine, which no argument explains: a disk that is full, a device that is broken, a reader that left.
FAILURES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE}
MOST = 8  # names of an annotation that are looked for
FOREIGN = "a function that was given to this package"  # of the note that `calls.named_error` adds


def door(thing: Thing) -> Thing:
    """Make a function, or the making of a class, tell which argument is of a wrong kind when it fails.

    Parameters
    ----------
    thing : function or class
        What is called.

    Returns
    -------
    function or class
        The function with a look at its arguments behind an error; the class itself.

    Examples
    --------
    >>> @door
    ... def longer(path: str | None, by: int) -> str:
    ...     return path + "x" * by
    >>> longer(5, 2)
    Traceback (most recent call last):
    homotopy.errors.ArgumentError: path must be a text or None, not 5
    """
    if not inspect.isclass(thing):
        return cast("Thing", _told(thing))
    for name in ("__init__", "__new__"):
        _replace(thing, name)
    return thing


def doors(thing: Made) -> Made:
    """Make a class with the public methods that it defines a `door`.

    Parameters
    ----------
    thing : class
        What is made, and whose methods are called.

    Returns
    -------
    class
        The class itself.
    """
    for name in list(vars(thing)):
        if not name.startswith("_"):
            _replace(thing, name)
    return door(thing)


def _replace(kind: Any, name: str) -> None:
    found = vars(kind).get(name)
    if isinstance(found, (classmethod, staticmethod)):
        setattr(kind, name, type(found)(_told(found.__func__)))
    elif inspect.isfunction(found) and not getattr(found, "__isabstractmethod__", False):
        setattr(kind, name, _told(found))


def _told(function: Any) -> Any:
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def going(*args: Any, **kwargs: Any) -> Any:
            try:
                return (yield from function(*args, **kwargs))
            except Exception as error:
                _raised(error, function, args, kwargs)

        return going

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            _raised(error, function, args, kwargs)

    return inside


def _raised(error: Exception, function: Any, args: Any, kwargs: Any) -> NoReturn:
    """Raise what a caller is told of an error: a sentence about an argument, or the error itself."""
    if isinstance(error, (HomotopyError, Warning)) or _foreign(error) or _of_machine(error):
        raise error
    if isinstance(error, MemoryError):
        what = str(error) or "an array of the size that is asked for"
        raise ArgumentError(f"{_called(function)} needs more memory than there is: {what}") from error
    misfit = next(_misfits(function, args, kwargs), None)
    if misfit is None:
        raise error
    raise ArgumentError(misfit) from error


def _called(function: Any) -> str:
    """Return the name by which a function, or a class that it makes, is called."""
    return str(function.__qualname__).removesuffix(".__init__").removesuffix(".__new__")


def _of_machine(error: Exception) -> bool:
    """Return whether the machine failed, one of `FAILURES`."""
    return isinstance(error, OSError) and error.errno in FAILURES


def _foreign(error: Exception) -> bool:
    """Return whether a caller's function raised an error, or a check of scikit-learn, whose users know its words."""
    if any(FOREIGN in note for note in getattr(error, "__notes__", ())):
        return True
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", "")).startswith("sklearn.utils.")


def _misfits(function: Any, args: Any, kwargs: Any) -> Iterator[str]:
    """Go through the arguments that do not fit what the function's annotations say, a sentence each."""
    from homotopy.arguments import shown  # with NumPy, which `homotopy --help` does without
    from homotopy.doors.kinds import fits, has, words

    try:
        signature = inspect.signature(function)
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:  # the call's form is wrong: Python's own error says it
        return
    for name, value in given.items():
        kind, default = signature.parameters[name].kind, signature.parameters[name].default
        if name in ("self", "cls") or kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            continue
        hint = _hint(function, name)
        untold = hint is Any and value is not default
        if untold and name in ROLES and not all(has(value, one) for one in ROLES[name]):
            yield f"{name} must have {' and '.join(ROLES[name])}, which {shown(value)} has not"
        own = getattr(hint, "__name__", "") == "Objective" and all(has(value, one) for one in FUNCTION)
        if not own and not fits(value, hint):
            yield f"{name} must be {words(hint)}, not {shown(value)}"


def _hint(function: Any, name: str) -> Any:
    """Return the annotation of a parameter; names that only a type checker imports are looked for in the package."""

    def alone() -> None:
        """Stand for the function with this annotation alone."""

    alone.__annotations__ = {name: function.__annotations__.get(name, Any)}
    known = dict(function.__globals__)
    for _ in range(MOST):
        try:
            return inspect.get_annotations(alone, globals=known, eval_str=True)[name]
        except NameError as error:
            missing = str(error.name)
            known[missing] = next((vars(room)[missing] for room in _rooms() if missing in vars(room)), Any)
        except (TypeError, AttributeError):
            return Any
    return Any


def _rooms() -> list[Any]:
    """Return the modules of the package that are loaded: a value of a class of theirs comes from one of them."""
    return [room for name, room in list(sys.modules.items()) if name.startswith("homotopy.") and room is not None]
