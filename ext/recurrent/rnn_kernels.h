/* All kernels of rnn.pyx: the passes once per type and instruction set, and what stands over them. */
#ifndef HOMOTOPY_RNN_KERNELS_H
#define HOMOTOPY_RNN_KERNELS_H
#include "blas.h"
#include "isa.h"
#include "rnn.h"

typedef struct {
    double (*gradient)(const hp_rnn_risk *, const void *, const double *, int64_t, void *, void *);
    void (*product)(const hp_rnn_risk *, const void *, const void *, int, const double *, int64_t, void *, void *);
    void (*outputs)(const hp_rnn_risk *, const void *, const void *, void *, void *, void *);
    void (*pullback)(const hp_rnn_risk *, const void *, const void *, void *, void *);
    /* In double only. */
    void (*matrix)(const hp_rnn_risk *, const void *, const double *, int64_t, double *, void *);
} hp_rnn_passes;

#define HP_SINGLE
#define HP_BODY "rnn_body.h"
#include "each_isa.h"

/* The passes of the instruction set in use, in double and in float. */
static const hp_rnn_passes *hp_rnn_now[2] = {&passes_f64_plain, &passes_f32_plain};

static void hp_rnn_use(int isa) {
    hp_rnn_now[0] = HP_OF_ISA(isa, &passes_f64);
    hp_rnn_now[1] = HP_OF_ISA(isa, &passes_f32);
}

static inline const hp_rnn_passes *hp_rnn_of(const hp_rnn_risk *r) { return hp_rnn_now[r->net.single]; }

/* How much of the sequence is open at t, in steps: L(t) = L (T/L)^t. */
static double hp_rnn_open(const hp_rnn_risk *r, double t) { return r->opening * pow((double)r->T / r->opening, t); }

static double hp_rnn_share(double open, int64_t s) { return open - (double)s > 1 ? 1 : open - (double)s; }

/* What the loss at each step is multiplied by, or with `rate` how that moves with t; returns how many steps are run.
   Step s has the factor phi = u^2 (3 - 2 u), u = L(t) - (s - 1) cut to [0, 1]; all of them together count 1. */
static int64_t hp_rnn_scales(const hp_rnn_risk *r, double t, int rate, double *scale) {
    if (r->opening == 0) {
        for (int64_t s = 0; s < r->T; s++) scale[s] = 1 / r->total;
        return r->T;
    }
    const double open = hp_rnn_open(r, t), speed = open * log((double)r->T / r->opening);
    const int64_t steps = open >= (double)r->T ? r->T : open > 1 ? (int64_t)ceil(open) : 1;
    double all = 0, moves = 0;
    for (int64_t s = 0; s < steps; s++) {
        const double u = hp_rnn_share(open, s);
        all += r->totals[s] * u * u * (3 - 2 * u);
        moves += r->totals[s] * 6 * u * (1 - u) * speed;
    }
    for (int64_t s = 0; s < steps; s++) {
        const double u = hp_rnn_share(open, s), phi = u * u * (3 - 2 * u);
        scale[s] = rate ? (6 * u * (1 - u) * speed - phi * moves / all) / all : phi / all;
    }
    return steps;
}

/* Bytes that the scales take at the beginning of the work memory. */
static size_t hp_rnn_head(const hp_rnn_risk *r) { return ((size_t)r->T * sizeof(double) + 63) & ~(size_t)63; }

/* Work memory of any instruction set of this machine: the sums are longest in the longest vectors, in bytes in either
   type. Those of others must not be asked, whose code may hold what the machine has not. */
static size_t hp_rnn_bytes(const hp_rnn_risk *r, int order) {
    const int best = hp_isa_named(NULL);
    return hp_rnn_head(r) + HP_OF_ISA(best, bytes_f64)(r, order);
}

/* The same for `hp_rnn_matrix`. */
static size_t hp_rnn_matrix_bytes(const hp_rnn_risk *r) {
    const int best = hp_isa_named(NULL);
    return hp_rnn_head(r) + HP_OF_ISA(best, matrix_bytes_f64)(r);
}

/* H(theta, t) or, with `rate`, its derivative in t, and the gradient of that in theta unless grad is NULL. */
static double hp_rnn_value_and_grad(const hp_rnn_risk *r, const void *theta, double t, int rate, void *grad, void *work) {
    double *scale = work, value, square = 0;
    const int64_t steps = hp_rnn_scales(r, t, rate, scale), p = r->net.size;
    value = hp_rnn_of(r)->gradient(r, theta, scale, steps, grad, (char *)work + hp_rnn_head(r));
    if (rate || r->l2 == 0) return value;
    for (int64_t i = 0; i < p; i++) {
        const double x = r->net.single ? (double)((const float *)theta)[i] : ((const double *)theta)[i];
        square += x * x;
        if (grad && r->net.single) ((float *)grad)[i] += (float)(r->l2 * x);
        else if (grad) ((double *)grad)[i] += r->l2 * x;
    }
    return value + 0.5 * r->l2 * square;
}

static void hp_rnn_product(const hp_rnn_risk *r, const void *theta, const void *v, double t, int gauss, void *out,
                           void *work) {
    double *scale = work;
    const int64_t steps = hp_rnn_scales(r, t, 0, scale), p = r->net.size;
    hp_rnn_of(r)->product(r, theta, v, gauss, scale, steps, out, (char *)work + hp_rnn_head(r));
    for (int64_t i = 0; r->l2 != 0 && i < p; i++) {
        if (r->net.single) ((float *)out)[i] += (float)r->l2 * ((const float *)v)[i];
        else ((double *)out)[i] += r->l2 * ((const double *)v)[i];
    }
}

static void hp_rnn_outputs(const hp_rnn_risk *r, const void *theta, const void *v, void *out, void *states, void *work) {
    hp_rnn_of(r)->outputs(r, theta, v, out, states, work);
}

static void hp_rnn_pullback(const hp_rnn_risk *r, const void *theta, const void *G, void *grad, void *work) {
    hp_rnn_of(r)->pullback(r, theta, G, grad, work);
}

/* The Gauss-Newton matrix of a float64 risk at (theta, t), symmetric, in full. */
static void hp_rnn_matrix(const hp_rnn_risk *r, const double *theta, double t, double *matrix, void *work) {
    double *scale = work;
    const int64_t steps = hp_rnn_scales(r, t, 0, scale), p = r->net.size;
    hp_rnn_now[0]->matrix(r, theta, scale, steps, matrix, (char *)work + hp_rnn_head(r));
    for (int64_t i = 0; i < p; i++) {
        matrix[i * p + i] += r->l2;
        for (int64_t j = 0; j < i; j++) matrix[j * p + i] = matrix[i * p + j];
    }
}

/* Flops of this matrix and its factorization: of each output of each step the way back and the square, where tiles run
   all their samples to the last step that one of them counts. They run at RATE times the gradient's time (measured:
   1-4-1 and 1-8-1 at all of 4 to 20 steps, 2-8-1 at the last of 12 and 100). */
static double hp_rnn_matrix_flops(const hp_rnn_risk *r) {
    const double p = (double)r->net.size, back = 2.0 * (double)(r->net.mixed * r->net.h) + 2.0 * p;
    const double RATE = 1.5;
    double flops = 0;
    for (int64_t i = 0; i * r->stride < r->n; i++) {
        const double samples = (double)(r->n - i * r->stride < r->stride ? r->n - i * r->stride : r->stride);
        for (int64_t t = 1; t <= r->ends[i]; t++)
            if (r->flags[i * r->T + t - 1] & HP_COUNTS) flops += samples * r->net.k * ((double)t * back + p * p);
    }
    return RATE * flops + p * p * p / 3.0;
}

static int hp_rnn_gauss_newton(const hp_objective *self, const double *x, double t, double *matrix, void *work) {
    hp_rnn_matrix(self->data, x, t, matrix, work);
    return 0;
}

/* hp_objective.value_and_grad of a float64 risk. */
static double hp_rnn_risk_value_and_grad(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    return hp_rnn_value_and_grad(self->data, x, t, 0, grad, work);
}
#endif
