/* Two curves for tests and timings: Bratu's problem in one dimension, and the minimum of a moving quadratic. */
#ifndef HOMOTOPY_BRATU_H
#define HOMOTOPY_BRATU_H
#include "arclength.h"
#include "objective.h"
#include "vmath_all.h"

typedef struct {
    int64_t n;
    double scale; /* lambda = scale * t */
    double q;     /* 1 / spacing^2 */
    int isa;
    const double *a, *b, *d; /* the moving quadratic: center a t^2 + b sin t, curvatures d */
} hp_example;

/* -u'' - lambda e^u on n interior points, zero at both ends. Leaves e^u in work. */
static void bratu_gradient_of(const hp_example *f, const double *u, double t, double *g, double *e) {
    const int64_t n = f->n;
    const double q = f->q, lambda = f->scale * t;
    hp_apply_f64(f->isa, HP_V_exp, n, u, e);
    for (int64_t i = 1; i < n - 1; i++) g[i] = q * (2 * u[i] - u[i - 1] - u[i + 1]) - lambda * e[i];
    g[0] = q * (2 * u[0] - (n > 1 ? u[1] : 0)) - lambda * e[0];
    if (n > 1) g[n - 1] = q * (2 * u[n - 1] - u[n - 2]) - lambda * e[n - 1];
}

/* Its energy, the sum over intervals of q/2 (u_i+1 - u_i)^2 less lambda times the sum of e^u_i. */
static double bratu_value_of(const hp_example *f, const double *u, double t, const double *e) {
    const int64_t n = f->n;
    double bend = u[0] * u[0] + u[n - 1] * u[n - 1], load = e[0];
#pragma omp simd reduction(+ : bend, load)
    for (int64_t i = 1; i < n; i++) {
        bend += (u[i] - u[i - 1]) * (u[i] - u[i - 1]);
        load += e[i];
    }
    return 0.5 * f->q * bend - f->scale * t * load;
}

static void bratu_gradient(const hp_curve *c, const double *u, double t, double *g, double *work) {
    bratu_gradient_of(c->data, u, t, g, work);
}

static double bratu_value(const hp_curve *c, const double *u, double t, double *work) {
    return bratu_value_of(c->data, u, t, work);
}

/* One end of the elimination: the row before's inverse pivot and right sides, kept in registers. */
typedef struct {
    double m, r, z;
    int64_t negative;
} bratu_end;

/* One row of the system divided by q, whose off-diagonal is -1. */
static inline void bratu_row(bratu_end *end, double *m, double *r, double *z) {
    const double pivot = *m - end->m;
    end->r = *r + end->m * end->r;
    end->z = *z + end->m * end->z;
    end->m = 1 / pivot;
    end->negative += pivot < 0;
    *m = end->m, *r = end->r, *z = end->z;
}

/* Two rows at once: 1 / (b - 1 / a) = a / (a b - 1) takes one division in the chain from row to row instead of two. */
static inline void bratu_rows(bratu_end *end, double *m, double *r, double *z, int64_t step) {
    const double first = *m - end->m, product = m[step] * first - 1, low = 1 / first;
    const double r0 = *r + end->m * end->r, z0 = *z + end->m * end->z;
    end->negative += (first < 0) + ((product < 0) != (first < 0));
    end->m = first / product;
    end->r = r[step] + low * r0;
    end->z = z[step] + low * z0;
    *m = low, *r = r0, *z = z0;
    m[step] = end->m, r[step] = end->r, z[step] = end->z;
}

/* The tridiagonal system, eliminated from both ends toward the middle: two chains of divisions instead of one. The
   signs of the pivots are the inertia (Sylvester). */
static int64_t bratu_solve(const hp_curve *c, const double *u, double t, double *r, double *z, double *work) {
    const hp_example *f = c->data;
    const int64_t n = f->n, mid = n / 2, pairs = n - 1 - mid; /* rows above the middle one: mid, below: pairs */
    const double q = 1 / f->q, scale = f->scale * q, lambda = scale * t, *e = work;
    double *m = work + n, pivot, rm, zm; /* inverse pivots */
    bratu_end low = {0, 0, 0, 0}, high = {0, 0, 0, 0};
    (void)u;
    for (int64_t i = 0; i < n; i++) m[i] = 2 - lambda * e[i];
    for (int64_t i = 0; i < n; i++) z[i] = -scale * e[i];
    if (r) {
        for (int64_t i = 0; i < n; i++) r[i] *= q;
    } else {
        r = work + 2 * n;
        memset(r, 0, (size_t)n * sizeof *r);
    }
    int64_t i = 0, j = n - 1;
    for (; i + 1 < pairs; i += 2, j -= 2) { /* mid is pairs or pairs + 1 */
        bratu_rows(&low, m + i, r + i, z + i, 1);
        bratu_rows(&high, m + j, r + j, z + j, -1);
    }
    if (i < pairs) {
        bratu_row(&low, m + i, r + i, z + i);
        bratu_row(&high, m + j, r + j, z + j);
    }
    if (mid > pairs) bratu_row(&low, m + mid - 1, r + mid - 1, z + mid - 1);
    pivot = m[mid] - low.m - high.m;
    if (pivot == 0 || !isfinite(pivot)) return -1;
    rm = (r[mid] + low.m * low.r + high.m * high.r) / pivot;
    zm = (z[mid] + low.m * low.z + high.m * high.z) / pivot;
    r[mid] = low.r = high.r = rm;
    z[mid] = low.z = high.z = zm;
    m[mid] = 1 / pivot;
    for (i = mid - 1, j = mid + 1; j < n; i--, j++) {
        r[i] = low.r = (r[i] + low.r) * m[i], z[i] = low.z = (z[i] + low.z) * m[i];
        r[j] = high.r = (r[j] + high.r) * m[j], z[j] = high.z = (z[j] + high.z) * m[j];
    }
    if (mid > pairs) r[0] = (r[0] + low.r) * m[0], z[0] = (z[0] + low.z) * m[0];
    return low.negative + high.negative + (pivot < 0);
}

/* The same for another right side, with the inverse pivots that the last call left. */
static void bratu_again(const hp_curve *c, double *r, double *work) {
    const hp_example *f = c->data;
    const int64_t n = f->n, mid = n / 2;
    const double q = 1 / f->q, *m = work + n;
    for (int64_t i = 0; i < n; i++) r[i] *= q;
    for (int64_t i = 1; i < mid; i++) r[i] += m[i - 1] * r[i - 1];
    for (int64_t j = n - 2; j > mid; j--) r[j] += m[j + 1] * r[j + 1];
    if (mid > 0) r[mid] += m[mid - 1] * r[mid - 1];
    if (mid < n - 1) r[mid] += m[mid + 1] * r[mid + 1];
    r[mid] *= m[mid];
    for (int64_t i = mid - 1; i >= 0; i--) r[i] = (r[i] + r[i + 1]) * m[i];
    for (int64_t j = mid + 1; j < n; j++) r[j] = (r[j] + r[j - 1]) * m[j];
}

static double moving_value_of(const hp_example *f, const double *x, double t, double *g) {
    const double square = t * t, sine = sin(t);
    double value = 0;
#pragma omp simd reduction(+ : value)
    for (int64_t i = 0; i < f->n; i++) {
        const double r = x[i] - (f->a[i] * square + f->b[i] * sine);
        g[i] = f->d[i] * r;
        value += 0.5 * g[i] * r;
    }
    return value;
}

static void moving_gradient(const hp_curve *c, const double *x, double t, double *g, double *work) {
    (void)work;
    moving_value_of(c->data, x, t, g);
}

static double moving_value(const hp_curve *c, const double *x, double t, double *work) {
    return moving_value_of(c->data, x, t, work);
}

static int64_t moving_solve(const hp_curve *c, const double *x, double t, double *r, double *z, double *work) {
    const hp_example *f = c->data;
    const double cosine = cos(t);
    int64_t negative = 0;
    (void)x, (void)work;
    for (int64_t i = 0; i < f->n; i++) {
        z[i] = -(2 * t * f->a[i] + cosine * f->b[i]);
        if (r) r[i] /= f->d[i];
        negative += f->d[i] < 0;
    }
    return negative;
}

static void moving_again(const hp_curve *c, double *r, double *work) {
    const hp_example *f = c->data;
    (void)work;
    for (int64_t i = 0; i < f->n; i++) r[i] /= f->d[i];
}

/* The same two as compiled descents see them (objective.h); grad may be NULL. work holds 2 n doubles. */
static double bratu_value_and_grad(const hp_objective *o, const double *x, double t, double *grad, void *work) {
    double *e = work;
    bratu_gradient_of(o->data, x, t, grad ? grad : e + o->size, e);
    return bratu_value_of(o->data, x, t, e);
}

static double moving_value_and_grad(const hp_objective *o, const double *x, double t, double *grad, void *work) {
    return moving_value_of(o->data, x, t, grad ? grad : (double *)work);
}
#endif
