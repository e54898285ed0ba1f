/* Products over many students for one instruction set (teacher_lanes.h): element (r, l) of a matrix is a vector, one
   student a lane, or a number that all students share. Sums run along l one after the other, as those of
   teacher_first.h do, a tile of them side by side. */
#define TS_ROWS (HP_BYTES == 64 ? 4 : 2)
#define TS_COLUMNS 4

/* Strides of A along rows and terms, of B along terms and columns, of C along rows. */
typedef struct {
    int64_t a, al, bl, b, c, terms;
} NAME(ts_strides);

/* C (rows x columns) += A B; `fresh`: = A B. */
#define TS_TILE(name, number)                                                                                          \
    static inline __attribute__((always_inline)) void NAME(name)(const V *A, const number *B, V *C,                    \
                                                                 const NAME(ts_strides) * s, const int rows,           \
                                                                 const int columns, const int fresh) {                 \
        V sum[TS_ROWS][TS_COLUMNS];                                                                                    \
        _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++)                                                         \
            _Pragma("GCC unroll 4") for (int k = 0; k < columns; k++) sum[r][k] = fresh ? (V){0} : C[r * s->c + k];    \
        for (int64_t l = 0; l < s->terms; l++) {                                                                       \
            V left[TS_ROWS];                                                                                           \
            _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) left[r] = A[r * s->a + l * s->al];                  \
            _Pragma("GCC unroll 4") for (int k = 0; k < columns; k++) {                                                \
                const number right = B[l * s->bl + k * s->b];                                                          \
                _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) sum[r][k] += left[r] * right;                   \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++)                                                         \
            _Pragma("GCC unroll 4") for (int k = 0; k < columns; k++) C[r * s->c + k] = sum[r][k];                     \
    }                                                                                                                  \
    static void NAME(name##s)(const V *A, const number *B, V *C, const NAME(ts_strides) * s, int64_t rows,             \
                              int64_t columns, int fresh) {                                                            \
        for (int64_t i = 0; i < rows;) {                                                                               \
            const int tall = rows - i >= TS_ROWS;                                                                      \
            const V *from = A + i * s->a;                                                                              \
            for (int64_t j = 0; j < columns;) {                                                                        \
                const int wide = columns - j >= TS_COLUMNS;                                                            \
                V *to = C + i * s->c + j;                                                                              \
                if (tall && wide) NAME(name)(from, B + j * s->b, to, s, TS_ROWS, TS_COLUMNS, fresh);                   \
                else if (tall) NAME(name)(from, B + j * s->b, to, s, TS_ROWS, 1, fresh);                               \
                else if (wide) NAME(name)(from, B + j * s->b, to, s, 1, TS_COLUMNS, fresh);                            \
                else NAME(name)(from, B + j * s->b, to, s, 1, 1, fresh);                                               \
                j += wide ? TS_COLUMNS : 1;                                                                            \
            }                                                                                                          \
            i += tall ? TS_ROWS : 1;                                                                                   \
        }                                                                                                              \
    }
TS_TILE(ts_vector_tile, V)
TS_TILE(ts_number_tile, double)
#undef TS_TILE
#undef TS_ROWS
#undef TS_COLUMNS

/* Square blocks of WIDE x WIDE numbers turned round: pairs of rows trade halves, quarters, single numbers. */
#if HP_BYTES == 64
#define TS_TRADE(x, y, m)                                                                                              \
    do {                                                                                                               \
        const V p = x, q = y;                                                                                          \
        if ((m) == 4) {                                                                                                \
            x = HP_SHUFFLE2(p, q, (TS_INT){0, 1, 2, 3, 8, 9, 10, 11});                                           \
            y = HP_SHUFFLE2(p, q, (TS_INT){4, 5, 6, 7, 12, 13, 14, 15});                                         \
        } else if ((m) == 2) {                                                                                         \
            x = HP_SHUFFLE2(p, q, (TS_INT){0, 1, 8, 9, 4, 5, 12, 13});                                           \
            y = HP_SHUFFLE2(p, q, (TS_INT){2, 3, 10, 11, 6, 7, 14, 15});                                         \
        } else {                                                                                                       \
            x = HP_SHUFFLE2(p, q, (TS_INT){0, 8, 2, 10, 4, 12, 6, 14});                                          \
            y = HP_SHUFFLE2(p, q, (TS_INT){1, 9, 3, 11, 5, 13, 7, 15});                                          \
        }                                                                                                              \
    } while (0)
#elif HP_BYTES == 32
#define TS_TRADE(x, y, m)                                                                                              \
    do {                                                                                                               \
        const V p = x, q = y;                                                                                          \
        if ((m) == 2) {                                                                                                \
            x = HP_SHUFFLE2(p, q, (TS_INT){0, 1, 4, 5});                                                         \
            y = HP_SHUFFLE2(p, q, (TS_INT){2, 3, 6, 7});                                                         \
        } else {                                                                                                       \
            x = HP_SHUFFLE2(p, q, (TS_INT){0, 4, 2, 6});                                                         \
            y = HP_SHUFFLE2(p, q, (TS_INT){1, 5, 3, 7});                                                         \
        }                                                                                                              \
    } while (0)
#else
#define TS_TRADE(x, y, m)                                                                                              \
    do {                                                                                                               \
        const V p = x, q = y;                                                                                          \
        x = HP_SHUFFLE2(p, q, (TS_INT){0, 2});                                                                   \
        y = HP_SHUFFLE2(p, q, (TS_INT){1, 3});                                                                   \
    } while (0)
#endif
static inline __attribute__((always_inline)) void NAME(ts_transpose)(V *r) {
#pragma GCC unroll 4
    for (int m = WIDE / 2; m > 0; m /= 2)
#pragma GCC unroll 8
        for (int l = 0; l < WIDE; l++)
            if (!(l & m)) TS_TRADE(r[l], r[l + m], m);
}
#undef TS_TRADE

/* x[l][q] to lane l of out[q], and the way back. */
static void NAME(ts_to_lanes)(const double *const *x, int64_t size, V *out) {
    const int64_t whole = size / WIDE * WIDE;
    for (int64_t q = 0; q < whole; q += WIDE) {
        V r[WIDE];
#pragma GCC unroll 8
        for (int l = 0; l < WIDE; l++) r[l] = VEC(x[l] + q);
        NAME(ts_transpose)(r);
#pragma GCC unroll 8
        for (int l = 0; l < WIDE; l++) out[q + l] = r[l];
    }
    for (int64_t q = whole; q < size; q++)
        for (int l = 0; l < WIDE; l++) ((double *)(out + q))[l] = x[l][q];
}

static void NAME(ts_from_lanes)(const V *in, int64_t size, int n, double *const *to) {
    const int64_t whole = size / WIDE * WIDE;
    for (int64_t q = 0; q < whole; q += WIDE) {
        V r[WIDE];
#pragma GCC unroll 8
        for (int l = 0; l < WIDE; l++) r[l] = in[q + l];
        NAME(ts_transpose)(r);
#pragma GCC unroll 8
        for (int l = 0; l < WIDE; l++)
            if (l < n) VEC(to[l] + q) = r[l];
    }
    for (int64_t q = whole; q < size; q++)
        for (int l = 0; l < n; l++) to[l][q] = ((const double *)(in + q))[l];
}
