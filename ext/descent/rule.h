/* The rules that take one step for one gradient, once, for every layout of the kernels.

   Included with T defined, a number or a vector of them, and RULE(x), PICK(mask, yes, no) and ROOT(x) for it. */

/* What a rule needs beside its vectors: c1 and c2 are what Adam divides its means by, `first` marks step 0. */
#ifndef HOMOTOPY_RULE_H
#define HOMOTOPY_RULE_H
#include "descent.h"
typedef struct {
    int first;
    double b1, b2, c1, c2, epsilon, smallest, largest;
} hp_pace;

/* power1 and power2 are Adam's betas to the power of the step that comes. */
static inline hp_pace hp_pace_of(const hp_settings *set, int first, double power1, double power2) {
    hp_pace p = {first, set->beta1, set->beta2, 0.0, 0.0, set->epsilon, set->smallest, set->largest};
    if (set->rule == HP_ADAM) p.c1 = 1.0 / (1.0 - power1), p.c2 = 1.0 / (1.0 - power2);
    return p;
}
#endif

/* One step of size h of x[0], x[stride], ... x[end - stride] along the gradient g; u and v are the rule's own.
   Adam: Kingma and Ba (2015), algorithm 1. Rprop: Igel and Huesken (2003), iRprop-: after a change of sign the step
   shrinks and the coordinate rests once. */
static inline __attribute__((always_inline)) void RULE(step)(int rule, hp_pace p, int64_t end, int64_t stride, T h,
                                                             T *restrict x, const T *restrict g, T *restrict u,
                                                             T *restrict v) {
#define EACH for (int64_t i = 0; i < end; i += stride)
    switch (rule) {
    case HP_GD:
        EACH x[i] -= h * g[i];
        return;
    case HP_MOMENTUM:
        EACH {
            u[i] = p.b1 * u[i] + g[i];
            x[i] -= h * u[i];
        }
        return;
    case HP_NESTEROV:
        EACH {
            u[i] = p.b1 * u[i] + g[i];
            x[i] -= h * (g[i] + p.b1 * u[i]);
        }
        return;
    case HP_ADAM:
        EACH {
            u[i] = p.b1 * u[i] + (1.0 - p.b1) * g[i];
            v[i] = p.b2 * v[i] + (1.0 - p.b2) * g[i] * g[i];
            x[i] -= h * (p.c1 * u[i]) / (ROOT(p.c2 * v[i]) + p.epsilon);
        }
        return;
    case HP_RPROP:
        EACH {
            const T zero = (T){0}, turn = g[i] * v[i], step = p.first ? h : u[i];
            const T grown = p.b1 * step, cut = p.b2 * step;
            const T most = PICK(grown < p.largest, grown, zero + p.largest);
            const T least = PICK(cut > p.smallest, cut, zero + p.smallest);
            u[i] = PICK(turn > 0, most, PICK(turn < 0, least, step));
            v[i] = PICK(turn < 0, zero, g[i]);
            x[i] -= PICK(v[i] > 0, u[i], PICK(v[i] < 0, -u[i], zero));
        }
    }
#undef EACH
}
#undef T
#undef RULE
#undef PICK
#undef ROOT
