/* Values and gradients of many students at once for one instruction set, one a lane (teacher_body.h): the operations of
   teacher_first.h in the same order, sums over eight places of a row side by side included, so that a student's result
   is bit for bit the one that it has alone. The smoothed path is not among them. */
#define V NAME(vec)
#define TS_INT NAME(ivec)
#include "teacher_tiles.h"

/* What a block of WIDE students knows about its points; see ts_point. */
typedef struct {
    V *x, *g;                 /* n d: rows and gradient */
    V *square, *crossed;      /* n n: inner products, then b; n k: b of the pairs with the teacher */
    V *norm, *inv, *alpha;    /* n each */
    V *sums;                  /* n: of the teacher's norms times sines */
    V *c, *s, *b;             /* n + k: the pairs of one row, with the rows before it, then with the teacher's */
    V *mean, *row;            /* d each; of a teacher's row, in all lanes */
    V excess, cross;
} NAME(ts_group);

static NAME(ts_group) NAME(ts_block_layout)(const ts_data *D, void *work) {
    const int64_t n = D->n, k = D->k, d = D->d;
    NAME(ts_group) B = {0};
    V *next = work;
    B.x = next, B.g = next + n * d, next += 2 * n * d;
    B.square = next, B.crossed = next + n * n, next += n * n + n * k;
    B.norm = next, B.inv = next + n, B.alpha = next + 2 * n, B.sums = next + 3 * n, next += 4 * n;
    B.c = next, B.s = next + n + k, B.b = next + 2 * (n + k), next += 3 * (n + k);
    B.mean = next, B.row = next + d;
    return B;
}

/* Adds a b to one of eight sums, whose first terms need no zeros before them. */
static inline __attribute__((always_inline)) void NAME(ts_add)(V *sum, int64_t j, V a, V b) {
    if (j < 8) sum[j] = a * b;
    else sum[j & 7] += a * b;
}

/* The sum of what m terms left in the eight sums, as ts_sum takes it. */
static inline V NAME(ts_eight)(const V *sum, int64_t m) {
    V total = {0};
    for (int64_t e = 0; e < 8 && e < m; e++) total += sum[e];
    return total;
}

/* Inner products of the rows on and below the diagonal, and with the teacher's; norms. */
static void NAME(ts_block_products)(const ts_data *D, NAME(ts_group) *B) {
    const int64_t n = D->n, d = D->d;
    const NAME(ts_strides) own = {d, 1, 1, d, n, d}, cross = {d, 1, D->kp, 1, D->k, d};
    for (int64_t i = 0; i < n; i += 8) { /* tiles beyond the diagonal give what nobody reads */
        const int64_t rows = n - i < 8 ? n - i : 8;
        NAME(ts_vector_tiles)(B->x + i * d, B->x, B->square + i * n, &own, rows, i + rows, 1);
    }
    if (!D->unit) NAME(ts_number_tiles)(B->x, D->turned, B->crossed, &cross, n, D->k, 1);
    B->excess = NAME(all)(-D->total);
    for (int64_t i = 0; i < n; i++) {
        const V r = NAME(root)(B->square[i * n + i]);
        B->norm[i] = r;
        B->inv[i] = NAME(pick)((TS_INT)(r < 1e-150), (V){0}, 1.0 / r);
        B->excess += r;
    }
}

/* Nearly parallel pairs of row i. */
static void NAME(ts_block_refine)(const ts_data *D, NAME(ts_group) *B, int64_t i) {
    const int64_t d = D->d;
    for (int64_t q = 0; q < i + D->k; q++) {
        if (!NAME(ts_any)((TS_INT)(NAME(magnitude)(B->c[q]) > TS_NEAR))) continue;
        const V *other = q < i ? B->x + q * d : B->row;
        const V inverse[2] = {B->inv[i], q < i ? B->inv[q] : NAME(all)(D->inv[q - i])};
        for (int64_t a = 0; q >= i && a < d; a++) B->row[a] = NAME(all)(D->teacher[(q - i) * D->dp + a]);
        NAME(ts_refine)(B->x + i * d, other, d, inverse, (V){0}, B->c + q, B->s + q, B->b + q);
    }
}

/* Cosines, sines and b of the pairs of row i. */
static void NAME(ts_block_angles)(const ts_data *D, NAME(ts_group) *B, int64_t i) {
    const int64_t n = D->n, k = D->k;
    const V inv = B->inv[i], *own = B->square + i * n, *cross = D->unit ? B->x + i * D->d : B->crossed + i * k;
    V top = {0};
    for (int64_t j = 0; j < i; j++) B->c[j] = own[j] * inv * B->inv[j];
    for (int64_t j = 0; j < k; j++) B->c[i + j] = cross[j] * inv * D->inv[j];
    for (int64_t q = 0; q < i + k; q++) {
        const V c = NAME(ts_clamped)(B->c[q]), size = NAME(magnitude)(c);
        V s;
        B->b[q] = NAME(ts_angle)(c, &s);
        B->s[q] = s;
        B->c[q] = c;
        top = LARGER(size, top);
    }
    if (NAME(ts_any)((TS_INT)(top > TS_NEAR))) NAME(ts_block_refine)(D, B, i);
}

/* What row i adds: to the factors alpha of the rows, to b of all pairs, to the sum of K over pairs with the teacher. */
static void NAME(ts_block_row)(const ts_data *D, NAME(ts_group) *B, int64_t i) {
    const int64_t n = D->n, k = D->k;
    const V norm = B->norm[i], *s = B->s, *c = B->c, *b = B->b;
    V sum[8], sines[8], products[8];
    for (int64_t j = 0; j < i; j++) {
        NAME(ts_add)(sum, j, s[j], B->norm[j]);
        B->alpha[j] += norm * s[j];
        B->square[i * n + j] = B->square[j * n + i] = b[j];
    }
    B->alpha[i] = NAME(ts_eight)(sum, i);
    s += i, c += i, b += i;
    for (int64_t j = 0; j < k; j++) {
        const V weighted = D->norms[j] * b[j];
        NAME(ts_add)(sines, j, s[j], NAME(all)(D->norms[j]));
        NAME(ts_add)(products, j, weighted, c[j]);
        if (D->unit) B->g[i * D->d + j] = -weighted;
        else B->crossed[i * k + j] = b[j];
    }
    for (int64_t a = k; D->unit && a < D->d; a++) B->g[i * D->d + a] = (V){0};
    B->sums[i] = NAME(ts_eight)(sines, k);
    const V product = NAME(ts_eight)(products, k);
    B->cross += norm * (TS_I2PI * B->sums[i] + product);
}

/* The gradient of the risk, and the sum over all variables of variable times derivative. */
static V NAME(ts_block_gradient)(const ts_data *D, NAME(ts_group) *B) {
    const int64_t n = D->n, d = D->d;
    const NAME(ts_strides) own = {n, 1, d, 1, d, n}, cross = {D->k, 1, D->dp, 1, d, D->k};
    V sum[8];
    for (int64_t i = 0; i < n; i++) B->alpha[i] = TS_I2PI * (B->inv[i] * (B->alpha[i] - B->sums[i]));
    for (int64_t i = 0; i < n; i++) B->square[i * n + i] = 0.5 + B->alpha[i];
    if (!D->unit) {
        NAME(ts_number_tiles)(B->crossed, D->teacher, B->g, &cross, n, d, 1);
        for (int64_t q = 0; q < n * d; q++) B->g[q] = -B->g[q];
    }
    NAME(ts_vector_tiles)(B->square, B->x, B->g, &own, n, d, 0);
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0; a < d; a++) NAME(ts_add)(sum, i ? 8 + a : a, B->x[i * d + a], B->g[i * d + a]);
    return NAME(ts_eight)(sum, d);
}

/* The parts of degree 0 and 1 times `f`: returns their value and adds their gradient. */
static V NAME(ts_block_low)(const ts_data *D, NAME(ts_group) *B, V f) {
    const int64_t n = D->n, d = D->d;
    V sum[8];
    for (int64_t a = 0; a < d; a++) B->mean[a] = NAME(all)(-D->sum[a]);
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0; a < d; a++) B->mean[a] += B->x[i * d + a];
    for (int64_t a = 0; a < d; a++) NAME(ts_add)(sum, a, B->mean[a], B->mean[a]);
    for (int64_t i = 0; i < n; i++) {
        const V share = f * TS_I2PI * B->excess * B->inv[i], quarter = 0.25 * f;
        for (int64_t a = 0; a < d; a++) {
            V *g = B->g + i * d + a;
            *g += share * B->x[i * d + a];
            *g += quarter * B->mean[a];
        }
    }
    const V mean = NAME(ts_eight)(sum, d);
    return 0.125 * (4.0 * TS_I2PI * B->excess * B->excess + mean);
}

/* A block of n students, at most WIDE; the other lanes repeat the first. */
static void NAME(ts_block_run)(const ts_data *D, int n, const double *const *x, const double *t, double *values,
                               double *const *grads, void *work) {
    const double *from[WIDE];
    V weight = NAME(all)(1.0), f;
    int weighted = 0;
    for (int l = 0; l < WIDE; l++) {
        const int at = l < n ? l : 0;
        from[l] = x[at];
        if (D->path == TS_HERMITE) ((double *)&weight)[l] = t[at] * t[at];
        weighted |= ((double *)&weight)[l] != 1.0;
    }
    NAME(ts_group) B = NAME(ts_block_layout)(D, work);
    NAME(ts_to_lanes)(from, D->n * D->d, B.x);
    NAME(ts_block_products)(D, &B);
    for (int64_t i = 0; i < D->n; i++) {
        NAME(ts_block_angles)(D, &B, i);
        NAME(ts_block_row)(D, &B, i);
    }
    f = -B.cross;
    f += NAME(ts_block_gradient)(D, &B);
    f = 0.5 * f + D->constant;
    if (weighted) {
        const V less = weight - 1.0;
        f += less * NAME(ts_block_low)(D, &B, less);
    }
    for (int l = 0; l < n; l++) values[l] = ((double *)&f)[l];
    NAME(ts_from_lanes)(B.g, D->n * D->d, n, grads);
}

static void NAME(ts_value_and_grad_many)(const hp_objective *self, int64_t n, const double *const *x, const double *t,
                                         double *values, double *const *grads, void *work) {
    const ts_data *D = self->data;
    while (n >= D->fewest) {
        const int m = n < WIDE ? (int)n : WIDE;
        NAME(ts_block_run)(D, m, x, t, values, grads, work);
        n -= m, x += m, t += m, values += m, grads += m;
    }
    for (int64_t l = 0; l < n; l++) values[l] = self->value_and_grad(self, x[l], t[l], grads[l], work);
}
#undef TS_INT
#undef V
