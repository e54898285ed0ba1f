/* Value and gradient of one small net's risk at a block of parameter vectors at once, and the rules' updates.

   Included once per instruction set after the vector mathematics (each_isa.h). A block holds up to 32 starts (`lanes`,
   a multiple of 8) as a structure of arrays. The work goes in separate passes over the block - products, activation
   over one contiguous buffer, loss, products - because a pass that does one thing keeps its operands in registers: on
   XOR that is 1.6 times as fast as one fused loop. No operation mixes lanes, so a start's numbers do not depend on its
   neighbors. */
#if HP_BYTES
#include "act.h"
#include "loss.h"
#include "coth.h"
#define W LANES
#define V NAME(vec)
#define I NAME(ivec)
#define AI static inline __attribute__((always_inline))

#include "many_products.h"
#include "many_passes.h"

#define HP_BY_SAMPLES(call_four, call_any) \
    if (n == 4) for (int c = 0; c < nv; c++) call_four; \
    else for (int c = 0; c < nv; c++) call_any;

/* Products of layer l for n samples, all starts of the block. */
#define HP_PRODUCTS                                                                                  \
    if (l > 1 && m == 1) {                                                                          \
        HP_BY_SAMPLES(NAME(layer)(w + c, nv, bias, 4, k, 1, NULL, a + c, z + c),                    \
                      NAME(layer)(w + c, nv, bias, n, k, 1, NULL, a + c, z + c))                    \
    } else if (l > 1) {                                                                             \
        HP_BY_SAMPLES(NAME(layer)(w + c, nv, bias, 4, k, m, NULL, a + c, z + c),                    \
                      NAME(layer)(w + c, nv, bias, n, k, m, NULL, a + c, z + c))                    \
    } else if (k == 2) {                                                                            \
        HP_BY_SAMPLES(NAME(first_of_two)(w + c, nv, bias, 4, m, X, z + c),                          \
                      NAME(first_of_two)(w + c, nv, bias, n, m, X, z + c))                          \
    } else {                                                                                        \
        for (int c = 0; c < nv; c++) NAME(layer)(w + c, nv, bias, n, k, m, X, NULL, z + c);         \
    }

static void NAME(forward)(const hp_plan *plan, hp_block *b, int64_t row, int64_t n, double t) {
    const hp_risk *risk = plan->risk;
    const hp_net *net = &risk->net;
    const int nv = b->lanes / W, bias = net->bias;
    const double *X = (const double *)risk->X + row * net->sizes[0];
    for (int l = 1; l <= net->n_layers; l++) {
        const int k = net->sizes[l - 1], m = net->sizes[l], last = l == net->n_layers;
        const int activation = last ? net->output : net->activation;
        const V *w = (const V *)b->x + net->start[l - 1] * nv, *a = (const V *)b->a[l - 1];
        V *z = (V *)b->a[l];
        HP_PRODUCTS
        if (b->d[l] == NULL && activation == HP_TANH) NAME(block_tanh)(n * m * b->lanes, z);
        else if (b->d[l] == NULL && activation == HP_LOGISTIC) NAME(block_logistic)(n * m * b->lanes, z);
        else {
            const double mix = last || !risk->mix ? 1.0 : t, spread = last ? 0.0 : risk->smooth * (1.0 - t);
            const double leak = last ? net->output_leak : net->leak;
            NAME(activate)(activation, leak, mix, spread, n * m * b->lanes, (double *)z, b->d[l]);
        }
    }
}

#define HP_BACK(kind)                                                                                  \
    HP_BY_SAMPLES(NAME(back)(w + c, nv, 4, k, m, kind, a + c, stored + c, delta + c, below + c),       \
                  NAME(back)(w + c, nv, n, k, m, kind, a + c, stored + c, delta + c, below + c))

static void NAME(backward)(const hp_plan *plan, hp_block *b, int64_t row, int64_t n) {
    const hp_risk *risk = plan->risk;
    const hp_net *net = &risk->net;
    const int nv = b->lanes / W, bias = net->bias, add = row > 0;
    const double *X = (const double *)risk->X + row * net->sizes[0];
    V *delta = (V *)b->delta[0], *below = (V *)b->delta[1];
    for (int l = net->n_layers; l >= 1; l--) {
        const int k = net->sizes[l - 1], m = net->sizes[l];
        V *g = (V *)b->g + net->start[l - 1] * nv;
        if (l == 1) {
            if (k == 2) {
                HP_BY_SAMPLES(NAME(layer_grad)(g + c, nv, bias, 4, 2, m, X, NULL, delta + c, add),
                              NAME(layer_grad)(g + c, nv, bias, n, 2, m, X, NULL, delta + c, add))
            } else {
                for (int c = 0; c < nv; c++) NAME(layer_grad)(g + c, nv, bias, n, k, m, X, NULL, delta + c, add);
            }
            return;
        }
        const V *w = (const V *)b->x + net->start[l - 1] * nv;
        const V *a = (const V *)b->a[l - 1], *stored = (const V *)(b->d[l - 1] ? b->d[l - 1] : b->a[l - 1]);
        HP_BY_SAMPLES(NAME(layer_grad)(g + c, nv, bias, 4, k, m, NULL, a + c, delta + c, add),
                      NAME(layer_grad)(g + c, nv, bias, n, k, m, NULL, a + c, delta + c, add))
        switch (b->d[l - 1] ? HP_N_ACTIVATIONS : net->activation) {
        case HP_IDENTITY: HP_BACK(HP_IDENTITY) break;
        case HP_TANH: HP_BACK(HP_TANH) break;
        case HP_LOGISTIC: HP_BACK(HP_LOGISTIC) break;
        case HP_RELU: HP_BACK(HP_RELU) break;
        default: HP_BACK(HP_N_ACTIVATIONS)
        }
        V *swap = delta;
        delta = below;
        below = swap;
    }
}

/* Backward pass and squared norms of a net with two inputs, one hidden layer and one output; all samples at once. */
static void NAME(backward_shallow)(const hp_plan *plan, hp_block *b) {
    const hp_net *net = &plan->risk->net;
    const int nv = b->lanes / W, bias = net->bias, m = net->sizes[1], steps = plan->steps;
    const int64_t n = plan->risk->n_samples;
    const double *X = plan->risk->X;
    const V *x = (const V *)b->x, *a = (const V *)b->a[1], *stored = (const V *)(b->d[1] ? b->d[1] : b->a[1]);
    const V *delta = (const V *)b->delta[0], *size = (const V *)b->step_size;
    V *g = (V *)b->g, *square = (V *)b->square;
#define HP_SHALLOW(n, kind, steps)                                                                                    \
    for (int c = 0; c < nv; c++)                                                                                      \
        NAME(back_shallow)(x + c, nv, bias, n, m, kind, steps, size[c] * b->factor, X, a + c, stored + c, delta + c, \
                           g + c, square + c)
    const int kind = b->d[1] ? HP_N_ACTIVATIONS : net->activation;
    if (n == 4 && kind == HP_TANH && steps) HP_SHALLOW(4, HP_TANH, 1);
    else if (n == 4 && kind == HP_TANH) HP_SHALLOW(4, HP_TANH, 0);
    else if (n == 4 && kind == HP_RELU && !steps) HP_SHALLOW(4, HP_RELU, 0);
    else if (kind == HP_TANH) HP_SHALLOW(n, HP_TANH, steps);
    else if (kind == HP_LOGISTIC) HP_SHALLOW(n, HP_LOGISTIC, steps);
    else if (kind == HP_RELU) HP_SHALLOW(n, HP_RELU, steps);
    else if (kind == HP_IDENTITY) HP_SHALLOW(n, HP_IDENTITY, steps);
    else HP_SHALLOW(n, HP_N_ACTIVATIONS, steps);
}

/* The derivative of the mean loss in the pre-activations of the last layer, from its outputs. */
static void NAME(outputs)(const hp_plan *plan, hp_block *b, int64_t row, int64_t n, double t) {
    const hp_risk *risk = plan->risk;
    const hp_net *net = &risk->net;
    const int L = net->n_layers, nv = b->lanes / W, k = plan->n_outputs;
    const double *y = (const double *)risk->Y + row * k, scale = 1.0 / (double)risk->n_samples;
    V *o = (V *)b->a[L], *delta = (V *)b->delta[0], *value = (V *)b->value;
    if (risk->Y0) {
        for (int64_t i = 0; i < n * k; i++) b->targets[i] = risk->Y0[row * k + i] + t * (y[i] - risk->Y0[row * k + i]);
        y = b->targets;
    }
    const double *w = risk->sample_weights ? (const double *)risk->sample_weights + row : NULL;
#define HP_MATCHED(kind)                                                                                              \
    if (risk->loss == HP_SQUARED && !risk->Q && !w && net->output == (kind)) {                                           \
        if (n == 4 && k == 1) NAME(squared)(kind, scale, y, NULL, 4, 1, nv, o, delta, value);                         \
        else NAME(squared)(kind, scale, y, NULL, n, k, nv, o, delta, value);                                          \
        return;                                                                                                       \
    }
    HP_MATCHED(HP_LOGISTIC)
    HP_MATCHED(HP_IDENTITY)
#undef HP_MATCHED
    if (risk->loss == HP_BERNOULLI && !risk->Q && !w && net->output == HP_IDENTITY) {
        NAME(bernoulli)(scale, y, NULL, n, k, nv, o, delta, value);
        return;
    }
    if (risk->loss == HP_SOFTMAX) NAME(plain_softmax)(plan, y, w, n, nv, o, delta, value, (V *)b->spare);
    else NAME(plain_loss)(risk->loss, y, w, n, k, nv, o, delta, value);
    if (risk->Q && t != 1.0) NAME(project)(plan, 1.0 - t * t, n, nv, delta, value);
    const V *stored = (const V *)(b->d[L] ? b->d[L] : b->a[L]);
    const int64_t total = n * k * nv;
    const int kind = b->d[L] ? HP_N_ACTIVATIONS : net->output;
    if (kind == HP_LOGISTIC)
        for (int64_t i = 0; i < total; i++) delta[i] *= scale * NAME(slope)(HP_LOGISTIC, 0, o[i], o[i]);
    else if (kind == HP_IDENTITY)
        for (int64_t i = 0; i < total; i++) delta[i] *= scale;
    else
        for (int64_t i = 0; i < total; i++) delta[i] *= scale * NAME(slope)(kind, 0, o[i], stored[i]);
}

/* Adds the weight penalty to values and gradients, and sets the squared norms of the gradients. */
static void NAME(penalize)(const hp_plan *plan, hp_block *b, double l2) {
    const int nv = b->lanes / W;
    V *value = (V *)b->value, *square = (V *)b->square, *g = (V *)b->g;
    const V *x = (const V *)b->x;
    for (int c = 0; c < nv; c++) {
        V sum = {0}, even = {0}, odd = {0};
        int64_t q = 0;
        if (l2 != 0)
            for (int64_t i = 0; i < plan->size; i++) {
                sum += x[i * nv + c] * x[i * nv + c];
                g[i * nv + c] += l2 * x[i * nv + c];
            }
        for (; q + 2 <= plan->size; q += 2) {
            even += g[q * nv + c] * g[q * nv + c];
            odd += g[(q + 1) * nv + c] * g[(q + 1) * nv + c];
        }
        if (q < plan->size) even += g[q * nv + c] * g[q * nv + c];
        value[c] += 0.5 * l2 * sum;
        square[c] = even + odd;
    }
}

/* The risk's values, gradients and their squared norms. */
static void NAME(risk_of)(const hp_plan *plan, hp_block *b, double t) {
    const hp_risk *risk = plan->risk;
    const int nv = b->lanes / W;
    const double scale = 1.0 / (double)risk->n_samples;
    const double l2 = risk->l2_easy >= 0 ? risk->l2 + (1.0 - t) * (risk->l2_easy - risk->l2) : risk->l2;
    V *value = (V *)b->value;
    int made = 0;
    for (int c = 0; c < nv; c++) value[c] = (V){0};
    for (int64_t row = 0; row < risk->n_samples; row += plan->rows) {
        const int64_t left = risk->n_samples - row, n = left < plan->rows ? left : plan->rows;
        NAME(forward)(plan, b, row, n, t);
        NAME(outputs)(plan, b, row, n, t);
        if (b->each && (made = b->each(plan, b, row, n))) continue;
        if (plan->shallow) NAME(backward_shallow)(plan, b);
        else NAME(backward)(plan, b, row, n);
    }
    for (int c = 0; c < nv; c++) value[c] *= scale;
    if (!plan->shallow || l2 != 0 || made) NAME(penalize)(plan, b, l2);
}

/* From the risk to the family around it (family.h): its weight, the variables that fade, the quadratic pull. */
static void NAME(bend)(const hp_plan *plan, hp_block *b, double t) {
    const hp_family *family = plan->family;
    const int nv = b->lanes / W;
    const double weight = hp_between(family->inner0, family->inner1, t), pull = hp_between(family->pull0, family->pull1, t);
    const V *x = (const V *)b->x;
    V *g = (V *)b->g;
    for (int c = 0; c < nv; c++) {
        V sum = {0}, norm = {0};
        for (int64_t q = 0; q < plan->size; q++) {
            const int64_t at = q * nv + c;
            const V d = x[at] - (family->center ? family->center[q] : 0.0);
            const double share = family->fade ? weight * (1.0 - t * family->fade[q]) : weight;
            const V slope = weight == 0.0 ? pull * d : share * g[at] + pull * d;
            sum += d * d;
            norm += slope * slope;
            g[at] = slope;
        }
        V *value = (V *)b->value + c;
        *value = weight == 0.0 ? 0.5 * pull * sum : weight * *value + 0.5 * pull * sum;
        ((V *)b->square)[c] = norm;
    }
}

/* Values, gradients and squared norms of the gradients of all lanes at t. */
static void NAME(evaluate)(const hp_plan *plan, hp_block *b, double t) {
    const hp_family *family = plan->family;
    double *x = b->x;
    if (family && family->fade) {
        for (int64_t q = 0; q < plan->size; q++) {
            const double share = 1.0 - t * family->fade[q];
            for (int i = 0; i < b->lanes; i++) b->faded[q * b->lanes + i] = share * x[q * b->lanes + i];
        }
        b->x = b->faded;
    }
    NAME(risk_of)(plan, b, t);
    b->x = x;
    if (family) NAME(bend)(plan, b, t);
}

/* Whether any living lane has come to an end: not finite, at its target, a small gradient. */
static int NAME(attention)(const hp_block *b, int settled, double tolerance) {
    const V *value = (const V *)b->value, *square = (const V *)b->square, *target = (const V *)b->target;
    const I *alive = (const I *)b->alive;
    const double least = tolerance * tolerance;
    I any = {0};
    for (int c = 0; c < b->lanes / W; c++) {
        I end = ~(I)(value[c] * 0.0 + square[c] * 0.0 == 0.0);
        if (settled) end |= (I)(value[c] <= target[c]) | (I)(square[c] < least);
        any |= end & alive[c];
    }
    int64_t all = 0;
    for (int q = 0; q < W; q++) all |= any[q];
    return all != 0;
}

#define T V
#define RULE(x) NAME(rule_##x)
#define PICK(mask, yes, no) NAME(pick)((I)(mask), yes, no)
#define ROOT(x) NAME(root)(x)
#include "rule.h"

/* Shortens the gradients that are longer than `clip`. */
static void NAME(clip)(double clip, const hp_plan *plan, hp_block *b) {
    const int nv = b->lanes / W;
    for (int c = 0; c < nv; c++) {
        const V norm = NAME(root)(((const V *)b->square)[c]), zero = {0};
        const V share = NAME(pick)((I)(norm > clip), clip / norm, zero + 1.0);
        for (int64_t q = 0; q < plan->size; q++) ((V *)b->g)[q * nv + c] *= share;
    }
}

/* One step of every lane; `factor` is the schedule's. */
static void NAME(update)(const hp_settings *set, const hp_plan *plan, hp_block *b, double factor) {
    const int nv = b->lanes / W;
    const hp_pace pace = hp_pace_of(set, b->first, b->power1, b->power2);
    if (set->clip > 0) NAME(clip)(set->clip, plan, b);
    for (int c = 0; c < nv; c++)
        NAME(rule_step)(set->rule, pace, plan->size * nv, nv, ((const V *)b->step_size)[c] * factor, (V *)b->x + c,
                        (const V *)b->g + c, (V *)b->u + c, (V *)b->v + c);
}

static const hp_lanes_table NAME(lanes_table) = {NAME(evaluate), NAME(attention), NAME(update)};
#undef HP_BY_SAMPLES
#undef HP_BACK
#undef AI
#undef I
#undef V
#undef HP_SHALLOW
#undef HP_PRODUCTS
#undef W
#else
static const hp_lanes_table NAME(lanes_table) = {NULL, NULL, NULL};
#endif
