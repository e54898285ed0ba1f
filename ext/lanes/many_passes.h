/* The element-wise passes over a block of starts: activations and losses. Included by many_block.h. */

/* tanh and logistic of a block. */
static void NAME(block_tanh)(int64_t count, V *z) {
    for (int64_t i = 0; i < count / W; i++) z[i] = NAME(block_tanh_of)(z[i]);
}

static void NAME(block_logistic)(int64_t count, V *z) {
    for (int64_t i = 0; i < count / W; i++) z[i] = NAME(block_logistic_of)(z[i]);
}

/* tanh or logistic of `count` numbers mixed with the identity, and its slope. */
AI void NAME(mixed)(int activation, double mix, int64_t count, V *z, V *d) {
    const double rest = 1.0 - mix;
    for (int64_t i = 0; i < count / W; i++) {
        const V x = z[i], a = activation == HP_TANH ? NAME(block_tanh_of)(x) : NAME(block_logistic_of)(x);
        z[i] = rest * x + mix * a;
        d[i] = rest + mix * NAME(slope)(activation, 0, a, a);
    }
}

/* The activation of `count` numbers in place; where d is not NULL also its slope, with mix < 1 of
   (1 - mix) z + mix act(z), with spread > 0 of the mean over normal noise of that size. */
static void NAME(activate)(int activation, double leak, double mix, double spread, int64_t count, double *z,
                           double *d) {
    enum { CHUNK = 256 };
    double a[CHUNK] __attribute__((aligned(64)));
    if (d == NULL) {
        V *at = (V *)z;
        for (int64_t i = 0; activation == HP_RELU && i < count / W; i++) at[i] = NAME(value)(HP_RELU, leak, at[i]);
        return;
    }
    if (activation == HP_TANH) {
        NAME(mixed)(HP_TANH, mix, count, (V *)z, (V *)d);
        return;
    }
    if (activation == HP_LOGISTIC) {
        NAME(mixed)(HP_LOGISTIC, mix, count, (V *)z, (V *)d);
        return;
    }
    for (int64_t at = 0; at < count; at += CHUNK) {
        const int64_t n = count - at < CHUNK ? count - at : CHUNK;
        double *x = z + at, *f = d + at;
        if (spread > 0) NAME(smoothed)(activation, leak, spread, n, x, a, f, NULL, NULL);
        else NAME(derivatives)(activation, leak, n, x, a, f, NULL);
        for (int64_t i = 0; i < n; i++) x[i] = (1 - mix) * x[i] + mix * a[i];
        for (int64_t i = 0; i < n; i++) f[i] = (1 - mix) + mix * f[i];
    }
}

/* Residuals of the squared loss, times `scale` and the slope of the output where `kind` is its activation; adds
   1/2 sum r^2 to the values. In all losses samples count w, NULL for one each. */
AI void NAME(squared)(int kind, double scale, const double *y, const double *w, int64_t n, int k, int nv, const V *o,
                      V *delta, V *value) {
    for (int c = 0; c < nv; c++) {
        V sum = {0};
        for (int j = 0; j < k; j++)
            for (int64_t s = 0; s < n; s++) {
                const V a = o[(j * n + s) * nv + c], r = a - y[s * k + j];
                sum += w ? w[s] * r * r : r * r;
                delta[(j * n + s) * nv + c] = (w ? w[s] * scale : scale) * r * NAME(slope)(kind, 0, a, a);
            }
        value[c] += 0.5 * sum;
    }
}

/* The logistic loss: its derivative times `scale`, and the values. */
AI void NAME(bernoulli)(double scale, const double *y, const double *w, int64_t n, int k, int nv, const V *o, V *delta,
                        V *value) {
    for (int c = 0; c < nv; c++) {
        V sum = {0}, curvature;
        for (int j = 0; j < k; j++)
            for (int64_t s = 0; s < n; s++) {
                const int64_t i = (j * n + s) * nv + c;
                V slope;
                const V loss = NAME(bernoulli_at)(o[i], NAME(all)(y[s * k + j]), &slope, &curvature);
                sum += w ? w[s] * loss : loss;
                delta[i] = (w ? w[s] * scale : scale) * slope;
            }
        value[c] += sum;
    }
}

/* Softmax: its derivative, and the values. */
AI void NAME(softmax)(const hp_plan *plan, const double *y, const double *w, int64_t n, int nv, const V *o, V *delta,
                          V *value, V *which) {
    const int k = plan->n_outputs;
    for (int64_t i = 0; i < n * nv; i++) {
        V top = o[i], at = {0};
        for (int j = 1; j < k; j++) {
            const V z = o[j * n * nv + i];
            const I up = (I)(z > top);
            top = NAME(pick)(up, z, top);
            at = NAME(pick)(up, (V){0} + (double)j, at);
        }
        which[i] = at;
        V dot = {0};
        for (int j = 0; j < k; j++) {
            const V e = o[j * n * nv + i] - top;
            delta[j * n * nv + i] = e;
            dot += e * y[i / nv * k + j];
        }
        value[i % nv] -= w ? w[i / nv] * dot : dot;
    }
    NAME(v_exp)(n * k * nv * W, (double *)delta, (double *)delta);
    for (int64_t i = 0; i < n * nv; i++) {
        V rest = {0}, log1p_rest;
        for (int j = 0; j < k; j++)
            rest += NAME(pick)((I)(which[i] == (double)j), (V){0}, delta[j * n * nv + i]);
        for (int q = 0; q < W; q++) log1p_rest[q] = log1p(rest[q]); /* beyond 1 too */
        value[i % nv] += w ? w[i / nv] * log1p_rest : log1p_rest;
        const V share = 1.0 / (1.0 + rest);
        for (int j = 0; j < k; j++)
            delta[j * n * nv + i] = HP_SOFTMAX_SLOPE(delta[j * n * nv + i], y[i / nv * k + j], share);
        for (int j = 0; w && j < k; j++) delta[j * n * nv + i] *= w[i / nv];
    }
}

/* The derivatives of a loss in the outputs, with the samples' weights (NULL for none), and the values. */
static void NAME(plain_loss)(int loss, const double *y, const double *w, int64_t n, int k, int nv, const V *o, V *delta,
                             V *value) {
    if (loss == HP_SQUARED && w) NAME(squared)(HP_IDENTITY, 1.0, y, w, n, k, nv, o, delta, value);
    else if (loss == HP_SQUARED) NAME(squared)(HP_IDENTITY, 1.0, y, NULL, n, k, nv, o, delta, value);
    else if (w) NAME(bernoulli)(1.0, y, w, n, k, nv, o, delta, value);
    else NAME(bernoulli)(1.0, y, NULL, n, k, nv, o, delta, value);
}

static void NAME(plain_softmax)(const hp_plan *plan, const double *y, const double *w, int64_t n, int nv, const V *o,
                                V *delta, V *value, V *which) {
    if (w) NAME(softmax)(plan, y, w, n, nv, o, delta, value, which);
    else NAME(softmax)(plan, y, NULL, n, nv, o, delta, value, which);
}

/* Takes the share 1 - t^2 of the residuals' part in the basis Q out of them, and of its square out of the values. */
static void NAME(project)(const hp_plan *plan, double share, int64_t n, int nv, V *r, V *value) {
    const int k = plan->n_outputs, q = (int)plan->risk->n_basis;
    const double *Q = plan->risk->Q, *WQ = plan->risk->WQ;
    for (int c = 0; c < nv; c++)
        for (int j = 0; j < k; j++)
            for (int b = 0; b < q; b++) {
                V part = {0};
                for (int64_t s = 0; s < n; s++) part += r[(j * n + s) * nv + c] * Q[s * q + b];
                value[c] -= 0.5 * share * part * part;
                part *= share;
                for (int64_t s = 0; s < n; s++) r[(j * n + s) * nv + c] -= part * WQ[s * q + b];
            }
}
