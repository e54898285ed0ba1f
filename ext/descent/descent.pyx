"""Whole descents in C: one start of a compiled (or interpreted) objective by one rule."""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport NAN
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from arrays cimport data, doubles, empty2, new
from descent_types cimport (
    HP_LBFGS, HP_LM, HP_RUNNING, HP_STOPPED, fill_arrays, fill_settings, hp_arrays, hp_settings,
)
from isa cimport isa_choose, isa_of
from objective cimport hp_objective, unwrapped, wrapped

from homotopy.errors import ArgumentError, EvaluationError

cdef extern from "descent.h" nogil:
    ctypedef struct hp_sweeps:
        pass
    ctypedef struct hp_descent:
        const hp_sweeps *sweeps
        int64_t n, step, evaluations, hit, n_trace
        double t, value, grad_norm
        double *trace
        double *x
    int hp_descent_open(hp_descent *, const hp_objective *, const hp_settings *)
    void hp_descent_close(hp_descent *)
    void hp_resume(hp_descent *)
    void hp_descent_begin(hp_descent *, double *, uint64_t, double, double, int64_t)

cdef extern from "firstorder.h" nogil:
    int hp_firstorder_run(hp_descent *)

cdef extern from "tiny.h" nogil:
    ctypedef struct hp_tiny:
        pass
    hp_tiny *hp_tiny_open(const hp_objective *, int)
    void hp_tiny_close(hp_tiny *)
    int hp_tiny_descend(hp_tiny *, hp_descent *)

cdef extern from "damped.h" nogil:
    ctypedef struct hp_damped:
        pass
    hp_damped *hp_damped_open(const hp_objective *, int, int)
    void hp_damped_close(hp_damped *)
    int hp_damped_has(const hp_objective *, int)
    int hp_damped_run(hp_damped *, hp_descent *)

cdef extern from "lbfgs_machine.h" nogil:
    const hp_sweeps *hp_sweeps_choose(int)
    int hp_lbfgs_run(hp_descent *)


cnp.import_array()

cdef int chosen = isa_choose()


cdef double python_value_and_grad(
    const hp_objective *self, const double *x, double t, double *grad, void *work
) noexcept with gil:
    """Call the interpreted function; NaN where it cannot be evaluated or raises."""
    return (<Interpreted>self.data).call(x, t, grad)


cdef int python_gauss_newton(
    const hp_objective *self, const double *x, double t, double *matrix, void *work
) noexcept with gil:
    """Call the interpreted Gauss-Newton matrix; NaN where it cannot be evaluated or raises."""
    return (<Interpreted>self.data).curve(x, t, matrix)


cdef class Interpreted:
    """A Python function as compiled loops see it, so that they run every rule on it too.

    ``function(x, t)`` returns the value and the gradient of shape (n,); `cost` is that of a call, in gradients.
    ``gauss_newton(x, t)`` or None returns the matrix of shape (n, n), charged as n Hessian-vector products. `error`
    is what they raised, apart from EvaluationError, which counts as a value that is not finite.
    """

    cdef hp_objective objective
    cdef object function, matrix
    cdef readonly object error

    def __init__(self, function, int64_t size, double cost=1.0, gauss_newton=None):
        self.function = function
        self.matrix = gauss_newton
        if gauss_newton is not None:
            self.objective.gauss_newton = python_gauss_newton
            self.objective.gauss_newton_cost = 2.0 * size
        self.objective.size = size
        self.objective.cost = cost
        self.objective.data = <void *>self
        self.objective.value_and_grad = python_value_and_grad

    cdef double call(self, const double *x, double t, double *grad):
        if self.error is not None:
            return NAN
        cdef int64_t n = self.objective.size
        cdef cnp.ndarray point = new(n)
        memcpy(data(point), x, n * sizeof(double))
        try:
            value, g = self.function(point, t)
            gradient = np.ascontiguousarray(g, dtype=np.float64)
            if gradient.shape != (n,):
                raise ValueError(f"the gradient has shape {gradient.shape}, not ({n},)")
            if grad != NULL:
                memcpy(grad, data(gradient), n * sizeof(double))
            return value
        except EvaluationError:
            return NAN
        except BaseException as error:
            self.error = error
            return NAN

    cdef int curve(self, const double *x, double t, double *matrix):
        cdef int64_t n = self.objective.size
        cdef cnp.ndarray point = new(n)
        memcpy(data(point), x, n * sizeof(double))
        try:
            if self.error is None:
                found = np.ascontiguousarray(self.matrix(point, t), dtype=np.float64)
                if found.shape != (n, n):
                    raise ValueError(f"the Gauss-Newton matrix has shape {found.shape}, not ({n}, {n})")
                memcpy(matrix, data(found), n * n * sizeof(double))
                return 0
        except EvaluationError:
            pass
        except BaseException as error:
            self.error = error
        memset(matrix, 0xFF, n * n * sizeof(double))  # NaN, which no damping makes positive definite
        return 1

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", objective.h)."""
        return wrapped(&self.objective, self)


cdef class Loop:
    """One rule with its settings on one objective, with scratch memory for one thread.

    Settings, starts and ends are plain numbers and arrays (homotopy.descent.settings): the starts become the final
    points. Whoever writes a one into `stop` asks every loop that shares it to stop. `isa` names an instruction set
    of `homotopy._core.vmath.available` for the loop of a tiny net, "plain" the objective's own functions.
    """

    cdef hp_descent state
    cdef hp_tiny *tiny
    cdef hp_damped *dense
    cdef hp_settings set
    cdef object keep, traces
    cdef int is_open, is_begun
    cdef hp_arrays to

    def __init__(self, capsule, settings, starts, ends, stop, isa=None):
        cdef const hp_objective *objective = unwrapped(capsule)
        fill_settings(&self.set, settings, stop)
        fill_arrays(&self.to, starts, ends, objective.size)
        self.keep = (capsule, settings, starts, ends, stop)
        self.traces = ends.traces
        self.is_open = hp_descent_open(&self.state, objective, &self.set)
        if not self.is_open:
            raise MemoryError("no memory for a descent of this size")
        cdef int instructions = chosen if isa is None else isa_of(isa)
        self.state.sweeps = hp_sweeps_choose(instructions)
        if self.set.rule < HP_LBFGS:
            self.tiny = hp_tiny_open(objective, instructions)
        if self.set.rule >= HP_LM:
            if not hp_damped_has(objective, self.set.rule):
                raise ArgumentError("rule is 'lm', but the objective has no dense Gauss-Newton matrix")
            self.dense = hp_damped_open(objective, self.set.rule, instructions)
            if self.dense == NULL:
                raise MemoryError("no memory for a matrix of this size")

    def __dealloc__(self):
        hp_tiny_close(self.tiny)
        hp_damped_close(self.dense)
        if self.is_open:
            hp_descent_close(&self.state)

    @property
    def is_tiny(self):
        """Whether the loop keeps a whole net in vectors instead of calling the objective (bool)."""
        return self.tiny != NULL

    def run(self, int64_t begin, int64_t end, callback=None):
        """Descend from starts begin to end - 1, one after the other; KeyboardInterrupt after Ctrl-C.

        ``callback(step, t, value, grad_norm)`` is called every ``pause_every`` steps and returns True to stop.
        """
        cdef int64_t i = begin, previous
        cdef hp_descent *s = &self.state
        self.is_begun = 0
        while i < end:
            previous = i
            with nogil:
                hp_resume(s)
                i = self.work(i, end)
            PyErr_CheckSignals()
            if i > previous and self.set.record_every:
                self.traces[i - 1] = self.record()
            if i == previous and callback is not None and s.step > 0 and s.step % self.set.pause_every == 0:
                if callback(s.step, s.t, s.value, s.grad_norm):
                    self.finish(i, HP_STOPPED)
                    i += 1

    cdef int64_t work(self, int64_t i, int64_t end) noexcept nogil:
        """Run starts from i on until the interpreter should look; return the first one that has not ended."""
        cdef hp_descent *s = &self.state
        cdef int status
        while i < end:
            if not self.is_begun:
                hp_descent_begin(
                    s, self.to.x + i * s.n, self.to.keys[i], self.to.step_sizes[i], self.to.targets[i],
                    self.to.limits[i]
                )
                self.is_begun = 1
            if self.tiny != NULL:
                status = hp_tiny_descend(self.tiny, s)
            elif self.dense != NULL:
                status = hp_damped_run(self.dense, s)
            elif self.set.rule == HP_LBFGS:
                status = hp_lbfgs_run(s)
            else:
                status = hp_firstorder_run(s)
            if status == HP_RUNNING:
                return i
            self.finish(i, status)
            i += 1
            if self.set.record_every:
                return i
        return i

    cdef void finish(self, int64_t i, int status) noexcept nogil:
        """Write down how start i ended."""
        cdef hp_descent *s = &self.state
        self.to.codes[i] = status
        self.to.values[i] = s.value
        self.to.grad_norms[i] = s.grad_norm
        self.to.n_steps[i] = s.step
        self.to.n_evaluations[i] = s.evaluations
        self.to.hits[i] = s.hit
        self.is_begun = 0

    cdef object record(self):
        cdef cnp.ndarray record = empty2(cnp.NPY_DOUBLE, self.state.n_trace, 2)
        if self.state.n_trace:
            memcpy(data(record), self.state.trace, 2 * self.state.n_trace * sizeof(double))
        return record


cdef double rosenbrock(const hp_objective *self, const double *x, double t, double *grad, void *work) noexcept nogil:
    cdef int64_t i, n = self.size
    cdef double value = 0.0, a, b
    if grad != NULL:
        memset(grad, 0, n * sizeof(double))
    for i in range(n - 1):
        a = x[i + 1] - x[i] * x[i]
        b = 1.0 - x[i]
        value += 100.0 * a * a + b * b
        if grad != NULL:
            grad[i] -= 400.0 * a * x[i] + 2.0 * b
            grad[i + 1] += 200.0 * a
    return value


cdef class CompiledRosenbrock:
    """Rosenbrock's chained function of `size` variables in C: sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""

    cdef hp_objective objective

    def __init__(self, int64_t size=2):
        self.objective.size = size
        self.objective.cost = 1.0
        self.objective.value_and_grad = rosenbrock

    @property
    def size(self):
        """The number of variables n."""
        return self.objective.size

    def value_and_grad(self, x):
        """Return the value and the gradient at x."""
        cdef const double *point = doubles(x, self.objective.size, "x")
        cdef cnp.ndarray gradient = new(self.objective.size)
        return rosenbrock(&self.objective, point, 1.0, data(gradient), NULL), gradient

    def capsule(self):
        """Return the function as compiled loops see it (a PyCapsule "homotopy.objective", objective.h)."""
        return wrapped(&self.objective, self)
