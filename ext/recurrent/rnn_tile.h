/* One tile of samples on its way through all steps: its data, its memory, its pre-activations, its outputs and losses.

   Included once per type and instruction set, after rnn_products.h. */

/* Arrays of whole rows, step by step, 0 or 1 the first. Those of tangents are NULL unless there is one. */
typedef struct {
    const hp_rnn_risk *r;
    const hp_rnn *net;
    const real *theta, *along; /* along: the direction, or NULL */
    const double *scale;       /* (T): what a loss at a step is multiplied by */
    int order;
    int64_t width, samples, steps, top; /* samples: real ones; top: the last step that the tile takes of `steps` */
    const real *X, *Y, *weights, *last, *given;
    const unsigned char *flags;

    real *S, *rS;     /* states of step 0 .. */
    real *G, *rG;     /* what a step keeps: see rnn_cells.h */
    real *E;          /* outputs, then the derivatives of the risk in them */
    real *K;          /* curvature of the loss in the outputs; NULL in first order */
    real *A, *rA;     /* derivatives in the states; A of all steps in second order, else of one */
    real *D, *rD;     /* derivatives in the pre-activations; D of all steps in second order, else of HP_RNN_CHUNK */
    real *rE;         /* tangents of the outputs of one step, then of the derivatives in them */
    real *turned;     /* W transposed, for the way back */
    real *room;       /* for sums of wide matrices: states or inputs of some steps, transposed, and derivatives */
    real *sums, *grad; /* of the weights: vectors, and what is summed as numbers at once */
    hp_watch watch;
    int ended; /* what follows is left out, and what is returned means nothing */
} NAME(pass);

/* Whether a pass goes on with part number i, a tile, or a step of which some do not look. */
ALWAYS int NAME(goes)(NAME(pass) *s, int64_t i, int64_t every) {
    if (!s->ended && i > 0 && i % every == 0) s->ended = hp_glance(&s->watch);
    return !s->ended;
}

/* Transposes W, whose columns would fall on few places of the cache. */
static void NAME(turn_weights)(const NAME(pass) *s) {
    const int64_t m = s->net->mixed, h = s->net->h;
    const real *W = s->theta + s->net->W;
    for (int64_t j = 0; j < m; j++)
        for (int64_t i = 0; i < h; i++) s->turned[i * m + j] = W[j * h + i];
}

/* Takes memory for a tile of the largest width and `steps` steps; with base NULL it only measures. theta is set. */
static size_t NAME(lay_pass)(const hp_rnn_risk *r, int order, int64_t steps, char *base, NAME(pass) *s) {
    const hp_rnn *net = &r->net;
    const int second = order == HP_RNN_SECOND;
    const int64_t w = r->stride, some = second ? steps : HP_RNN_CHUNK < steps ? HP_RNN_CHUNK : steps;
    const int64_t chunk = HP_RNN_CHUNK < steps ? HP_RNN_CHUNK : steps, way = order >= HP_RNN_GRAD;
    const int64_t held = way ? hp_rnn_place(net, net->size) : 0, wide = net->wide_W || net->wide_U || net->wide_C;
    const int64_t most = (net->d > net->h ? net->d : net->h) + HP_RNN_PAD + net->rows;
    const int64_t counts[14] = {
        (steps + 1) * net->states * w, steps * hp_rnn_kept(net, order) * w, steps * net->k * w,
        second * steps * net->k * w, way * (second ? steps + 1 : 1) * net->states * w, way * some * net->rows * w,
        second * (steps + 1) * net->states * w, second * steps * hp_rnn_kept_along(net) * w, second * net->k * w,
        second * net->states * w, second * chunk * net->rows * w, way * wide * chunk * w * most,
        held * LANES, way * net->mixed * net->h,
    };
    real **parts[14] = {&s->S, &s->G, &s->E, &s->K, &s->A, &s->D, &s->rS, &s->rG, &s->rE, &s->rA, &s->rD, &s->room, &s->sums, &s->turned};
    size_t used = 0;
    for (int i = 0; i < 14; i++) {
        if (base) *parts[i] = counts[i] ? (real *)(base + used) : NULL;
        used += ((size_t)counts[i] * sizeof(real) + 63) & ~(size_t)63;
    }
    if (base && way) memset(s->sums, 0, (size_t)(held * LANES) * sizeof(real));
    if (base) s->r = r, s->net = net, s->order = order;
    if (base && way) NAME(turn_weights)(s);
    return used;
}

/* Turns to tile i; the caller has set theta, along, scale and steps. */
static void NAME(turn)(NAME(pass) *s, int64_t i) {
    const hp_rnn_risk *r = s->r;
    const int64_t at = i * r->stride, left = r->n - at < r->stride ? r->n - at : r->stride, q = r->quantum;
    const int64_t end = r->ends[i] < s->steps ? r->ends[i] : s->steps;
    s->samples = left, s->width = (left + q - 1) / q * q, s->top = end;
    s->X = (const real *)r->X + at * r->T * (s->net->d + 1);
    s->Y = (const real *)r->Y + at * r->T * s->net->k;
    s->weights = (const real *)r->weights + at * r->T;
    s->last = (const real *)r->last + at;
    s->given = r->given ? (const real *)r->given + at * s->net->states : NULL;
    s->flags = r->flags + i * r->T;
}

/* Rows of an array at a step: `first` is its first step. */
ALWAYS real *NAME(at)(real *array, int64_t rows, int64_t step, int64_t first, int64_t width) {
    return array + rows * (step - first) * width;
}
#define STATE(t) NAME(at)(s->S, s->net->states, t, 0, s->width)
#define STATE_ALONG(t) NAME(at)(s->rS, s->net->states, t, 0, s->width)
#define INPUT(t) (s->X + (s->net->d + 1) * ((t) - 1) * s->width)
#define ONES(t) (INPUT(t) + s->net->d * s->width)

/* Whether the initial state, which is no tangent's then, is zero. */
ALWAYS int NAME(still)(const NAME(pass) *s) { return !s->given && !s->net->learned; }

/* The initial state and its tangent. */
static void NAME(begin)(NAME(pass) *s) {
    const hp_rnn *net = s->net;
    const int64_t width = s->width, total = net->states * width;
    if (s->given) memcpy(s->S, s->given, (size_t)total * sizeof(real));
    else memset(s->S, 0, (size_t)total * sizeof(real));
    if (s->along) memset(s->rS, 0, (size_t)total * sizeof(real));
    for (int j = 0; net->learned && j < net->states; j++)
        for (int64_t v = 0; v < width / LANES; v++) {
            AT(s->S, j, v) = NAME(all)(s->theta[net->start + j]);
            if (s->along) AT(s->rS, j, v) = NAME(all)(s->along[net->start + j]);
        }
}

/* Zeros in rows of samples that are at their end: what they would grow to must not meet a zero. */
static void NAME(mute)(const NAME(pass) *s, int64_t t, int rows, real *z) {
    const int64_t width = s->width;
    if (!(s->flags[t - 1] & HP_ENDED)) return;
    for (int64_t v = 0; v < width / LANES; v++) {
        const NAME(ivec) on = (NAME(ivec))(AT(s->last, 0, v) >= NAME(all)((real)t));
        for (int j = 0; j < rows; j++) AT(z, j, v) = NAME(pick)(on, AT(z, j, v), NAME(all)(0));
    }
}

/* Pre-activations of a part of the cell at step t, or with `along` their tangents. */
static void NAME(affine)(const NAME(pass) *s, int64_t t, const hp_rnn_part *p, int along, real *out) {
    const hp_rnn *net = s->net;
    const int d = net->d, h = net->h, first = t == 1 && NAME(still)(s);
    const real *theta = along ? s->along : s->theta;
    NAME(mixture) q = {.m = p->m, .width = s->width, .b = p->b >= 0 ? theta + p->b : NULL, .out = out};
    if (p->U >= 0) NAME(add_term)(&q, theta + p->U, d, 1, INPUT(t), d);
    if (p->W >= 0 && !first) NAME(add_term)(&q, theta + p->W, h, 1, STATE(t - 1), h);
    if (p->W >= 0 && !first && along) NAME(add_term)(&q, s->theta + p->W, h, 1, STATE_ALONG(t - 1), h);
    NAME(mix)(&q);
    NAME(mute)(s, t, p->m, out);
}

/* Outputs of step t into E or, with `along`, their tangents into rE. */
static void NAME(outputs_at)(const NAME(pass) *s, int64_t t, int along, real *out) {
    const hp_rnn *net = s->net;
    const int h = net->h;
    const real *theta = along ? s->along : s->theta;
    NAME(mixture) q = {.m = net->k, .width = s->width, .b = theta + net->c, .out = out};
    NAME(add_term)(&q, theta + net->C, h, 1, STATE(t), h);
    if (along) NAME(add_term)(&q, s->theta + net->C, h, 1, STATE_ALONG(t), h);
    NAME(mix)(&q);
}

/* The losses of step t, scaled; outputs become the derivatives of the risk in them, 0 where nothing counts. */
static double NAME(losses_at)(const NAME(pass) *s, int64_t t) {
    const int k = s->net->k;
    const int64_t width = s->width, past = k * (t - 1) * width;
    const real *weights = s->weights + (t - 1) * width, scale = (real)s->scale[t - 1];
    const NAME(narrow_loss) q = {.loss = s->r->loss, .k = k, .n = width, .width = width, .t = 1, .scale = scale,
                                 .y = s->Y + past, .o = s->E + past, .e = s->E + past, .curvature = s->K ? s->K + past : NULL};
    V sum = {0};
    for (int64_t v = 0; v < width / LANES; v++) {
        const V w = AT(weights, 0, v);
        const NAME(ivec) off = (NAME(ivec))(w == NAME(all)(0));
        sum += NAME(pick)(off, NAME(all)(0), w * NAME(narrow_loss_at)(q, v));
        for (int c = 0; c < k; c++) AT(q.e, c, v) = NAME(pick)(off, NAME(all)(0), w * AT(q.e, c, v));
    }
    return s->scale[t - 1] * (double)NAME(total)(sum);
}

/* Tangents of outputs in rE become those of the derivatives in the outputs. */
static void NAME(losses_along)(const NAME(pass) *s, int64_t t) {
    const int k = s->net->k;
    const int64_t width = s->width;
    const real *weights = s->weights + (t - 1) * width, *K = s->K + k * (t - 1) * width, scale = (real)s->scale[t - 1];
    for (int64_t v = 0; v < width / LANES; v++) {
        const V w = AT(weights, 0, v);
        const NAME(ivec) off = (NAME(ivec))(w == NAME(all)(0));
        V mean = {0};
        for (int c = 0; s->r->loss == HP_SOFTMAX && c < k; c++) mean += AT(K, c, v) * AT(s->rE, c, v);
        for (int c = 0; c < k; c++) {
            V ro = AT(s->rE, c, v) - mean;
            if (s->r->loss != HP_SQUARED) ro *= AT(K, c, v);
            AT(s->rE, c, v) = NAME(pick)(off, NAME(all)(0), scale * w * ro);
        }
    }
}
