"""One mutant of one module, planted without a change of any file.

Where the mutant differs inside functions only, the code of the functions that live is exchanged: modules that imported
them by name have them too. Any other mutant (a constant, a default, a decorator, a field) is planted when its module is
imported, by the plugin ``-p mutation.planted`` in a new process, which reads ``$PLANTED``, a file of JSON with ``path``
and ``source``.
"""

import gc
import importlib.machinery
import json
import os
import types
import warnings
from pathlib import Path


def mutated(spec):
    """Return the source of the module with the mutation ``spec`` of cosmic-ray."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    operator = get_operator(spec.operator_name)(**spec.operator_args)
    return mutate_code(Path(spec.module_path).read_text(), operator, spec.occurrence)


def functions(code, inside=False):
    """Yield the code of each function in the code of a module, the inner ones too, in order of the text."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            optimized = bool(inner.co_flags & 0x1)  # CO_OPTIMIZED: a function and not the body of a class
            if optimized:
                yield inner
            yield from functions(inner, inside or optimized)


def skeleton(code):
    """Return what a module does when it is imported, without the insides of its functions."""
    held = tuple(
        (skeleton(one) if not one.co_flags & 0x1 else one.co_qualname) if isinstance(one, types.CodeType) else repr(one)
        for one in code.co_consts
    )
    return code.co_code, held, code.co_names


def exchange(path, source):
    """Exchange the code of the living functions of the module at ``path``; False where that is not enough."""
    path = str(Path(path).resolve())
    original = Path(path).read_text()
    if source == original:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of an identity with a number: it is tried as it runs
        before, after = (compile(text, path, "exec") for text in (original, source))
    if skeleton(before) != skeleton(after):
        return False
    old, new = list(functions(before)), list(functions(after))
    if [one.co_qualname for one in old] != [one.co_qualname for one in new]:
        return False
    changed = {
        (a.co_qualname, a.co_firstlineno): b
        for a, b in zip(old, new, strict=True)
        if a != b or a.co_consts != b.co_consts
    }
    found = False
    for living in gc.get_objects():
        if type(living) is types.FunctionType and living.__code__.co_filename == path:
            code = changed.get((living.__code__.co_qualname, living.__code__.co_firstlineno))
            if code is not None:
                if len(code.co_freevars) != len(living.__code__.co_freevars):
                    return False
                living.__code__ = code
                found = True
    return found


def plant_at_import(path, source):
    """Let the module at ``path`` be imported with another source, from now on."""
    path = Path(path).resolve()
    loader = importlib.machinery.SourceFileLoader
    get_code = loader.get_code

    def planted(self, fullname):
        where = self.get_filename(fullname)
        if Path(where).resolve() == path:
            return compile(source, where, "exec")
        return get_code(self, fullname)

    loader.get_code = planted


if "PLANTED" in os.environ:
    plant_at_import(**json.loads(Path(os.environ["PLANTED"]).read_text()))
