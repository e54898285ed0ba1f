"""The kernels under what watches them, which sees what no result tells.

No access outside an array, nothing undefined, nothing decided by what was never written, no two threads at one place.
"""

from xml.etree import ElementTree

import instrumented
import pytest

from homotopy._core import vmath

MEMORY = "-fsanitize=address"
UNDEFINED = f"{MEMORY},undefined -fno-sanitize-recover=all"
# Python keeps memory at its exit, which is no leak of ours.
QUIET = {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
TESTS = (
    "tests/core/recurrent",
    "tests/core/test_mlp_kernels.py",
    "tests/core/test_narrow_kernels.py",
    "tests/core/test_rnn_matrix.py",
    "tests/core/test_sign_search.py",
    "tests/core/test_vmath.py",
    "tests/core/test_curves.py",
    "tests/models/smoothing",
    "tests/models/test_codes.py",
    "tests/objectives/test_teacher.py",
    "tests/objectives/test_teacher_many.py",
    "tests/objectives/units/test_compiled.py",
    "tests/descent/test_blocks.py",
    "tests/descent/test_damped_lanes.py",
    "tests/descent/test_family.py",
    "tests/descent/test_lanes.py",
    "tests/descent/test_quasi.py",
    "tests/descent/test_tiny.py",
    "tests/weights/test_kernels.py",
    "tests/weights/test_lanes.py",
    "tests/weights/test_moves.py",
    "tests/bench/test_traces.py",
)
# Lanes are vectors, and their tests ask for them: plain C has none.
LANES = ("tests/descent/test_damped_lanes.py", "tests/descent/test_lanes.py", "tests/descent/test_quasi.py")


def ended(folder, tests, **environment):
    """Run tests on the build in `folder` and return what became of them, with a sanitizer's last words.

    These end the process; had pytest taken what is written to the terminal's own numbers, they would end with it.
    """
    words = ["-q", "-p", "no:cacheprovider", "--capture=sys"]
    return instrumented.run(folder, "-m", "pytest", *words, *tests, **environment)


def check_memory(folder, isa, **environment):
    preload = {"LD_PRELOAD": instrumented.library("libasan.so"), "HOMOTOPY_ISA": isa} | QUIET | environment
    done = ended(folder, [name for name in TESTS if isa != "plain" or name not in LANES], **preload)
    assert "AddressSanitizer" not in done.stdout + done.stderr
    assert "runtime error" not in done.stdout + done.stderr
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.slow
def test_kernels_have_no_memory_error(tmp_path):
    best = vmath.available()[0]
    instrumented.build(tmp_path, MEMORY, isa=best)
    check_memory(tmp_path, best)


@pytest.mark.slow
@pytest.mark.long
def test_kernels_of_every_instruction_set_do_nothing_undefined_either(tmp_path):
    instrumented.build(tmp_path, UNDEFINED)
    for isa in vmath.available():
        check_memory(tmp_path, isa, PYTHONMALLOC="malloc")  # Python's own blocks are watched too


@pytest.mark.slow
@pytest.mark.long
def test_an_access_outside_an_array_would_be_seen(tmp_path):
    change = ("ext/account/thin.h", "int64_t kept = 0, before = 0;", "int64_t kept = 0, before = 0; costs[-1] = 0;")
    instrumented.build(tmp_path, MEMORY, change, modules=["curves"])
    done = ended(tmp_path, ["tests/core/test_curves.py"], LD_PRELOAD=instrumented.library("libasan.so"), **QUIET)
    assert "AddressSanitizer: heap-buffer-overflow" in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.long
def test_what_is_undefined_would_be_seen(tmp_path):
    change = ("ext/account/thin.h", "kept += (here != before) |", "kept += (here << (60 + (here & 7)) != before) |")
    instrumented.build(tmp_path, UNDEFINED, change, modules=["curves"])
    done = ended(tmp_path, ["tests/core/test_curves.py"], LD_PRELOAD=instrumented.library("libasan.so"), **QUIET)
    assert done.returncode != 0
    assert "runtime error" in done.stdout + done.stderr


LOOK = "static inline int hp_look_up(hp_descent *s) {\n"
RACE = ("ext/descent/descent.h", LOOK, f"{LOOK}    static long looks;\n    looks++;\n")


def crowded(folder):
    """Run descents and evaluations in threads on a build with the thread sanitizer; return what it said."""
    options = {"TSAN_OPTIONS": "exitcode=66 history_size=4", "LD_PRELOAD": instrumented.library("libtsan.so")}
    done = instrumented.run(folder, "tests/tour.py", "4", **options)
    assert done.returncode in (0, 66), done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.endswith("the tour is over\n")
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.long
def test_threads_do_not_write_where_others_look(tmp_path):
    instrumented.build(tmp_path, "-fsanitize=thread", isa=vmath.available()[0])
    said = crowded(tmp_path)
    assert "WARNING: ThreadSanitizer" not in said, said[:5000]


@pytest.mark.slow
@pytest.mark.long
def test_a_race_would_be_seen(tmp_path):
    instrumented.build(tmp_path, "-fsanitize=thread", RACE, modules=["descent"])
    assert "data race" in crowded(tmp_path)


def errors_of(report):
    """Return the errors in a report of valgrind that a kernel has a part in: its own frames, not those of its callers.

    Frames are told by the library that they lie in: the text beside them names the file of the source instead.
    """
    found = []
    for error in ElementTree.parse(report).iter("error"):
        frames = list(error.find("stack"))
        if any("homotopy/_core/" in frame.findtext("obj", "") for frame in frames[:4]):
            places = [f"{frame.findtext('fn')} ({frame.findtext('file')}:{frame.findtext('line')})" for frame in frames]
            found.append("\n  by ".join([error.findtext("kind"), *places[:6]]))
    return found


def valgrind(folder, *arguments, **environment):
    """Run Python with these arguments under memcheck; return the errors that kernels made."""
    report = folder / "valgrind.xml"
    words = ["valgrind", "--error-limit=no", "--num-callers=20", "--show-leak-kinds=definite"]
    words += ["--xml=yes", f"--xml-file={report}"]
    done = instrumented.run(folder, *arguments, before=words, PYTHONMALLOC="malloc", **environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return errors_of(report)


# Valgrind knows no AVX-512: v4 is not there for a program under it.
@pytest.mark.slow
@pytest.mark.long
def test_nothing_is_decided_by_what_was_never_written(tmp_path):
    instrumented.build(tmp_path, "")
    for isa in [name for name in vmath.available() if name != "v4"]:
        found = valgrind(tmp_path, "tests/tour.py", HOMOTOPY_ISA=isa)
        assert not found, f"{isa}: {len(found)}\n" + "\n".join(found)[:5000]


@pytest.mark.slow
@pytest.mark.long
def test_what_was_never_written_would_be_seen(tmp_path):
    never = "volatile int64_t never; kept += (here != before + (never & 1)) |"
    instrumented.build(tmp_path, "", ("ext/account/thin.h", "kept += (here != before) |", never), modules=["curves"])
    assert "Uninit" in str(valgrind(tmp_path, "-c", "import tour; tour.visit_others()", HOMOTOPY_ISA="plain"))
