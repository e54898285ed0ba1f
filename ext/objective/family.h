/* Families made of other objectives, in C: weights that move with t, a quadratic pull, variables that fade.

       H(x, t) = w(t) f(s(t) x, t) + e(t) easy(x, t) + p(t)/2 |x - center|^2 + t (1 - t)/2 sum_i toll_i x_i^2

   w, e and p go linearly from their value at t = 0 to the one at t = 1; s_i(t) = 1 - t fade_i, variable by variable.
   Variables may also rise in windows of t: then f is taken at rest + s(t) (x - rest), s_i(t) times u^2 (3 - 2 u) with
   u = (t - begin_i) / (end_i - begin_i) cut to [0, 1]. */
#ifndef HOMOTOPY_FAMILY_H
#define HOMOTOPY_FAMILY_H
#include <string.h>
#include "objective.h"

typedef struct {
    const hp_objective *inner, *easy;                     /* easy may be NULL */
    double inner0, inner1, easy0, easy1, pull0, pull1;
    const double *center, *fade, *rest;                   /* NULL for zero */
    const double *begin, *end;                            /* NULL: no variable rises */
    const double *toll;                                   /* NULL for zero */
} hp_family;

/* What variable i, less its rest, is multiplied by. */
static inline double hp_family_share(const hp_family *family, int64_t i, double t) {
    const double share = family->fade ? 1.0 - t * family->fade[i] : 1.0;
    if (family->begin == NULL || t >= family->end[i]) return share;
    if (t <= family->begin[i]) return 0.0;
    const double u = (t - family->begin[i]) / (family->end[i] - family->begin[i]);
    return share * u * u * (3.0 - 2.0 * u);
}

/* Writes where f is taken. */
static inline void hp_family_move(const hp_family *family, const double *x, int64_t n, double t, double *out) {
    for (int64_t i = 0; i < n; i++) {
        const double rest = family->rest ? family->rest[i] : 0.0;
        out[i] = rest + hp_family_share(family, i, t) * (x[i] - rest);
    }
}

/* What half of the square of variable i costs beside f, the pull apart. */
static inline double hp_family_toll(const hp_family *family, int64_t i, double t) {
    return family->toll ? t * (1.0 - t) * family->toll[i] : 0.0;
}

static inline double hp_between(double at0, double at1, double t) { return at0 + t * (at1 - at0); }

/* Adds weight times an objective to grad and returns weight times its value; a weight of zero costs nothing. */
static double hp_family_add(const hp_objective *objective, double weight, const double *x, double t, double *grad,
                          double *own, void *work) {
    if (weight == 0.0) return 0.0;
    double value = objective->value_and_grad(objective, x, t, grad ? own : NULL, work);
    for (int64_t i = 0; grad && i < objective->size; i++) grad[i] += weight * own[i];
    return weight * value;
}

static double hp_family_value_and_grad(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    const hp_family *family = self->data;
    const int64_t n = self->size, padded = (n + 7) / 8 * 8;
    double *own = work, *faded = own + padded, value = 0.0;
    void *rest = faded + padded;
    const double pull = hp_between(family->pull0, family->pull1, t);
    for (int64_t i = 0; grad && i < n; i++) grad[i] = 0.0;
    const int moves = family->fade || family->begin;
    if (moves) hp_family_move(family, x, n, t, faded);
    const double weight = hp_between(family->inner0, family->inner1, t);
    value += hp_family_add(family->inner, weight, moves ? faded : x, t, grad, own, rest);
    for (int64_t i = 0; moves && grad && i < n; i++) grad[i] *= hp_family_share(family, i, t);
    if (family->easy) value += hp_family_add(family->easy, hp_between(family->easy0, family->easy1, t), x, t, grad, own, rest);
    if (pull != 0.0) {
        double sum = 0.0;
        for (int64_t i = 0; i < n; i++) {
            const double d = x[i] - (family->center ? family->center[i] : 0.0);
            sum += d * d;
            if (grad) grad[i] += pull * d;
        }
        value += 0.5 * pull * sum;
    }
    for (int64_t i = 0; family->toll && i < n; i++) {
        const double cost = hp_family_toll(family, i, t) * x[i];
        value += 0.5 * cost * x[i];
        if (grad) grad[i] += cost;
    }
    return value;
}

typedef int hp_matrix_function(const hp_objective *, const double *, double, double *, void *);

/* A matrix of second derivatives of f turned into the family's, in place; there is no easy objective. */
static int hp_family_matrix(const hp_objective *self, hp_matrix_function *matrix, const double *x, double t, double *out,
                          void *work) {
    const hp_family *family = self->data;
    const int64_t n = self->size, padded = (n + 7) / 8 * 8;
    const double weight = hp_between(family->inner0, family->inner1, t), pull = hp_between(family->pull0, family->pull1, t);
    double *faded = work;
    if (family->fade || family->begin) hp_family_move(family, x, n, t, faded);
    else memcpy(faded, x, sizeof(double) * (size_t)n);
    const int status = matrix(family->inner, faded, t, out, faded + 2 * padded);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            const double shares = hp_family_share(family, i, t) * hp_family_share(family, j, t);
            out[i * n + j] = (weight == 0.0 ? 0.0 : weight * shares * out[i * n + j]);
            if (i == j) out[i * n + j] += pull + hp_family_toll(family, i, t);
        }
    return status;
}

static int hp_family_hessian(const hp_objective *self, const double *x, double t, double *out, void *work) {
    return hp_family_matrix(self, ((const hp_family *)self->data)->inner->hessian, x, t, out, work);
}

static int hp_family_gauss_newton(const hp_objective *self, const double *x, double t, double *out, void *work) {
    return hp_family_matrix(self, ((const hp_family *)self->data)->inner->gauss_newton, x, t, out, work);
}

static inline void hp_family_objective(hp_objective *self, const hp_family *family) {
    size_t inner = family->inner->work_bytes, easy = family->easy ? family->easy->work_bytes : 0;
    self->size = family->inner->size;
    self->work_bytes = 2 * (size_t)((self->size + 7) / 8 * 8) * sizeof(double) + (inner > easy ? inner : easy);
    self->pairs = family->inner->pairs;
    self->cost = family->inner->cost + (family->easy ? family->easy->cost : 0.0);
    self->data = family;
    self->value_and_grad = hp_family_value_and_grad;
    const int unknown = family->begin || family->rest || family->toll; /* to batched kernels */
    self->kind = unknown ? HP_KIND_OPAQUE : HP_KIND_FAMILY;
    if (family->easy) return;
    if (family->inner->hessian) self->hessian = hp_family_hessian;
    if (family->inner->gauss_newton) self->gauss_newton = hp_family_gauss_newton;
    self->hessian_cost = family->inner->hessian_cost;
    self->gauss_newton_cost = family->inner->gauss_newton_cost;
}

/* The risk that a descent of this objective is about, and the family around it: NULL where there is none. */
static inline const void *hp_unwrap(const hp_objective *objective, const hp_family **family) {
    *family = NULL;
    if (objective->kind == HP_KIND_FAMILY) {
        *family = objective->data;
        objective = (*family)->inner;
        if ((*family)->easy) return NULL;
    }
    return objective->kind == HP_KIND_RISK ? objective->data : NULL;
}
#endif
