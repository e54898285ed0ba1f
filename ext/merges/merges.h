/* Greedy merges of the units of students of a teacher: the pair that costs least becomes its sum, again and again.

   A pair costs the mean squared distance of its function from that of its sum (papers/mathematics.md), or, beside a
   linear path, how far it is from parallel up to sign. The costs of a unit with all others are one pass of vectors. */
#ifndef HOMOTOPY_MERGES_H
#define HOMOTOPY_MERGES_H
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "halt.h"

/* The units of one student: n of them in columns of W (d, np), np a multiple of eight, their squared norms, and the
   costs of pairs: row i of D (n, np) holds those with units below i, the rest is infinite. */
typedef struct {
    int64_t n, d, np;
    int parallel;
    double *W, *norms, *D, *costs;
} hp_units;

static inline int64_t hp_units_round(int64_t n) { return (n + 7) & ~(int64_t)7; }

static int64_t hp_units_doubles(int64_t n, int64_t d) { return hp_units_round(n) * (n + d + 2); }

static hp_units hp_units_layout(int64_t n, int64_t d, int parallel, double *room) {
    hp_units u = {.n = n, .d = d, .np = hp_units_round(n), .parallel = parallel};
    u.W = room, u.D = u.W + d * u.np, u.norms = u.D + n * u.np, u.costs = u.norms + u.np;
    return u;
}

static inline double *hp_units_pair(hp_units *u, int64_t i, int64_t j) {
    return i > j ? u->D + i * u->np + j : u->D + j * u->np + i;
}

#define HP_BODY "merges_body.h"
#include "each_isa.h"

/* Merges of the rows (n, d) of one student, in place, while a pair costs at most the limit; each pays into `paid`.
   Returns how many were made: the last rows are then left over. */
typedef int64_t (*hp_merge)(int64_t n, int64_t d, int parallel, double *rows, int64_t count, double limit,
                            double *paid, double *room, hp_watch *watch);

static hp_merge hp_merge_choose(int isa) { return HP_OF_ISA(isa, hp_merge_all_f64); }
#endif
