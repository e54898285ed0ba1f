/* The Gauss-Newton matrix and the Hessian of the risk of a narrow net with one hidden layer, with the samples
   contiguous. The derivative of output c in the weights of unit j is w_cj act'_j (x, 1), so that all pairs of units and
   all pairs of inputs separate: sums over samples of act'_j act'_h x_i x_l for j >= h and i >= l, a product of two
   short tables, replace the square of the Jacobian, which is more than twice as long, and many outputs cost no more.

   For the squared loss with any number of outputs, or the logistic one with a single output, identity output and no
   projection. Included once per instruction set, in double, after narrow_tangent.h. */
typedef struct {
    int d, h, k;        /* inputs and hidden units, each with a one where there are biases; outputs */
    int64_t pairs;      /* pairs of inputs */
    double *x, *a, *s, *bend, *o, *e, *curvature; /* of a tile: inputs, activations, act', act'' times what comes down */
    double *L, *P;      /* of a tile: left factors of one unit, pairs of inputs */
    double *C, *E, *F;  /* sums: pairs of units and of inputs; activations, units and inputs; pairs of activations */
    double *B, *S;      /* of the residual: units and pairs of inputs; outputs, units and inputs */
} NAME(narrow_dense);

static size_t NAME(lay_narrow_dense)(const hp_risk *r, int hessian, double *work, NAME(narrow_dense) *g) {
    const hp_net *net = &r->net;
    const int64_t m = net->sizes[1], d = net->sizes[0] + net->bias, h = m + net->bias, k = net->sizes[2];
    const int64_t pairs = d * (d + 1) / 2, T = r->stride;
    const int64_t counts[14] = {d * T,     h * T,     m * T,          m * T,     k * T, k * T,                 k * T,
                                h * T,     pairs * T, m * (m + 1) / 2 * pairs, h * m * d, h * h, hessian ? m * pairs : 0,
                                hessian ? k * m * d : 0};
    double *parts[14];
    size_t used = 0;
    for (int i = 0; i < 14; i++) parts[i] = work ? work + used : NULL, used += (size_t)(counts[i] + 7) / 8 * 8;
    if (work)
        *g = (NAME(narrow_dense)){(int)d,   (int)h,   (int)k,   pairs,    parts[0], parts[1],
                                  parts[2], parts[3], parts[4], parts[5], parts[6], parts[7], parts[8],
                                  parts[9], parts[10], parts[11], parts[12], parts[13]};
    return used * sizeof(double);
}

/* Row by row product of two rows of a tile. */
ALWAYS void NAME(times)(int64_t width, const double *x, const double *y, double *z) {
    for (int64_t v = 0; v < width / LANES; v++) AT(z, 0, v) = AT(x, 0, v) * AT(y, 0, v);
}

/* Inputs, activations, slopes and loss of a tile. */
static void NAME(dense_tile)(const hp_risk *r, const double *theta, double t, const NAME(narrow_dense) *g,
                             NAME(narrow_tile) s) {
    const hp_net *net = &r->net;
    const int m = net->sizes[1], d = net->sizes[0], k = g->k, bias = net->bias;
    const int64_t width = s.width;
    const double *W = theta, *w = theta + net->start[1];
    memcpy(g->x, r->XT + d * s.at, (size_t)(d * width) * sizeof(double));
    const NAME(narrow_product) hidden = {m, d, W, d, 1, width, g->x, g->a};
    NAME(ahead)(hidden, bias ? W + (int64_t)m * d : NULL, -HUGE_VAL);
    hp_shape shape = hp_shape_of(r, 1, 1, t);
    shape.m = m * width, shape.kind = HP_STORED;
    NAME(forward)(&shape, g->a, NULL, g->s, g->bend, NULL, NULL);
    NAME(clear)(m, s.n, width, g->a);
    NAME(clear)(m, s.n, width, g->s);
    NAME(clear)(m, s.n, width, g->bend);
    for (int64_t i = 0; bias && i < width; i++) g->x[d * width + i] = g->a[m * width + i] = i < s.n;
    const NAME(narrow_product) last = {k, m, w, m, 1, width, g->a, g->o};
    NAME(ahead)(last, bias ? w + (int64_t)k * m : NULL, -HUGE_VAL);
    NAME(clear)(k, s.n, width, g->o);
    V sum = {0};
    const NAME(narrow_loss) loss = {r->loss, k, s.n, width, t, 1, r->YT + k * s.at, r->Y0T ? r->Y0T + k * s.at : NULL,
                                    r->weightsT ? r->weightsT + s.at : NULL, g->o, g->e, g->curvature};
    NAME(narrow_losses)(loss, &sum);
    if (r->weightsT && r->loss == HP_SQUARED) memcpy(g->curvature, r->weightsT + s.at, (size_t)width * sizeof(double));
    else if (r->weightsT) NAME(times)(width, g->curvature, r->weightsT + s.at, g->curvature);
}

/* Whether samples differ in what their squares count: by the loss or by their weights. */
ALWAYS int NAME(curved)(const hp_risk *r) { return r->loss != HP_SQUARED || r->weightsT; }

/* L = one row of a tile times the first `count` rows of act', and times the curvature, weights included. */
static void NAME(left_factors)(const hp_risk *r, const NAME(narrow_dense) *g, int64_t width, const double *row,
                               int count) {
    for (int j = 0; j < count; j++) {
        NAME(times)(width, row, g->s + j * width, g->L + j * width);
        if (NAME(curved)(r)) NAME(times)(width, g->L + j * width, g->curvature, g->L + j * width);
    }
}

/* Adds a tile to the sums of the Gauss-Newton matrix; leaves the pairs of inputs in P. */
static void NAME(dense_sums)(const hp_risk *r, const NAME(narrow_dense) *g, NAME(narrow_tile) s) {
    const int m = r->net.sizes[1];
    const int64_t width = s.width;
    for (int i = 0, row = 0; i < g->d; i++)
        for (int l = 0; l <= i; l++, row++) NAME(times)(width, g->x + i * width, g->x + l * width, g->P + row * width);
    for (int j = 0; j < m; j++) {
        NAME(left_factors)(r, g, width, g->s + j * width, j + 1);
        NAME(add_sums)(j + 1, (int)g->pairs, width, g->L, g->P, g->C + (int64_t)j * (j + 1) / 2 * g->pairs, g->pairs);
    }
    for (int q = 0; q < g->h; q++) {
        NAME(left_factors)(r, g, width, g->a + q * width, m);
        NAME(add_sums)(m, g->d, width, g->L, g->x, g->E + (int64_t)q * m * g->d, g->d);
    }
    const double *left = g->a;
    if (NAME(curved)(r))
        for (int q = 0; q < g->h; q++) NAME(times)(width, g->a + q * width, g->curvature, g->L + q * width), left = g->L;
    NAME(add_sums)(g->h, g->h, width, left, g->a, g->F, g->h);
}

/* Adds a tile to the sums of the residual part, after dense_sums. */
static void NAME(residual_sums)(const hp_risk *r, const double *theta, const NAME(narrow_dense) *g,
                                NAME(narrow_tile) s) {
    const int m = r->net.sizes[1];
    const int64_t width = s.width;
    const NAME(narrow_product) down = {m, g->k, theta + r->net.start[1], 1, m, width, g->e, g->L};
    NAME(ahead)(down, NULL, -HUGE_VAL);
    for (int j = 0; j < m; j++) NAME(times)(width, g->L + j * width, g->bend + j * width, g->bend + j * width);
    NAME(add_sums)(m, (int)g->pairs, width, g->bend, g->P, g->B, g->pairs);
    for (int c = 0; c < g->k; c++) {
        for (int j = 0; j < m; j++) NAME(times)(width, g->e + c * width, g->s + j * width, g->L + j * width);
        NAME(add_sums)(m, g->d, width, g->L, g->x, g->S + (int64_t)c * m * g->d, g->d);
    }
}

/* The matrix from the sums: its lower triangle and, by symmetry, the upper one. */
static void NAME(dense_scatter)(const hp_risk *r, const double *theta, const NAME(narrow_dense) *g, int hessian,
                                double *H) {
    const hp_net *net = &r->net;
    const int64_t m = net->sizes[1], d = net->sizes[0], p = net->start[2], second = net->start[1];
    const double *w = theta + second, share = 1.0 / (double)r->n_samples;
#define PLACE(j, i) ((i) < d ? (j) * d + (i) : m * d + (j))            /* of input i of unit j */
#define LAST(c, q) ((q) < m ? second + (c) * m + (q) : second + g->k * m + (c)) /* of unit q in output c */
#define PUT(row, column, value) H[(row) * p + (column)] = H[(column) * p + (row)] = (value)
    memset(H + second * p, 0, (size_t)((p - second) * p) * sizeof(double));
    for (int64_t j = 0, row = 0; j < m; j++)
        for (int64_t l = 0; l <= j; l++, row++) {
            double factor = 0;
            for (int c = 0; c < g->k; c++) factor += w[c * m + j] * w[c * m + l];
            for (int64_t i = 0, column = 0; i < g->d; i++)
                for (int64_t q = 0; q <= i; q++, column++) {
                    double value = factor * g->C[row * g->pairs + column];
                    if (hessian && j == l) value += g->B[j * g->pairs + column];
                    PUT(PLACE(j, i), PLACE(l, q), share * value);
                    PUT(PLACE(j, q), PLACE(l, i), share * value);
                }
        }
    for (int64_t c = 0; c < g->k; c++)
        for (int64_t q = 0; q < g->h; q++) {
            for (int64_t j = 0; j < m; j++)
                for (int64_t i = 0; i < g->d; i++) {
                    double value = w[c * m + j] * g->E[(q * m + j) * g->d + i];
                    if (hessian && q == j) value += g->S[(c * m + j) * g->d + i];
                    PUT(LAST(c, q), PLACE(j, i), share * value);
                }
            for (int64_t o = 0; o <= q; o++) PUT(LAST(c, q), LAST(c, o), share * g->F[q * g->h + o]);
        }
    for (int64_t c = 1; c < g->k; c++) /* different outputs share no curvature */
        for (int64_t b = 0; b < c; b++)
            for (int64_t q = 0; q < g->h; q++)
                for (int64_t o = 0; o < g->h; o++) PUT(LAST(c, q), LAST(b, o), 0);
#undef PLACE
#undef LAST
#undef PUT
}

/* Bytes of `work`; with H, the matrix at (theta, t), without the penalty: the Hessian or the Gauss-Newton matrix. */
static size_t NAME(narrow_matrix)(const hp_risk *r, const double *theta, double t, int hessian, double *H, double *work) {
    NAME(narrow_dense) g = {0};
    const size_t bytes = NAME(lay_narrow_dense)(r, hessian, work, &g);
    if (!H) return bytes;
    memset(g.C, 0, bytes - (size_t)((char *)g.C - (char *)work));
    hp_watch watch = {0};
    for (int64_t at = 0; at < r->n_samples && !hp_ends(at > 0, &watch); at += r->stride) {
        const NAME(narrow_tile) s = NAME(tile_at)(r, at);
        NAME(dense_tile)(r, theta, t, &g, s);
        NAME(dense_sums)(r, &g, s);
        if (hessian) NAME(residual_sums)(r, theta, &g, s);
    }
    NAME(dense_scatter)(r, theta, &g, hessian, H);
    return bytes;
}
