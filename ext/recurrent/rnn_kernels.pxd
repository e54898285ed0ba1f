"""What rnn.pyx uses of the C kernels: ext/recurrent/rnn.h, ext/recurrent/rnn_kernels.h."""
from libc.stdint cimport int64_t

from objective cimport hp_objective


cdef extern from "rnn_kernels.h":
    enum:
        HP_N_ACTIVATIONS
        HP_N_LOSSES
        HP_N_CELLS
        HP_ELMAN
        HP_TANH
        HP_COUNTS
        HP_ENDED
        HP_RNN_VALUE
        HP_RNN_GRAD
        HP_RNN_SECOND
    ctypedef struct hp_rnn:
        int cell, activation, learned, single
        double leak
        int d, h, k, states
        int64_t size
    ctypedef struct hp_rnn_risk:
        hp_rnn net
        int loss
        int64_t n, T, stride, quantum
        double l2, opening, total
        const double *totals
        const void *X
        const void *Y
        const void *weights
        const void *last
        const void *given
        const int64_t *ends
        const unsigned char *flags
    const char **hp_cells
    void hp_rnn_lay(hp_rnn *)
    void hp_rnn_use(int)
    size_t hp_rnn_bytes(const hp_rnn_risk *, int) nogil
    double hp_rnn_value_and_grad(const hp_rnn_risk *, const void *, double, int, void *, void *) nogil
    void hp_rnn_product(const hp_rnn_risk *, const void *, const void *, double, int, void *, void *) nogil
    void hp_rnn_outputs(const hp_rnn_risk *, const void *, const void *, void *, void *, void *) nogil
    void hp_rnn_pullback(const hp_rnn_risk *, const void *, const void *, void *, void *) nogil
    size_t hp_rnn_matrix_bytes(const hp_rnn_risk *) nogil
    void hp_rnn_matrix(const hp_rnn_risk *, const double *, double, double *, void *) nogil
    double hp_rnn_matrix_flops(const hp_rnn_risk *) nogil
    int hp_rnn_gauss_newton(const hp_objective *, const double *, double, double *, void *) nogil
    double hp_rnn_risk_value_and_grad(const hp_objective *, const double *, double, double *, void *) nogil
