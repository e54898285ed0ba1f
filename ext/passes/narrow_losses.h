/* The losses of a tile with the samples contiguous, see narrow_products.h, a vector at a time: outputs o and targets y
   of k rows become the derivatives e = scale dloss/do. Curvature (NULL for none) receives what mlp_losses.h puts there.

   Included with `real`, V, AT and ALWAYS defined. */
typedef struct {
    int loss, k;
    int64_t n, width;
    real t, scale;
    const real *y, *y0; /* y0: NULL, or targets are y - (1 - t) (y - y0) */
    const real *w; /* weights of the samples; NULL where each counts one */
    const real *o;
    real *e, *curvature;
} NAME(narrow_loss);

ALWAYS V NAME(target)(const NAME(narrow_loss) q, int c, int64_t v) {
    const int64_t width = q.width;
    const V y = AT(q.y, c, v);
    return q.y0 ? y - (1 - q.t) * (y - AT(q.y0, c, v)) : y;
}

/* Softmax of one vector of samples, see mlp_losses.h: the first of the largest outputs is left out of the sums. */
ALWAYS V NAME(softmax_at)(const NAME(narrow_loss) q, int64_t v) {
    const int64_t width = q.width;
    const int k = q.k;
    V largest = AT(q.o, 0, v), linear = {0}, rest = {0};
    const NAME(ivec) all = (NAME(ivec))(NAME(all)(0) == NAME(all)(0));
    NAME(ivec) open = all; /* where the largest was not met yet */
    for (int c = 1; c < k; c++) {
        const V o = AT(q.o, c, v);
        largest = NAME(pick)((NAME(ivec))(o > largest), o, largest);
    }
    for (int c = 0; c < k; c++) {
        const V y = NAME(target)(q, c, v), z = AT(q.o, c, v) - largest, e = NAME(vexp)(z);
        const NAME(ivec) top = open & (c == k - 1 ? open : (NAME(ivec))(e == NAME(all)(1)));
        linear += NAME(pick)((NAME(ivec))(y == NAME(all)(0)), NAME(all)(0), y * z);
        rest += NAME(pick)(top, NAME(all)(0), e);
        open &= ~top;
        AT(q.e, c, v) = e;
    }
    const V share = 1 / (1 + rest);
    open = all;
    for (int c = 0; c < k; c++) {
        const V y = NAME(target)(q, c, v), e = AT(q.e, c, v);
        const NAME(ivec) top = open & (c == k - 1 ? open : (NAME(ivec))(e == NAME(all)(1)));
        const V slope = NAME(pick)(top, HP_SOFTMAX_TOP(e, y, share, rest), HP_SOFTMAX_SLOPE(e, y, share));
        open &= ~top;
        if (q.curvature) AT(q.curvature, c, v) = e * share;
        AT(q.e, c, v) = q.scale * slope;
    }
    /* log(1 + rest), rest at most k - 1: halved until it is in the range of log1p */
    V more = {0};
    for (double most = k - 1; most > 1; most = (most - 1) / 2) {
        const NAME(ivec) beyond = (NAME(ivec))(rest > NAME(all)(1));
        more += NAME(pick)(beyond, NAME(all)((real)0.6931471805599453), NAME(all)(0));
        rest = NAME(pick)(beyond, (rest - 1) * (real)0.5, rest);
    }
    return more + NAME(vlog1p)(rest) - linear;
}

ALWAYS V NAME(narrow_loss_at)(const NAME(narrow_loss) q, int64_t v) {
    const int64_t width = q.width;
    V value = {0};
    if (q.loss == HP_SOFTMAX) return NAME(softmax_at)(q, v);
    for (int c = 0; c < q.k; c++) {
        const V o = AT(q.o, c, v), y = NAME(target)(q, c, v);
        if (q.loss == HP_SQUARED) {
            const V residual = o - y;
            value += (real)0.5 * residual * residual;
            AT(q.e, c, v) = q.scale * residual;
        } else {
            V slope, curvature;
            value += NAME(bernoulli_at)(o, y, &slope, &curvature);
            AT(q.e, c, v) = q.scale * slope;
            if (q.curvature) AT(q.curvature, c, v) = curvature;
        }
    }
    return value;
}
