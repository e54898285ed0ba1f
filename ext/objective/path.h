/* Paths made of other objectives, in C: weights that move with t, a quadratic pull, variables that fade.

       H(x, t) = w(t) f(s(t) x, t) + e(t) easy(x, t) + p(t)/2 |x - center|^2

   w, e and p go linearly from their value at t = 0 to the one at t = 1; s_i(t) = 1 - t fade_i, variable by variable.
   Variables may also rise in windows of t: then f is taken at rest + s(t) (x - rest), s_i(t) times u^2 (3 - 2 u) with
   u = (t - begin_i) / (end_i - begin_i) cut to [0, 1]. */
#ifndef HOMOTOPY_PATH_H
#define HOMOTOPY_PATH_H
#include <string.h>
#include "kinds.h"
#include "objective.h"

typedef struct {
    const hp_objective *inner, *easy;                     /* easy may be NULL */
    double inner0, inner1, easy0, easy1, pull0, pull1;
    const double *center, *fade, *rest;                   /* NULL for zero */
    const double *begin, *end;                            /* NULL: no variable rises */
} hp_path;

/* What variable i, less its rest, is multiplied by. */
static inline double hp_path_share(const hp_path *path, int64_t i, double t) {
    const double share = path->fade ? 1.0 - t * path->fade[i] : 1.0;
    if (path->begin == NULL || t >= path->end[i]) return share;
    if (t <= path->begin[i]) return 0.0;
    const double u = (t - path->begin[i]) / (path->end[i] - path->begin[i]);
    return share * u * u * (3.0 - 2.0 * u);
}

/* Writes where f is taken. */
static inline void hp_path_move(const hp_path *path, const double *x, int64_t n, double t, double *out) {
    for (int64_t i = 0; i < n; i++) {
        const double rest = path->rest ? path->rest[i] : 0.0;
        out[i] = rest + hp_path_share(path, i, t) * (x[i] - rest);
    }
}

static inline double hp_between(double at0, double at1, double t) { return at0 + t * (at1 - at0); }

/* Adds weight times an objective to grad and returns weight times its value; a weight of zero costs nothing. */
static double hp_path_add(const hp_objective *objective, double weight, const double *x, double t, double *grad,
                          double *own, void *work) {
    if (weight == 0.0) return 0.0;
    double value = objective->value_and_grad(objective, x, t, grad ? own : NULL, work);
    for (int64_t i = 0; grad && i < objective->size; i++) grad[i] += weight * own[i];
    return weight * value;
}

static double hp_path_value_and_grad(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    const hp_path *path = self->data;
    const int64_t n = self->size, padded = (n + 7) / 8 * 8;
    double *own = work, *faded = own + padded, value = 0.0;
    void *rest = faded + padded;
    const double pull = hp_between(path->pull0, path->pull1, t);
    for (int64_t i = 0; grad && i < n; i++) grad[i] = 0.0;
    const int moves = path->fade || path->begin;
    if (moves) hp_path_move(path, x, n, t, faded);
    const double weight = hp_between(path->inner0, path->inner1, t);
    value += hp_path_add(path->inner, weight, moves ? faded : x, t, grad, own, rest);
    for (int64_t i = 0; moves && grad && i < n; i++) grad[i] *= hp_path_share(path, i, t);
    if (path->easy) value += hp_path_add(path->easy, hp_between(path->easy0, path->easy1, t), x, t, grad, own, rest);
    if (pull != 0.0) {
        double sum = 0.0;
        for (int64_t i = 0; i < n; i++) {
            const double d = x[i] - (path->center ? path->center[i] : 0.0);
            sum += d * d;
            if (grad) grad[i] += pull * d;
        }
        value += 0.5 * pull * sum;
    }
    return value;
}

typedef int hp_matrix_function(const hp_objective *, const double *, double, double *, void *);

/* A matrix of second derivatives of f turned into the path's, in place; there is no easy objective. */
static int hp_path_matrix(const hp_objective *self, hp_matrix_function *matrix, const double *x, double t, double *out,
                          void *work) {
    const hp_path *path = self->data;
    const int64_t n = self->size, padded = (n + 7) / 8 * 8;
    const double weight = hp_between(path->inner0, path->inner1, t), pull = hp_between(path->pull0, path->pull1, t);
    double *faded = work;
    if (path->fade || path->begin) hp_path_move(path, x, n, t, faded);
    else memcpy(faded, x, sizeof(double) * (size_t)n);
    const int status = matrix(path->inner, faded, t, out, faded + 2 * padded);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            const double shares = hp_path_share(path, i, t) * hp_path_share(path, j, t);
            out[i * n + j] = (weight == 0.0 ? 0.0 : weight * shares * out[i * n + j]) + (i == j ? pull : 0.0);
        }
    return status;
}

static int hp_path_hessian(const hp_objective *self, const double *x, double t, double *out, void *work) {
    return hp_path_matrix(self, ((const hp_path *)self->data)->inner->hessian, x, t, out, work);
}

static int hp_path_gauss_newton(const hp_objective *self, const double *x, double t, double *out, void *work) {
    return hp_path_matrix(self, ((const hp_path *)self->data)->inner->gauss_newton, x, t, out, work);
}

static inline void hp_path_objective(hp_objective *self, const hp_path *path) {
    size_t inner = path->inner->work_bytes, easy = path->easy ? path->easy->work_bytes : 0;
    self->size = path->inner->size;
    self->work_bytes = 2 * (size_t)((self->size + 7) / 8 * 8) * sizeof(double) + (inner > easy ? inner : easy);
    self->cost = path->inner->cost + (path->easy ? path->easy->cost : 0.0);
    self->data = path;
    self->value_and_grad = hp_path_value_and_grad;
    self->kind = path->begin || path->rest ? HP_KIND_OPAQUE : HP_KIND_PATH; /* batched kernels know neither */
    if (path->easy == NULL && path->inner->hessian != NULL) self->hessian = hp_path_hessian;
    const int known = path->inner->kind == HP_KIND_RISK || path->inner->kind == HP_KIND_PATH;
    if (path->easy == NULL && known && path->inner->gauss_newton != NULL) self->gauss_newton = hp_path_gauss_newton;
}

/* The risk that a descent of this objective is about, and the path around it: NULL where there is none. */
static inline const void *hp_unwrap(const hp_objective *objective, const hp_path **path) {
    *path = NULL;
    if (objective->kind == HP_KIND_PATH) {
        *path = objective->data;
        objective = (*path)->inner;
        if ((*path)->easy) return NULL;
    }
    return objective->kind == HP_KIND_RISK ? objective->data : NULL;
}
#endif
