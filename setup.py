"""Build the compiled kernels; everything else is declared in pyproject.toml."""

import hashlib
import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEBUG = os.environ.get("HOMOTOPY_DEBUG") == "1"
MSVC = sys.platform == "win32"  # what Python is built with there; only plain C is compiled
# Contraction gives FMA; trapping and errno would block vectorization. Never -ffast-math: it turns NaN into numbers.
# Debug information would be a fifth of the time of a build.
FLAGS = [
    "-g0",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fno-semantic-interposition",
    "-fopenmp-simd",
]
# Compiled with -O2 and vectors: W7 is as fast with it, and the others are no loops that a workload times. With it W1's
# loop was slower by 17 % and W2 by 12 %, so descent and lanes keep -O3. mlp, where -O3 builds a fifth longer, has its
# loops peeled: without it the gradient of sine took 5 to 7 % longer, with it 2 % less than at -O3, and nets of 400
# samples 2 % more.
LIGHT = ["beside", "bratu", "curvature", "curves", "draws", "family", "prune", "vmath"]
VECTORS = ["-O2", "-fvect-cost-model=dynamic"]
GCC_ALONE = ["-fvect-cost-model=dynamic", "-fpeel-loops", "-fno-semantic-interposition"]
LONG = ["mlp", "descent", "rnn", "many", "moves", "quasi", "teacher"]
SOURCES = sorted(path for path in Path("ext").rglob("*") if path.is_file())
ROOMS = sorted({str(path.parent) for path in SOURCES})


def sources():
    """Return what tells the kernels' sources from others; `homotopy.experiments.run.machine` does the same."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES, key=lambda path: path.as_posix()):
        digest.update(f"{path.as_posix()}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def optimized(module):
    """Return the flags of a module that say how much is optimized."""
    if DEBUG:
        return ["-O1", "-g"]
    if module == "mlp":
        return [*VECTORS, "-fpeel-loops"]
    return VECTORS if module in LIGHT else ["-O3"]


def flags(module):
    """Return the compiler's and the linker's flags of a module; what is linked has no names of functions in it."""
    if MSVC:
        own = Path("ext/machine/msvc.h").resolve()  # what that compiler has not; unknown pragmas are no news
        return {"extra_compile_args": ["/std:c11", "/wd4068", f"/FI{own}", "/Od" if DEBUG else "/O2"]}
    if DEBUG:
        return {"extra_compile_args": [*FLAGS, *optimized(module)]}
    # No exception of C++ passes through: tables to unwind the stack by are a twentieth of a module.
    small = ["-fno-asynchronous-unwind-tables"]
    strip = ["-Wl,-x" if sys.platform == "darwin" else "-Wl,-s"]
    return {"extra_compile_args": [*FLAGS, *small, *optimized(module)], "extra_link_args": strip}


def in_turn(source):
    """Return what sources are sorted by: the longest first."""
    return LONG.index(source.stem) if source.stem in LONG else len(LONG)


extensions = [
    Extension(
        f"homotopy._core.{source.stem}",
        [str(source)],
        depends=[str(path) for path in SOURCES],
        include_dirs=[*ROOMS, numpy.get_include()],
        define_macros=[
            ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
            *([("HP_SOURCES", sources())] if source.stem == "vmath" else []),  # which tells it to results
        ],
        # NumPy's own distributions, for the modules that draw what its Generators would
        library_dirs=[str(Path(numpy.__file__).parent / "random" / "lib")],
        libraries=["npyrandom"] if MSVC else ["npyrandom", "m"],
        **flags(source.stem),
    )
    for source in sorted(SOURCES, key=in_turn)  # the longest first, side by side
    if source.suffix == ".pyx"
]


def packages(folder, prefix):
    """Return the names of the packages below a folder that is installed under a prefix."""
    return [".".join([prefix, *path.parent.relative_to(folder).parts]) for path in Path(folder).rglob("__init__.py")]


class Build(build_ext):
    """Links without the folders of this machine, which some builds of Python hand on to every module.

    Clang, which is also called gcc on a Mac, refuses some flags of GCC's.
    """

    def build_extensions(self):
        """Compile all modules."""
        if self.compiler.compiler_type == "unix":
            words = itertools.takewhile(lambda word: not word.startswith("-"), self.compiler.compiler_so)
            if b"clang" in subprocess.run([*words, "--version"], capture_output=True, check=False).stdout:
                for extension in self.extensions:
                    own = [word for word in extension.extra_compile_args if word not in GCC_ALONE]
                    extension.extra_compile_args = own
            linker = [word for word in self.compiler.linker_so if not word.startswith(("-Wl,-rpath", "-Wl,-R"))]
            self.compiler.linker_so = linker
        super().build_extensions()


def described():
    """Return the README as an index shows it, where no folder lies beside it.

    Its pictures are taken from below the address `Files` of the project's URLs; where there is none, their words stand.
    """
    urls = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"].get("urls", {})
    base = urls.get("Files", "").rstrip("/")
    picture = rf"![\1]({base}/\2)" if base else r"*\1.*"
    return re.sub(r"!\[([^\]]*)\]\((?!https?:)([^)]*)\)", picture, Path("README.md").read_text(encoding="utf-8"))


setup(
    long_description=described(),
    long_description_content_type="text/markdown",
    cmdclass={"build_ext": Build},
    packages=packages("homotopy", "homotopy") + packages("papers", "homotopy.papers"),
    package_dir={"homotopy.papers": "papers"},
    include_package_data=False,  # pictures and pages are for the source archive
    package_data={"": ["*.pyi", "py.typed", "*.jinja", "*.json"]},
    options={"build_ext": {"parallel": os.cpu_count()}},
    ext_modules=cythonize(
        extensions,
        nthreads=os.cpu_count() or 1,
        include_path=ROOMS,
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": DEBUG,
            "wraparound": DEBUG,
            "initializedcheck": DEBUG,
            "cdivision": not DEBUG,
            "embedsignature": True,
        },
    ),
)
