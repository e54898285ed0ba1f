/* Value and gradient of the teacher-student risk for one instruction set (teacher_body.h). */

/* C (TILE x 8) += f A B over m terms: A by element (r, l) at A[r a + l e], B by rows of eight. */
static inline __attribute__((always_inline)) void NAME(ts_tile)(const double *A, int64_t a, int64_t e, const double *B,
                                                                int64_t b, double *C, int64_t c, int64_t m) {
    NAME(ts_vec) sum[TILE][PIECES];
#pragma GCC unroll 8
    for (int r = 0; r < TILE; r++)
#pragma GCC unroll 8
        for (int v = 0; v < PIECES; v++) sum[r][v] = VEC(C + r * c + v * WIDE);
    for (int64_t l = 0; l < m; l++) {
        NAME(ts_vec) row[PIECES];
#pragma GCC unroll 8
        for (int v = 0; v < PIECES; v++) row[v] = VEC(B + l * b + v * WIDE);
#pragma GCC unroll 8
        for (int r = 0; r < TILE; r++) {
            double f = A[r * a + l * e];
#pragma GCC unroll 8
            for (int v = 0; v < PIECES; v++) sum[r][v] += f * row[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < TILE; r++)
#pragma GCC unroll 8
        for (int v = 0; v < PIECES; v++) VEC(C + r * c + v * WIDE) = sum[r][v];
}

/* C (rows x columns, both rounded up to eight) += A (rows x m) B (m x columns). `lower` leaves out tiles above the
   diagonal. */
static void NAME(ts_product)(const double *A, int64_t a, const double *B, int64_t b, double *C, int64_t c,
                             int64_t rows, int64_t columns, int64_t m, int lower) {
    for (int64_t i = 0; i < rows; i += TILE)
        for (int64_t j = 0; j < columns && !(lower && j > i); j += 8)
            NAME(ts_tile)(A + i * a, a, 1, B + j, b, C + i * c + j, c, m);
}

static inline double NAME(ts_sum)(const NAME(ts_vec) * sum) {
    double lane[8], total = 0.0;
    memcpy(lane, sum, sizeof lane);
    for (int l = 0; l < 8; l++) total += lane[l];
    return total;
}

/* sum a[q] b[q] over m terms, m a multiple of eight. */
static inline double NAME(ts_dot)(const double *a, const double *b, int64_t m) {
    NAME(ts_vec) sum[PIECES] = {0};
    for (int64_t q = 0; q < m; q += 8)
#pragma GCC unroll 8
        for (int v = 0; v < PIECES; v++)
            sum[v] += VEC(a + q + v * WIDE) * VEC(b + q + v * WIDE);
    return NAME(ts_sum)(sum);
}

/* out[q] += f a[q], m a multiple of eight. */
static inline void NAME(ts_axpy)(double f, const double *a, double *out, int64_t m) {
    for (int64_t q = 0; q < m; q += WIDE) VEC(out + q) += f * VEC(a + q);
}

/* The rows, padded, and their transpose; their sum less the teacher's. */
static void NAME(ts_load)(const ts_data *D, const double *x, double *rows, double *turned, double *sum) {
    int64_t n = D->n, d = D->d, np = D->np, dp = D->dp;
    memset(rows, 0, sizeof(double) * (size_t)(np * dp));
    if (turned) memset(turned, 0, sizeof(double) * (size_t)(np * dp));
    for (int64_t i = 0; i < n; i++) {
        double *row = rows + i * dp;
        memcpy(row, x + i * d, sizeof(double) * (size_t)d);
        if (sum) NAME(ts_axpy)(1.0, row, sum, dp);
        if (turned)
            for (int64_t a = 0; a < d; a++) turned[a * np + i] = row[a];
    }
}

/* Norms and inverse norms; the angle of each row with its own smoothed copy. A zero row has inverse norm 0, so that
   it is orthogonal to all and its terms vanish. */
static void NAME(ts_norms)(const ts_data *D, ts_point *P) {
    int64_t n = D->n, np = D->np;
    double s2 = P->s * P->s;
    for (int64_t i = 0; i < np; i++) P->norm[i] = i < n ? P->square[i * np + i] + s2 : 0.0;
    for (int64_t i = 0; i < np; i++) {
        double r = sqrt(P->norm[i]);
        P->norm[i] = r;
        P->inv[i] = r < 1e-150 ? 0.0 : 1.0 / r;
    }
    P->excess = -D->total;
    for (int64_t i = 0; i < n; i++) P->excess += P->norm[i];
    for (int64_t i = 0; i < np; i++) P->diag_c[i] = 1.0, P->diag_s[i] = 0.0, P->diag_b[i] = 0.5;
    if (P->s > 0.0)
        for (int64_t i = 0; i < n; i++) {
            double c = P->square[i * np + i] * P->inv[i] * P->inv[i], sine = P->s * P->inv[i] * sqrt(1.0 + c);
            P->diag_c[i] = c, P->diag_s[i] = sine, P->diag_b[i] = (TS_PI - atan2(sine, c)) * TS_I2PI;
        }
}

/* Cosines of all pairs from the inner products. */
static void NAME(ts_cosines)(const ts_data *D, ts_point *P) {
    int64_t n = D->n, np = D->np, kp = D->kp, dp = D->dp;
    double *own = P->cosine, *cross = P->cosine + P->own;
    for (int64_t i = 0; i < n; i++) {
        int64_t m = ts_round(i);
        for (int64_t j = 0; j < m; j++) own[j] = P->square[i * np + j] * P->inv[i] * P->inv[j];
        for (int64_t j = i; j < m; j++) own[j] = 0.0;
        own += m;
    }
    if (!D->unit) {
        memset(cross, 0, sizeof(double) * (size_t)(np * kp));
        NAME(ts_product)(P->x, dp, D->turned, kp, cross, kp, n, D->k, D->d, 0);
    }
    for (int64_t i = 0; i < n; i++) {
        const double *from = D->unit ? P->x + i * dp : cross + i * kp;
        double inv = P->inv[i];
        for (int64_t j = 0; j < kp; j++) cross[i * kp + j] = from[j] * inv * D->inv[j];
    }
}

/* Everything that value and derivatives share. */
static ts_point NAME(ts_prepare)(const ts_data *D, const double *x, double t, void *work) {
    int64_t n = D->n, np = D->np, kp = D->kp;
    ts_point P = ts_layout(D, t, work);
    for (int64_t a = 0; a < D->dp; a++) P.mean[a] = -D->sum[a];
    NAME(ts_load)(D, x, P.x, P.turned, P.mean);
    memset(P.square, 0, sizeof(double) * (size_t)(np * np));
    NAME(ts_product)(P.x, D->dp, P.turned, np, P.square, np, n, n, D->d, 1);
    NAME(ts_norms)(D, &P);
    NAME(ts_cosines)(D, &P);
    if (NAME(ts_angles)(P.cosine, P.sine, P.b, P.all)) NAME(ts_refine_all)(D, &P);
    memset(P.alpha, 0, sizeof(double) * (size_t)np);
    double *s = P.sine, *b = P.b;
    for (int64_t i = 0; i < n; i++) {
        int64_t m = ts_round(i);
        for (int64_t j = i; j < m; j++) s[j] = 0.0;
        memcpy(P.square + i * np, b, sizeof(double) * (size_t)m);
        for (int64_t j = 0; j < i; j++) P.square[j * np + i] = b[j];
        P.square[i * np + i] = P.diag_b[i];
        P.alpha[i] += NAME(ts_dot)(s, P.norm, m);
        NAME(ts_axpy)(P.norm[i], s, P.alpha, m);
        s += m, b += m;
    }
    for (int64_t i = 0; i < n; i++, s += kp) {
        P.crossed[i] = NAME(ts_dot)(s, D->norms, kp);
        P.alpha[i] -= P.crossed[i];
    }
    for (int64_t i = 0; i < np; i++) P.alpha[i] = TS_I2PI * (P.inv[i] * P.alpha[i] + P.diag_s[i]);
    return P;
}

/* The parts of degree 0 and 1 of the residual, squared and halved. */
static double NAME(ts_low)(const ts_data *D, const ts_point *P) {
    const double mean = NAME(ts_dot)(P->mean, P->mean, D->dp); /* first: products join sums within a block only */
    return 0.125 * (4.0 * TS_I2PI * P->excess * P->excess + mean);
}

/* grad_i += f (excess w_i / (2 pi |w_i|) + mean / 4), padded rows: the gradient of f times ts_low. */
static void NAME(ts_low_grad)(const ts_data *D, const ts_point *P, double f, double *grad) {
    for (int64_t i = 0; i < D->n; i++) {
        NAME(ts_axpy)(f * TS_I2PI * P->excess * P->inv[i], P->x + i * D->dp, grad + i * D->dp, D->dp);
        NAME(ts_axpy)(0.25 * f, P->mean, grad + i * D->dp, D->dp);
    }
}

static void NAME(ts_store)(const ts_data *D, const double *rows, double *out) {
    for (int64_t i = 0; i < D->n; i++)
        memcpy(out + i * D->d, rows + i * D->dp, sizeof(double) * (size_t)D->d);
}

/* sum_ij K(w_i, v_j). */
static double NAME(ts_cross)(const ts_data *D, const ts_point *P) {
    const double *c = P->cosine + P->own, *b = P->b + P->own;
    double total = 0.0;
    for (int64_t i = 0; i < D->n; i++) {
        NAME(ts_vec) sum[PIECES] = {0};
        for (int64_t j = 0; j < D->kp; j += 8, c += 8, b += 8)
#pragma GCC unroll 8
            for (int v = 0; v < PIECES; v++) {
                int l = v * WIDE;
                sum[v] += VEC(D->norms + j + l) * VEC(b + l) * VEC(c + l);
            }
        const double products = NAME(ts_sum)(sum);
        total += P->norm[i] * (TS_I2PI * P->crossed[i] + products);
    }
    return total;
}

/* The student's part is homogeneous of degree two in (w, s), the cross part of degree one, so that the value follows
   from the gradient: 1/2 (w . grad + s dF/ds - cross) + constant. */
static double NAME(ts_value_and_grad)(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    const ts_data *D = (const ts_data *)self->data;
    int64_t n = D->n, np = D->np, kp = D->kp, dp = D->dp;
    ts_point P = NAME(ts_prepare)(D, x, t, work);
    double *g = P.turned, f = -NAME(ts_cross)(D, &P);
    const double *b = P.b + P.own;
    for (int64_t i = 0; i < n; i++) P.square[i * np + i] += P.alpha[i];
    if (D->unit) {
        for (int64_t i = 0; i < n; i++) {
            for (int64_t a = 0; a < kp; a++) g[i * dp + a] = -D->norms[a] * b[i * kp + a];
            for (int64_t a = kp; a < dp; a++) g[i * dp + a] = 0.0;
        }
        memset(g + n * dp, 0, sizeof(double) * (size_t)((np - n) * dp));
    } else {
        memset(g, 0, sizeof(double) * (size_t)(np * dp));
        memset(P.b + P.all, 0, sizeof(double) * (size_t)((np - n) * kp)); /* tiles read rows beyond the last */
        NAME(ts_product)(b, kp, D->teacher, dp, g, dp, n, D->d, D->k, 0);
        for (int64_t q = 0; q < np * dp; q++) g[q] = -g[q];
    }
    NAME(ts_product)(P.square, np, P.x, dp, g, dp, n, D->d, n, 0);
    f += NAME(ts_dot)(P.x, g, n * dp);
    if (P.s > 0.0)
        for (int64_t i = 0; i < n; i++) f += P.s * P.s * P.alpha[i];
    f = 0.5 * f + D->constant;
    if (P.weight != 1.0) {
        f += (P.weight - 1.0) * NAME(ts_low)(D, &P);
        if (grad) NAME(ts_low_grad)(D, &P, P.weight - 1.0, g);
    }
    if (grad) NAME(ts_store)(D, g, grad);
    return f;
}
