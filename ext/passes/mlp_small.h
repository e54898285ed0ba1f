/* Value and gradient of the risk of a small net, where a call of BLAS would cost more than the product: samples are
   contiguous (hp_risk.XT, YT), one vector holds LANES of them, and every sum over samples is kept as a vector of four
   until the end.

   Included twice per instruction set, after the vector mathematics on vectors of LANES samples, with NAME(x) and SET(x)
   (names of this inclusion and of the instruction set) and BLOCKS (vectors that hold all samples) defined. Softmax and
   projections on a basis are left to mlp_risk.h. */
typedef NAME(vec) NAME(lane) __attribute__((aligned(8), may_alias));
#define Q NAME(lane)
#define ALWAYS static inline __attribute__((always_inline))

ALWAYS SET(four) NAME(fold)(Q x) {
#if LANES == 4 /* as many as partial sums */
    return x;
#else
    SET(four) low, high;
    memcpy(&low, &x, sizeof low);
    memcpy(&high, (const char *)&x + sizeof low, sizeof high);
    return low + high;
#endif
}

/* z = b + W in for unit j, one vector of samples. */
ALWAYS NAME(vec) NAME(unit)(int k, const double *W, const double *b, int j, const Q *in, int64_t blocks, int64_t v) {
    NAME(vec) z = NAME(all)(b ? b[j] : 0);
    for (int i = 0; i < k; i++) z += W[j * k + i] * in[i * blocks + v];
    return z;
}

/* Activations of a layer, unit by unit, in registers from the product to the activation. */
#define LAYER(code, ...)                                                                                              \
    case HP_##code:                                                                                                   \
        for (int j = 0; j < m; j++)                                                                                   \
            for (int64_t v = 0; v < blocks; v++)                                                                      \
                out[j * blocks + v] = NAME(value)(HP_##code, leak, NAME(unit)(k, W, b, j, in, blocks, v));            \
        return;
ALWAYS void NAME(layer)(int activation, double leak, int m, int k, const double *W, const double *b, const Q *in,
                        int64_t blocks, Q *out) {
    switch (activation) { HP_SIMPLE_ACTS(LAYER) }
}
#undef LAYER

/* Adds the loss of one vector of outputs, each with its share w, to sum; returns the derivative in the outputs. */
ALWAYS NAME(vec) NAME(one_loss)(int loss, NAME(vec) o, NAME(vec) y, NAME(vec) w, NAME(vec) *sum) {
    if (loss == HP_SQUARED) {
        const NAME(vec) residual = o - y, delta = w * residual;
        *sum += 0.5 * delta * residual;
        return delta;
    }
    NAME(vec) slope, curvature;
    *sum += w * NAME(bernoulli_at)(o, y, &slope, &curvature);
    return w * slope;
}

/* Sums over samples of delta in (and of delta alone for the biases), four partial sums each, into acc. */
ALWAYS void NAME(collect)(int m, int k, int bias, const Q *in, const Q *delta, int64_t blocks, SET(four) *acc) {
    for (int j = 0; j < m; j++)
        for (int i = 0; i < k; i++) {
            NAME(vec) sum = {0};
            for (int64_t v = 0; v < blocks; v++) sum += delta[j * blocks + v] * in[i * blocks + v];
            acc[j * k + i] = NAME(fold)(sum);
        }
    for (int j = 0; bias && j < m; j++) {
        NAME(vec) sum = {0};
        for (int64_t v = 0; v < blocks; v++) sum += delta[j * blocks + v];
        acc[m * k + j] = NAME(fold)(sum);
    }
}

/* The last layer: its value, and delta in its pre-activations. Where its slopes are stored, a holds its outputs. */
ALWAYS double NAME(top)(const hp_risk *r, double t, const double *theta, const Q *in, const Q *a, const Q *d,
                        Q *delta) {
    const hp_net *net = &r->net;
    const int L = net->n_layers, m = net->sizes[L], k = net->sizes[L - 1];
    const double *W = theta + net->start[L - 1], *b = net->bias ? W + m * k : NULL;
    const Q *y = (const Q *)r->YT, *y0 = (const Q *)r->Y0T, *share = (const Q *)r->share;
    NAME(vec) sum = {0};
    for (int j = 0; j < m; j++)
        for (int64_t v = 0; v < BLOCKS; v++) {
            const int64_t i = j * BLOCKS + v;
            NAME(vec) target = y[i], o;
            if (d) o = a[i];
            else o = NAME(value)(net->output, net->output_leak, NAME(unit)(k, W, b, j, in, BLOCKS, v));
            if (y0) target -= (1 - t) * (y[i] - y0[i]);
            const NAME(vec) slope = NAME(one_loss)(r->loss, o, target, share[v], &sum);
            delta[i] = slope * (d ? (NAME(vec))d[i] : NAME(slope)(net->output, net->output_leak, o, o));
        }
    const SET(four) part = NAME(fold)(sum);
    return (part[0] + part[1]) + (part[2] + part[3]);
}

/* delta of the layer below, whose activations are a, or its slopes where they are stored. */
#define BELOW(kind)                                                                                                   \
    for (int i = 0; i < k; i++)                                                                                       \
        for (int64_t v = 0; v < blocks; v++) {                                                                        \
            NAME(vec) sum = {0};                                                                                      \
            for (int j = 0; j < m; j++) sum += W[j * k + i] * delta[j * blocks + v];                                  \
            below[i * blocks + v] = sum * NAME(slope)(kind, leak, a[i * blocks + v], a[i * blocks + v]);              \
        }
#define CASE(code, ...)                                                                                               \
    if (kind == HP_##code) {                                                                                          \
        BELOW(HP_##code)                                                                                              \
        return;                                                                                                       \
    }
ALWAYS void NAME(descend)(int kind, double leak, int m, int k, const double *W, const Q *delta, int64_t blocks,
                          const Q *a, Q *below) {
    HP_SIMPLE_ACTS(CASE)
    BELOW(HP_STORED)
}
#undef BELOW
#undef CASE

static double NAME(risk)(const hp_risk *r, const double *theta, double t, double *grad, double *work) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    Q *a[HP_SMALL_LAYERS + 1], *delta[HP_SMALL_LAYERS + 1], *d[HP_SMALL_LAYERS + 1];
    a[0] = (Q *)r->XT;
    for (int l = 1; l <= L; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1], hidden = l < L;
        const int64_t count = m * BLOCKS * LANES;
        const double *W = theta + net->start[l - 1], *b = net->bias ? W + m * k : NULL;
        const int activation = hidden ? net->activation : net->output, stored = hp_kind(r, l) == HP_STORED;
        const double leak = hidden ? net->leak : net->output_leak;
        a[l] = (Q *)work, delta[l] = (Q *)(work + count), d[l] = stored ? (Q *)(work + 2 * count) : NULL;
        work += (2 + stored) * count;
        if (hidden || stored) NAME(layer)(stored ? HP_IDENTITY : activation, leak, m, k, W, b, a[l - 1], BLOCKS, a[l]);
        if (stored) {
            hp_shape shape = hp_shape_of(r, l, 1, t);
            shape.m = count;
            SET(forward)(&shape, (double *)a[l], NULL, (double *)d[l], NULL, NULL, NULL);
        }
    }
    const double value = NAME(top)(r, t, theta, a[L - 1], a[L], d[L], delta[L]);
    if (!grad) return value;
    SET(four) *acc = (SET(four) *)work;
    for (int l = L; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        NAME(collect)(m, k, net->bias, a[l - 1], delta[l], BLOCKS, acc + net->start[l - 1]);
        if (l > 1)
            NAME(descend)(hp_kind(r, l - 1), net->leak, m, k, theta + net->start[l - 1], delta[l], BLOCKS,
                          d[l - 1] ? d[l - 1] : a[l - 1], delta[l - 1]);
    }
    SET(sum_rows)(net->start[L], acc, grad);
    return value;
}
#undef Q
#undef ALWAYS
