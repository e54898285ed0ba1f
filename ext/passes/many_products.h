/* Products of one vector of starts: every start of the vector has weights and activations of its own.

   Included by many_block.h once per instruction set. Numbers of one start lie nv vectors apart; a matrix of m units
   and n samples holds unit j of sample s in row j n + s. Samples go by fours, so that a weight is loaded once for
   four products. Gradients are added to where `add` is set. */

/* TILE(rows, columns) of two rows from x and four columns from y on, smaller ones at the edges of m rows and n columns;
   where `middle` is set there are tiles of two columns too. */
#define ALONG(rows, y, n, middle)                                                                                     \
    {                                                                                                                 \
        int64_t y = 0;                                                                                                \
        for (; y + 4 <= (n); y += 4) TILE(rows, 4);                                                                   \
        for (; (middle) && y + 2 <= (n); y += 2) TILE(rows, 2);                                                       \
        for (; y < (n); y++) TILE(rows, 1);                                                                           \
    }
#define TILES(x, m, y, n, middle)                                                                                     \
    {                                                                                                                 \
        int x = 0;                                                                                                    \
        for (; x + 2 <= (m); x += 2) ALONG(2, y, n, middle)                                                           \
        for (; x < (m); x++) ALONG(1, y, n, middle)                                                                   \
    }

/* Input i of sample s: of the data, which all starts share, or where X is NULL of the layer below. */
AI V NAME(input)(const double *restrict X, const V *restrict a, int nv, int64_t n, int64_t k, int64_t i, int64_t s) {
    return X ? NAME(all)(X[s * k + i]) : a[(i * n + s) * nv];
}

/* A tile of `layer`: J units times S samples from unit j and sample s on. */
AI void NAME(layer_tile)(int J, int S, const V *restrict w, int nv, int bias, int64_t n, int k, int m,
                         const double *restrict X, const V *restrict a, V *restrict z, int j, int64_t s) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) sum[q][r] = bias ? w[((int64_t)m * k + j + q) * nv] : (V){0};
    for (int i = 0; i < k; i++)
        for (int q = 0; q < J; q++) {
            const V v = w[((int64_t)(j + q) * k + i) * nv];
            for (int r = 0; r < S; r++) sum[q][r] += v * NAME(input)(X, a, nv, n, k, i, s + r);
        }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) z[((j + q) * n + s + r) * nv] = sum[q][r];
}

/* z[j n + s] = b[j] + sum_i w[j][i] input(i, s) for n samples of k inputs and m units. */
AI void NAME(layer)(const V *restrict w, int nv, int bias, int64_t n, int k, int m, const double *restrict X,
                    const V *restrict a, V *restrict z) {
#define TILE(J, S) NAME(layer_tile)(J, S, w, nv, bias, n, k, m, X, a, z, j, s)
    TILES(j, m, s, n, 0)
#undef TILE
}

/* The same for two inputs of the data. */
AI void NAME(first_of_two)(const V *restrict w, int nv, int bias, int64_t n, int m, const double *restrict X,
                           V *restrict z) {
    for (int j = 0; j < m; j++) {
        const V w0 = w[2 * j * nv], w1 = w[(2 * j + 1) * nv], b = bias ? w[(2 * (int64_t)m + j) * nv] : (V){0};
        V *zj = z + j * n * nv;
        for (int64_t s = 0; s < n; s++) zj[s * nv] = w0 * X[2 * s] + (w1 * X[2 * s + 1] + b);
    }
}

/* A tile of `layer_grad`: J units times I inputs from unit j and input i on. */
AI void NAME(grad_tile)(int J, int I_, V *restrict g, int nv, int64_t n, int k, const double *restrict X,
                        const V *restrict a, const V *restrict delta, int add, int j, int64_t i) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) sum[q][r] = (V){0};
    for (int64_t s = 0; s < n; s++)
        for (int q = 0; q < J; q++) {
            const V v = delta[((j + q) * n + s) * nv];
            for (int r = 0; r < I_; r++) sum[q][r] += v * NAME(input)(X, a, nv, n, k, i + r, s);
        }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) {
            V *to = g + ((int64_t)(j + q) * k + i + r) * nv;
            *to = add ? *to + sum[q][r] : sum[q][r];
        }
}

/* g[j][i] += sum_s delta[j n + s] input(i, s), and the same for the biases. */
AI void NAME(layer_grad)(V *restrict g, int nv, int bias, int64_t n, int k, int m, const double *restrict X,
                         const V *restrict a, const V *restrict delta, int add) {
    V *biases = g + (int64_t)m * k * nv;
    for (int j = 0; bias && j < m; j++) {
        V sum = {0};
        for (int64_t s = 0; s < n; s++) sum += delta[(j * n + s) * nv];
        biases[j * nv] = add ? biases[j * nv] + sum : sum;
    }
#define TILE(J, I_) NAME(grad_tile)(J, I_, g, nv, n, k, X, a, delta, add, j, i)
    TILES(j, m, i, k, X != NULL)
#undef TILE
}

/* A tile of `back`: I inputs times S samples from input i and sample s on. */
AI void NAME(back_tile)(int I_, int S, const V *restrict w, int nv, int64_t n, int k, int m, int kind,
                        const V *restrict a, const V *restrict stored, const V *restrict delta, V *restrict below,
                        int i, int64_t s) {
    V sum[2][4];
    for (int q = 0; q < I_; q++)
        for (int r = 0; r < S; r++) sum[q][r] = (V){0};
    for (int j = 0; j < m; j++) {
        const V *dj = delta + (j * n + s) * nv, *wj = w + ((int64_t)j * k + i) * nv;
        for (int q = 0; q < I_; q++) {
            const V v = wj[q * nv];
            for (int r = 0; r < S; r++) sum[q][r] += v * dj[r * nv];
        }
    }
    for (int q = 0; q < I_; q++)
        for (int r = 0; r < S; r++) {
            const int64_t at = ((i + q) * n + s + r) * nv;
            below[at] = sum[q][r] * NAME(slope)(kind, 0, a[at], stored[at]);
        }
}

/* below[i n + s] = act'(i, s) sum_j w[j][i] delta[j n + s]. */
AI void NAME(back)(const V *restrict w, int nv, int64_t n, int k, int m, int kind, const V *restrict a,
                   const V *restrict stored, const V *restrict delta, V *restrict below) {
#define TILE(I_, S) NAME(back_tile)(I_, S, w, nv, n, k, m, kind, a, stored, delta, below, i, s)
    TILES(i, k, s, n, 0)
#undef TILE
}

/* The whole backward pass of a net of two inputs, m hidden units and one output over n samples, and the squared norm
   of its gradient: what the three products above do, with everything of one unit in registers. Where `steps` is set,
   `out` receives the weights after a step of gradient descent of size h, else the gradient. */
AI void NAME(back_shallow)(const V *restrict w, int nv, int bias, int64_t n, int m, int kind, int steps, V h,
                           const double *restrict X, const V *restrict a, const V *restrict stored,
                           const V *restrict delta, V *restrict out, V *restrict square) {
    V even = {0}, odd = {0}, sum = {0};
    const int64_t last = (bias ? 3 : 2) * (int64_t)m;
#define PUT(at, slope) out[(at) * nv] = steps ? w[(at) * nv] - h * (slope) : (slope)
    for (int64_t s = 0; s < n; s++) sum += delta[s * nv];
    if (bias) {
        PUT(last + m, sum);
        even += sum * sum;
    }
    for (int j = 0; j < m; j++) {
        const V u = w[(last + j) * nv];
        V gu = {0}, gb = {0}, g0 = {0}, g1 = {0};
        for (int64_t s = 0; s < n; s++) {
            const int64_t at = (j * n + s) * nv;
            const V f = a[at], e = delta[s * nv], v = e * u * NAME(slope)(kind, 0, f, stored[at]);
            gu += e * f;
            gb += v;
            g0 += v * X[2 * s];
            g1 += v * X[2 * s + 1];
        }
        PUT(2 * j, g0);
        PUT(2 * j + 1, g1);
        PUT(last + j, gu);
        even += g0 * g0;
        odd += g1 * g1;
        even += gu * gu;
        if (bias) {
            PUT(2 * m + j, gb);
            odd += gb * gb;
        }
    }
#undef PUT
    *square = even + odd;
}
#undef ALONG
#undef TILES
