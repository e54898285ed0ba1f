/* All kernels of mlp.pyx: the passes once per type and instruction set, the products and loops once per type. */
#ifndef HOMOTOPY_MLP_KERNELS_H
#define HOMOTOPY_MLP_KERNELS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "blas.h"
#include "mlp.h"

#include "isa.h"

/* What a frame must hold: for the value, the gradient, second-order products, and those along t too. */
enum { HP_VALUE, HP_GRAD, HP_SECOND, HP_SECOND_DT };

typedef struct {
    int64_t n, m;   /* samples, units */
    int kind;       /* how act' is found: the activation, or HP_STORED */
    int activation;
    double leak;    /* of HP_LEAKY */
    double mix;     /* 1, or the share of the activation in its mix with the identity */
    double spread;  /* 0, or the width s of the normal noise that the activation is averaged over */
    double widest;  /* s at t = 0, so that ds/dt = -widest */
} hp_shape;

/* Whether hidden activations move with t. */
static inline int hp_moves(const hp_risk *r) { return r->mix || r->smooth > 0; }

/* How act' of layer l is found. */
static inline int hp_kind(const hp_risk *r, int l) {
    const int hidden = l < r->net.n_layers, activation = hidden ? r->net.activation : r->net.output;
    return !hp_simple(activation) || (hp_moves(r) && hidden) ? HP_STORED : activation;
}

/* Layer l for n samples at t. */
static inline hp_shape hp_shape_of(const hp_risk *r, int l, int64_t n, double t) {
    const int hidden = l < r->net.n_layers;
    const double smooth = hidden ? r->smooth : 0;
    return (hp_shape){n,
                      r->net.sizes[l],
                      hp_kind(r, l),
                      hidden ? r->net.activation : r->net.output,
                      hidden ? r->net.leak : r->net.output_leak,
                      hidden && r->mix ? t : 1,
                      smooth * (1 - t),
                      smooth};
}

/* The deepest net that mlp_small.h takes. */
enum { HP_SMALL_LAYERS = 8 };
#include "mlp_layout.h"

#define HP_DECLARE_PASSES(real, name)                                                                                 \
    typedef struct {                                                                                                  \
        void (*forward)(const hp_shape *, real *, const real *, real *, real *, real *, real *);                      \
        void (*backward)(const hp_shape *, real *, const real *, const real *, real *);                               \
        void (*rforward)(const hp_shape *, real *, const real *, const real *, const real *, const real *, real *);   \
        void (*rbackward)(const hp_shape *, real *, const real *, const real *, const real *, const real *,           \
                          const real *, const real *, real *);                                                        \
        double (*loss)(int, int64_t, int64_t, const real *, const real *, const real *, real, real *, real *);        \
        void (*rloss)(int, int64_t, int64_t, const real *, const real *, const real *, real, real *);                 \
        void (*outer)(int64_t, int64_t, int64_t, const real *, const real *, real *, int64_t, int);                   \
        void (*slopes)(const hp_shape *, const real *, const real *, const real *, const real *, int64_t, real *,     \
                       real *);                                                                                       \
        /* gemm.h; NULL where BLAS does the products */                                                               \
        void (*gemm)(int64_t, int64_t, int64_t, const real *, int64_t, int64_t, const real *, int64_t, int, real *,   \
                     int64_t);                                                                                        \
        void (*transpose)(int64_t, int64_t, const real *, real *, int64_t);                                           \
        /* mlp_small.h, narrow_risk.h, narrow_tangent.h, narrow_gram.h; NULL in float and without vectors */                                     \
        double (*small)(const hp_risk *, const double *, double, double *, double *);                                 \
        double (*narrow)(const hp_risk *, const double *, double, double *, double *);                                \
        void (*narrow_primal)(const hp_risk *, const double *, double, double *);                                     \
        void (*narrow_times)(const hp_risk *, const double *, double, const double *, int, double *, double *);       \
        size_t (*narrow_matrix)(const hp_risk *, const double *, double, int, double *, double *);                    \
    } name;
HP_DECLARE_PASSES(double, hp_passes_f64)
HP_DECLARE_PASSES(float, hp_passes_f32)

/* The next `bytes` of a region that starts at base, 64-byte aligned; NULL where base is NULL and only the size is
   wanted. */
static void *hp_take(size_t *used, char *base, size_t bytes) {
    char *here = base ? base + *used : NULL;
    *used += (bytes + 63) & ~(size_t)63;
    return here;
}

#define HP_SINGLE
#define HP_BODY "mlp_bodies.h"
#include "each_isa.h"

/* The passes of the instruction set in use. */
static const hp_passes_f64 *passes_now_f64 = &passes_f64_plain;
static const hp_passes_f32 *passes_now_f32 = &passes_f32_plain;
static int hp_isa_now = HP_ISA_PLAIN;

static void hp_use(int isa) {
    hp_isa_now = isa;
    passes_now_f64 = HP_OF_ISA(isa, &passes_f64);
    passes_now_f32 = HP_OF_ISA(isa, &passes_f32);
}

#define real double
#define TYPED(x) HP_JOIN(x, _f64)
#include "mlp_frame.h"
#include "mlp_risk.h"
#include "mlp_tangent.h"
#include "mlp_dense.h"
#undef TYPED
#undef real

#define real float
#define TYPED(x) HP_JOIN(x, _f32)
#include "mlp_frame.h"
#include "mlp_risk.h"
#include "mlp_tangent.h"
#include "mlp_dense.h"
#undef TYPED
#undef real

/* Both types behind one name each; arrays are of the type that net.single tells. */
#define HP_BOTH(call) (r->net.single ? call(_f32, float) : call(_f64, double))

static size_t hp_gradient_bytes(const hp_risk *r) {
    const size_t small = hp_layout_bytes(r);
#define CALL(type, real) HP_JOIN(lay, type)(r, HP_JOIN(frame_rows, type)(r), HP_GRAD, NULL, NULL)
    const size_t large = HP_BOTH(CALL);
#undef CALL
    return small > large ? small : large;
}

static size_t hp_frame_bytes(const hp_risk *r, int64_t rows, int order) {
#define CALL(type, real) HP_JOIN(lay, type)(r, rows, order, NULL, NULL)
    return HP_BOTH(CALL);
#undef CALL
}

/* What is kept for products at a point. */
static size_t hp_memory_bytes(const hp_risk *r, int order) {
    const size_t rows = hp_frame_bytes(r, r->n_samples, order), narrow = hp_narrow_bytes(r);
    return rows > narrow ? rows : narrow;
}

static size_t hp_tangent_bytes(const hp_risk *r) {
#define CALL(type, real) HP_JOIN(lay_tangents, type)(r, HP_JOIN(frame_rows, type)(r), NULL, NULL)
    return HP_BOTH(CALL);
#undef CALL
}

static double hp_value_and_grad(const hp_risk *r, const void *theta, double t, void *grad, void *work) {
    const int layout = passes_now_f64->small ? r->layout : HP_ROWS;
    if (layout != HP_ROWS) {
        const double value = (layout == HP_SMALL ? passes_now_f64->small : passes_now_f64->narrow)(r, theta, t, grad, work);
        return value + penalize_f64(r, penalty_f64(r, t), theta, grad);
    }
#define CALL(type, real) HP_JOIN(value_and_grad, type)(r, theta, t, grad, work)
    return HP_BOTH(CALL);
#undef CALL
}

/* BODY(type) on a frame f laid into `memory`. */
#define HP_ON_FRAME(order)                                                                                            \
    if (r->net.single) {                                                                                              \
        frame_f32 f;                                                                                                  \
        lay_f32(r, r->n_samples, order, memory, &f);                                                                  \
        BODY(_f32);                                                                                                   \
    } else {                                                                                                          \
        frame_f64 f;                                                                                                  \
        lay_f64(r, r->n_samples, order, memory, &f);                                                                  \
        BODY(_f64);                                                                                                   \
    }

typedef struct {
    int gauss, moving, order;
    double t;
} hp_direction;

/* Whether products of this kind are those of narrow_tangent.h, whose memory is another. */
static int hp_is_narrow(const hp_risk *r, hp_direction how) {
    return r->layout == HP_NARROW && passes_now_f64->narrow && how.order == HP_SECOND && !how.moving;
}

/* Fills `memory` (hp_memory_bytes) for products at (theta, t). */
static void hp_primal(const hp_risk *r, const void *theta, hp_direction how, void *memory) {
    if (hp_is_narrow(r, how)) {
        passes_now_f64->narrow_primal(r, theta, how.t, memory);
        return;
    }
#define BODY(type) HP_JOIN(primal, type)(r, theta, how.t, &f)
    HP_ON_FRAME(how.order)
#undef BODY
}

static void hp_product(const hp_risk *r, const void *theta, const void *v, hp_direction how, void *memory, void *out,
                       void *work) {
    if (hp_is_narrow(r, how)) {
        passes_now_f64->narrow_times(r, theta, how.t, v, how.gauss, memory, out);
        const double weight = penalty_f64(r, how.t);
        for (int64_t i = 0; weight != 0 && i < r->net.start[r->net.n_layers]; i++)
            ((double *)out)[i] += weight * ((const double *)v)[i];
        return;
    }
#define BODY(type) HP_JOIN(product, type)(r, theta, how.t, v, how.gauss, how.moving, &f, out, work)
    HP_ON_FRAME(how.order)
#undef BODY
}

static double hp_rate(const hp_risk *r, const void *theta, double t, void *memory, void *work) {
#define BODY(type) return HP_JOIN(rate, type)(r, theta, t, &f, work)
    HP_ON_FRAME(HP_SECOND_DT)
#undef BODY
}

static void hp_outputs(const hp_risk *r, const void *theta, const void *v, const void *X, int64_t n, void *out,
                       void *work) {
    if (r->net.single) outputs_f32(r, theta, v, X, n, out, work);
    else outputs_f64(r, theta, v, X, n, out, work);
}

static void hp_pullback(const hp_risk *r, const void *theta, const void *u, const void *X, int64_t n, void *grad,
                        void *work) {
    if (r->net.single) pullback_f32(r, theta, u, X, n, grad, work);
    else pullback_f64(r, theta, u, X, n, grad, work);
}

/* Whether mlp_dense.h has the exact Hessian in closed form. */
static int hp_has_hessian(const hp_risk *r) {
    return r->net.n_layers <= 2 && r->net.output == HP_IDENTITY && !r->Q;
}

/* Whether narrow_gram.h makes the matrix. */
static int hp_has_narrow_matrix(const hp_risk *r) {
    return r->layout == HP_NARROW && !r->Q && r->net.n_layers == 2 && r->net.output == HP_IDENTITY &&
           (r->loss == HP_SQUARED || (r->loss == HP_BERNOULLI && r->net.sizes[2] == 1));
}

/* Operations of the value and the gradient on one sample: those that `Net.gradient_flops` names. */
static double hp_gradient_flops(const hp_net *net) {
    const double first = (double)net->sizes[0] * net->sizes[1], unit = 2.0 + hp_activation_flops[net->activation];
    double flops = 4.0 * first;
    for (int l = 1; l < net->n_layers; l++) flops += unit * net->sizes[l] + 6.0 * (double)net->sizes[l] * net->sizes[l + 1];
    return flops;
}

/* What these matrices cost in gradients, by flops: for N samples and n weights N n^2 for a symmetric product and n^3 / 3
   for its factorization. The sums of narrow_gram.h are counted, which run at RATE times the gradient's time (measured:
   8-8-1 to 16-16-1 and 1-4-1, relu, tanh and gelu). A Hessian also costs the pass behind it. */
static double hp_gauss_newton_cost(const hp_risk *r) {
    const double n = (double)r->net.start[r->net.n_layers], k = (double)r->net.sizes[r->net.n_layers];
    const double gradient = hp_gradient_flops(&r->net), RATE = 1.5;
    const double factorization = n * n * n / (3.0 * gradient * (double)r->n_samples);
    if (!hp_has_narrow_matrix(r)) return k * n * n / gradient + factorization;
    const double m = r->net.sizes[1], h = m + r->net.bias, x = r->net.sizes[0] + r->net.bias;
    const double sums = m * (m + 1) / 2 * x * (x + 1) / 2 + h * m * x + h * h;
    return RATE * 2.0 * sums / gradient + factorization;
}

static double hp_hessian_cost(const hp_risk *r) {
    return (double)r->net.sizes[r->net.n_layers] + hp_gauss_newton_cost(r);
}

static size_t hp_matrix_bytes(const hp_risk *r, int hessian) {
    const size_t rows = r->net.single ? matrix_bytes_f32(r, hessian) : matrix_bytes_f64(r, hessian);
#if HP_VECTORS /* the same in every instruction set */
    const size_t bytes = hp_has_narrow_matrix(r) ? narrow_matrix_f64_base(r, NULL, 0, hessian, NULL, NULL) : 0;
    return bytes > rows ? bytes : rows;
#else
    return rows;
#endif
}

static void hp_matrix(const hp_risk *r, const void *theta, double t, int hessian, void *H, void *work) {
    if (passes_now_f64->narrow_matrix && hp_has_narrow_matrix(r)) {
        const int64_t p = r->net.start[r->net.n_layers];
        passes_now_f64->narrow_matrix(r, theta, t, hessian, H, work);
        for (int64_t i = 0; i < p; i++) ((double *)H)[i * p + i] += penalty_f64(r, t);
    } else if (r->net.single) matrix_f32(r, theta, t, hessian, H, work);
    else matrix_f64(r, theta, t, hessian, H, work);
}

static void hp_jacobian(const hp_risk *r, const void *theta, const void *X, int64_t n, void *J, void *work) {
    if (r->net.single) jacobian_f32(r, theta, X, n, J, work);
    else jacobian_f64(r, theta, X, n, J, work);
}

/* hp_objective.hessian of a float64 risk that hp_has_hessian. */
static int hp_risk_hessian(const hp_objective *self, const double *x, double t, double *hess, void *work) {
    hp_matrix(self->data, x, t, 1, hess, work);
    return 0;
}

/* hp_objective.gauss_newton of a float64 risk. */
static int hp_risk_gauss_newton(const hp_objective *self, const double *x, double t, double *matrix, void *work) {
    hp_matrix(self->data, x, t, 0, matrix, work);
    return 0;
}

/* hp_objective.value_and_grad of a float64 risk. */
static double hp_risk_value_and_grad(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    return hp_value_and_grad(self->data, x, t, grad, work);
}
#endif
