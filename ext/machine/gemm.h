/* Row-major matrix products for the shapes of nets: blocks of a hundred rows, layers of ten to a thousand units.

   C (m, n) = A B, or is added to, where A is read by any two strides, B has contiguous rows of stride ldb, C has
   contiguous rows of stride ldc. A tile of C stays in registers while the whole of k passes, so B is read without
   copies. Included once per type and instruction set, after the vector mathematics, with TILE_ROWS and TILE_VECTORS
   defined: as many accumulators as the registers hold. Where TILE_WHOLE is defined rows are whole vectors. */
#ifdef TILE_WHOLE
#define RAGGED(yes, no) ((void)ragged, no)
#else
#define RAGGED(yes, no) ragged ? yes : no
#endif
#define V NAME(vec)
typedef V NAME(loose) __attribute__((aligned(sizeof(real)), may_alias));

typedef struct {
    const real *A;
    int64_t down, right; /* strides of A along m and along k */
    const real *B;
    int64_t ldb;
    real *C;
    int64_t ldc;
    int64_t k;
    int add;  /* C is added to */
    int last; /* columns of the last vector of the tile, at most LANES */
} NAME(tile);

/* The first `count` numbers at x, zeros after them; and the way back. */
#if HP_DOUBLE
#define SUFFIX(x) HP_JOIN(x, _pd)
#define REGISTER(bits) HP_JOIN(__m, HP_JOIN(bits, d))
#else
#define SUFFIX(x) HP_JOIN(x, _ps)
#define REGISTER(bits) HP_JOIN(__m, bits)
#endif
#if HP_BYTES == 64
#define MASK(count) ((1u << (count)) - 1)
static inline __attribute__((always_inline)) V NAME(partial)(const real *x, int count) {
    return (V)SUFFIX(_mm512_maskz_loadu)(MASK(count), x);
}

static inline __attribute__((always_inline)) void NAME(keep)(real *x, int count, V v) {
    SUFFIX(_mm512_mask_storeu)(x, MASK(count), (REGISTER(512))v);
}
#elif HP_BYTES == 32
#define MASK(count) _mm256_loadu_si256((const __m256i *)(TYPE(hp_mask) + 8 - (count)))
static inline __attribute__((always_inline)) V NAME(partial)(const real *x, int count) {
    return (V)SUFFIX(_mm256_maskload)(x, MASK(count));
}

static inline __attribute__((always_inline)) void NAME(keep)(real *x, int count, V v) {
    SUFFIX(_mm256_maskstore)(x, MASK(count), (REGISTER(256))v);
}
#else
static inline __attribute__((always_inline)) V NAME(partial)(const real *x, int count) { return NAME(load)(x, count); }

static inline __attribute__((always_inline)) void NAME(keep)(real *x, int count, V v) { NAME(store)(x, count, v); }
#endif
#undef MASK
#undef SUFFIX
#undef REGISTER

/* One tile; rows and vectors are constants where this is inlined. */
static inline __attribute__((always_inline)) void NAME(tile_product)(const NAME(tile) *t, const int rows,
                                                                     const int vectors, const int ragged) {
    V c[TILE_ROWS][TILE_VECTORS];
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++) c[i][j] = (V){0};
    const real *a = t->A, *b = t->B;
    const int64_t down = t->down;
    for (int64_t p = 0; p < t->k; p++) {
        V row[TILE_VECTORS];
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++)
            if (ragged && j == vectors - 1) row[j] = NAME(partial)(b + j * LANES, t->last);
            else row[j] = *(const NAME(loose) *)(b + j * LANES);
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            const V x = NAME(all)(a[i * down]);
#pragma GCC unroll 4
            for (int j = 0; j < vectors; j++) c[i][j] += x * row[j];
        }
        a += t->right;
        b += t->ldb;
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; j++) {
            real *to = t->C + i * t->ldc + j * LANES;
            if (ragged && j == vectors - 1) {
                if (t->add) c[i][j] += NAME(partial)(to, t->last);
                NAME(keep)(to, t->last, c[i][j]);
            } else {
                if (t->add) c[i][j] += *(const NAME(loose) *)to;
                *(NAME(loose) *)to = c[i][j];
            }
        }
}

#define ROWS(r)                                                                                                       \
    case r:                                                                                                           \
        if (vectors == 1) RAGGED(NAME(tile_product)(&t, r, 1, 1), NAME(tile_product)(&t, r, 1, 0));                   \
        else if (vectors == 2) RAGGED(NAME(tile_product)(&t, r, 2, 1), NAME(tile_product)(&t, r, 2, 0));              \
        else if (vectors == 3) RAGGED(NAME(tile_product)(&t, r, 3, 1), NAME(tile_product)(&t, r, 3, 0));              \
        else if (TILE_VECTORS == 4) RAGGED(NAME(tile_product)(&t, r, 4, 1), NAME(tile_product)(&t, r, 4, 0));         \
        break;
static void NAME(gemm)(int64_t m, int64_t n, int64_t k, const real *A, int64_t down, int64_t right, const real *B,
                       int64_t ldb, int add, real *C, int64_t ldc) {
    for (int64_t j = 0; j < n;) {
        const int64_t left = (n - j + LANES - 1) / LANES;
        /* the last two tiles share what is left, so that none is a thin one */
        const int64_t vectors = left <= TILE_VECTORS           ? left
                                : left < 2 * TILE_VECTORS ? (left + 1) / 2
                                                          : TILE_VECTORS;
        const int64_t columns = n - j < vectors * LANES ? n - j : vectors * LANES;
        const int last = (int)(columns - (vectors - 1) * LANES), ragged = last < LANES;
        for (int64_t i = 0; i < m; i += TILE_ROWS) {
            const NAME(tile) t = {A + i * down, down, right, B + j, ldb, C + i * ldc + j, ldc, k, add, last};
            switch (m - i < TILE_ROWS ? m - i : TILE_ROWS) {
                ROWS(1)
                ROWS(2)
                ROWS(3)
                ROWS(4)
#if HP_BYTES == 64
                ROWS(5)
                ROWS(6)
#endif
            }
        }
        j += columns;
    }
}
#undef ROWS
#undef RAGGED

/* out (k, m) = transpose of W (m, k), with rows of stride ldo, in square blocks. */
static __attribute__((unused)) void NAME(transpose)(int64_t m, int64_t k, const real *W, real *out, int64_t ldo) {
    enum { SIDE = 8 };
    for (int64_t i = 0; i < m; i += SIDE)
        for (int64_t p = 0; p < k; p += SIDE) {
            const int64_t ni = m - i < SIDE ? m - i : SIDE, np = k - p < SIDE ? k - p : SIDE;
            if (ni == SIDE && np == SIDE) {
                for (int64_t q = 0; q < SIDE; q++)
                    for (int64_t s = 0; s < SIDE; s++) out[(p + q) * ldo + i + s] = W[(i + s) * k + p + q];
            } else
                for (int64_t q = 0; q < np; q++)
                    for (int64_t s = 0; s < ni; s++) out[(p + q) * ldo + i + s] = W[(i + s) * k + p + q];
        }
}
#undef V
