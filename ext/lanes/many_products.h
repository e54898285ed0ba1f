/* Products of one vector of starts: every start of the vector has weights and activations of its own.

   Included by many_block.h once per instruction set. Numbers of one start lie nv vectors apart; a matrix of m units
   and n samples holds unit j of sample s in row j n + s. Samples go by fours, so that a weight is loaded once for
   four products. Gradients are added to where `add` is set. */

/* A tile of `first`: J units times S samples from unit j and sample s on. */
AI void NAME(first_tile)(int J, int S, const V *restrict w, int nv, int bias, int64_t n, int d, int m,
                         const double *restrict X, V *restrict z, int j, int64_t s) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) sum[q][r] = bias ? w[((int64_t)m * d + j + q) * nv] : (V){0};
    for (int i = 0; i < d; i++)
        for (int q = 0; q < J; q++) {
            const V v = w[((int64_t)(j + q) * d + i) * nv];
            for (int r = 0; r < S; r++) sum[q][r] += v * X[(s + r) * d + i];
        }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) z[((j + q) * n + s + r) * nv] = sum[q][r];
}

/* z[j n + s] = b[j] + sum_i w[j][i] X[s][i] for n samples of d inputs and m units. */
AI void NAME(first)(const V *restrict w, int nv, int bias, int64_t n, int d, int m, const double *restrict X,
                    V *restrict z) {
    int j = 0;
#define TILE(J, S) NAME(first_tile)(J, S, w, nv, bias, n, d, m, X, z, j, s)
    for (; j + 2 <= m; j += 2) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(2, 4);
        for (; s < n; s++) TILE(2, 1);
    }
    for (; j < m; j++) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(1, 4);
        for (; s < n; s++) TILE(1, 1);
    }
#undef TILE
}

/* The same for two inputs. */
AI void NAME(first_of_two)(const V *restrict w, int nv, int bias, int64_t n, int m, const double *restrict X,
                           V *restrict z) {
    for (int j = 0; j < m; j++) {
        const V w0 = w[2 * j * nv], w1 = w[(2 * j + 1) * nv], b = bias ? w[(2 * (int64_t)m + j) * nv] : (V){0};
        V *zj = z + j * n * nv;
        for (int64_t s = 0; s < n; s++) zj[s * nv] = w0 * X[2 * s] + (w1 * X[2 * s + 1] + b);
    }
}

/* A tile of `later`: J units times S samples from unit j and sample s on. */
AI void NAME(later_tile)(int J, int S, const V *restrict w, int nv, int bias, int64_t n, int k, int m,
                         const V *restrict a, V *restrict z, int j, int64_t s) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) sum[q][r] = bias ? w[((int64_t)m * k + j + q) * nv] : (V){0};
    for (int i = 0; i < k; i++) {
        const V *ai = a + (i * n + s) * nv, *wi = w + ((int64_t)j * k + i) * nv;
        for (int q = 0; q < J; q++) {
            const V v = wi[(int64_t)q * k * nv];
            for (int r = 0; r < S; r++) sum[q][r] += v * ai[r * nv];
        }
    }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < S; r++) z[((j + q) * n + s + r) * nv] = sum[q][r];
}

/* z[j n + s] = b[j] + sum_i w[j][i] a[i n + s] for k inputs, the activations a of the layer below. */
AI void NAME(later)(const V *restrict w, int nv, int bias, int64_t n, int k, int m, const V *restrict a,
                    V *restrict z) {
    int j = 0;
#define TILE(J, S) NAME(later_tile)(J, S, w, nv, bias, n, k, m, a, z, j, s)
    for (; j + 2 <= m; j += 2) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(2, 4);
        for (; s < n; s++) TILE(2, 1);
    }
    for (; j < m; j++) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(1, 4);
        for (; s < n; s++) TILE(1, 1);
    }
#undef TILE
}

/* A tile of `first_grad`: J units times I inputs from unit j and input i on. */
AI void NAME(first_grad_tile)(int J, int I_, V *restrict g, int nv, int64_t n, int d, const double *restrict X,
                              const V *restrict delta, int add, int j, int i) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) sum[q][r] = (V){0};
    for (int64_t s = 0; s < n; s++)
        for (int q = 0; q < J; q++) {
            const V v = delta[((j + q) * n + s) * nv];
            for (int r = 0; r < I_; r++) sum[q][r] += v * X[s * d + i + r];
        }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) {
            V *to = g + ((int64_t)(j + q) * d + i + r) * nv;
            *to = add ? *to + sum[q][r] : sum[q][r];
        }
}

/* The sums over samples of every unit's delta: the gradient of the biases. */
AI void NAME(bias_grad)(V *restrict g, int nv, int64_t n, int m, const V *restrict delta, int add) {
    for (int j = 0; j < m; j++) {
        V sum = {0};
        for (int64_t s = 0; s < n; s++) sum += delta[(j * n + s) * nv];
        g[j * nv] = add ? g[j * nv] + sum : sum;
    }
}

/* g[j][i] += sum_s delta[j n + s] X[s][i] and the same for the bias. */
AI void NAME(first_grad)(V *restrict g, int nv, int bias, int64_t n, int d, int m, const double *restrict X,
                         const V *restrict delta, int add) {
    if (bias) NAME(bias_grad)(g + (int64_t)m * d * nv, nv, n, m, delta, add);
    int j = 0;
#define TILE(J, I_) NAME(first_grad_tile)(J, I_, g, nv, n, d, X, delta, add, j, i)
    for (; j + 2 <= m; j += 2) {
        int i = 0;
        for (; i + 4 <= d; i += 4) TILE(2, 4);
        for (; i + 2 <= d; i += 2) TILE(2, 2);
        for (; i < d; i++) TILE(2, 1);
    }
    for (; j < m; j++) {
        int i = 0;
        for (; i + 4 <= d; i += 4) TILE(1, 4);
        for (; i + 2 <= d; i += 2) TILE(1, 2);
        for (; i < d; i++) TILE(1, 1);
    }
#undef TILE
}

/* A tile of `later_grad`: J units times I inputs from unit j and input i on. */
AI void NAME(grad_tile)(int J, int I_, V *restrict g, int nv, int64_t n, int k, const V *restrict a,
                        const V *restrict delta, int add, int j, int i) {
    V sum[2][4];
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) sum[q][r] = (V){0};
    for (int64_t s = 0; s < n; s++)
        for (int q = 0; q < J; q++) {
            const V v = delta[((j + q) * n + s) * nv];
            for (int r = 0; r < I_; r++) sum[q][r] += v * a[((i + r) * n + s) * nv];
        }
    for (int q = 0; q < J; q++)
        for (int r = 0; r < I_; r++) {
            V *to = g + ((int64_t)(j + q) * k + i + r) * nv;
            *to = add ? *to + sum[q][r] : sum[q][r];
        }
}

/* g[j][i] += sum_s delta[j n + s] a[i n + s] and the same for the bias. */
AI void NAME(later_grad)(V *restrict g, int nv, int bias, int64_t n, int k, int m, const V *restrict a,
                         const V *restrict delta, int add) {
    if (bias) NAME(bias_grad)(g + (int64_t)m * k * nv, nv, n, m, delta, add);
    int j = 0;
#define TILE(J, I_) NAME(grad_tile)(J, I_, g, nv, n, k, a, delta, add, j, i)
    for (; j + 2 <= m; j += 2) {
        int i = 0;
        for (; i + 4 <= k; i += 4) TILE(2, 4);
        for (; i < k; i++) TILE(2, 1);
    }
    for (; j < m; j++) {
        int i = 0;
        for (; i + 4 <= k; i += 4) TILE(1, 4);
        for (; i + 2 <= k; i += 2) TILE(1, 2);
        for (; i < k; i++) TILE(1, 1);
    }
#undef TILE
}

/* act'(z) of a vector from the activation a, or as stored. */
AI V NAME(slope)(int kind, V a, V stored) {
    switch (kind) {
    case HP_IDENTITY: return (V){0} + 1.0;
    case HP_TANH: return 1.0 - a * a;
    case HP_LOGISTIC: return a - a * a;
    case HP_RELU: return (V)((I)(a > 0) & (I)((V){0} + 1.0));
    default: return stored;
    }
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
            below[at] = sum[q][r] * NAME(slope)(kind, a[at], stored[at]);
        }
}

/* below[i n + s] = act'(i, s) sum_j w[j][i] delta[j n + s]. */
AI void NAME(back)(const V *restrict w, int nv, int64_t n, int k, int m, int kind, const V *restrict a,
                   const V *restrict stored, const V *restrict delta, V *restrict below) {
    int i = 0;
#define TILE(I_, S) NAME(back_tile)(I_, S, w, nv, n, k, m, kind, a, stored, delta, below, i, s)
    for (; i + 2 <= k; i += 2) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(2, 4);
        for (; s < n; s++) TILE(2, 1);
    }
    for (; i < k; i++) {
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) TILE(1, 4);
        for (; s < n; s++) TILE(1, 1);
    }
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
            const V f = a[at], e = delta[s * nv], v = e * u * NAME(slope)(kind, f, stored[at]);
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
