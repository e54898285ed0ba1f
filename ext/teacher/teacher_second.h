/* Second order of the teacher-student risk for one instruction set: Hessian-vector products, derivatives in t and the
   dense Hessian. Included after teacher_first.h. */

/* The derivative of the cosine over 2 pi sine, which is that of b; the pair's terms vanish with the sine, so 0 is
   right at 0. */
static inline double NAME(ts_slope)(double dc, double s) { return s > 0.0 ? TS_I2PI * dc / s : 0.0; }

/* Scratch of a directional derivative: of norms, of the factors alpha, of inner products and of b. */
typedef struct {
    double ds, dexcess;
    double *dn, *da, *dmean, *p, *dgram, *db, *dcross;
} NAME(ts_turn);

static NAME(ts_turn) NAME(ts_direction)(const ts_data *D, const ts_point *P, const double *p, double ds) {
    int64_t n = D->n, np = D->np, dp = D->dp;
    NAME(ts_turn) T;
    double *w = P->spare;
    T.ds = ds, T.dexcess = 0.0;
    T.dn = w, T.da = w + np, w += 2 * np;
    T.dmean = w, w += dp;
    T.p = w, w += np * dp;
    T.dgram = w, T.db = w + np * np, w += 2 * np * np;
    T.dcross = w;
    memset(T.dn, 0, sizeof(double) * (size_t)(2 * np + dp + np * dp + 2 * np * np + np * D->kp));
    if (p) {
        NAME(ts_load)(D, p, T.p, NULL, T.dmean);
        NAME(ts_product)(T.p, dp, P->turned, np, T.dgram, np, n, n, D->d, 0);
        if (!D->unit) NAME(ts_product)(T.p, dp, D->turned, D->kp, T.dcross, D->kp, n, D->k, D->d, 0);
    }
    for (int64_t i = 0; i < n; i++) {
        T.dn[i] = (T.dgram[i * np + i] + P->s * ds) * P->inv[i];
        T.dexcess += T.dn[i];
    }
    return T;
}

/* Student pairs: db, symmetric, and their share of sum_l d(|w_l| s_il) in da. */
static void NAME(ts_own_turn)(const ts_data *D, const ts_point *P, NAME(ts_turn) *T) {
    int64_t np = D->np;
    for (int64_t i = 0; i < D->n; i++) {
        const double *c = P->cosine + ts_row(i), *s = P->sine + ts_row(i);
        double *db = T->db + i * np, ei = T->dn[i] * P->inv[i], dni = T->dn[i], ni = P->norm[i], sum = 0.0;
        for (int64_t j = 0; j < i; j++) db[j] = T->dgram[i * np + j] + T->dgram[j * np + i];
        for (int64_t j = 0; j < i; j++) {
            double dc = db[j] * P->inv[i] * P->inv[j] - c[j] * (ei + T->dn[j] * P->inv[j]);
            db[j] = NAME(ts_slope)(dc, s[j]);
        }
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < i; j++) {
            sum += TS_I2PI * T->dn[j] * s[j] - P->norm[j] * c[j] * db[j];
            T->da[j] += TS_I2PI * dni * s[j] - ni * c[j] * db[j];
        }
        T->da[i] += sum;
        for (int64_t j = 0; j < i; j++) T->db[j * np + i] = db[j];
    }
}

/* Student x teacher: db into dcross, and its share of da. */
static void NAME(ts_cross_turn)(const ts_data *D, const ts_point *P, NAME(ts_turn) *T) {
    int64_t kp = D->kp;
    for (int64_t i = 0; i < D->n; i++) {
        const double *c = P->cosine + P->own + i * kp, *s = P->sine + P->own + i * kp;
        const double *from = D->unit ? T->p + i * D->dp : T->dcross + i * kp;
        double *db = T->dcross + i * kp, ei = T->dn[i] * P->inv[i], inv = P->inv[i], sum = 0.0;
        for (int64_t j = 0; j < kp; j++) db[j] = NAME(ts_slope)(from[j] * inv * D->inv[j] - c[j] * ei, s[j]);
        for (int64_t j = D->k; j < kp; j++) db[j] = 0.0;
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < kp; j++) sum += D->norms[j] * c[j] * db[j];
        T->da[i] += sum;
    }
}

/* out = derivative of the gradient along (p, ds): p moves the rows (NULL for none), ds the smoothing. */
static void NAME(ts_second)(const ts_data *D, const double *x, double t, const double *p, double ds, double *out,
                            void *work) {
    int64_t n = D->n, np = D->np, kp = D->kp, dp = D->dp, d = D->d;
    ts_point P = NAME(ts_prepare)(D, x, t, work);
    NAME(ts_turn) T = NAME(ts_direction)(D, &P, p, ds);
    NAME(ts_own_turn)(D, &P, &T);
    NAME(ts_cross_turn)(D, &P, &T);
    double *g = P.turned, f = P.weight - 1.0;
    memset(g, 0, sizeof(double) * (size_t)(np * dp));
    if (D->unit) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t a = 0; a < kp; a++) g[i * dp + a] = -T.dcross[i * kp + a];
    } else {
        NAME(ts_product)(T.dcross, kp, D->teacher, dp, g, dp, n, d, D->k, 0);
        for (int64_t q = 0; q < np * dp; q++) g[q] = -g[q];
    }
    for (int64_t i = 0; i < n; i++) {
        double inv = P.inv[i], low = TS_I2PI * P.excess * inv;
        double da = inv * (T.da[i] - T.dn[i] * (P.alpha[i] - TS_I2PI * P.diag_s[i]));
        if (P.s > 0.0) { /* the row with its own smoothed copy: factor (s + pi - angle)/(2 pi) of w_i */
            double dc = 2.0 * (T.dgram[i * np + i] * inv - P.diag_c[i] * T.dn[i]) * inv;
            da += (1.0 - P.diag_c[i]) * NAME(ts_slope)(dc, P.diag_s[i]);
        }
        T.db[i * np + i] = da + f * TS_I2PI * inv * (T.dexcess - P.excess * T.dn[i] * inv);
        P.square[i * np + i] += P.alpha[i] + f * low;
        if (f != 0.0) NAME(ts_axpy)(0.25 * f, T.dmean, g + i * dp, dp);
    }
    NAME(ts_product)(T.db, np, P.x, dp, g, dp, n, d, n, 0);
    if (p) NAME(ts_product)(P.square, np, T.p, dp, g, dp, n, d, n, 0);
    NAME(ts_store)(D, g, out);
}

static void NAME(ts_hessp)(const hp_objective *self, const double *x, double t, const double *v, double *out,
                           void *work) {
    NAME(ts_second)((const ts_data *)self->data, x, t, v, 0.0, out, work);
}

/* dH/dt. */
static double NAME(ts_dt)(const hp_objective *self, const double *x, double t, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    if (D->path == TS_PLAIN) return 0.0;
    ts_point P = NAME(ts_prepare)(D, x, t, work);
    if (D->path == TS_HERMITE) return 2.0 * t * NAME(ts_low)(D, &P);
    double sum = 0.0;
    for (int64_t i = 0; i < D->n; i++) sum += P.alpha[i];
    return -D->smoothing * P.s * sum;
}

/* The derivative of the gradient in t. */
static void NAME(ts_dt_grad)(const hp_objective *self, const double *x, double t, double *out, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    memset(out, 0, sizeof(double) * (size_t)self->size);
    if (D->path == TS_SMOOTHED) NAME(ts_second)(D, x, t, NULL, -D->smoothing, out, work);
    if (D->path == TS_HERMITE) {
        ts_point P = NAME(ts_prepare)(D, x, t, work);
        memset(P.turned, 0, sizeof(double) * (size_t)(D->np * D->dp));
        NAME(ts_low_grad)(D, &P, 2.0 * t, P.turned);
        NAME(ts_store)(D, P.turned, out);
    }
}

/* block += f I + g r q' on a d x d block inside rows of length `stride`. */
static void NAME(ts_block)(double *block, int64_t stride, int64_t d, double f, double g, const double *r,
                           const double *q) {
    for (int64_t a = 0; a < d; a++) {
        double h = g * r[a], *row = block + a * stride;
        for (int64_t e = 0; e < d; e++) row[e] += h * q[e];
        row[a] += f;
    }
}

/* Adds to the factors of I and of u u' what a pair puts into the diagonal block of u,
   f/(2 pi) (sine |v|/|u| (I - u u') + |v|/(|u| sine) r r'), and the last term to the block; leaves r = v - cosine u. */
static void NAME(ts_diagonal)(double *block, int64_t stride, int64_t d, double f, const double *u, const double *v,
                              double c, double s, double *sum, double *r) {
    for (int64_t a = 0; a < d; a++) r[a] = v[a] - c * u[a];
    *sum += f * TS_I2PI * s;
    if (s > 0.0) NAME(ts_block)(block, stride, d, 0.0, f * TS_I2PI / s, r, r);
}

static void NAME(ts_unit)(const double *row, double inv, double *out, int64_t d) {
    for (int64_t a = 0; a < d; a++) out[a] = row[a] * inv;
}

/* The blocks of the pair (i, j) of student rows, below the diagonal; `sum` has the factors of I - u u'. */
static void NAME(ts_pair_blocks)(const ts_data *D, const ts_point *P, int64_t i, int64_t j, double *hess, double *sum) {
    int64_t d = D->d, N = D->n * d, q = ts_row(i) + j;
    double *u = P->spare + D->np, *v = u + D->dp, *r = v + D->dp, *e = r + D->dp;
    double c = P->cosine[q], s = P->sine[q], f = P->weight - 1.0;
    double *cross = hess + i * d * N + j * d;
    NAME(ts_unit)(P->x + j * D->dp, P->inv[j], v, d);
    NAME(ts_diagonal)(hess + j * d * (N + 1), N, d, P->norm[i] * P->inv[j], v, u, c, s, sum + j, e);
    NAME(ts_diagonal)(hess + i * d * (N + 1), N, d, P->norm[j] * P->inv[i], u, v, c, s, sum + i, r);
    NAME(ts_block)(cross, N, d, P->square[i * D->np + j] + 0.25 * f, TS_I2PI * (s + f), u, v);
    if (s > 0.0) NAME(ts_block)(cross, N, d, 0.0, TS_I2PI / s, r, e);
}

static int NAME(ts_hessian)(const hp_objective *self, const double *x, double t, double *hess, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    int64_t n = D->n, k = D->k, d = D->d, N = n * d;
    ts_point P = NAME(ts_prepare)(D, x, t, work);
    double *sum = P.spare, *u = sum + D->np, *r = u + 2 * D->dp, f = P.weight - 1.0;
    memset(hess, 0, sizeof(double) * (size_t)(N * N));
    memset(sum, 0, sizeof(double) * (size_t)D->np);
    for (int64_t i = 0; i < n; i++) {
        const double *c = P.cosine + P.own + i * D->kp, *s = P.sine + P.own + i * D->kp;
        double *own = hess + i * d * (N + 1);
        NAME(ts_unit)(P.x + i * D->dp, P.inv[i], u, d);
        for (int64_t j = 0; j < i; j++) NAME(ts_pair_blocks)(D, &P, i, j, hess, sum);
        for (int64_t j = 0; j < k; j++) {
            double *v = r + D->dp;
            NAME(ts_unit)(D->teacher + j * D->dp, D->inv[j], v, d);
            NAME(ts_diagonal)(own, N, d, -D->norms[j] * P.inv[i], u, v, c[j], s[j], sum + i, r);
        }
    }
    for (int64_t i = 0; i < n; i++) {
        double rest = 1.0 - P.diag_c[i], slope = NAME(ts_slope)(2.0 * rest * rest, P.diag_s[i]);
        double low = f * TS_I2PI * P.excess * P.inv[i];
        NAME(ts_unit)(P.x + i * D->dp, P.inv[i], u, d);
        NAME(ts_block)(hess + i * d * (N + 1), N, d, P.diag_b[i] + TS_I2PI * P.diag_s[i] + sum[i] + low + 0.25 * f,
                       slope - sum[i] - low + f * TS_I2PI, u, u);
    }
    for (int64_t a = 0; a < N; a++)
        for (int64_t e = 0; e < a; e++) hess[e * N + a] = hess[a * N + e];
    return 0;
}
