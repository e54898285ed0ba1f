/* Symmetric products and Cholesky factors of small matrices in lanes: every lane of a vector has matrices of its own.

   Included by damped_block.h once per instruction set. Blocks of 4 x 4 numbers keep their sums in registers: on
   machines with 16 of them two columns at a time. Triangles lie row by row. */
#define COLUMNS (HP_BYTES == 64 ? 4 : 2)
#define ENTRY(i, j) ((int64_t)(i) * ((i) + 1) / 2 + (j))

/* sum[a][b] = sum over n rows of A of entries i + a and j + b, R times 4 of them; only b <= a where i == j. */
AI void NAME(products)(int R, int lower, int64_t n, const V *restrict A, int64_t stride, int64_t i, int64_t j,
                       V sum[4][4]) {
#pragma GCC unroll 2
    for (int from = 0; from < 4; from += COLUMNS) {
        if (lower && from >= R) continue;
        V part[4][COLUMNS];
#pragma GCC unroll 4
        for (int a = 0; a < R; a++)
#pragma GCC unroll 4
            for (int b = 0; b < COLUMNS; b++) part[a][b] = (V){0};
        for (int64_t s = 0; s < n; s++) {
            const V *left = A + s * stride + i, *right = A + s * stride + j + from;
#pragma GCC unroll 4
            for (int a = 0; a < R; a++)
#pragma GCC unroll 4
                for (int b = 0; b < COLUMNS; b++)
                    if (!lower || from + b <= a) part[a][b] += left[a] * right[b];
        }
#pragma GCC unroll 4
        for (int a = 0; a < R; a++)
#pragma GCC unroll 4
            for (int b = 0; b < COLUMNS; b++) sum[a][from + b] = part[a][b];
    }
}

/* Calls what makes a block of R rows, from entry i on. */
#define HP_ROWS(left, call) \
    switch (left) {         \
    case 1: call(1); break; \
    case 2: call(2); break; \
    case 3: call(3); break; \
    default: call(4);       \
    }

AI void NAME(gram_block)(int R, int lower, int64_t i, int64_t j, int64_t n, int64_t p, const V *restrict J, int add,
                         V *restrict out) {
    V sum[4][4];
    NAME(products)(R, lower, n, J, p, i, j, sum);
#pragma GCC unroll 4
    for (int a = 0; a < R; a++)
#pragma GCC unroll 4
        for (int b = 0; b < 4; b++) {
            if (lower && b > a) continue;
            V *to = out + ENTRY(i + a, j + b);
            *to = add ? *to + sum[a][b] : sum[a][b];
        }
}

/* The lower triangle of J'J for n rows of p entries, row by row. */
static void NAME(gram_of)(int64_t n, int64_t p, const V *J, int add, V *out) {
    for (int64_t i = 0; i < p; i += 4) {
#define STRIP(R) NAME(gram_block)(R, 0, i, j, n, p, J, add, out)
#define CORNER(R) NAME(gram_block)(R, 1, i, i, n, p, J, add, out)
        for (int64_t j = 0; j < i; j += 4) HP_ROWS(p - i, STRIP)
        HP_ROWS(p - i, CORNER)
#undef STRIP
#undef CORNER
    }
}

/* The matrices of one vector of lanes: entry `at` of the triangle of B is B[at nv]. Its last row is the gradient g, so
   that the last row of L solves L y = g. L lies by columns of size + 1 entries. */
typedef struct {
    int64_t size;
    int nv;
    const V *B;
    V damping, *L, *inverse; /* inverse: one over the diagonal of L */
} NAME(system);

/* A block of B + damping I less what the columns before j make. */
AI void NAME(remainder)(int R, int lower, const NAME(system) *q, int64_t i, int64_t j, V part[4][4]) {
    NAME(products)(R, lower, j, q->L, q->size + 1, i, j, part);
#pragma GCC unroll 4
    for (int a = 0; a < R; a++)
#pragma GCC unroll 4
        for (int b = 0; b < 4; b++)
            if ((!lower || b <= a) && j + b < q->size) part[a][b] = q->B[ENTRY(i + a, j + b) * q->nv] - part[a][b];
    if (lower)
#pragma GCC unroll 4
        for (int a = 0; a < R; a++) part[a][a] += q->damping;
}

/* A block on the diagonal; returns the lanes where its pivots are positive and finite. */
AI I NAME(corner)(int R, const NAME(system) *q, int64_t j) {
    const int64_t stride = q->size + 1;
    V part[4][4], *restrict L = q->L;
    I good = ~(I){0};
    NAME(remainder)(R, 1, q, j, j, part);
#pragma GCC unroll 4
    for (int b = 0; b < R; b++) {
        if (j + b == q->size) break;
        good &= (I)(part[b][b] > 0.0) & (I)(part[b][b] < INFINITY);
        const V scale = q->inverse[j + b] = 1.0 / NAME(root)(part[b][b]);
#pragma GCC unroll 4
        for (int a = 0; a < R; a++)
            if (a > b) L[(j + b) * stride + j + a] = part[a][b] *= scale;
#pragma GCC unroll 4
        for (int a = 0; a < R; a++)
#pragma GCC unroll 4
            for (int e = 0; e < R; e++)
                if (e > b && e <= a) part[a][e] -= part[a][b] * part[e][b];
    }
    return good;
}

AI void NAME(strip)(int R, const NAME(system) *q, int64_t i, int64_t j) {
    const int64_t stride = q->size + 1;
    V part[4][4], *restrict L = q->L;
    NAME(remainder)(R, 0, q, i, j, part);
#pragma GCC unroll 4
    for (int b = 0; b < 4; b++)
#pragma GCC unroll 4
        for (int a = 0; a < R; a++) {
#pragma GCC unroll 4
            for (int e = 0; e < 4; e++)
                if (e < b) part[a][b] -= part[a][e] * L[(j + e) * stride + j + b];
            L[(j + b) * stride + i + a] = part[a][b] *= q->inverse[j + b];
        }
}

/* L L' = B + damping I; returns the lanes whose matrix is positive definite. */
AI I NAME(factorize)(const NAME(system) *q) {
    I good = ~(I){0};
    for (int64_t j = 0; j < q->size; j += 4) {
#define CORNER(R) good &= NAME(corner)(R, q, j)
        HP_ROWS(q->size + 1 - j, CORNER)
#undef CORNER
        for (int64_t i = j + 4; i <= q->size; i += 4) {
#define STRIP(R) NAME(strip)(R, q, i, j)
            HP_ROWS(q->size + 1 - i, STRIP)
#undef STRIP
        }
    }
    return good;
}

/* d = L'^-1 L^-1 g. */
AI void NAME(back_substitute)(const NAME(system) *q, V *restrict d) {
    const int64_t p = q->size, stride = p + 1;
    for (int64_t i = p - 1; i >= 0; i--) {
        const V *column = q->L + i * stride;
        V even = column[p], odd = {0};
        int64_t k = i + 1;
        for (; k + 2 <= p; k += 2) {
            even -= column[k] * d[k];
            odd -= column[k + 1] * d[k + 1];
        }
        if (k < p) even -= column[k] * d[k];
        d[i] = (even + odd) * q->inverse[i];
    }
}
#undef COLUMNS
#undef HP_ROWS
