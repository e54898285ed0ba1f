/* The net beside a linear path for one instruction set (each_isa.h). */
#include "act.h"
#include "loss.h"

static inline NAME(vec) NAME(beside_at)(const double *x) {
    NAME(vec) v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void NAME(beside_put)(double *x, NAME(vec) v) { memcpy(x, &v, sizeof v); }

static inline void NAME(beside_add)(double *x, NAME(vec) v) { NAME(beside_put)(x, NAME(beside_at)(x) + v); }

static double NAME(beside_sum)(const double *x) {
    double sum = 0.0;
    for (int l = 0; l < LANES; l++) sum += x[l];
    return sum;
}

/* The softmax loss of k outputs, one vector of samples; the derivatives in them into delta. */
static NAME(vec) NAME(beside_softmax)(int64_t k, int64_t np, const double *o, const double *y, double *delta) {
    NAME(vec) largest = NAME(beside_at)(o), rest = NAME(all)(0.0), linear = rest, seen = rest, loss;
    const NAME(vec) zero = NAME(all)(0.0), one = NAME(all)(1.0);
    for (int64_t j = 1; j < k; j++) {
        const NAME(vec) z = NAME(beside_at)(o + j * LANES);
        largest = NAME(pick)(z > largest, z, largest);
    }
    for (int64_t j = 0; j < k; j++) {
        const NAME(vec) z = NAME(beside_at)(o + j * LANES) - largest, t = NAME(beside_at)(y + j * np);
        const NAME(vec) top = NAME(pick)(z < zero, zero, one - seen); /* one for the first of the largest */
        const NAME(vec) e = NAME(vexp)(z);
        linear += t * z;
        rest += NAME(pick)(top > zero, zero, e);
        seen += top;
        NAME(beside_put)(delta + j * LANES, NAME(pick)(top > zero, -one, e)); /* the top one's place holds -1 */
    }
    const NAME(vec) share = 1.0 / (1.0 + rest);
    double each[LANES];
    NAME(beside_put)(each, rest);
    for (int l = 0; l < LANES; l++) each[l] = log1p(each[l]);
    loss = NAME(beside_at)(each) - linear;
    for (int64_t j = 0; j < k; j++) {
        const NAME(vec) e = NAME(beside_at)(delta + j * LANES), t = NAME(beside_at)(y + j * np);
        const NAME(vec) slope = HP_SOFTMAX_SLOPE(e, t, share), top = HP_SOFTMAX_TOP(one, t, share, rest);
        NAME(beside_put)(delta + j * LANES, NAME(pick)(e < zero, top, slope));
    }
    return loss;
}

/* The loss of one vector of samples, with its derivatives in the outputs. */
static NAME(vec) NAME(beside_loss)(const hp_beside *D, const double *o, const double *y, double *delta) {
    NAME(vec) sum = NAME(all)(0.0), slope, curvature;
    if (D->loss == HP_SOFTMAX) return NAME(beside_softmax)(D->k, D->np, o, y, delta);
    for (int64_t j = 0; j < D->k; j++) {
        const NAME(vec) z = NAME(beside_at)(o + j * LANES), t = NAME(beside_at)(y + j * D->np);
        if (D->loss == HP_SQUARED) {
            slope = z - t;
            sum += 0.5 * slope * slope;
        } else {
            sum += NAME(bernoulli_at)(z, t, &slope, &curvature);
        }
        NAME(beside_put)(delta + j * LANES, slope);
    }
    return sum;
}

/* Adds the part of one vector of samples, from v on, to the sums of the gradient. */
static void NAME(beside_back)(const hp_beside *D, const double *A, double s, int64_t v, const double *a,
                              const double *f, const double *delta, double *sums) {
    const int64_t d = D->d, h = D->h, k = D->k, q = D->q, np = D->np;
    double *W = sums, *b = W + h * d * LANES, *out = b + h * LANES, *c = out + k * h * LANES, *B = c + k * LANES;
    for (int64_t o = 0; o < k; o++) {
        const NAME(vec) g = NAME(beside_at)(delta + o * LANES);
        for (int64_t j = 0; j < h; j++) NAME(beside_add)(out + (o * h + j) * LANES, g * NAME(beside_at)(a + j * LANES));
        for (int64_t i = 0; i < q; i++)
            NAME(beside_add)(B + (o * q + i) * LANES, s * g * NAME(beside_at)(D->columns + i * np + v));
        NAME(beside_add)(c + o * LANES, g);
    }
    for (int64_t j = 0; j < h; j++) {
        NAME(vec) e = NAME(all)(0.0);
        for (int64_t o = 0; o < k; o++) e += A[o * h + j] * NAME(beside_at)(delta + o * LANES);
        e *= NAME(beside_at)(f + j * LANES);
        for (int64_t i = 0; i < d; i++) NAME(beside_add)(W + (j * d + i) * LANES, e * NAME(beside_at)(D->X + i * np + v));
        NAME(beside_add)(b + j * LANES, e);
    }
}

static double NAME(hp_beside)(const hp_objective *self, const double *x, double t, double *grad, void *work) {
    const hp_beside *D = self->data;
    const int64_t d = D->d, h = D->h, k = D->k, q = D->q, np = D->np, net = hp_beside_net(D), size = net + k * q;
    const double *W = x, *b = W + h * d, *A = b + h, *c = A + k * h, *B = c + k, s = 1.0 - t;
    double *sums = work, *z = sums + size * LANES, *a = z + h * LANES, *f = a + h * LANES, *o = f + h * LANES;
    double *delta = o + k * LANES, each[LANES], value = 0.0;
    NAME(vec) total = NAME(all)(0.0);
    memset(sums, 0, (size_t)(size * LANES) * sizeof(double));
    for (int64_t v = 0; v < np; v += LANES) {
        const NAME(vec) share = NAME(beside_at)(D->share + v);
        for (int64_t j = 0; j < h; j++) {
            NAME(vec) y = NAME(all)(b[j]);
            for (int64_t i = 0; i < d; i++) y += W[j * d + i] * NAME(beside_at)(D->X + i * np + v);
            NAME(beside_put)(z + j * LANES, y);
        }
        NAME(derivatives)(D->activation, D->leak, h * LANES, z, a, f, NULL);
        for (int64_t j = 0; j < k; j++) {
            NAME(vec) y = NAME(all)(c[j]), side = NAME(all)(0.0);
            for (int64_t i = 0; i < h; i++) y += A[j * h + i] * NAME(beside_at)(a + i * LANES);
            for (int64_t i = 0; i < q; i++) side += B[j * q + i] * NAME(beside_at)(D->columns + i * np + v);
            NAME(beside_put)(o + j * LANES, y + s * side);
        }
        total += share * NAME(beside_loss)(D, o, D->y + v, delta);
        if (!grad) continue;
        for (int64_t j = 0; j < k; j++) NAME(beside_put)(delta + j * LANES, share * NAME(beside_at)(delta + j * LANES));
        NAME(beside_back)(D, A, s, v, a, f, delta, sums);
    }
    NAME(beside_put)(each, total);
    value = NAME(beside_sum)(each);
    for (int64_t i = 0; i < size; i++) value += 0.5 * (i < net ? D->l2 : s * D->penalty) * x[i] * x[i];
    for (int64_t i = 0; grad && i < size; i++)
        grad[i] = NAME(beside_sum)(sums + i * LANES) + (i < net ? D->l2 : s * D->penalty) * x[i];
    return value;
}
