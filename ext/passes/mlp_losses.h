/* The losses over a block of n samples x k outputs: values and derivatives. Included by mlp_passes.h. */

/* Sum over n samples of the loss of the raw outputs o (n, k) against y, and scale times its gradient in delta. Where
   curvature is not NULL it receives what rloss needs: p (1 - p) for the Bernoulli loss, p for softmax. */
static double NAME(squared)(int64_t total, const real *o, const real *y, real scale, real *delta) {
    double sum = 0;
    for (int64_t i = 0; i < total; i++) {
        const real r = o[i] - y[i];
        sum += (double)r * (double)r;
        delta[i] = scale * r;
    }
    return 0.5 * sum;
}

static double NAME(bernoulli)(int64_t total, const real *o, const real *y, real scale, real *delta, real *curvature) {
    double sum = 0;
    for (int64_t i = 0; i < total; i += LANES) {
        const int64_t count = total - i < LANES ? total - i : LANES;
        NAME(vec) slope, bend;
        const NAME(vec) value = NAME(bernoulli_at)(NAME(load)(o + i, count), NAME(load)(y + i, count), &slope, &bend);
        real each[LANES];
        memcpy(each, &value, sizeof each);
        for (int64_t j = 0; j < count; j++) sum += (double)each[j];
        NAME(store)(delta + i, count, scale * slope);
        if (curvature) NAME(store)(curvature + i, count, bend);
    }
    return sum;
}

static double NAME(softmax)(int64_t n, int64_t k, const real *o, const real *y, real scale, real *delta,
                            real *curvature) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const real *z = o + i * k, *t = y + i * k;
        real *row = delta + i * k, largest = z[0], linear = 0;
        for (int64_t j = 1; j < k; j++) largest = z[j] > largest ? z[j] : largest;
        for (int64_t j = 0; j < k; j++) row[j] = z[j] - largest;
        for (int64_t j = 0; j < k; j++) linear += t[j] != 0 ? t[j] * row[j] : 0;
        sum -= (double)linear;
    }
    NAME(v_exp)(n * k, delta, delta);
    for (int64_t i = 0; i < n; i++) {
        const real *t = y + i * k;
        real *row = delta + i * k, rest = 0;
        int64_t top = 0;
        while (top < k - 1 && row[top] != 1) top++;
        for (int64_t j = 0; j < k; j++) rest += j == top ? 0 : row[j];
        const real share = 1 / (1 + rest);
        sum += LIBM(log1p)(rest);
        if (curvature)
            for (int64_t j = 0; j < k; j++) curvature[i * k + j] = row[j] * share;
        const real top_delta = scale * HP_SOFTMAX_TOP(row[top], t[top], share, rest);
        for (int64_t j = 0; j < k; j++) row[j] = scale * HP_SOFTMAX_SLOPE(row[j], t[j], share);
        row[top] = top_delta;
    }
    return sum;
}

static double NAME(even_loss)(int loss, int64_t n, int64_t k, const real *o, const real *y, real scale, real *delta,
                              real *curvature) {
    if (loss == HP_SQUARED) return NAME(squared)(n * k, o, y, scale, delta);
    if (loss == HP_BERNOULLI) return NAME(bernoulli)(n * k, o, y, scale, delta, curvature);
    return NAME(softmax)(n, k, o, y, scale, delta, curvature);
}

/* The same of samples that count w (n), NULL for one each; the curvature is without. */
static double NAME(loss)(int loss, int64_t n, int64_t k, const real *o, const real *y, const real *w, real scale,
                         real *delta, real *curvature) {
    double sum = 0;
    if (!w) return NAME(even_loss)(loss, n, k, o, y, scale, delta, curvature);
    for (int64_t i = 0; i < n; i++)
        sum += (double)w[i] * NAME(even_loss)(loss, 1, k, o + i * k, y + i * k, scale * w[i], delta + i * k,
                                              curvature ? curvature + i * k : NULL);
    return sum;
}

/* rdelta = scale times the Hessian of the loss in the outputs, times ro. */
static void NAME(even_rloss)(int loss, int64_t n, int64_t k, const real *ro, const real *curvature, real scale,
                             real *rdelta) {
    if (loss == HP_SQUARED)
        for (int64_t i = 0; i < n * k; i++) rdelta[i] = scale * ro[i];
    else if (loss == HP_BERNOULLI)
        for (int64_t i = 0; i < n * k; i++) rdelta[i] = scale * curvature[i] * ro[i];
    else
        for (int64_t i = 0; i < n; i++) {
            const real *p = curvature + i * k, *v = ro + i * k;
            real mean = 0;
            for (int64_t j = 0; j < k; j++) mean += p[j] * v[j];
            for (int64_t j = 0; j < k; j++) rdelta[i * k + j] = scale * p[j] * (v[j] - mean);
        }
}

/* The same of samples that count w (n), NULL for one each. */
static __attribute__((unused)) void NAME(rloss)(int loss, int64_t n, int64_t k, const real *ro, const real *curvature,
                                                const real *w, real scale, real *rdelta) {
    if (!w) NAME(even_rloss)(loss, n, k, ro, curvature, scale, rdelta);
    for (int64_t i = 0; w && i < n; i++)
        NAME(even_rloss)(loss, 1, k, ro + i * k, curvature ? curvature + i * k : NULL, scale * w[i], rdelta + i * k);
}
