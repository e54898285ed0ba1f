/* The pairs of differences that L-BFGS keeps, and what lbfgs_sweeps.h has once per instruction set.

   A ring has one slot more than there are pairs: the slot of the next pair is free, so that a pair that is not kept
   overwrites none. */
#ifndef HOMOTOPY_LBFGS_MEMORY_H
#define HOMOTOPY_LBFGS_MEMORY_H
#include "descent.h"

struct hp_sweeps {
    double (*dot)(const double *, const double *, int64_t n); /* n a multiple of eight */
    double (*direction)(hp_descent *);
    void (*trial)(hp_descent *, double trial);
    double (*answer)(const hp_descent *, double *square);
    double (*move)(hp_descent *, double *square);
};

static inline int64_t hp_rounded(int64_t n) { return (n + 7) / 8 * 8; }

/* The slot of the pair that is `age` pairs old; -1 is the free one. */
static inline int hp_slot(const hp_descent *s, int age) {
    const int slot = s->head - 1 - age, ring = s->set->memory + 1;
    return slot < 0 ? slot + ring : slot;
}

static inline double *hp_pair(const hp_descent *s, double *pairs, int age) {
    return pairs + hp_rounded(s->n) * hp_slot(s, age);
}
#endif
