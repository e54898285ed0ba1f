/* Products of one vector of starts: every start of the vector has weights and activations of its own.

   Included by many_block.h once per instruction set. Numbers of one start lie nv vectors apart; a matrix of m units
   and n samples holds unit j of sample s in row j n + s. Samples go by fours, so that a weight is loaded once for
   four products. Gradients are added to where `add` is set. */

/* A pre-activation as block_tanh and block_logistic want it: doubled or negated, and clamped; NaN stays NaN. */
AI V NAME(ready)(int kind, V z) {
    if (kind == HP_TANH) return NAME(between)(z + z, 44.0);
    if (kind == HP_LOGISTIC) return NAME(between)(-z, 700.0);
    return z;
}

/* z[j n + s] = b[j] + sum_i w[j][i] X[s][i] for n samples of d inputs and m units. */
AI void NAME(first)(const V *restrict w, int nv, int bias, int64_t n, int d, int m, int ready, const double *restrict X,
                    V *restrict z) {
    for (int j = 0; j < m; j++) {
        const V *wj = w + (int64_t)j * d * nv;
        const V b = bias ? w[((int64_t)m * d + j) * nv] : (V){0};
        int64_t s = 0;
        V *zj = z + j * n * nv;
        for (; s + 4 <= n; s += 4) {
            V a0 = b, a1 = b, a2 = b, a3 = b;
            const double *x = X + s * d;
            for (int i = 0; i < d; i++) {
                const V wi = wj[i * nv];
                a0 += wi * x[i];
                a1 += wi * x[d + i];
                a2 += wi * x[2 * d + i];
                a3 += wi * x[3 * d + i];
            }
            zj[s * nv] = NAME(ready)(ready, a0);
            zj[(s + 1) * nv] = NAME(ready)(ready, a1);
            zj[(s + 2) * nv] = NAME(ready)(ready, a2);
            zj[(s + 3) * nv] = NAME(ready)(ready, a3);
        }
        for (; s < n; s++) {
            V a = b;
            for (int i = 0; i < d; i++) a += wj[i * nv] * X[s * d + i];
            zj[s * nv] = NAME(ready)(ready, a);
        }
    }
}

/* z[j n + s] = b[j] + sum_i w[j][i] a[i n + s] for k inputs, the activations a of the layer below. */
AI void NAME(later)(const V *restrict w, int nv, int bias, int64_t n, int k, int m, int ready, const V *restrict a,
                    V *restrict z) {
    for (int j = 0; j < m; j++) {
        const V *wj = w + (int64_t)j * k * nv;
        const V b = bias ? w[((int64_t)m * k + j) * nv] : (V){0};
        int64_t s = 0;
        V *zj = z + j * n * nv;
        for (; s + 4 <= n; s += 4) {
            V a0 = b, a1 = b, a2 = b, a3 = b;
            const V *x = a + s * nv;
            for (int i = 0; i < k; i++) {
                const V wi = wj[i * nv];
                const V *xi = x + i * n * nv;
                a0 += wi * xi[0];
                a1 += wi * xi[nv];
                a2 += wi * xi[2 * nv];
                a3 += wi * xi[3 * nv];
            }
            zj[s * nv] = NAME(ready)(ready, a0);
            zj[(s + 1) * nv] = NAME(ready)(ready, a1);
            zj[(s + 2) * nv] = NAME(ready)(ready, a2);
            zj[(s + 3) * nv] = NAME(ready)(ready, a3);
        }
        for (; s < n; s++) {
            V sum = b;
            for (int i = 0; i < k; i++) sum += wj[i * nv] * a[(i * n + s) * nv];
            zj[s * nv] = NAME(ready)(ready, sum);
        }
    }
}

/* g[j][i] += sum_s delta[j n + s] X[s][i] and the same for the bias. */
AI void NAME(first_grad)(V *restrict g, int nv, int bias, int64_t n, int d, int m, const double *restrict X,
                         const V *restrict delta, int add) {
    for (int j = 0; j < m; j++) {
        const V *dj = delta + j * n * nv;
        V *gj = g + (int64_t)j * d * nv;
        int i = 0;
        if (bias) {
            V sum = {0};
            for (int64_t s = 0; s < n; s++) sum += dj[s * nv];
            V *gb = g + ((int64_t)m * d + j) * nv;
            *gb = add ? *gb + sum : sum;
        }
        for (; i + 2 <= d; i += 2) {
            V g0 = {0}, g1 = {0};
            for (int64_t s = 0; s < n; s++) {
                const V v = dj[s * nv];
                g0 += v * X[s * d + i];
                g1 += v * X[s * d + i + 1];
            }
            gj[i * nv] = add ? gj[i * nv] + g0 : g0;
            gj[(i + 1) * nv] = add ? gj[(i + 1) * nv] + g1 : g1;
        }
        for (; i < d; i++) {
            V g0 = {0};
            for (int64_t s = 0; s < n; s++) g0 += dj[s * nv] * X[s * d + i];
            gj[i * nv] = add ? gj[i * nv] + g0 : g0;
        }
    }
}

/* g[j][i] += sum_s delta[j n + s] a[i n + s] and the same for the bias. */
AI void NAME(later_grad)(V *restrict g, int nv, int bias, int64_t n, int k, int m, const V *restrict a,
                         const V *restrict delta, int add) {
    for (int j = 0; j < m; j++) {
        const V *dj = delta + j * n * nv;
        V *gj = g + (int64_t)j * k * nv;
        int i = 0;
        if (bias) {
            V sum = {0};
            for (int64_t s = 0; s < n; s++) sum += dj[s * nv];
            V *gb = g + ((int64_t)m * k + j) * nv;
            *gb = add ? *gb + sum : sum;
        }
        for (; i + 2 <= k; i += 2) {
            V g0 = {0}, g1 = {0};
            const V *ai = a + i * n * nv, *bi = ai + n * nv;
            for (int64_t s = 0; s < n; s++) {
                const V v = dj[s * nv];
                g0 += v * ai[s * nv];
                g1 += v * bi[s * nv];
            }
            gj[i * nv] = add ? gj[i * nv] + g0 : g0;
            gj[(i + 1) * nv] = add ? gj[(i + 1) * nv] + g1 : g1;
        }
        for (; i < k; i++) {
            V g0 = {0};
            for (int64_t s = 0; s < n; s++) g0 += dj[s * nv] * a[(i * n + s) * nv];
            gj[i * nv] = add ? gj[i * nv] + g0 : g0;
        }
    }
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

/* below[i n + s] = act'(i, s) sum_j w[j][i] delta[j n + s]. */
AI void NAME(back)(const V *restrict w, int nv, int64_t n, int k, int m, int kind, const V *restrict a,
                   const V *restrict stored, const V *restrict delta, V *restrict below) {
    for (int i = 0; i < k; i++) {
        const V *wi = w + (int64_t)i * nv;
        int64_t s = 0;
        for (; s + 4 <= n; s += 4) {
            V e0 = {0}, e1 = {0}, e2 = {0}, e3 = {0};
            for (int j = 0; j < m; j++) {
                const V v = wi[(int64_t)j * k * nv];
                const V *dj = delta + (j * n + s) * nv;
                e0 += v * dj[0];
                e1 += v * dj[nv];
                e2 += v * dj[2 * nv];
                e3 += v * dj[3 * nv];
            }
            const int64_t at = (i * n + s) * nv;
            below[at] = e0 * NAME(slope)(kind, a[at], stored[at]);
            below[at + nv] = e1 * NAME(slope)(kind, a[at + nv], stored[at + nv]);
            below[at + 2 * nv] = e2 * NAME(slope)(kind, a[at + 2 * nv], stored[at + 2 * nv]);
            below[at + 3 * nv] = e3 * NAME(slope)(kind, a[at + 3 * nv], stored[at + 3 * nv]);
        }
        for (; s < n; s++) {
            V e = {0};
            for (int j = 0; j < m; j++) e += wi[(int64_t)j * k * nv] * delta[(j * n + s) * nv];
            const int64_t at = (i * n + s) * nv;
            below[at] = e * NAME(slope)(kind, a[at], stored[at]);
        }
    }
}

/* The whole backward pass of a net of two inputs, m hidden units and one output over n samples, and the squared norm
   of its gradient: what the three products above do, with everything of one unit in registers. */
AI void NAME(back_shallow)(const V *restrict w, int nv, int bias, int64_t n, int m, int kind, const double *restrict X,
                           const V *restrict a, const V *restrict stored, const V *restrict delta, V *restrict g,
                           V *restrict square) {
    V even = {0}, odd = {0}, sum = {0};
    const int64_t out = (bias ? 3 : 2) * (int64_t)m;
    for (int64_t s = 0; s < n; s++) sum += delta[s * nv];
    if (bias) {
        g[(out + m) * nv] = sum;
        even += sum * sum;
    }
    for (int j = 0; j < m; j++) {
        const V u = w[(out + j) * nv];
        V gu = {0}, gb = {0}, g0 = {0}, g1 = {0};
        for (int64_t s = 0; s < n; s++) {
            const int64_t at = (j * n + s) * nv;
            const V h = a[at], e = delta[s * nv], v = e * u * NAME(slope)(kind, h, stored[at]);
            gu += e * h;
            gb += v;
            g0 += v * X[2 * s];
            g1 += v * X[2 * s + 1];
        }
        g[2 * j * nv] = g0;
        g[(2 * j + 1) * nv] = g1;
        g[(out + j) * nv] = gu;
        even += g0 * g0;
        odd += g1 * g1;
        even += gu * gu;
        if (bias) {
            g[(2 * m + j) * nv] = gb;
            odd += gb * gb;
        }
    }
    *square = even + odd;
}
