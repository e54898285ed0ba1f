/* What rnn_kernels.h includes once per type and instruction set: values and gradients, products, outputs of one risk,
   tile after tile, all of them without the penalty. */
#include "act.h"
#include "loss.h"
#include "rnn_products.h"
#include "narrow_losses.h"
#include "rnn_tile.h"
#include "rnn_cells.h"
#include "rnn_passes.h"
#define EACH_TILE for (int64_t i = 0; i * r->stride < r->n && NAME(goes)(&s, i, 1); i++)
#if HP_DOUBLE
#include "rnn_matrix.h"
#endif

/* The mean of the first `steps` steps, each scaled, and its gradient unless grad is NULL. */
static double NAME(gradient)(const hp_rnn_risk *r, const void *theta, const double *scale, int64_t steps, void *grad,
                             void *work) {
    NAME(pass) s = {.theta = theta, .scale = scale, .steps = steps, .grad = grad};
    double value = 0;
    NAME(lay_pass)(r, grad ? HP_RNN_GRAD : HP_RNN_VALUE, r->T, work, &s);
    if (grad) memset(grad, 0, (size_t)r->net.size * sizeof(real));
    EACH_TILE {
        NAME(turn)(&s, i);
        value += NAME(ahead)(&s);
        if (grad) NAME(back)(&s, 0, 0);
    }
    if (grad) NAME(collect)(&s);
    return s.ended ? NAN : value;
}

/* Its Hessian, or the Gauss-Newton matrix, times v. */
static void NAME(product)(const hp_rnn_risk *r, const void *theta, const void *v, int gauss, const double *scale,
                          int64_t steps, void *out, void *work) {
    NAME(pass) s = {.theta = theta, .along = v, .scale = scale, .steps = steps, .grad = out};
    NAME(lay_pass)(r, HP_RNN_SECOND, r->T, work, &s);
    memset(out, 0, (size_t)r->net.size * sizeof(real));
    EACH_TILE {
        NAME(turn)(&s, i);
        NAME(ahead)(&s);
        for (int64_t t = 1; t <= s.top && NAME(goes)(&s, t, 64); t++) NAME(step_along)(&s, t);
        if (gauss) {
            NAME(back)(&s, 0, 1);
        } else {
            NAME(back)(&s, 1, 0);
            NAME(back_along)(&s);
        }
    }
    NAME(collect)(&s);
}

/* Outputs (tiles of (T, k, width)) or their tangents along v, and states (tiles of (T, h, width)) unless it is NULL. */
static void NAME(outputs)(const hp_rnn_risk *r, const void *theta, const void *v, void *out, void *states, void *work) {
    const int k = r->net.k, h = r->net.h;
    NAME(pass) s = {.theta = theta, .along = v, .steps = r->T};
    NAME(lay_pass)(r, v ? HP_RNN_SECOND : HP_RNN_VALUE, r->T, work, &s);
    EACH_TILE {
        NAME(turn)(&s, i);
        real *to = (real *)out + i * r->stride * r->T * k, *copy = (real *)states + i * r->stride * r->T * h;
        NAME(begin)(&s);
        for (int64_t t = 1; t <= r->T && NAME(goes)(&s, t, 64); t++) {
            NAME(step)(&s, t);
            if (v) NAME(step_along)(&s, t);
            NAME(outputs_at)(&s, t, v != NULL, to + (t - 1) * k * s.width);
            if (states) memcpy(copy + (t - 1) * h * s.width, NAME(at)(s.S, r->net.states, t, 0, s.width), (size_t)(h * s.width) * sizeof(real));
        }
    }
}

/* The gradient of the sum of outputs times G, which is laid out as they are. */
static void NAME(pullback)(const hp_rnn_risk *r, const void *theta, const void *G, void *grad, void *work) {
    const int k = r->net.k;
    NAME(pass) s = {.theta = theta, .steps = r->T, .grad = grad};
    NAME(lay_pass)(r, HP_RNN_GRAD, r->T, work, &s);
    memset(grad, 0, (size_t)r->net.size * sizeof(real));
    EACH_TILE {
        NAME(turn)(&s, i);
        NAME(begin)(&s);
        for (int64_t t = 1; t <= r->T && NAME(goes)(&s, t, 64); t++) NAME(step)(&s, t);
        if (r->T > 0)
            memcpy(s.E, (const real *)G + i * r->stride * r->T * k, (size_t)(r->T * k * s.width) * sizeof(real));
        NAME(back)(&s, 0, 0);
    }
    NAME(collect)(&s);
}

static __attribute__((unused)) size_t NAME(bytes)(const hp_rnn_risk *r, int order) {
    NAME(pass) s;
    return NAME(lay_pass)(r, order, r->T, NULL, &s);
}

static const hp_rnn_passes NAME(passes) = {NAME(gradient), NAME(product), NAME(outputs), NAME(pullback),
#if HP_DOUBLE
                                           NAME(matrix),
#endif
};
#undef EACH_TILE
#undef V
#undef ALWAYS
#undef AT
#undef SPAN
#undef SUM_ROWS
#undef STATE
#undef STATE_ALONG
#undef INPUT
#undef ONES
#undef ON
#undef EACH
#undef PICK
#undef ONE
#undef ZERO
#undef LEAK
#undef KEPT
#undef KEPT_ALONG
#undef UNITS
