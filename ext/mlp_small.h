/* Value and gradient of the risk of a small net, where a call of BLAS would cost more than the product: samples are
   contiguous (hp_risk.XT, YT), one vector holds LANES of them, and every sum over samples is kept as a vector of four
   until the end.

   Included twice per instruction set, after the vector mathematics on vectors of LANES samples, with NAME(x) and SET(x)
   (names of this inclusion and of the instruction set) and BLOCKS (vectors that hold all samples) defined. Softmax and
   projections on a basis are left to mlp_risk.h. */
typedef NAME(vec) NAME(lane) __attribute__((aligned(8), may_alias));
#define Q NAME(lane)
#define MASK NAME(ivec)
#define ALWAYS static inline __attribute__((always_inline))

ALWAYS SET(four) NAME(fold)(Q x) {
#if LANES == 4
    return x;
#else
    SET(four) low, high;
    memcpy(&low, &x, sizeof low);
    memcpy(&high, (const char *)&x + sizeof low, sizeof high);
    return low + high;
#endif
}

/* z = act(b + W in), unit by unit, in registers from the product to the activation. */
#define LAYER(act)                                                                                                    \
    for (int j = 0; j < m; j++)                                                                                       \
        for (int64_t v = 0; v < blocks; v++) {                                                                        \
            NAME(vec) z = NAME(all)(b ? b[j] : 0);                                                                    \
            for (int i = 0; i < k; i++) z += W[j * k + i] * in[i * blocks + v];                                       \
            out[j * blocks + v] = act;                                                                                \
        }
ALWAYS void NAME(forward_layer)(int activation, int m, int k, const double *W, const double *b, const Q *in,
                                int64_t blocks, Q *out) {
    switch (activation) {
    case HP_TANH: LAYER(NAME(vtanh)(z)) break;
    case HP_LOGISTIC: LAYER(NAME(vlogistic)(z)) break;
    case HP_RELU: LAYER(NAME(above)(z, 0)) break;
    default: LAYER(z)
    }
}
#undef LAYER

/* delta *= act', from the activations or as stored. */
ALWAYS void NAME(slope)(const hp_risk *r, int l, int64_t vectors, Q *delta, const Q *a, const Q *d) {
    const int activation = l < r->net.n_layers ? r->net.activation : r->net.output;
    if (d)
        for (int64_t i = 0; i < vectors; i++) delta[i] *= d[i];
    else if (activation == HP_TANH)
        for (int64_t i = 0; i < vectors; i++) delta[i] *= 1 - a[i] * a[i];
    else if (activation == HP_LOGISTIC)
        for (int64_t i = 0; i < vectors; i++) delta[i] *= a[i] - a[i] * a[i];
    else if (activation == HP_RELU)
        for (int64_t i = 0; i < vectors; i++) {
            const Q zero = {0};
            delta[i] = (Q)((MASK)delta[i] & ~(MASK)(a[i] <= zero)); /* NaN stays */
        }
}

/* The weighted loss of all samples, and its derivative in the outputs in delta. */
ALWAYS double NAME(loss)(const hp_risk *r, double t, const Q *o, Q *delta) {
    const int k = r->net.sizes[r->net.n_layers];
    const Q *y = (const Q *)r->YT, *y0 = (const Q *)r->Y0T, *share = (const Q *)r->share;
    Q sum = {0};
    if (r->loss == HP_SQUARED) {
        for (int j = 0; j < k; j++)
            for (int64_t v = 0; v < BLOCKS; v++) {
                const int64_t i = j * BLOCKS + v;
                Q residual = o[i] - y[i];
                if (y0) residual += (1 - t) * (y[i] - y0[i]);
                delta[i] = share[v] * residual;
                sum += delta[i] * residual;
            }
        sum *= 0.5;
    } else {
        const NAME(vec) zero = {0};
        for (int j = 0; j < k; j++)
            for (int64_t v = 0; v < BLOCKS; v++) {
                const int64_t i = j * BLOCKS + v;
                const NAME(vec) z = o[i], w = share[v], e = NAME(vexp)((NAME(vec))((MASK)z | (MASK)-zero));
                const NAME(vec) big = 1 / (1 + e), small = e * big;
                const MASK up = z > zero;
                NAME(vec) target = y[i];
                if (y0) target -= (1 - t) * (y[i] - y0[i]);
                const NAME(vec) p = NAME(pick)(up, big, small), q = NAME(pick)(up, small, big);
                sum += w * (NAME(vlog1p)(e) + NAME(pick)(up, (1 - target) * z, -target * z));
                delta[i] = w * ((1 - target) * p - target * q);
            }
    }
    const SET(four) part = NAME(fold)(sum);
    return (part[0] + part[1]) + (part[2] + part[3]);
}

/* Sums over samples of delta in (and of delta alone for the biases), four partial sums each, into acc. */
ALWAYS void NAME(collect)(int m, int k, int bias, const Q *in, const Q *delta, int64_t blocks,
                                  SET(four) *acc) {
    const Q zero = {0};
    for (int j = 0; j < m; j++)
        for (int i = 0; i < k; i++) {
            Q sum = zero;
            for (int64_t v = 0; v < blocks; v++) sum += delta[j * blocks + v] * in[i * blocks + v];
            acc[j * k + i] = NAME(fold)(sum);
        }
    for (int j = 0; bias && j < m; j++) {
        Q sum = zero;
        for (int64_t v = 0; v < blocks; v++) sum += delta[j * blocks + v];
        acc[m * k + j] = NAME(fold)(sum);
    }
}

ALWAYS void NAME(backward_layer)(int m, int k, const double *W, const Q *delta, int64_t blocks, Q *below) {
    const Q zero = {0};
    for (int i = 0; i < k; i++)
        for (int64_t v = 0; v < blocks; v++) {
            Q sum = zero;
            for (int j = 0; j < m; j++) sum += W[j * k + i] * delta[j * blocks + v];
            below[i * blocks + v] = sum;
        }
}

static double NAME(risk)(const hp_risk *r, const double *theta, double t, double *grad, double *work) {
    const hp_net *net = &r->net;
    const int L = net->n_layers;
    Q *a[HP_SMALL_LAYERS + 1], *delta[HP_SMALL_LAYERS + 1];
    double *d[HP_SMALL_LAYERS + 1];
    a[0] = (Q *)r->XT;
    for (int l = 1; l <= L; l++) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        const int64_t count = m * BLOCKS * LANES, padded = (count + 7) & ~(int64_t)7;
        const double *W = theta + net->start[l - 1];
        a[l] = (Q *)work, delta[l] = (Q *)(work + padded), work += 2 * padded;
        d[l] = NULL;
        if (hp_kind(r, l) == HP_STORED) d[l] = work, work += padded;
        const int hidden = l < L, activation = hidden ? net->activation : net->output;
        NAME(forward_layer)(d[l] ? HP_IDENTITY : activation, m, k, W, net->bias ? W + m * k : NULL, a[l - 1], BLOCKS, a[l]);
        if (d[l]) {
            const hp_shape shape = {1, count, HP_STORED, activation, hidden && r->mix ? t : 1};
            SET(forward)(&shape, (double *)a[l], NULL, d[l], NULL, NULL, NULL);
        }
    }
    const double value = NAME(loss)(r, t, a[L], delta[L]);
    if (!grad) return value;
    SET(four) *acc = (SET(four) *)work;
    for (int l = L; l >= 1; l--) {
        const int m = net->sizes[l], k = net->sizes[l - 1];
        NAME(slope)(r, l, m * BLOCKS, delta[l], a[l], (const Q *)d[l]);
        NAME(collect)(m, k, net->bias, a[l - 1], delta[l], BLOCKS, acc + net->start[l - 1]);
        if (l > 1) NAME(backward_layer)(m, k, theta + net->start[l - 1], delta[l], BLOCKS, delta[l - 1]);
    }
    SET(sum_rows)(net->start[L], acc, grad);
    return value;
}
#undef Q
#undef MASK
#undef ALWAYS
