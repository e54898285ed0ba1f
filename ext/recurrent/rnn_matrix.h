/* The Gauss-Newton matrix by rows of the Jacobian, one output of one step at a time: back from there to the first step
   with a lane a sample, and nothing summed. A loss at the last step alone makes it as cheap as a few gradients.

   Included after rnn_passes.h, in double only. */

/* Columns of the Jacobian that are put together before they are squared. */
enum { NAME(HP_COLUMNS) = 256 };

static int64_t NAME(columns)(const hp_rnn_risk *r) {
    const int64_t one = r->net.k * r->stride;
    return one > NAME(HP_COLUMNS) ? one : NAME(HP_COLUMNS) / one * one;
}

static __attribute__((unused)) size_t NAME(matrix_bytes)(const hp_rnn_risk *r) {
    NAME(pass) s;
    const size_t rows = ((size_t)(r->net.size * NAME(columns)(r)) * sizeof(real) + 63) & ~(size_t)63;
    return rows + NAME(lay_pass)(r, HP_RNN_SECOND, r->T, NULL, &s);
}

/* Sums over steps of D[u] A[i] for m rows of D and k of A, for each sample: J[u k + i], rows `ahead` numbers apart. */
typedef struct {
    int m, k;
    int64_t width, steps;
    const real *D;
    int64_t ahead_D;
    const real *A;
    int64_t ahead_A;
    real *J;
    int64_t ahead;
} NAME(spread);

ALWAYS void NAME(spread_block)(const int rows, const int columns, const NAME(spread) *q, int64_t u, int64_t i, int64_t v) {
    const int64_t width = q->width;
    V sum[4][4] = {0};
    const real *D = q->D + u * width, *A = q->A + i * width;
    for (int64_t t = 0; t < q->steps; t++, D += q->ahead_D, A += q->ahead_A)
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++) sum[r][c] += AT(D, r, v) * AT(A, c, v);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++) AT(q->J + ((u + r) * q->k + i + c) * q->ahead, 0, v) = sum[r][c];
}

static void NAME(spread_out)(const NAME(spread) *q) {
    for (int64_t v = 0; v < q->width / LANES; v++)
        for (int u = 0; u < q->m; u += q->m - u >= 4 ? 4 : 1)
            for (int i = 0; i < q->k; i += q->k - i >= 4 ? 4 : 1) {
                if (q->m - u >= 4 && q->k - i >= 4) NAME(spread_block)(4, 4, q, u, i, v);
                else if (q->m - u >= 4) NAME(spread_block)(4, 1, q, u, i, v);
                else if (q->k - i >= 4) NAME(spread_block)(1, 4, q, u, i, v);
                else NAME(spread_block)(1, 1, q, u, i, v);
            }
}

/* Back through time from output `o` of step `top`: derivatives in the pre-activations of all steps into s->D, in the
   initial state into s->rA. */
static void NAME(back_from)(const NAME(pass) *s, int64_t top, int o) {
    const hp_rnn *net = s->net;
    const int64_t width = s->width;
    real *a = s->rA;
    memset(a, 0, (size_t)(net->states * width) * sizeof(real));
    for (int j = 0; j < net->h; j++)
        for (int64_t v = 0; v < width / LANES; v++) AT(a, j, v) = NAME(all)(s->theta[net->C + o * net->h + j]);
    for (int64_t t = top; t >= 1; t--) {
        real *D = NAME(slot)(s, s->D, 1, t);
        NAME(cell_back)(s, t, a, D, a);
        if (t == 1 && !net->learned) return;
        NAME(mixture) q = {.m = net->h, .width = width, .add = net->cell == HP_GRU, .out = a};
        NAME(come)(s, &q, s->theta, NULL, D);
        NAME(mix)(&q);
    }
}

/* The derivatives of output `o` at step `top` in all weights, for each sample of the tile. */
static void NAME(jacobian_row)(const NAME(pass) *s, int64_t top, int o, real *J, int64_t ahead) {
    const hp_rnn *net = s->net;
    const int h = net->h, d = net->d;
    const int64_t width = s->width, bytes = (int64_t)sizeof(real) * width, from = NAME(still)(s) ? 2 : 1;
    NAME(back_from)(s, top, o);
    for (int64_t i = net->C; i < net->start; i++) memset(J + i * ahead, 0, (size_t)bytes);
    for (int j = 0; j < h; j++) memcpy(J + (net->C + o * h + j) * ahead, STATE(top) + j * width, (size_t)bytes);
    memcpy(J + (net->c + o) * ahead, ONES(top), (size_t)bytes);
    for (int j = 0; net->learned && j < net->states; j++)
        memcpy(J + (net->start + j) * ahead, s->rA + j * width, (size_t)bytes);
    for (int i = 0; i < net->n_parts; i++) {
        const hp_rnn_part *p = net->parts + i;
        NAME(spread) q = {.m = p->m, .width = width, .steps = top, .D = s->D + p->row * width,
                          .ahead_D = net->rows * width, .ahead_A = (d + 1) * width, .ahead = ahead};
        q.k = 1, q.A = ONES(1), q.J = J + p->b * ahead;
        NAME(spread_out)(&q);
        q.k = d, q.A = INPUT(1), q.J = J + p->U * ahead;
        if (p->U >= 0) NAME(spread_out)(&q);
        q.k = h, q.A = STATE(from - 1), q.ahead_A = net->states * width, q.J = J + p->W * ahead;
        q.steps -= from - 1, q.D += (from - 1) * q.ahead_D; /* nothing comes from an initial state of zeros */
        if (p->W >= 0) NAME(spread_out)(&q);
    }
}

/* Scales the rows of one step's outputs so that their squares add up to J'LJ, L the curvature of the loss: with softmax
   K of the outputs it is (I - 1 K')' diag(K) (I - 1 K'). Where nothing counts the rows are zeros. */
static void NAME(bend)(const NAME(pass) *s, int64_t t, real *J, int64_t ahead) {
    const int k = s->net->k, loss = s->r->loss;
    const int64_t width = s->width;
    const real *weights = s->weights + (t - 1) * width, *K = s->K + k * (t - 1) * width;
    const V scale = NAME(all)((real)s->scale[t - 1]);
    for (int64_t v = 0; v < width / LANES; v++) {
        const V w = scale * AT(weights, 0, v);
        const NAME(ivec) off = (NAME(ivec))(w == NAME(all)(0));
        for (int64_t i = 0; loss == HP_SOFTMAX && i < s->net->size; i++) {
            real *row = J + i * ahead;
            V mean = {0};
            for (int c = 0; c < k; c++) mean += AT(K, c, v) * AT(row, c, v);
            for (int c = 0; c < k; c++) AT(row, c, v) -= mean;
        }
        for (int c = 0; c < k; c++) {
            const V root = NAME(root)(loss == HP_SQUARED ? w : w * AT(K, c, v));
            for (int64_t i = 0; i < s->net->size; i++) {
                real *row = J + i * ahead;
                AT(row, c, v) = NAME(pick)(off, NAME(all)(0), root * AT(row, c, v));
            }
        }
    }
}

/* The lower half of the Gauss-Newton matrix (p, p), row by row, without the penalty. */
static void NAME(matrix)(const hp_rnn_risk *r, const void *theta, const double *scale, int64_t steps, double *matrix,
                         void *work) {
    NAME(pass) s = {.theta = theta, .scale = scale, .steps = steps};
    const int k = r->net.k;
    const int64_t p = r->net.size, ahead = NAME(columns)(r);
    real *J = (real *)((char *)work + NAME(lay_pass)(r, HP_RNN_SECOND, r->T, work, &s));
    int64_t used = 0;
    memset(matrix, 0, (size_t)(p * p) * sizeof(double));
    EACH_TILE {
        NAME(turn)(&s, i);
        NAME(ahead)(&s);
        for (int64_t t = 1; t <= s.top && NAME(goes)(&s, t, 1); t++) {
            if (!(s.flags[t - 1] & HP_COUNTS) || s.scale[t - 1] == 0) continue;
            if (used + k * s.width > ahead) {
                hp_add_square(p, used, J, ahead, matrix);
                used = 0;
            }
            for (int o = 0; o < k; o++) NAME(jacobian_row)(&s, t, o, J + used + o * s.width, ahead);
            NAME(bend)(&s, t, J + used, ahead);
            used += k * s.width;
        }
    }
    hp_add_square(p, used, J, ahead, matrix);
}
