/* Teacher-student population risk of one hidden relu layer whose second layer is one, for x ~ N(0, I_d):

     F(W) = 1/2 E[(sum_i relu(w_i . x) - sum_j relu(v_j . x))^2]
          = 1/2 sum_il K(w_i, w_l) - sum_ij K(w_i, v_j) + 1/2 sum_jl K(v_j, v_l),
     K(w, v) = |w| |v| / (2 pi) (sin a + (pi - a) cos a),  a the angle between w and v,

   and two deformations of it. HERMITE: the parts of degree zero and one of the residual,
     1/(4 pi) (sum |w_i| - sum |v_j|)^2   and   1/8 |sum w_i - sum v_j|^2,
   are weighted by t^2. SMOOTHED: the student's relu is convolved with a Gaussian of standard deviation
   s = s0 (1 - t), which is K of the rows (w_i, s e_i) one space up: norms grow to sqrt(|w|^2 + s^2), inner products
   of different rows stay. The derivations are in papers/mathematics.md.

   Here are the data and the layout of the scratch memory; teacher_first.h and teacher_second.h hold the functions,
   teacher_lanes.h the gradients of many students at once, included once per instruction set by teacher_isa.h. */
#ifndef HOMOTOPY_TEACHER_H
#define HOMOTOPY_TEACHER_H
#include "objective.h"
#include <math.h>
#include <string.h>

enum { TS_PLAIN = 0, TS_HERMITE = 1, TS_SMOOTHED = 2 };

typedef struct {
    int64_t n, k, d;               /* student rows, teacher rows, dimension */
    int64_t np, kp, dp;            /* the same, rounded up to eight */
    const double *teacher, *turned; /* k x dp and d x kp, zero-padded */
    const double *norms, *inv;     /* of the teacher's rows, kp each; inv is 0 for a zero row */
    const double *sum;             /* of the teacher's rows, dp */
    double total, constant;        /* sum of the norms; 1/2 sum K(v_j, v_l) */
    double smoothing;              /* s0 */
    int path;                      /* TS_PLAIN, TS_HERMITE, TS_SMOOTHED */
    int unit;                      /* whether the teacher's rows are the first k unit vectors */
    int64_t fewest;                /* students of a block that is faster than one after the other */
} ts_data;

/* What one evaluation knows about its point. Pairs are cosines, sines and b = (pi - angle)/(2 pi): first the pairs of
   student rows, row i of the strict lower triangle padded to a multiple of eight, then student x teacher, kp a row.
   The sines and cosines of the padding are 0. */
typedef struct {
    double weight, s;                        /* of the parts of degree 0 and 1; of the smoothing */
    double excess;                           /* sum of norms - total */
    int64_t own, all;                        /* pairs of student rows; all pairs */
    double *norm, *inv, *alpha;              /* np: sqrt(|w|^2 + s^2), its inverse, the factor of w_i in the gradient */
    double *diag_c, *diag_s, *diag_b;        /* np: of a row with its own smoothed copy */
    double *crossed;                         /* np: sum of the teacher's norms times the sines of a row's pairs */
    double *mean;                            /* dp: sum w - sum v */
    double *x, *turned;                      /* np x dp: the rows; dp x np: its transpose, later the gradient */
    double *square;                          /* np x np: b of all student pairs, symmetric */
    double *cosine, *sine, *b;               /* pairs */
    double *spare;                           /* memory that second order needs beyond this; 16 dp numbers at least */
} ts_point;

static const double TS_I2PI = 0.15915494309189533577, TS_PI = 3.14159265358979323846;

/* A cosine beyond this is refined: arccos is then wrong by more than 1e-16 / 0.014. */
static const double TS_NEAR = 0.9999;

static inline int64_t ts_round(int64_t m) { return (m + 7) & ~(int64_t)7; }

/* Where row i of the padded strict lower triangle begins. */
static inline int64_t ts_row(int64_t i) {
    int64_t full = i > 0 ? (i - 1) / 8 : 0, rest = i > 0 ? (i - 1) % 8 : 0;
    return i == 0 ? 0 : 32 * full * (full + 1) + 8 * (full + 1) * rest;
}

static inline int64_t ts_max(int64_t a, int64_t b) { return a > b ? a : b; }

static size_t ts_work_bytes(const ts_data *D) {
    int64_t pairs = ts_row(D->np) + D->np * D->kp, matrix = D->np * D->dp, square = D->np * D->np;
    int64_t second = 2 * matrix + 2 * square + D->np * D->kp + 3 * D->np + 5 * D->dp;
    return (size_t)(7 * D->np + D->dp + 2 * matrix + square + 3 * pairs + second) * sizeof(double);
}

/* The scratch memory of teacher_lanes.h for vectors of eight, which is enough for one student too. */
static inline size_t ts_many_bytes(const ts_data *D) {
    int64_t n = D->n, k = D->k, d = D->d;
    int64_t vectors = 2 * n * d + n * n + n * k + 4 * n + 3 * (n + k) + 2 * d;
    size_t block = (size_t)(8 * vectors) * sizeof(double), one = ts_work_bytes(D);
    return block > one ? block : one;
}

/* How few students of a block of `width` are faster together than one after the other; of eight 3 to 6, measured. */
static inline int64_t ts_fewest(const ts_data *D, int width) {
    const int64_t size = D->n * D->d, of_eight = size <= 100 ? 3 : size <= 1000 ? 4 : 6;
    return ts_max(2, (of_eight * width + 7) / 8);
}

static inline ts_point ts_layout(const ts_data *D, double t, void *work) {
    int64_t np = D->np, matrix = np * D->dp;
    double *w = (double *)work;
    ts_point P;
    P.weight = D->path == TS_HERMITE ? t * t : 1.0;
    P.s = D->path == TS_SMOOTHED ? D->smoothing * (1.0 - t) : 0.0;
    P.excess = 0.0;
    P.own = ts_row(D->n);
    P.all = P.own + D->n * D->kp;
    P.norm = w, P.inv = w + np, P.alpha = w + 2 * np, P.diag_c = w + 3 * np, P.diag_s = w + 4 * np;
    P.diag_b = w + 5 * np, P.crossed = w + 6 * np, w += 7 * np;
    P.mean = w, w += D->dp;
    P.x = w, P.turned = w + matrix, w += 2 * matrix;
    P.square = w, w += np * np;
    int64_t pairs = ts_row(np) + np * D->kp;
    P.cosine = w, P.sine = w + pairs, P.b = w + 2 * pairs, w += 3 * pairs;
    P.spare = w;
    return P;
}

/* K from |w|^2, |v|^2 and w.v. */
static double ts_kernel(double a, double b, double g) {
    double norms = sqrt(a) * sqrt(b);
    if (!(norms > 1e-300)) return 0.0;
    double c = g / norms;
    c = c > 1.0 ? 1.0 : c;
    c = c < -1.0 ? -1.0 : c;
    return TS_I2PI * norms * (sqrt(1.0 - c * c) + (TS_PI - acos(c)) * c);
}

/* The mean squared distance of relu(w.x) + relu(v.x) from relu((w + v).x), from |w|^2, |v|^2 and w.v. */
static double ts_merge_cost(double a, double b, double g) {
    double q = a + b + 2.0 * g;
    q = q < 0.0 ? 0.0 : q;
    return 0.5 * (a + b + q) + 2.0 * ts_kernel(a, b, g) - 2.0 * ts_kernel(q, a, a + g) - 2.0 * ts_kernel(q, b, b + g);
}
#endif
