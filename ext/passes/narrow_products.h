/* Products of narrow layers, a vector along the samples: where a layer has some ten units, a matrix product over rows
   of samples has no width to fill its registers with, but a thousand samples always have.

   An array of m rows holds `width` samples in each, a multiple of 8, samples contiguous. A tile of samples is so narrow
   that all rows of a net stay in the first-level cache. Blocks of 4 units x 2 vectors of samples, or of NARROW_ROWS x 4
   sums, stay in registers. Included once per instruction set, in double, after mlp_passes.h. */
#define V NAME(vec)
#define ALWAYS static inline __attribute__((always_inline))
#define NARROW_ROWS (HP_BYTES == 64 ? 4 : 2)
#define NARROW_INPUTS (HP_BYTES == 64 ? 8 : 4)
#define AT(x, i, v) (*(NAME(line) *)((x) + (i) * width + (v) * LANES))
typedef V NAME(line) __attribute__((aligned(8), may_alias));

/* out[u] from sum_i W[u up + i right] in[i], over k rows of in and for m rows of out. */
typedef struct {
    int m, k;
    const double *W;
    int64_t up, right, width;
    const double *in;
    double *out;
} NAME(narrow_product);

/* Adds the product for units j .. and vectors v .. to z. */
ALWAYS void NAME(multiply)(const int units, const int vectors, const NAME(narrow_product) q, int64_t j, int64_t v,
                           V (*z)[2]) {
    const int64_t width = q.width, up = q.up, right = q.right;
    const double *W = q.W + j * up, *in = q.in + v * LANES;
    for (int i = 0; i < q.k; i++) {
        V x[2];
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) x[s] = AT(in, i, s);
#pragma GCC unroll 4
        for (int u = 0; u < units; u++) {
            const V w = NAME(all)(W[u * up + i * right]);
#pragma GCC unroll 4
            for (int s = 0; s < vectors; s++) z[u][s] += w * x[s];
        }
    }
}

/* BLOCK(units, vectors) with j, v over all units and vectors, two vectors at once, since more would store in bursts that
   stall the next block; NEXT after all vectors of units j .. */
#define UNITS(vectors)                                                                                                \
    if (units == 4) BLOCK(4, vectors);                                                                                \
    else if (units == 2) BLOCK(2, vectors);                                                                           \
    else BLOCK(1, vectors);
#define EACH_BLOCK                                                                                                    \
    for (int64_t j = 0, units; j < q.m; j += units) {                                                                \
        units = q.m - j >= 4 ? 4 : q.m - j >= 2 ? 2 : 1;                                                            \
        int64_t v = 0;                                                                                                \
        for (; v + 2 <= q.width / LANES; v += 2) UNITS(2)                                                             \
        for (; v < q.width / LANES; v++) UNITS(1)                                                                     \
        NEXT;                                                                                                         \
    }

ALWAYS void NAME(ahead_block)(const int units, const int vectors, const NAME(narrow_product) q, const double *b,
                              double low, int64_t j, int64_t v) {
    const int64_t width = q.width;
    V z[4][2];
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) z[u][s] = NAME(all)(b ? b[j + u] : 0);
    NAME(multiply)(units, vectors, q, j, v, z);
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) AT(q.out, j + u, v + s) = NAME(above)(z[u][s], low);
}

/* out = W in + b (NULL for none), but nowhere below `low`, which is -inf or, for relu, 0. */
static void NAME(ahead)(const NAME(narrow_product) q, const double *b, double low) {
#define BLOCK(units, vectors) NAME(ahead_block)(units, vectors, q, b, low, j, v)
#define NEXT
    EACH_BLOCK
#undef BLOCK
#undef NEXT
}

/* out += W in. */
ALWAYS void NAME(more_block)(const int units, const int vectors, const NAME(narrow_product) q, int64_t j, int64_t v) {
    const int64_t width = q.width;
    V z[4][2];
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) z[u][s] = AT(q.out, j + u, v + s);
    NAME(multiply)(units, vectors, q, j, v, z);
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) AT(q.out, j + u, v + s) = z[u][s];
}

static void NAME(more)(const NAME(narrow_product) q) {
#define BLOCK(units, vectors) NAME(more_block)(units, vectors, q, j, v)
#define NEXT
    EACH_BLOCK
#undef BLOCK
#undef NEXT
}

/* The sum of a vector; the sums of four, added to out. */
ALWAYS double NAME(total)(V x) {
    double each[LANES];
    memcpy(each, &x, sizeof each);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) each[i] += each[i + half];
    return each[0];
}

ALWAYS void NAME(totals)(V a, V b, V c, V d, double *out) {
#if HP_BYTES == 16
    const NAME(ivec) even = {0, 2}, odd = {1, 3};
    *(NAME(line) *)out += HP_SHUFFLE2(a, b, even) + HP_SHUFFLE2(a, b, odd);
    *(NAME(line) *)(out + 2) += HP_SHUFFLE2(c, d, even) + HP_SHUFFLE2(c, d, odd);
#else
    typedef NAME(four) four;
#if HP_BYTES == 32
    const NAME(ivec) even = {0, 4, 2, 6}, odd = {1, 5, 3, 7}, low = {0, 1, 4, 5}, high = {2, 3, 6, 7};
#else
    const NAME(ivec) even = {0, 8, 2, 10, 4, 12, 6, 14}, odd = {1, 9, 3, 11, 5, 13, 7, 15};
    const NAME(ivec) low = {0, 1, 8, 9, 4, 5, 12, 13}, high = {2, 3, 10, 11, 6, 7, 14, 15};
#endif
    const V p = HP_SHUFFLE2(a, b, even) + HP_SHUFFLE2(a, b, odd);
    const V q = HP_SHUFFLE2(c, d, even) + HP_SHUFFLE2(c, d, odd);
    const V s = HP_SHUFFLE2(p, q, low) + HP_SHUFFLE2(p, q, high);
    four first;
    memcpy(&first, &s, sizeof first);
#if HP_BYTES == 64
    four second;
    memcpy(&second, (const char *)&s + sizeof first, sizeof second);
    first += second;
#endif
    *(four *)out += first;
#endif
}

/* out[u ld + i] += sum over samples of D[u] A[i], for m rows of D and k of A. */
ALWAYS void NAME(sum_block)(const int rows, const int columns, int64_t width, const double *D, const double *A,
                            double *out, int64_t ld) {
    V sum[NARROW_ROWS][4] = {0};
    for (int64_t v = 0; v < width / LANES; v++) {
        V x[4];
#pragma GCC unroll 4
        for (int i = 0; i < columns; i++) x[i] = AT(A, i, v);
#pragma GCC unroll 4
        for (int u = 0; u < rows; u++) {
            const V y = AT(D, u, v);
#pragma GCC unroll 4
            for (int i = 0; i < columns; i++) sum[u][i] += y * x[i];
        }
    }
#pragma GCC unroll 4
    for (int u = 0; u < rows; u++) {
        if (columns == 4) NAME(totals)(sum[u][0], sum[u][1], sum[u][2], sum[u][3], out + u * ld);
        else
            for (int i = 0; i < columns; i++) out[u * ld + i] += NAME(total)(sum[u][i]);
    }
}

static void NAME(add_sums)(int m, int k, int64_t width, const double *D, const double *A, double *out, int64_t ld) {
    for (int j = 0, rows; j < m; j += rows) {
        rows = m - j < NARROW_ROWS ? m - j : NARROW_ROWS;
        for (int i = 0, columns; i < k; i += columns) {
            columns = k - i >= 4 ? 4 : k - i >= 2 ? 2 : 1;
#define BLOCK(r, c)                                                                                                   \
    if (rows == r && columns == c)                                                                                    \
        NAME(sum_block)(r, c, width, D + j * width, A + i * width, out + j * ld + i, ld);
#define EACH_ROWS(c) BLOCK(1, c) BLOCK(2, c) ROWS_OF_FOUR(c)
#if HP_BYTES == 64
#define ROWS_OF_FOUR(c) BLOCK(3, c) BLOCK(4, c)
#else
#define ROWS_OF_FOUR(c)
#endif
            EACH_ROWS(4) EACH_ROWS(2) EACH_ROWS(1)
#undef ROWS_OF_FOUR
#undef EACH_ROWS
#undef BLOCK
        }
    }
}

/* out[j] += the sum of row j of D. */
static void NAME(add_rows)(int m, int64_t width, const double *D, double *out) {
    for (int j = 0; j < m; j++) {
        V even = {0}, odd = {0};
        for (int64_t v = 0; v + 1 < width / LANES; v += 2) even += AT(D, j, v), odd += AT(D, j, v + 1);
        if (width / LANES % 2) even += AT(D, j, width / LANES - 1);
        out[j] += NAME(total)(even + odd);
    }
}

/* The mask of the first `count` lanes; all of them, or none, where it is beyond. */
ALWAYS NAME(ivec) NAME(first)(int64_t count) {
    static const double lanes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    return (NAME(ivec))(*(const NAME(line) *)lanes < NAME(all)((double)count));
}

/* Zeros after the first n samples of each row: padding may be anything, and 0 inf is no zero. */
static void NAME(clear)(int m, int64_t n, int64_t width, double *D) {
    for (int64_t v = n / LANES; v < width / LANES; v++) {
        const NAME(ivec) mask = NAME(first)(n - v * LANES);
        for (int j = 0; j < m; j++) AT(D, j, v) = NAME(pick)(mask, AT(D, j, v), NAME(all)(0));
    }
}
