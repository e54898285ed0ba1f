"""Whole descents in C: one start of a compiled (or interpreted) objective by one rule."""

from libc.math cimport NAN
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from arrays cimport data, doubles, empty2, frozen, new
from descent_types cimport (
    HP_LBFGS, HP_LM, HP_RUNNING, HP_STOPPED, fill_arrays, fill_settings, hp_arrays, hp_settings,
)
from halt cimport hp_halted, look, share_halt
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
    void hp_write_end(const hp_arrays *, int64_t, const hp_descent *, int)
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

cdef extern from "lbfgs_block.h" nogil:
    enum:
        HP_BLOCK_DONE
        HP_BLOCK_PAUSES
        HP_BLOCK_ENDED
    ctypedef struct hp_block:
        hp_descent *lanes
        int64_t *starts
        int ended
    int hp_block_open(hp_block *, const hp_objective *, const hp_settings *, const hp_sweeps *, const hp_arrays *)
    void hp_block_close(hp_block *)
    void hp_block_take(hp_block *, int64_t, int64_t)
    int hp_block_run(hp_block *)


cdef extern from "glue.h":
    pass

cnp.import_array()
share_halt()

cdef int chosen = isa_choose()


include "../objective/interpreted.pxi"


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
        if self.set.rule < HP_LBFGS and self.set.clip == 0:
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
        """Descend from starts begin to end - 1, one after the other; KeyboardInterrupt after Ctrl-C, or Interrupted.

        ``callback(step, t, value, grad_norm)`` is called every ``pause_every`` steps and returns True to stop.
        """
        cdef int64_t i = begin, previous, called = 0
        cdef hp_descent *s = &self.state
        self.is_begun = 0
        while 0 <= i < end:
            previous = i
            with nogil:
                hp_resume(s)
                i = self.work(i, end)
            look()
            if i > previous and self.set.record_every:
                self.traces[i - 1] = taken(&self.state)
            if i != previous:
                called = 0
            elif callback is not None and s.step > called and s.step % self.set.pause_every == 0:
                called = s.step
                if callback(s.step, s.t, s.value, s.grad_norm):
                    self.finish(i, HP_STOPPED)
                    i, called = i + 1, 0

    cdef int64_t work(self, int64_t i, int64_t end) noexcept nogil:
        """Run starts from i on until the interpreter should look; return the first one that has not ended.

        -1 where it was asked to stop.
        """
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
            if status == HP_STOPPED or hp_halted():
                return -1
            self.finish(i, status)
            i += 1
            if self.set.record_every:
                return i
        return i

    cdef void finish(self, int64_t i, int status) noexcept nogil:
        """Write down how start i ended."""
        hp_write_end(&self.to, i, &self.state, status)
        self.is_begun = 0


cdef object taken(const hp_descent *state):
    """Return a copy of a descent's record, shape (m, 2)."""
    cdef cnp.ndarray record = empty2(cnp.NPY_DOUBLE, state.n_trace, 2)
    if state.n_trace:
        memcpy(data(record), state.trace, 2 * state.n_trace * sizeof(double))
    return frozen(record)


cdef class Block:
    """Descents by L-BFGS or a rule of fixed steps from many starts side by side, with scratch memory for one thread.

    For objectives that evaluate many points together (`block_width`). Settings, starts, ends, `stop` and `isa` are
    those of `Loop`, and so is every result, bit for bit.
    """

    cdef hp_block block
    cdef hp_settings set
    cdef hp_arrays to
    cdef object keep, traces

    def __init__(self, capsule, settings, starts, ends, stop, isa=None):
        cdef const hp_objective *objective = unwrapped(capsule)
        fill_settings(&self.set, settings, stop)
        fill_arrays(&self.to, starts, ends, objective.size)
        self.keep = (capsule, settings, starts, ends, stop)
        self.traces = ends.traces
        if self.set.rule > HP_LBFGS or objective.width == 0 or self.set.pause_every:
            raise ArgumentError(
                "a block descends without a matrix and a callback, where many points are evaluated together"
            )
        cdef const hp_sweeps *sweeps = hp_sweeps_choose(chosen if isa is None else isa_of(isa))
        if not hp_block_open(&self.block, objective, &self.set, sweeps, &self.to):
            raise MemoryError("no memory for descents of this size")

    def __dealloc__(self):
        hp_block_close(&self.block)

    def run(self, int64_t begin, int64_t end):
        """Descend from starts begin to end - 1; KeyboardInterrupt after Ctrl-C, or Interrupted."""
        cdef hp_block *b = &self.block
        cdef int state = HP_BLOCK_PAUSES
        hp_block_take(b, begin, end)
        while state != HP_BLOCK_DONE:
            with nogil:
                state = hp_block_run(b)
            look()
            if state == HP_BLOCK_ENDED:
                self.traces[b.starts[b.ended]] = taken(&b.lanes[b.ended])
                b.starts[b.ended] = -1


def block_width(capsule):
    """Return how many points the objective likes to evaluate together, 0 where it knows no better than one by one."""
    return unwrapped(capsule).width


def advised_pairs(capsule):
    """Return how many pairs L-BFGS should keep on an objective where nobody says, 0 where it gives no advice."""
    return unwrapped(capsule).pairs
