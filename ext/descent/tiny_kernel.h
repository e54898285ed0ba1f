/* The loop of one tiny net: lanes are hidden units times samples.

   Included once per instruction set after the vector mathematics (each_isa.h). Lane p of vector v belongs to unit
   (v LANES + p) / group and sample p % group, where group is the number of samples rounded up to a power of two, at
   most LANES. Every weight of a unit is repeated in all lanes of the unit, and so are its gradient and the rule's
   vectors, so that nothing needs to be broadcast: the sums over samples leave their result in every lane. What a step
   waits for is one long chain of dependent operations, so everything off that chain is free. */
#if HP_BYTES >= 32 /* pairs of numbers hold no net to speak of: as many samples as lanes must fit */
#include "act.h"
#include "loss.h"
#define W LANES
#define V NAME(vec)
#define I NAME(ivec)
#define AI static inline __attribute__((always_inline))

#define T V
#define RULE(x) NAME(rule_##x)
#define PICK(mask, yes, no) NAME(pick)((I)(mask), yes, no)
#define ROOT(x) NAME(root)(x)
#include "rule.h"

/* a with lane p taken from lane p ^ bit. */
#if HP_BYTES == 64
#define HP_SWAP(a, bit)                                                                                               \
    HP_SHUFFLE(a, (I){0 ^ (bit), 1 ^ (bit), 2 ^ (bit), 3 ^ (bit), 4 ^ (bit), 5 ^ (bit), 6 ^ (bit), 7 ^ (bit)})
#elif HP_BYTES == 32
#define HP_SWAP(a, bit) HP_SHUFFLE(a, (I){0 ^ (bit), 1 ^ (bit), 2 ^ (bit), 3 ^ (bit)})
#else
#define HP_SWAP(a, bit) HP_SHUFFLE(a, (I){0 ^ (bit), 1 ^ (bit)})
#endif

/* Sums over the samples of each unit, in all of its lanes. */
AI V NAME(over_samples)(V a, int group) {
    if (W > 1 && group > 1) a += HP_SWAP(a, 1);
#if HP_BYTES >= 32
    if (group > 2) a += HP_SWAP(a, 2);
#endif
#if HP_BYTES >= 64
    if (group > 4) a += HP_SWAP(a, 4);
#endif
    return a;
}

/* Sums over the units of a vector, in all lanes of the same sample. */
AI V NAME(over_units)(V a, int group) {
#if HP_BYTES >= 64
    if (group <= 4) a += HP_SWAP(a, 4);
#endif
#if HP_BYTES >= 32
    if (group <= 2) a += HP_SWAP(a, 2);
#endif
    if (group <= 1) a += HP_SWAP(a, 1);
    return a;
}

/* e^y = s p + s for y = factor z within the range of 2^k, with the fewest operations behind each other: the
   polynomial's top half waits for nothing that its lower half computes. */
AI V NAME(tiny_exp)(V z, double factor, V *p) {
    const double *c = TYPE(constants).exp;
    const V shifted = z * (factor * TYPE(constants).log2e) + TYPE(constants).magic, k = shifted - TYPE(constants).magic;
    const V y = factor * z, r = (y - k * TYPE(constants).ln2_hi) - k * TYPE(constants).ln2_lo;
    const V r2 = r * r, r4 = r2 * r2, r6 = r4 * r2;
    const V low = r2 * (r2 * (r * c[3] + c[2]) + (r * c[1] + c[0])) + r;
    const V high = r4 * (r * c[9] + c[8]) + (r2 * (r * c[7] + c[6]) + (r * c[5] + c[4]));
    *p = r6 * high + low;
    return NAME(power)(shifted);
}

/* act(z), and its slope. Beyond the range of the exponential the limits are put in; NaN, which no comparison takes,
   stays. */
AI V NAME(tiny_act)(int kind, double leak, V z, V *slope) {
    V p, a;
    if (kind == HP_TANH) {
        const V s = NAME(tiny_exp)(z, 2.0, &p), ratio = (s * p + (s - 1.0)) / (s * p + (s + 1.0));
        const I far = (I)(NAME(magnitude)(z) > 22.0);
        a = NAME(pick)(far, (V)((I)NAME(all)(1.0) | NAME(sign)(z)), ratio);
    } else if (kind == HP_LOGISTIC) {
        const V s = NAME(tiny_exp)(z, -1.0, &p), share = 1.0 / (s * p + (s + 1.0));
        const I high = (I)(z > 700.0), low = (I)(z < -700.0);
        a = NAME(pick)(low, (V){0}, NAME(pick)(high, NAME(all)(1.0), share));
    } else a = NAME(value)(kind, leak, z);
    *slope = NAME(slope)(kind, leak, a, a);
    return a;
}

/* d loss / d output and the loss, lane by lane, both times the sample's share in the mean. */
AI V NAME(tiny_loss)(const hp_tiny *q, V z, double t, int moves, V *loss) {
    const hp_risk *risk = q->risk;
    V slope, curvature, y = ((const V *)q->Y)[0];
    const V scale = ((const V *)q->scale)[0];
    if (risk->loss == HP_BERNOULLI) {
        if (moves && q->Y0) y = ((const V *)q->Y0)[0] + t * (y - ((const V *)q->Y0)[0]);
        *loss = scale * NAME(bernoulli_at)(z, y, &slope, &curvature);
        return scale * slope;
    }
    const V o = NAME(tiny_act)(risk->net.output, risk->net.output_leak, z, &slope);
    if (!moves) {
        const V r = o - y;
        *loss = 0.5 * scale * r * r;
        return (o * scale - y * scale) * slope;
    }
    if (q->Y0) y = ((const V *)q->Y0)[0] + t * (y - ((const V *)q->Y0)[0]);
    V r = o - y, kept = r;
    if (moves && q->QQ) {
        const double share = 1.0 - t * t;
        for (int s = 0; s < risk->n_samples; s++) kept -= ((const V *)q->QQ)[s] * (share * r[s]);
    }
    *loss = 0.5 * scale * r * kept;
    return kept * scale * slope;
}

/* Value and squared norm of the gradient at the weights p, whose gradient goes to g. */
AI void NAME(tiny_eval)(const hp_tiny *q, int nv, int d, const V *p, V *g, double t, int moves, double *value,
                        double *square) {
    const hp_net *net = &q->risk->net;
    const V *X = (const V *)q->X, *units = (const V *)q->units;
    const double mix = moves && q->risk->mix ? t : 1.0;
    V h[HP_TINY_VECTORS], slope[HP_TINY_VECTORS], sum = {0}, loss, norm = {0};
    for (int v = 0; v < nv; v++) {
        V z = p[d * nv + v];
        for (int i = 0; i < d; i++) z += p[i * nv + v] * X[i];
        h[v] = NAME(tiny_act)(net->activation, net->leak, z, &slope[v]);
        if (moves) {
            h[v] = (1.0 - mix) * z + mix * h[v];
            slope[v] = (1.0 - mix) + mix * slope[v];
        }
        sum += h[v] * p[(d + 1) * nv + v];
    }
    const V z = NAME(over_units)(sum, q->group) + p[(d + 2) * nv];
    const V e = NAME(tiny_loss)(q, z, t, moves, &loss);
    for (int v = 0; v < nv; v++) {
        const V a = slope[v] * p[(d + 1) * nv + v];
        g[(d + 1) * nv + v] = NAME(over_samples)(e * (h[v] * units[v]), q->group);
        for (int i = 0; i < d; i++) g[i * nv + v] = NAME(over_samples)(e * (a * X[i]), q->group);
        g[d * nv + v] = NAME(over_samples)(e * a, q->group) * q->bias;
    }
    g[(d + 2) * nv] = NAME(over_samples)(e, q->group) * q->bias;
    loss = NAME(over_samples)(loss, q->group);
    if (q->l2 != 0 || (moves && q->risk->l2_easy >= 0)) {
        const double l2 = moves && q->risk->l2_easy >= 0 ? q->l2 + (1.0 - t) * (q->risk->l2_easy - q->l2) : q->l2;
        V squares = {0};
        for (int k = 0; k < (d + 2) * nv; k++) squares += p[k] * p[k];
        for (int k = 0; k <= (d + 2) * nv; k++) g[k] += l2 * p[k];
        loss += 0.5 * l2 * (NAME(over_units)(squares, q->group) + p[(d + 2) * nv] * p[(d + 2) * nv]);
    }
    for (int k = 0; k < (d + 2) * nv; k++) norm += g[k] * g[k];
    norm = NAME(over_units)(norm, q->group) + g[(d + 2) * nv] * g[(d + 2) * nv];
    *value = loss[0];
    *square = norm[0];
}

/* The same for the family around the risk (family.h): the variables that fade, its weight and the quadratic pull. `moves`
   tells which of these there are. */
AI void NAME(tiny_bend)(const hp_tiny *q, int nv, int d, const V *p, V *g, double t, int moves, double *value,
                        double *square) {
    const hp_family *family = q->family;
    const int last = (d + 2) * nv;
    const V *center = (const V *)q->center, *fade = (const V *)q->fade;
    V faded[HP_TINY_WEIGHTS], norm = {0};
    if (moves & HP_TINY_FADES) {
        for (int k = 0; k <= last; k++) faded[k] = p[k] - t * fade[k] * p[k];
        NAME(tiny_eval)(q, nv, d, faded, g, t, moves & HP_TINY_RISK, value, square);
        for (int k = 0; k <= last; k++) g[k] -= t * fade[k] * g[k];
    } else NAME(tiny_eval)(q, nv, d, p, g, t, moves & HP_TINY_RISK, value, square);
    if (moves & HP_TINY_PULLS) {
        const double weight = hp_between(family->inner0, family->inner1, t), pull = hp_between(family->pull0, family->pull1, t);
        V sum = {0};
        for (int k = 0; k <= last; k++) {
            const V e = p[k] - center[k];
            g[k] = weight == 0.0 ? pull * e : weight * g[k] + pull * e;
            sum += k < last ? e * e : (V){0};
        }
        const V e = p[last] - center[last];
        sum = NAME(over_units)(sum, q->group) + e * e;
        *value = (weight == 0.0 ? 0.0 : weight * *value) + 0.5 * pull * sum[0];
    }
    if (moves <= HP_TINY_RISK) return;
    for (int k = 0; k < last; k++) norm += g[k] * g[k];
    *square = (NAME(over_units)(norm, q->group) + g[last] * g[last])[0];
}

AI void NAME(tiny_update)(hp_descent *s, int rule, int count, V *p, const V *g, V *u, V *v, double h) {
    const hp_settings *set = s->set;
    if (rule == HP_ADAM) s->power1 *= set->beta1, s->power2 *= set->beta2;
    NAME(rule_step)(rule, hp_pace_of(set, s->step == 0, s->power1, s->power2), count, 1, (V){0} + h, p, g, u, v);
}

/* Steps until step `end`, or until something needs to be looked at: a value that is not finite or at the target, or a
   small gradient. Begins with an update where `fresh` is set, else only evaluates. */
AI void NAME(tiny_steps)(hp_tiny *q, hp_descent *s, int rule, int nv, int d, int moves, int64_t end) {
    const hp_settings *set = s->set;
    const int count = (d + 2) * nv + 1;
    const double target = q->target, least = q->tolerance * q->tolerance;
    V p[HP_TINY_WEIGHTS], g[HP_TINY_WEIGHTS], *u = (V *)q->u, *v = (V *)q->v;
    double value, square;
    for (int k = 0; k < count; k++) p[k] = ((const V *)q->p)[k], g[k] = ((const V *)q->g)[k];
    if (!s->fresh) {
        s->t = hp_at(set->t, s->step);
        NAME(tiny_bend)(q, nv, d, p, g, s->t, moves, &value, &square);
    } else
        do {
            NAME(tiny_update)(s, rule, count, p, g, u, v, s->step_size * hp_at(set->step, s->step));
            s->step++;
            if (moves) s->t = hp_at(set->t, s->step);
            NAME(tiny_bend)(q, nv, d, p, g, s->t, moves, &value, &square);
            if (s->step == q->record_at && s->step < end) hp_tiny_record(q, s, value, square);
        } while (s->step < end && value > target && square >= least && value * 0.0 + square * 0.0 == 0.0);
    s->value = value;
    s->grad_norm = sqrt(square);
    for (int k = 0; k < count; k++) ((V *)q->p)[k] = p[k], ((V *)q->g)[k] = g[k];
}

/* One update without an evaluation, for a step that is followed by noise. */
static void NAME(tiny_one_update)(void *self, hp_descent *s) {
    const hp_tiny *q = self;
    const int count = (q->inputs + 2) * q->vectors + 1;
    NAME(tiny_update)(s, s->set->rule, count, (V *)q->p, (const V *)q->g, (V *)q->u, (V *)q->v,
                      s->step_size * hp_at(s->set->step, s->step));
}

static void NAME(tiny_run)(void *self, hp_descent *s, int64_t end) {
    hp_tiny *q = self;
    const int nv = q->vectors, d = q->inputs, rule = s->set->rule;
#define TWO_INPUTS(n, kind)                                                                                           \
    if (rule == HP_GD && d == 2 && nv == (n) && q->moves == (kind)) {                                                \
        NAME(tiny_steps)(q, s, HP_GD, n, 2, kind, end);                                                              \
        return;                                                                                                      \
    }
#define EVERY_KIND(n)                                                                                                 \
    TWO_INPUTS(n, 0) TWO_INPUTS(n, HP_TINY_RISK) TWO_INPUTS(n, HP_TINY_FADES) TWO_INPUTS(n, HP_TINY_PULLS)
    EVERY_KIND(1)
    EVERY_KIND(2)
    EVERY_KIND(3)
#undef EVERY_KIND
#undef TWO_INPUTS
    NAME(tiny_steps)(q, s, rule, nv, d, q->moves, end);
}
#undef HP_SWAP
#undef AI
#undef I
#undef V
#undef W
#define HP_TINY_OF NAME(tiny_run), NAME(tiny_one_update)
#else
#define HP_TINY_OF NULL, NULL
#endif
