/* Outputs of hidden units on the data, and what all moves share. Rows of units are whole vectors: `ld` numbers. */
ALWAYS V NAME(get)(const double *x) {
    V v;
    memcpy(&v, x, sizeof v);
    return v;
}

ALWAYS void NAME(put)(double *x, V v) { memcpy(x, &v, sizeof v); }

ALWAYS int64_t NAME(padded)(int64_t count) { return (count + LANES - 1) / LANES * LANES; }

/* The activation of n numbers in whole vectors, in place. */
#define EACH(value)                                                                                                   \
    for (int64_t i = 0; i < n; i += LANES) {                                                                          \
        const V z = NAME(get)(x + i);                                                                                 \
        NAME(put)(x + i, value);                                                                                      \
    }                                                                                                                 \
    return;
static void NAME(activate)(const hp_units *u, int64_t n, double *x) {
    V a, f, g;
    const double leak = u->leak;
    switch (u->activation) {
#define CASE(code, ...) case HP_##code: EACH(NAME(value)(HP_##code, leak, z))
        HP_SIMPLE_ACTS(CASE)
#undef CASE
#define CASE(code, name, ...) case HP_##code: EACH((NAME(act_##name)(z, &a, &f, &g), a))
        HP_STORED_ACTS(CASE)
#undef CASE
    }
    __builtin_trap();
}
#undef EACH

/* H (n, ld): outputs of units whose weights stand in the columns of W (d + 1, ld), biases in its last row. */
static void NAME(hidden)(const hp_units *u, int64_t ld, const double *W, double *H) {
    const int64_t rows = ld < 2048 ? 24576 / ld / 12 * 12 : 12; /* that stay in the second cache until activated */
    for (int64_t s = 0; s < u->n; s += rows) {
        const int64_t m = u->n - s < rows ? u->n - s : rows;
        NAME(gemm)(m, ld, u->d + 1, u->affine + s * u->wide, u->wide, 1, W, ld, 0, H + s * ld, ld);
        NAME(activate)(u, m * ld, H + s * ld);
    }
}

/* Sums over samples of weights times outputs, out (k, ld): weight c of sample s stands at A[s * right + c]. Outputs are
   read once, row after row. */
static void NAME(sums)(int64_t n, int64_t ld, int64_t k, const double *A, int64_t right, const double *H, double *out) {
    enum { ROWS = 8 };
    memset(out, 0, (size_t)(k * ld) * sizeof *out);
    for (int64_t s = 0; s < n; s += ROWS, H += ROWS * ld, A += ROWS * right)
        for (int64_t c = 0; c < k; c++) {
            V weight[ROWS];
            const int64_t rows = n - s < ROWS ? n - s : ROWS;
            for (int64_t q = 0; q < rows; q++) weight[q] = NAME(all)(A[q * right + c]);
            for (int64_t m = 0; m < ld; m += LANES) {
                V sum = NAME(get)(out + c * ld + m);
                if (rows == ROWS) {
#pragma GCC unroll 8
                    for (int64_t q = 0; q < ROWS; q++) sum += weight[q] * NAME(get)(H + q * ld + m);
                } else
                    for (int64_t q = 0; q < rows; q++) sum += weight[q] * NAME(get)(H + q * ld + m);
                NAME(put)(out + c * ld + m, sum);
            }
        }
}

/* Every sample's outputs times the root of its weight. */
static void NAME(weigh)(const hp_units *u, int64_t ld, double *H) {
    for (int64_t s = 0; u->roots && s < u->n; s++)
        for (int64_t m = 0; m < ld; m += LANES) NAME(put)(H + s * ld + m, NAME(get)(H + s * ld + m) * u->roots[s]);
}

/* The root of a sample's weight. */
ALWAYS double NAME(root_at)(const hp_units *u, int64_t s) { return u->roots ? u->roots[s] : 1; }

/* Means of the outputs, (ld), from what `weigh` made of them. */
static void NAME(means)(const hp_units *u, int64_t ld, const double *H, double *mean) {
    NAME(sums)(u->n, ld, 1, u->looks, u->k + 1, H, mean);
}

/* The lower triangle of C (m, m) = A' A with A (n, ld), in panels; above the diagonal there may be anything. */
static void NAME(inner_products)(int64_t n, int64_t m, int64_t ld, const double *A, double *C) {
    enum { PANEL = HP_BYTES == 64 ? 12 : 8 };
    for (int64_t i = 0; i < m; i += PANEL) {
        const int64_t rows = m - i < PANEL ? m - i : PANEL, columns = NAME(padded)(i + rows);
        NAME(gemm)(rows, columns < ld ? columns : ld, n, A + i, 1, ld, A, ld, 0, C + i * ld, ld);
    }
}

/* The first layer of a point with `width` units into the columns of W, zeros behind them. */
static void NAME(columns)(const hp_units *u, int64_t width, int64_t ld, const double *x, double *W) {
    const int64_t d = u->d;
    for (int64_t j = 0; j <= d; j++) {
        double *row = W + j * ld;
        for (int64_t i = width; i < ld; i++) row[i] = 0;
        if (j < d)
            for (int64_t i = 0; i < width; i++) row[i] = x[i * d + j];
        else if (u->bias) memcpy(row, x + width * d, (size_t)width * sizeof *row);
        else memset(row, 0, (size_t)width * sizeof *row);
    }
}

/* The parts of a point with `width` units: weights, biases, outgoing weights (k, width), output biases. */
typedef struct {
    double *W, *b, *a, *c;
} NAME(parts);

ALWAYS NAME(parts) NAME(parts_of)(const hp_units *u, int64_t width, double *x) {
    double *b = x + width * u->d, *a = b + u->bias * width;
    return (NAME(parts)){x, b, a, a + u->k * width};
}

/* Scores that nothing but rounding tells from the best; of what is to be explained, a part that is rounding. */
#define NEARLY 1e-10
#define NOTHING 1e-20

/* The first unit whose score is the largest but for rounding, so that machines agree where units are alike or nothing
   is left to explain of a whole of so much; -1 where no score is at least zero. */
static int64_t NAME(first_best)(int64_t ld, const double *score, double whole) {
    V best = NAME(all)(-1);
    double each[LANES], top = -1;
    for (int64_t m = 0; m < ld; m += LANES) {
        const V s = NAME(get)(score + m);
        best = NAME(pick)((NAME(ivec))(s > best), s, best);
    }
    memcpy(each, &best, sizeof each);
    for (int q = 0; q < LANES; q++) top = each[q] > top ? each[q] : top;
    if (!(top >= 0)) return -1;
    const double limit = top * (1 - NEARLY) - NOTHING * whole;
    int64_t i = 0;
    while (!(score[i] >= 0 && score[i] >= limit)) i++;
    return i;
}

/* Unit i of a point of `width` units is rescaled, the function unchanged, so that |w| = |a|. */
static void NAME(balance)(const hp_units *u, int64_t width, int64_t i, double *x) {
    const NAME(parts) p = NAME(parts_of)(u, width, x);
    double in = 0, out = 0;
    for (int64_t j = 0; j < u->d; j++) in += p.W[i * u->d + j] * p.W[i * u->d + j];
    for (int64_t c = 0; c < u->k; c++) out += p.a[c * width + i] * p.a[c * width + i];
    const double factor = sqrt(sqrt(out) / (sqrt(in) + 1e-12)) + 1e-12;
    for (int64_t j = 0; j < u->d; j++) p.W[i * u->d + j] *= factor;
    if (u->bias) p.b[i] *= factor;
    for (int64_t c = 0; c < u->k; c++) p.a[c * width + i] /= factor;
}

/* Solves A z = b for each of k right sides b (m, k), in place, with A (m, m) positive definite but for rounding: where
   that is in the way as much is added to the diagonal as it takes. L has rows of `stride` numbers. Not finite where
   A is not. */
static void NAME(solve)(int64_t m, int64_t k, const double *A, double *b, double *L, int64_t stride) {
    double trace = 0, damping = 0;
    for (int64_t i = 0; i < m; i++) trace += A[i * m + i];
    while (!NAME(cholesky)(A, m, damping, L, stride)) {
        damping = damping > 0 ? 16 * damping : 1e-16 * trace;
        if (!(damping > 0 && damping <= trace)) {
            for (int64_t i = 0; i < m * k; i++) b[i] = NAN;
            return;
        }
    }
    for (int64_t i = 0; i < m; i++)
        for (int64_t c = 0; c < k; c++) {
            double sum = b[i * k + c];
            for (int64_t j = 0; j < i; j++) sum -= L[i * stride + j] * b[j * k + c];
            b[i * k + c] = sum / L[i * stride + i];
        }
    for (int64_t i = m - 1; i >= 0; i--)
        for (int64_t c = 0; c < k; c++) {
            double sum = b[i * k + c];
            for (int64_t j = i + 1; j < m; j++) sum -= L[j * stride + i] * b[j * k + c];
            b[i * k + c] = sum / L[i * stride + i];
        }
}
