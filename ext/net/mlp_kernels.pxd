"""What mlp.pyx uses of the C kernels: ext/net/mlp.h, ext/net/mlp_kernels.h."""
from libc.stdint cimport int64_t

from objective cimport hp_objective


cdef extern from "mlp_kernels.h":
    enum:
        HP_GRAD
        HP_SECOND
        HP_SECOND_DT
        HP_KIND_RISK
        HP_N_ACTIVATIONS
        HP_N_LOSSES
        HP_SQUARED
        HP_SOFTMAX
        HP_ROWS
    ctypedef struct hp_net:
        int n_layers, bias, activation, output, single, widest
        const int *sizes
        const int64_t *start
        double leak, output_leak
    ctypedef struct hp_risk:
        hp_net net
        int loss
        int64_t n_samples
        const void *X
        const void *Y
        const void *sample_weights
        double l2
        int64_t block
        int layout
        const double *XT
        const double *YT
        const double *Y0T
        const double *QT
        const double *WQT
        const double *weightsT
        const double *share
        int64_t stride
        int deformed, mix
        double smooth
        const double *Y0
        const double *Q
        const double *WQ
        int64_t n_basis
        double l2_easy
    ctypedef struct hp_direction:
        int gauss, moving, order
        double t
    int hp_isa_now
    const char **hp_activations
    const double *hp_activation_flops
    const char **hp_losses
    int hp_smooths(int)
    void hp_use(int)
    int hp_layout_of(const hp_risk *) nogil
    int64_t hp_stride_of(const hp_risk *) nogil
    size_t hp_gradient_bytes(const hp_risk *) nogil
    size_t hp_frame_bytes(const hp_risk *, int64_t, int) nogil
    size_t hp_tangent_bytes(const hp_risk *) nogil
    double hp_value_and_grad(const hp_risk *, const void *, double, void *, void *) nogil
    void hp_primal(const hp_risk *, const void *, hp_direction, void *) nogil
    int hp_is_narrow(const hp_risk *, hp_direction) nogil
    size_t hp_memory_bytes(const hp_risk *, int) nogil
    void hp_product(const hp_risk *, const void *, const void *, hp_direction, void *, void *, void *) nogil
    double hp_rate(const hp_risk *, const void *, double, void *, void *) nogil
    void hp_outputs(const hp_risk *, const void *, const void *, const void *, int64_t, void *, void *) nogil
    void hp_pullback(const hp_risk *, const void *, const void *, const void *, int64_t, void *, void *) nogil
    int hp_has_hessian(const hp_risk *) nogil
    double hp_gradient_flops(const hp_net *) nogil
    double hp_hessian_cost(const hp_risk *) nogil
    double hp_gauss_newton_cost(const hp_risk *) nogil
    size_t hp_matrix_bytes(const hp_risk *, int) nogil
    void hp_matrix(const hp_risk *, const void *, double, int, void *, void *) nogil
    void hp_jacobian(const hp_risk *, const void *, const void *, int64_t, void *, void *) nogil
    int hp_risk_hessian(const hp_objective *, const double *, double, double *, void *) nogil
    int hp_risk_gauss_newton(const hp_objective *, const double *, double, double *, void *) nogil
    double hp_risk_value_and_grad(const hp_objective *, const double *, double, double *, void *) nogil
