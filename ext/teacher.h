/* Teacher-student population risk of one hidden relu layer whose second layer is one, for x ~ N(0, I_d):

     F(W) = 1/2 E[(sum_i relu(w_i . x) - sum_j relu(v_j . x))^2]
          = 1/2 sum_il K(w_i, w_l) - sum_ij K(w_i, v_j) + 1/2 sum_jl K(v_j, v_l),
     K(w, v) = |w| |v| / (2 pi) (sin a + (pi - a) cos a),  a the angle between w and v,

   and two deformations of it. HERMITE: the parts of degree zero and one of the residual,
     1/(4 pi) (sum |w_i| - sum |v_j|)^2   and   1/8 |sum w_i - sum v_j|^2,
   are weighted by t^2. SMOOTHED: the student's relu is convolved with a Gaussian of standard deviation
   s = s0 (1 - t), which is K of the rows (w_i, s e_i) one space up: norms grow to sqrt(|w|^2 + s^2), inner products
   of different rows stay. The derivations are in papers/mathematics.md. */
#ifndef HOMOTOPY_TEACHER_H
#define HOMOTOPY_TEACHER_H
#include "objective.h"
#include <math.h>
#include <string.h>

enum { TS_PLAIN = 0, TS_HERMITE = 1, TS_SMOOTHED = 2 };

typedef struct {
    int64_t n, k, d;            /* student rows, teacher rows, dimension */
    const double *teacher;      /* k x d */
    const double *norms, *inv;  /* of the teacher's rows, k each; inv is 0 for a zero row */
    const double *sum;          /* of the teacher's rows, d */
    double total, constant;     /* sum of the norms; 1/2 sum K(v_j, v_l) */
    double smoothing;           /* s0 */
    int path;                   /* TS_PLAIN, TS_HERMITE, TS_SMOOTHED */
} ts_data;

/* What one evaluation knows about its point: cosines, sines and b = (pi - angle)/(2 pi) of all pairs, the pairs of
   student rows first (row by row of the strict lower triangle), then student x teacher. */
typedef struct {
    double weight, s;                 /* of the parts of degree 0 and 1; of the smoothing */
    double *norm, *inv, *alpha;       /* n: sqrt(|w|^2 + s^2), its inverse, the factor of w_i in the gradient */
    double *diag_s, *diag_b, *diag_c; /* n: sine, b, cosine of a row with its own smoothed copy */
    double *mean;                     /* d: sum w - sum v */
    double *cosine, *sine, *b;        /* pairs */
    double *square;                   /* n x n: b of all student pairs, symmetric */
    double *spare;                    /* 2 n + 4 d more, for second order */
    double excess;                    /* sum of norms - total */
} ts_point;

static const double TS_I2PI = 0.15915494309189533577, TS_PI = 3.14159265358979323846;

static inline int64_t ts_pairs(const ts_data *D) { return D->n * (D->n - 1) / 2 + D->n * D->k; }
static inline int64_t ts_round(int64_t m) { return (m + 7) & ~(int64_t)7; }

static size_t ts_work_bytes(const ts_data *D) {
    int64_t n = ts_round(D->n), d = ts_round(D->d), m = ts_round(ts_pairs(D)), q = ts_round(D->n * D->n);
    return (size_t)(8 * n + 5 * d + 3 * m + q) * sizeof(double);
}

static ts_point ts_layout(const ts_data *D, double t, void *work) {
    int64_t n = ts_round(D->n), d = ts_round(D->d), m = ts_round(ts_pairs(D)), q = ts_round(D->n * D->n);
    double *w = (double *)work;
    ts_point P;
    P.weight = D->path == TS_HERMITE ? t * t : 1.0;
    P.s = D->path == TS_SMOOTHED ? D->smoothing * (1.0 - t) : 0.0;
    P.norm = w; P.inv = w + n; P.alpha = w + 2 * n; P.diag_s = w + 3 * n; P.diag_b = w + 4 * n; P.diag_c = w + 5 * n;
    w += 6 * n;
    P.mean = w; w += d;
    P.cosine = w; P.sine = w + m; P.b = w + 2 * m; w += 3 * m;
    P.square = w; w += q;
    P.spare = w;
    P.excess = 0.0;
    return P;
}

static inline double ts_dot(const double *a, const double *b, int64_t m) {
    double s = 0.0;
#pragma omp simd reduction(+ : s)
    for (int64_t q = 0; q < m; q++) s += a[q] * b[q];
    return s;
}

static inline void ts_axpy(double f, const double *a, double *out, int64_t m) {
#pragma omp simd
    for (int64_t q = 0; q < m; q++) out[q] += f * a[q];
}

/* Sine and b of a nearly parallel pair from the difference (sum) of the unit rows: arccos loses half of the digits. */
static void ts_refine(const double *u, double iu, const double *v, double iv, double extra, int64_t d, double *c,
                      double *s, double *b) {
    double sign = *c > 0 ? 1.0 : -1.0, q = extra;
    for (int64_t a = 0; a < d; a++) {
        double e = u[a] * iu - sign * v[a] * iv;
        q += e * e;
    }
    double half = 0.5 * sqrt(q);
    half = half > 1.0 ? 1.0 : half;
    double angle = 2.0 * asin(half);
    *c = sign * (1.0 - 2.0 * half * half);
    *s = 2.0 * half * sqrt(1.0 - half * half);
    *b = (sign > 0 ? TS_PI - angle : angle) * TS_I2PI;
}

static void ts_angles_of(double *c, double *s, double *b, int64_t m) {
    for (int64_t q = 0; q < m; q++) {
        double e = c[q] > 1.0 ? 1.0 : c[q];
        c[q] = e < -1.0 ? -1.0 : e;
    }
    for (int64_t q = 0; q < m; q++) s[q] = sqrt(1.0 - c[q] * c[q]);
    for (int64_t q = 0; q < m; q++) b[q] = (TS_PI - acos(c[q])) * TS_I2PI;
}

/* A cosine beyond this is refined: arccos is then wrong by more than 1e-16 / 0.014. */
#define TS_NEAR 0.9999

static void ts_refine_all(const ts_data *D, const double *x, ts_point *P) {
    int64_t n = D->n, k = D->k, d = D->d;
    double *c = P->cosine, *s = P->sine, *b = P->b, s2 = P->s * P->s;
    for (int64_t i = 0; i < n; c += i, s += i, b += i, i++)
        for (int64_t j = 0; j < i; j++)
            if (fabs(c[j]) > TS_NEAR) {
                double ii = P->inv[i], ij = P->inv[j];
                ts_refine(x + i * d, ii, x + j * d, ij, s2 * (ii * ii + ij * ij), d, c + j, s + j, b + j);
            }
    for (int64_t i = 0; i < n; c += k, s += k, b += k, i++)
        for (int64_t j = 0; j < k; j++)
            if (fabs(c[j]) > TS_NEAR) {
                double ii = P->inv[i];
                ts_refine(x + i * d, ii, D->teacher + j * d, D->inv[j], s2 * ii * ii, d, c + j, s + j, b + j);
            }
}

/* Norms, angles of all pairs, and the factors alpha: everything that value and derivatives share. A zero row has
   inverse norm 0, so that it is orthogonal to all and its terms vanish. */
static ts_point ts_prepare(const ts_data *D, const double *x, double t, void *work) {
    int64_t n = D->n, k = D->k, d = D->d;
    ts_point P = ts_layout(D, t, work);
    memset(P.mean, 0, sizeof(double) * (size_t)d);
    ts_axpy(-1.0, D->sum, P.mean, d);
    P.excess = -D->total;
    for (int64_t i = 0; i < n; i++) {
        double q = ts_dot(x + i * d, x + i * d, d), r = sqrt(q + P.s * P.s);
        P.norm[i] = r;
        P.inv[i] = r < 1e-150 ? 0.0 : 1.0 / r;
        P.excess += r;
        ts_axpy(1.0, x + i * d, P.mean, d);
        double c = q * P.inv[i] * P.inv[i], sine = P.s * P.inv[i] * sqrt(1.0 + c);
        P.diag_c[i] = P.s > 0.0 ? c : 1.0;
        P.diag_s[i] = sine;
        P.diag_b[i] = P.s > 0.0 ? (TS_PI - atan2(sine, c)) * TS_I2PI : 0.5;
    }
    double *c = P.cosine;
    for (int64_t i = 0; i < n; c += i, i++)
        for (int64_t j = 0; j < i; j++) c[j] = ts_dot(x + i * d, x + j * d, d) * P.inv[i] * P.inv[j];
    for (int64_t i = 0; i < n; c += k, i++)
        for (int64_t j = 0; j < k; j++) c[j] = ts_dot(x + i * d, D->teacher + j * d, d) * P.inv[i] * D->inv[j];
    ts_angles_of(P.cosine, P.sine, P.b, ts_pairs(D));
    ts_refine_all(D, x, &P);
    double *s = P.sine, *b = P.b;
    memset(P.alpha, 0, sizeof(double) * (size_t)n);
    for (int64_t i = 0; i < n; s += i, b += i, i++) {
        P.square[i * n + i] = P.diag_b[i];
        P.alpha[i] += ts_dot(s, P.norm, i);
        for (int64_t j = 0; j < i; j++) {
            P.alpha[j] += s[j] * P.norm[i];
            P.square[i * n + j] = P.square[j * n + i] = b[j];
        }
    }
    for (int64_t i = 0; i < n; s += k, i++)
        P.alpha[i] = TS_I2PI * (P.inv[i] * (P.alpha[i] - ts_dot(s, D->norms, k)) + P.diag_s[i]);
    return P;
}

static double ts_value(const ts_data *D, const ts_point *P) {
    int64_t n = D->n, k = D->k;
    const double *c = P->cosine, *s = P->sine, *b = P->b;
    double f = 0.0;
    for (int64_t i = 0; i < n; c += i, s += i, b += i, i++) {
        double row = 0.0;
        for (int64_t j = 0; j < i; j++) row += P->norm[j] * (TS_I2PI * s[j] + b[j] * c[j]);
        f += P->norm[i] * row;
        f += 0.5 * P->norm[i] * P->norm[i] * (TS_I2PI * P->diag_s[i] + P->diag_b[i] * P->diag_c[i]);
    }
    for (int64_t i = 0; i < n; c += k, s += k, b += k, i++) {
        double row = 0.0;
        for (int64_t j = 0; j < k; j++) row += D->norms[j] * (TS_I2PI * s[j] + b[j] * c[j]);
        f -= P->norm[i] * row;
    }
    return f + D->constant;
}

/* The weighted parts of degree 0 and 1 of the residual. */
static double ts_low(const ts_data *D, const ts_point *P) {
    return 0.5 * TS_I2PI * P->excess * P->excess + 0.125 * ts_dot(P->mean, P->mean, D->d);
}

/* grad_i += f (excess w_i / (2 pi |w_i|) + mean / 4): the gradient of f times ts_low. */
static void ts_low_grad(const ts_data *D, const double *x, const ts_point *P, double f, double *grad) {
    for (int64_t i = 0; i < D->n; i++) {
        ts_axpy(f * TS_I2PI * P->excess * P->inv[i], x + i * D->d, grad + i * D->d, D->d);
        ts_axpy(0.25 * f, P->mean, grad + i * D->d, D->d);
    }
}

static double ts_value_and_grad(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    int64_t n = D->n, k = D->k, d = D->d;
    ts_point P = ts_prepare(D, x, t, work);
    double f = ts_value(D, &P);
    if (grad) {
        const double *b = P.b + n * (n - 1) / 2;
        for (int64_t i = 0; i < n; i++, b += k) {
            double *g = grad + i * d;
            for (int64_t q = 0; q < d; q++) g[q] = P.alpha[i] * x[i * d + q];
            for (int64_t j = 0; j < n; j++) ts_axpy(P.square[i * n + j], x + j * d, g, d);
            for (int64_t j = 0; j < k; j++) ts_axpy(-b[j], D->teacher + j * d, g, d);
        }
    }
    if (P.weight != 1.0) {
        f += (P.weight - 1.0) * ts_low(D, &P);
        if (grad) ts_low_grad(D, x, &P, P.weight - 1.0, grad);
    }
    return f;
}

/* The derivative of the cosine over 2 pi sine; the pair's terms vanish with the sine, so 0 is right at 0. */
static inline double ts_slope(double dc, double s) { return s > 0.0 ? TS_I2PI * dc / s : 0.0; }

/* out = derivative of the gradient along (p, ds): p moves the rows (NULL for none), ds the smoothing. */
static void ts_second(const ts_data *D, const double *x, double t, const double *p, double ds, double *out, void *work) {
    int64_t n = D->n, k = D->k, d = D->d;
    ts_point P = ts_prepare(D, x, t, work);
    double *dn = P.spare, *da = dn + ts_round(n), *dmean = da + ts_round(n);
    const double *c = P.cosine, *s = P.sine, *b = P.b + n * (n - 1) / 2;
    double dexcess = 0.0;
    memset(out, 0, sizeof(double) * (size_t)(n * d));
    memset(dmean, 0, sizeof(double) * (size_t)d);
    for (int64_t i = 0; i < n; i++) {
        const double *pi = p ? p + i * d : NULL;
        dn[i] = ((p ? ts_dot(x + i * d, pi, d) : 0.0) + P.s * ds) * P.inv[i];
        dexcess += dn[i];
        da[i] = -dn[i] * P.inv[i] * (P.alpha[i] - TS_I2PI * P.diag_s[i]);
        if (P.s > 0.0) { /* the row with its own smoothed copy: factor (s + pi - angle)/(2 pi) of w_i */
            double dq = 2.0 * (dn[i] * P.norm[i] - P.s * ds) * P.inv[i] * P.inv[i];
            da[i] += (1.0 - P.diag_c[i]) * ts_slope(dq - 2.0 * P.diag_c[i] * dn[i] * P.inv[i], P.diag_s[i]);
        }
        if (!p) continue;
        ts_axpy(1.0, pi, dmean, d);
        ts_axpy(P.alpha[i], pi, out + i * d, d);
        for (int64_t j = 0; j < n; j++) ts_axpy(P.square[i * n + j], p + j * d, out + i * d, d);
    }
    for (int64_t i = 0; i < n; c += i, s += i, i++) /* student pairs */
        for (int64_t j = 0; j < i; j++) {
            double dg = p ? ts_dot(p + i * d, x + j * d, d) + ts_dot(x + i * d, p + j * d, d) : 0.0;
            double dc = dg * P.inv[i] * P.inv[j] - c[j] * (dn[i] * P.inv[i] + dn[j] * P.inv[j]);
            double db = ts_slope(dc, s[j]);
            da[i] += P.inv[i] * (TS_I2PI * dn[j] * s[j] - P.norm[j] * c[j] * db);
            da[j] += P.inv[j] * (TS_I2PI * dn[i] * s[j] - P.norm[i] * c[j] * db);
            ts_axpy(db, x + j * d, out + i * d, d);
            ts_axpy(db, x + i * d, out + j * d, d);
        }
    for (int64_t i = 0; i < n; c += k, s += k, b += k, i++) { /* student x teacher */
        for (int64_t j = 0; j < k; j++) {
            double dg = p ? ts_dot(p + i * d, D->teacher + j * d, d) : 0.0;
            double db = ts_slope(dg * P.inv[i] * D->inv[j] - c[j] * dn[i] * P.inv[i], s[j]);
            da[i] += P.inv[i] * D->norms[j] * c[j] * db;
            ts_axpy(-db, D->teacher + j * d, out + i * d, d);
        }
        ts_axpy(da[i], x + i * d, out + i * d, d);
    }
    if (P.weight == 1.0) return;
    double f = P.weight - 1.0;
    for (int64_t i = 0; i < n; i++) {
        if (p) ts_axpy(f * TS_I2PI * P.excess * P.inv[i], p + i * d, out + i * d, d);
        ts_axpy(f * TS_I2PI * P.inv[i] * (dexcess - P.excess * dn[i] * P.inv[i]), x + i * d, out + i * d, d);
        ts_axpy(0.25 * f, dmean, out + i * d, d);
    }
}

static void ts_hessp(const hp_objective *self, const double *x, double t, const double *v, double *out, void *work) {
    ts_second((const ts_data *)self->data, x, t, v, 0.0, out, work);
}

/* dH/dt. */
static double ts_dt(const hp_objective *self, const double *x, double t, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    if (D->path == TS_PLAIN) return 0.0;
    ts_point P = ts_prepare(D, x, t, work);
    if (D->path == TS_HERMITE) return 2.0 * t * ts_low(D, &P);
    double sum = 0.0;
    for (int64_t i = 0; i < D->n; i++) sum += P.alpha[i];
    return -D->smoothing * P.s * sum;
}

/* The derivative of the gradient in t. */
static void ts_dt_grad(const hp_objective *self, const double *x, double t, double *out, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    memset(out, 0, sizeof(double) * (size_t)self->size);
    if (D->path == TS_SMOOTHED) ts_second(D, x, t, NULL, -D->smoothing, out, work);
    if (D->path == TS_HERMITE) {
        ts_point P = ts_prepare(D, x, t, work);
        ts_low_grad(D, x, &P, 2.0 * t, out);
    }
}

/* block += f I + g r q' on a d x d block inside rows of length `stride`. */
static void ts_block(double *block, int64_t stride, int64_t d, double f, double g, const double *r, const double *q) {
    for (int64_t a = 0; a < d; a++) {
        ts_axpy(g * r[a], q, block + a * stride, d);
        block[a * stride + a] += f;
    }
}

/* The part of a pair in the diagonal block of u: f/(2 pi) (sine |v|/|u| (I - uu') + |v|/(|u| sine) r r'), u and v
   unit rows, r = v - cosine u. Leaves r in r. */
static void ts_diagonal(double *block, int64_t stride, int64_t d, double f, const double *u, const double *v,
                        double c, double s, double ratio, double *r) {
    for (int64_t a = 0; a < d; a++) r[a] = v[a] - c * u[a];
    double g = f * TS_I2PI * ratio;
    ts_block(block, stride, d, g * s, -g * s, u, u);
    ts_block(block, stride, d, 0.0, s > 0.0 ? g / s : 0.0, r, r);
}

static void ts_unit(const double *row, double inv, double *out, int64_t d) {
    for (int64_t a = 0; a < d; a++) out[a] = row[a] * inv;
}

static int ts_hessian(const hp_objective *self, const double *x, double t, double *hess, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    int64_t n = D->n, k = D->k, d = D->d, N = n * d;
    ts_point P = ts_prepare(D, x, t, work);
    double *u = P.spare, *v = u + ts_round(d), *r = v + ts_round(d), *q = r + ts_round(d);
    const double *c = P.cosine, *s = P.sine;
    memset(hess, 0, sizeof(double) * (size_t)(N * N));
    for (int64_t i = 0; i < n; i++) {
        double *own = hess + i * d * N + i * d;
        ts_unit(x + i * d, P.inv[i], u, d);
        for (int64_t j = 0; j < i; j++, c++, s++) {
            double *cross = hess + i * d * N + j * d;
            ts_unit(x + j * d, P.inv[j], v, d);
            ts_diagonal(hess + j * d * N + j * d, N, d, 1.0, v, u, *c, *s, P.norm[i] * P.inv[j], q);
            ts_diagonal(own, N, d, 1.0, u, v, *c, *s, P.norm[j] * P.inv[i], r);
            ts_block(cross, N, d, P.square[i * n + j], TS_I2PI * *s, u, v);
            ts_block(cross, N, d, 0.0, *s > 0.0 ? TS_I2PI / *s : 0.0, r, q);
        }
        double own_slope = P.s > 0.0 ? 2.0 * (1.0 - P.diag_c[i]) * (1.0 - P.diag_c[i]) : 0.0;
        ts_block(own, N, d, P.diag_b[i] + TS_I2PI * P.diag_s[i], ts_slope(own_slope, P.diag_s[i]), u, u);
    }
    for (int64_t i = 0; i < n; i++) {
        ts_unit(x + i * d, P.inv[i], u, d);
        for (int64_t j = 0; j < k; j++, c++, s++) {
            ts_unit(D->teacher + j * d, D->inv[j], v, d);
            ts_diagonal(hess + i * d * N + i * d, N, d, -1.0, u, v, *c, *s, D->norms[j] * P.inv[i], r);
        }
    }
    double f = P.weight - 1.0;
    if (f != 0.0)
        for (int64_t i = 0; i < n; i++) {
            double g = f * TS_I2PI * P.excess * P.inv[i];
            ts_unit(x + i * d, P.inv[i], u, d);
            ts_block(hess + i * d * N + i * d, N, d, g, -g, u, u);
            for (int64_t j = 0; j <= i; j++) {
                ts_unit(x + j * d, P.inv[j], v, d);
                ts_block(hess + i * d * N + j * d, N, d, 0.25 * f, f * TS_I2PI, u, v);
            }
        }
    for (int64_t a = 0; a < N; a++)
        for (int64_t e = 0; e < a; e++) hess[e * N + a] = hess[a * N + e];
    return 0;
}

/* The squared distance of relu(w_i . x) + relu(w_j . x) from relu((w_i + w_j) . x) in mean square over x ~ N(0, I),
   from |w_i|^2, |w_j|^2 and their inner product. */
static double ts_kernel(double a, double b, double g) {
    double norms = sqrt(a) * sqrt(b);
    if (!(norms > 1e-300)) return 0.0;
    double c = g / norms;
    c = c > 1.0 ? 1.0 : c;
    c = c < -1.0 ? -1.0 : c;
    return TS_I2PI * norms * (sqrt(1.0 - c * c) + (TS_PI - acos(c)) * c);
}

static double ts_merge_cost(double a, double b, double g) {
    double q = a + b + 2.0 * g;
    q = q < 0.0 ? 0.0 : q;
    return 0.5 * (a + b + q) + 2.0 * ts_kernel(a, b, g) - 2.0 * ts_kernel(q, a, a + g) - 2.0 * ts_kernel(q, b, b + g);
}
#endif
