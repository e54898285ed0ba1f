/* Every loss of the raw outputs o of one sample against its target y, once, for every layout of the kernels: its code,
   and its value, gradient and curvature at a point. The lists are checked against homotopy/models/losses.py at import.

   squared    1/2 sum (o - y)^2
   logistic   sum of log(1 + e^o) - y o, HP_BERNOULLI
   softmax    log sum e^o - sum y o; y sums to 1 */
#ifndef HOMOTOPY_LOSS_H
#define HOMOTOPY_LOSS_H
enum hp_loss { HP_SQUARED, HP_BERNOULLI, HP_SOFTMAX, HP_N_LOSSES };
static __attribute__((unused)) const char *const hp_losses[] = {"squared", "logistic", "softmax"};

/* Softmax, on numbers and vectors alike. The largest output is left out of the sums, so that a sure and right answer
   keeps its small loss to full relative precision: with e_j = exp(o_j - largest) and `rest` the sum of the other e the
   loss is log1p(rest) - sum y_j (o_j - largest). `share` is 1 / (1 + rest); the derivative in an output, and in the
   largest one, whose e is 1. */
#define HP_SOFTMAX_SLOPE(e, y, share) ((e) * (share) - (y))
#define HP_SOFTMAX_TOP(e, y, share, rest) ((1 - (y)) * (e) * (share) - (y) * (rest) * (share))
#endif

/* The functions on vectors, once per type and instruction set, after the vector mathematics. */
#ifdef NAME
#define V NAME(vec)

/* The logistic loss, its derivative in o and its curvature. With e = exp(-|o|) nothing cancels: log(1 + exp(o)) - y o
   = log1p(e) + (1 - y) max(o, 0) + y max(-o, 0), and p - y = (1 - y) p - y (1 - p), both to rounding. */
static inline __attribute__((always_inline)) V NAME(bernoulli_at)(V o, V y, V *slope, V *curvature) {
    const NAME(ivec) up = (NAME(ivec))(o > NAME(all)(0));
    const V e = NAME(vexp)(NAME(negative)(o)), big = 1 / (1 + e), small = e * big;
    const V p = NAME(pick)(up, big, small), q = NAME(pick)(up, small, big);
    *slope = (1 - y) * p - y * q;
    *curvature = p * q;
    return NAME(vlog1p)(e) + NAME(pick)(up, (1 - y) * o, -y * o);
}
#undef V
#endif
