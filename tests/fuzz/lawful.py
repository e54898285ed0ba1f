"""The law of every door: a result, or one clear sentence; nothing else is raised, and nothing that is there is lost."""

import traceback

from homotopy.errors import HomotopyError

LONGEST = 2000  # characters of a sentence


def told(error):
    """Check that an error of the package is one sentence."""
    text = str(error)
    assert text.strip(), f"{type(error).__name__} without a word"
    assert len(text) <= LONGEST, f"a sentence of {len(text)} characters: {text[:200]}"
    assert "Traceback" not in text
    return "refused"


def lawful(call, *arguments):
    """Return "result" or "refused" of a call; whatever else it raises is a finding."""
    try:
        call(*arguments)
    except HomotopyError as error:
        return told(error)
    except (Exception, SystemExit) as error:
        raise AssertionError("".join(traceback.format_exception(error, limit=-6))) from None
    return "result"


def contents(folder):
    """Return the bytes of every file below a folder, by their names."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
