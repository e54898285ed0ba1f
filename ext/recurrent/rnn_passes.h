/* The loops over steps: ahead, back through time, and the tangents of both. Included after rnn_cells.h. */
#define KEPT(t) NAME(at)(s->G, hp_rnn_kept(s->net, s->order), t, 1, s->width)
#define KEPT_ALONG(t) NAME(at)(s->rG, hp_rnn_kept_along(s->net), t, 1, s->width)
#define UNITS (s->net->h * s->width)

/* The state at step t and what is kept of it. */
static void NAME(step)(const NAME(pass) *s, int64_t t) {
    const hp_rnn *net = s->net;
    real *kept = KEPT(t), *to = net->cell == HP_ELMAN ? STATE(t) : kept;
    for (int i = 0; i < net->n_parts; i++) NAME(affine)(s, t, net->parts + i, 0, to + net->parts[i].row * s->width);
    if (net->cell == HP_ELMAN) NAME(elman_ahead)(net, UNITS, to, kept, s->order == HP_RNN_SECOND ? kept + UNITS : NULL);
    else if (net->cell == HP_GRU) NAME(gru_ahead)(UNITS, STATE(t - 1), kept, STATE(t));
    else NAME(lstm_ahead)(UNITS, STATE(t - 1), kept, STATE(t));
}

/* The tangent of the state at step t. */
static void NAME(step_along)(const NAME(pass) *s, int64_t t) {
    const hp_rnn *net = s->net;
    const int direct = net->cell == HP_ELMAN && hp_simple(net->activation);
    real *kept = KEPT_ALONG(t), *to = direct ? STATE_ALONG(t) : kept;
    for (int i = 0; i < net->n_parts; i++) NAME(affine)(s, t, net->parts + i, 1, to + net->parts[i].row * s->width);
    if (net->cell == HP_ELMAN) NAME(elman_back)(net, UNITS, STATE(t), KEPT(t), to, STATE_ALONG(t));
    else if (net->cell == HP_GRU) NAME(gru_along)(UNITS, STATE(t - 1), STATE_ALONG(t - 1), KEPT(t), kept, STATE_ALONG(t));
    else NAME(lstm_along)(UNITS, STATE(t - 1), STATE_ALONG(t - 1), KEPT(t), kept, STATE_ALONG(t));
}

/* Ahead through all steps; returns the scaled losses. */
static double NAME(ahead)(NAME(pass) *s) {
    double value = 0;
    NAME(begin)(s);
    for (int64_t t = 1; t <= s->top && NAME(goes)(s, t, 64); t++) {
        NAME(step)(s, t);
        if (!(s->flags[t - 1] & HP_COUNTS)) continue;
        NAME(outputs_at)(s, t, 0, s->E + s->net->k * (t - 1) * s->width);
        value += NAME(losses_at)(s, t);
    }
    return value;
}

/* Sums over steps from `low` to `high` of derivatives in pre-activations, D at `low`, with the states, or with `along`
   the tangents of states alone, before them. */
static void NAME(gather)(const NAME(pass) *s, const real *D, int64_t low, int64_t high, int along) {
    const hp_rnn *net = s->net;
    const int d = net->d, h = net->h;
    const int64_t width = s->width, ahead = net->rows * width;
    for (int i = 0; i < net->n_parts; i++) {
        const hp_rnn_part *p = net->parts + i;
        NAME(summand) q = {.m = p->m, .width = width, .steps = high - low + 1, .D = D + p->row * width, .ahead_D = ahead,
                           .room = s->room};
        if (!along) {
            q.k = 1, q.A = ONES(low), q.ahead_A = (d + 1) * width;
            q.to = s->sums + hp_rnn_place(net, p->b) * LANES;
            NAME(sums)(&q);
        }
        if (!along && p->U >= 0) {
            q.k = d, q.A = INPUT(low), q.wide = net->wide_U;
            q.to = net->wide_U ? s->grad + p->U : s->sums + hp_rnn_place(net, p->U) * LANES;
            NAME(sums)(&q);
        }
        if (p->W < 0) continue;
        const int64_t from = low == 1 && NAME(still)(s) ? 2 : low; /* nothing comes from an initial state of zeros */
        q.steps -= from - low, q.D += (from - low) * ahead;
        q.k = h, q.A = along ? STATE_ALONG(from - 1) : STATE(from - 1), q.ahead_A = net->states * width;
        q.wide = net->wide_W;
        q.to = net->wide_W ? s->grad + p->W : s->sums + hp_rnn_place(net, p->W) * LANES;
        NAME(sums)(&q);
    }
}

/* The same for outputs at step t, whose derivatives are e. */
static void NAME(gather_outputs)(const NAME(pass) *s, const real *e, int64_t t, int along) {
    const hp_rnn *net = s->net;
    NAME(summand) q = {.m = net->k, .k = 1, .width = s->width, .steps = 1, .D = e, .A = ONES(t), .room = s->room,
                       .to = s->sums + hp_rnn_place(net, net->c) * LANES};
    if (!along) NAME(sums)(&q);
    q.k = net->h, q.wide = net->wide_C, q.A = along ? STATE_ALONG(t) : STATE(t);
    q.to = net->wide_C ? s->grad + net->C : s->sums + hp_rnn_place(net, net->C) * LANES;
    NAME(sums)(&q);
}

/* Adds to a what comes back to the units from the outputs of step t, with the weights C or theirs of the direction, and
   from the pre-activations of step t + 1. */
static void NAME(come)(const NAME(pass) *s, NAME(mixture) *q, const real *theta, const real *e, const real *D) {
    const hp_rnn *net = s->net;
    if (D && theta == s->theta) NAME(add_term)(q, s->turned, net->mixed, 1, D, net->mixed);
    else if (D) NAME(add_term)(q, theta + net->W, 1, net->h, D, net->mixed);
    if (e) NAME(add_term)(q, theta + net->C, 1, net->h, e, net->k);
}

/* Where derivatives of step t stand, of all steps or of one chunk after the other. */
ALWAYS real *NAME(slot)(const NAME(pass) *s, real *D, int all, int64_t t) {
    return D + (all ? t - 1 : (t - 1) % HP_RNN_CHUNK) * s->net->rows * s->width;
}

/* The way back through the cell at step t, from the derivatives in its state to those in its pre-activations. */
static void NAME(cell_back)(const NAME(pass) *s, int64_t t, const real *A, real *D, real *past) {
    const hp_rnn *net = s->net;
    if (net->cell == HP_ELMAN) NAME(elman_back)(net, UNITS, STATE(t), KEPT(t), A, D);
    else if (net->cell == HP_GRU) NAME(gru_back)(UNITS, STATE(t - 1), KEPT(t), A, D, past);
    else NAME(lstm_back)(UNITS, STATE(t - 1), KEPT(t), A, D, past);
}

static void NAME(cell_back_along)(const NAME(pass) *s, int64_t t, const real *A, const real *rA, real *rD, real *past) {
    const hp_rnn *net = s->net;
    const real *rG = KEPT_ALONG(t);
    if (net->cell == HP_ELMAN)
        NAME(elman_back_along)(net, UNITS, STATE(t), STATE_ALONG(t), KEPT(t), rG, A, rA, rD);
    else if (net->cell == HP_GRU)
        NAME(gru_back_along)(UNITS, STATE(t - 1), STATE_ALONG(t - 1), KEPT(t), rG, A, rA, rD, past);
    else NAME(lstm_back_along)(UNITS, STATE(t - 1), STATE_ALONG(t - 1), KEPT(t), rG, A, rA, rD, past);
}

/* What the learned initial state gets, from the derivatives a in it but for those of the pre-activations D. */
static void NAME(end)(const NAME(pass) *s, real *a, const real *D, const real *bare) {
    const hp_rnn *net = s->net;
    if (!net->learned) return;
    NAME(mixture) q = {.m = net->h, .width = s->width, .add = net->cell == HP_GRU, .out = a};
    NAME(come)(s, &q, s->theta, NULL, D);
    if (bare) NAME(come)(s, &q, s->along, NULL, bare);
    NAME(mix)(&q);
    NAME(summand) sum = {.m = net->states, .k = 1, .width = s->width, .steps = 1, .D = a, .A = ONES(1),
                         .to = s->sums + hp_rnn_place(net, net->start) * LANES};
    NAME(sums)(&sum);
}

/* Back through time from E, with `gauss` from tangents of outputs. Sums are gathered unless `all` derivatives are kept
   for tangents. */
static void NAME(back)(NAME(pass) *s, int all, int gauss) {
    const hp_rnn *net = s->net;
    const int64_t width = s->width, states = net->states * width, top = s->top;
    real *A = gauss ? s->rA : s->A, *D = gauss ? s->rD : s->D, *next = NULL;
    memset(A + (all ? top * states : 0), 0, (size_t)states * sizeof(real));
    for (int64_t t = top; t >= 1 && NAME(goes)(s, t, 64); t--) {
        real *a = A + (all ? t * states : 0), *to = NAME(slot)(s, D, all, t);
        const real *e = s->flags[t - 1] & HP_COUNTS ? s->E + net->k * (t - 1) * width : NULL;
        if (gauss && e) {
            NAME(outputs_at)(s, t, 1, s->rE);
            NAME(losses_along)(s, t);
            e = s->rE;
        }
        NAME(mixture) q = {.m = net->h, .width = width, .add = net->cell == HP_GRU, .out = a};
        NAME(come)(s, &q, s->theta, e, next);
        NAME(mix)(&q);
        if (e && !all) NAME(gather_outputs)(s, e, t, 0);
        NAME(cell_back)(s, t, a, to, all ? a - states : a);
        if (!all && (t - 1) % HP_RNN_CHUNK == 0)
            NAME(gather)(s, to, t, t + HP_RNN_CHUNK - 1 < top ? t + HP_RNN_CHUNK - 1 : top, 0);
        next = to;
    }
    if (!all && next) NAME(end)(s, A, next, NULL);
}

/* Tangents of the way back: E, A and D of all steps are known. */
static void NAME(back_along)(NAME(pass) *s) {
    const hp_rnn *net = s->net;
    const int64_t width = s->width, states = net->states * width, top = s->top;
    real *next = NULL;
    memset(s->rA, 0, (size_t)states * sizeof(real));
    for (int64_t t = top; t >= 1 && NAME(goes)(s, t, 64); t--) {
        real *to = NAME(slot)(s, s->rD, 0, t), *bare = t < top ? NAME(slot)(s, s->D, 1, t + 1) : NULL;
        const real *e = s->flags[t - 1] & HP_COUNTS ? s->E + net->k * (t - 1) * width : NULL;
        if (e) {
            NAME(outputs_at)(s, t, 1, s->rE);
            NAME(losses_along)(s, t);
            NAME(gather_outputs)(s, s->rE, t, 0);
            NAME(gather_outputs)(s, e, t, 1);
        }
        NAME(mixture) q = {.m = net->h, .width = width, .add = net->cell == HP_GRU, .out = s->rA};
        NAME(come)(s, &q, s->theta, e ? s->rE : NULL, next);
        NAME(come)(s, &q, s->along, e, bare);
        NAME(mix)(&q);
        NAME(cell_back_along)(s, t, s->A + t * states, s->rA, to, s->rA);
        if ((t - 1) % HP_RNN_CHUNK == 0) {
            const int64_t high = t + HP_RNN_CHUNK - 1 < top ? t + HP_RNN_CHUNK - 1 : top;
            NAME(gather)(s, to, t, high, 0);
            NAME(gather)(s, NAME(slot)(s, s->D, 1, t), t, high, 1);
        }
        next = to;
    }
    if (next) NAME(end)(s, s->rA, next, s->D);
}

/* The sums of vectors become numbers of grad, beside those that are there. */
static void NAME(collect)(const NAME(pass) *s) {
    const hp_rnn *net = s->net;
    for (int64_t i = 0; i < net->size; i++) {
        if (net->wide_W && i < net->U) i = net->U;
        if (net->wide_U && i >= net->U && i < net->b) i = net->b;
        if (net->wide_C && i >= net->C && i < net->c) i = net->c;
        s->grad[i] = NAME(total)(*(NAME(line) *)(s->sums + hp_rnn_place(net, i) * LANES));
    }
}
