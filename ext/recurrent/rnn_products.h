/* Products and sums of a tile of samples: arrays of rows of `width` numbers, one a sample, contiguous, in whole vectors.

   Products have a vector along the samples: blocks of 4 rows x SPAN vectors stay in registers, and the sums of a matrix
   over samples and steps stay vectors until the end. Only sums of large matrices are numbers at once, by gemm.h, from
   arrays that are transposed for it: with either a gradient takes the same time at 48 x 48 on AVX2 and at 128 x 128 on
   AVX-512, and the limit lies between. Products by gemm.h took as long or longer, up to 128 x 128.

   Included once per type and instruction set, after the vector mathematics. */
#define V NAME(vec)
#define ALWAYS static inline __attribute__((always_inline))
#define AT(x, i, v) (*(NAME(line) *)((x) + (i) * width + (v) * LANES))
#define SPAN (HP_BYTES == 64 ? 4 : 2)
#define SUM_ROWS (HP_BYTES == 64 ? 4 : 2) /* x 4 sums, in registers */
typedef V NAME(line) __attribute__((aligned(sizeof(real)), may_alias));

#if HP_BYTES >= 32
#define TILE_ROWS (HP_BYTES == 64 ? 6 : 4)
#define TILE_VECTORS (HP_BYTES == 64 ? 4 : 3)
#include "gemm.h"
#undef TILE_ROWS
#undef TILE_VECTORS
#define V NAME(vec)
#endif

/* sum_i W[u up + i right] in[i] over k rows of in. */
typedef struct {
    const real *W;
    int64_t up, right;
    const real *in;
    int k;
} NAME(term);

/* Rows 0 .. m - 1 of out: b (NULL for 0), or with `add` what is there, and the terms. */
typedef struct {
    int m;
    int64_t width;
    const real *b;
    int add, count;
    NAME(term) terms[4];
    real *out;
} NAME(mixture);

ALWAYS void NAME(add_term)(NAME(mixture) *q, const real *W, int64_t up, int64_t right, const real *in, int k) {
    q->terms[q->count++] = (NAME(term)){W, up, right, in, k};
}

ALWAYS void NAME(mix_block)(const int units, const int vectors, const NAME(mixture) *q, int64_t j, int64_t v) {
    const int64_t width = q->width;
    V z[4][SPAN];
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) {
            z[u][s] = NAME(all)(q->b ? q->b[j + u] : 0);
            if (q->add) z[u][s] = AT(q->out, j + u, v + s);
        }
    for (int c = 0; c < q->count; c++) {
        const NAME(term) *e = q->terms + c;
        const int64_t up = e->up, right = e->right;
        const real *W = e->W + j * up, *in = e->in + v * LANES;
        for (int i = 0; i < e->k; i++, W += right, in += width) {
            V x[SPAN];
#pragma GCC unroll 4
            for (int s = 0; s < vectors; s++) x[s] = AT(in, 0, s);
#pragma GCC unroll 4
            for (int u = 0; u < units; u++) {
                const V w = NAME(all)(W[u * up]);
#pragma GCC unroll 4
                for (int s = 0; s < vectors; s++) z[u][s] += w * x[s];
            }
        }
    }
#pragma GCC unroll 4
    for (int u = 0; u < units; u++)
#pragma GCC unroll 4
        for (int s = 0; s < vectors; s++) AT(q->out, j + u, v + s) = z[u][s];
}

#define UNITS(vectors)                                                                                                \
    if (units == 4) NAME(mix_block)(4, vectors, q, j, v);                                                             \
    else if (units == 2) NAME(mix_block)(2, vectors, q, j, v);                                                        \
    else NAME(mix_block)(1, vectors, q, j, v);
static __attribute__((noinline)) void NAME(mix)(const NAME(mixture) *q) {
    const int64_t vectors = q->width / LANES;
    for (int64_t j = 0, units; j < q->m; j += units) {
        units = q->m - j >= 4 ? 4 : q->m - j >= 2 ? 2 : 1;
        int64_t v = 0;
#if HP_BYTES == 64
        for (; v + 4 <= vectors; v += 4) UNITS(4)
        if (v + 2 <= vectors) {
            UNITS(2)
            v += 2;
        }
#else
        for (; v + 2 <= vectors; v += 2) UNITS(2)
#endif
        for (; v < vectors; v++) UNITS(1)
    }
}
#undef UNITS

/* The sum of the numbers of a vector. */
ALWAYS real NAME(total)(V x) {
    real each[LANES];
    memcpy(each, &x, sizeof each);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) each[i] += each[i + half];
    return each[0];
}

/* Sums over samples and steps of D[u] A[i], for m rows of D and k of A: added to vectors (m, k) at `to`, or, wide, to
   numbers. D and A move on by `ahead_D` and `ahead_A` numbers a step. */
typedef struct {
    int m, k, wide;
    int64_t width, steps;
    const real *D;
    int64_t ahead_D;
    const real *A;
    int64_t ahead_A;
    real *to, *room; /* room: (width, k), for A transposed */
} NAME(summand);

ALWAYS void NAME(sum_block)(const int rows, const int columns, const NAME(summand) *q, int64_t j, int64_t i) {
    const int64_t width = q->width, k = q->k;
    V sum[4][4];
    real *to = q->to + (j * k + i) * (q->wide ? 1 : LANES);
#pragma GCC unroll 4
    for (int u = 0; u < rows; u++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++) {
            sum[u][c] = NAME(all)(0);
            if (!q->wide) sum[u][c] = *(NAME(line) *)(to + (u * k + c) * LANES);
        }
    const real *D = q->D + j * width, *A = q->A + i * width;
    for (int64_t t = 0; t < q->steps; t++, D += q->ahead_D, A += q->ahead_A)
        for (int64_t v = 0; v < width / LANES; v++) {
            V x[4];
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++) x[c] = AT(A, c, v);
#pragma GCC unroll 4
            for (int u = 0; u < rows; u++) {
                const V y = AT(D, u, v);
#pragma GCC unroll 4
                for (int c = 0; c < columns; c++) sum[u][c] += y * x[c];
            }
        }
#pragma GCC unroll 4
    for (int u = 0; u < rows; u++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++) {
            if (q->wide) to[u * k + c] += NAME(total)(sum[u][c]);
            else *(NAME(line) *)(to + (u * k + c) * LANES) = sum[u][c];
        }
}

#if HP_BYTES >= 32
static void NAME(sum_wide)(const NAME(summand) *q) {
    const real *D = q->D, *A = q->A;
    const int64_t all = q->steps * q->width, apart = q->k + HP_RNN_PAD;
    real *rows = q->room + all * apart;
    for (int64_t t = 0; t < q->steps; t++, D += q->ahead_D, A += q->ahead_A) {
        NAME(transpose)(q->k, q->width, A, q->room + t * q->width * apart, apart);
        for (int64_t j = 0; j < q->m; j++)
            memcpy(rows + j * all + t * q->width, D + j * q->width, (size_t)q->width * sizeof(real));
    }
    NAME(gemm)(q->m, q->k, all, rows, all, 1, q->room, apart, 1, q->to, q->k);
}
#endif

#define BLOCK(r, c)                                                                                                   \
    if (rows == r && columns == c) NAME(sum_block)(r, c, q, j, i);
static __attribute__((noinline)) void NAME(sums)(const NAME(summand) *q) {
#if HP_BYTES >= 32
    if (q->wide) {
        NAME(sum_wide)(q);
        return;
    }
#endif
    for (int i = 0, columns; i < q->k; i += columns) {
        columns = q->k - i >= 4 ? 4 : q->k - i >= 2 ? 2 : 1;
        const int most = columns == 4 ? SUM_ROWS : 4; /* as many sums as hide how long one takes */
        for (int j = 0, rows; j < q->m; j += rows) {
            rows = q->m - j >= most ? most : q->m - j >= 2 ? 2 : 1;
            BLOCK(SUM_ROWS, 4)
            else BLOCK(4, 2)
            else BLOCK(4, 1)
            else BLOCK(2, 4)
            else BLOCK(2, 2)
            else BLOCK(2, 1)
            else BLOCK(1, 4)
            else BLOCK(1, 2)
            else BLOCK(1, 1)
        }
    }
}
#undef BLOCK
